"""A sweep in the store: one run for it, and one inside it for each candidate."""

from pathlib import Path

import pytest

from stanceml.exceptions import TrackingError
from stanceml.tracking.store import Store, open_store
from stanceml.tracking.sweeps import CandidateRecord, SweepRecord, log_sweep


@pytest.fixture
def store(store_uri: str, tmp_path: Path) -> Store:
    return open_store(store_uri, tmp_path, "sweep-small")


@pytest.fixture
def record(tmp_path: Path) -> SweepRecord:
    artifacts = tmp_path / "artifacts"
    artifacts.mkdir()
    (artifacts / "best.yaml").write_text("name: small-best\n")
    candidates = [
        CandidateRecord(
            f"features.1={'x' * 400}", {"features.1": "x" * 9000}, {"cv/macro_f1": 0.5}
        ),
        CandidateRecord("features.1=null", {"features.1": "null"}, {"cv/macro_f1": 0.4}),
    ]
    return SweepRecord(
        "small",
        {"kind": "grid"},
        {"nested/macro_f1": 0.45},
        {"kind": "sweep"},
        artifacts,
        candidates,
    )


def test_candidates_are_runs_inside_the_run_of_the_sweep(store: Store, record: SweepRecord) -> None:
    parent = log_sweep(store, record)
    runs = {run.info.run_id: run for run in store.client.search_runs([store.experiment_id])}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    sweep = runs.pop(parent)
    assert sweep.info.run_name == "small"
    assert sweep.data.params == {"kind": "grid"}
    assert sweep.data.metrics == {"nested/macro_f1": 0.45}
    assert sweep.data.tags["kind"] == "sweep"
    assert [file.path for file in store.client.list_artifacts(parent)] == ["best.yaml"]
    first, second = sorted(runs.values(), key=lambda run: run.data.tags["rank"])
    assert {run.data.tags["mlflow.parentRunId"] for run in (first, second)} == {parent}
    assert {run.data.tags["kind"] for run in (first, second)} == {"candidate"}
    assert first.data.metrics == {"cv/macro_f1": 0.5}
    assert first.data.params["features.1"] == "x" * 6000
    assert second.info.run_name == "features.1=null"
    assert second.data.params == {"features.1": "null"}


def test_a_store_that_refuses_is_told_in_a_line(
    store: Store, record: SweepRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: object, **more: object) -> None:
        raise OSError("disk full\nand more")

    monkeypatch.setattr(store.client, "log_batch", refuse)
    with pytest.raises(TrackingError, match=r"the sweep 'small' could not be logged \(disk full\)"):
        log_sweep(store, record)
