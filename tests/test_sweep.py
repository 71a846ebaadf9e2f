"""`stanceml sweep`: what it leaves behind, what it prints, and what it says of mistakes."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from stanceml.config import read_experiment
from stanceml.exceptions import DataError, TrackingError
from stanceml.tracking.store import import_mlflow
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.sweep import FinishedSweep, as_json, sweep

pytestmark = pytest.mark.slow

CONTENT: dict[str, Any] = {
    "name": "small",
    "description": "A few values.",
    "base": {
        "features": [
            {"source": "marked", "kind": "word", "orders": [1, 2]},
            {"source": "polarity", "kind": "word", "orders": [1, 1]},
        ],
        "classifier": {"kind": "complement_nb", "alpha": 0.7},
        "evaluation": {"n_splits": 3, "n_repeats": 1, "n_bootstraps": 100, "n_permutations": 2},
    },
    "search": {"kind": "grid"},
    "space": {
        "classifier.alpha": [0.1, 1],
        "features.1": [None, {"source": "polarity", "kind": "word", "orders": [1, 1]}],
    },
    "evaluation": {"n_splits": 3, "n_inner_splits": 2, "n_bootstraps": 100, "n_permutations": 4},
}
N_TASKS = 4 * 4 * 2 + 3 * 2


class Place:
    """A folder with a sweep file and a store, and how a sweep is run in it."""

    def __init__(self, folder: Path, store_uri: str, rows: Path) -> None:
        self.folder, self.uri, self.rows = folder, store_uri, LabelledFile(rows)
        self.said: list[str] = []
        self.write()

    def write(self, **changed: Any) -> None:
        (self.folder / "small.yaml").write_text(yaml.safe_dump(CONTENT | changed))

    def sweep(self, **changed: Any) -> FinishedSweep:
        self.said.clear()
        settings = {"folder": self.folder, "n_jobs": 1, "say": self.said.append} | changed
        rows = settings.pop("rows", self.rows)
        uri = settings.pop("uri", self.uri)
        return sweep(self.folder / "small.yaml", rows, uri, **settings)


@pytest.fixture
def place(tmp_path: Path, store_uri: str, seed_rows: Path) -> Place:
    return Place(tmp_path, store_uri, seed_rows)


def test_what_a_sweep_leaves_behind(place: Place) -> None:
    finished = place.sweep()
    assert finished.output == place.folder / "sweeps" / "small" / "best.yaml"
    assert read_experiment(finished.output) == finished.best
    best = finished.result.ranking[0].candidate
    assert finished.best.name == "small-best"
    assert finished.best.classifier == best.experiment.classifier
    assert finished.best.features == best.experiment.features
    report = finished.result.report.primary
    (remark,) = (line for line in finished.output.read_text().splitlines() if line[0] == "#")
    assert f"{report.value:.3f} [{report.low:.3f}, {report.high:.3f}]" in remark
    assert place.said == [
        "44 rows in 15 groups (by sentence_id), 4 candidates of 4 combinations, 38 fits",
        "logging the runs",
    ]

    client = import_mlflow().MlflowClient(tracking_uri=place.uri)
    experiment = client.get_experiment_by_name("sweep-small").experiment_id
    runs = {run.info.run_id: run for run in client.search_runs([experiment])}
    run = runs.pop(finished.run_id)
    assert run.data.metrics["nested/macro_f1"] == report.value
    assert run.data.metrics["nested/gain_low"] == finished.result.gain.low
    assert run.data.params["classifier.alpha"] == "[0.1, 1]"
    assert run.data.tags["dataset.digest"] == finished.dataset.digest
    assert run.data.tags["mlflow.note.content"] == "A few values."
    assert {file.path for file in client.list_artifacts(finished.run_id)} == {
        "best.yaml",
        "sweep.json",
    }
    assert len(runs) == 4
    first = next(run for run in runs.values() if run.data.tags["rank"] == "1")
    assert first.data.metrics["cv/macro_f1"] == finished.result.ranking[0].score.value
    assert set(first.data.params) == set(CONTENT["space"])


def test_the_json_has_the_honest_score_and_every_candidate(place: Place) -> None:
    finished = place.sweep()
    told = json.loads(json.dumps(as_json(finished), allow_nan=False))
    assert told["nested"]["macro_f1"]["value"] == finished.result.report.primary.value
    assert len(told["candidates"]) == 4
    assert len(told["chosen_in_outer_folds"]) == 3
    assert {value["n_candidates"] for value in told["values"]} == {2}
    assert (told["tasks"], told["tasks_from_before"]) == (N_TASKS, 0)
    assert told["extraction_seconds"] > 0


def test_a_second_run_goes_on_and_says_so(place: Place) -> None:
    first = place.sweep()
    before = first.output.read_bytes()
    second = place.sweep()
    (journal,) = first.output.parent.glob("journal-*.jsonl")
    assert f"{N_TASKS} of them are in {journal} from before; remove it to begin anew" in place.said
    assert second.result == replace(
        first.result, n_resumed=N_TASKS, extraction_seconds=0, fitting_seconds=0
    )
    assert second.output.read_bytes() == before


@pytest.mark.slow
def test_other_rows_or_settings_begin_anew(place: Place, seed_rows: Path, tmp_path: Path) -> None:
    assert place.sweep().result.n_resumed == 0
    with seed_rows.open(newline="") as file:
        rows = list(csv.DictReader(file))
    other = tmp_path / "other.csv"
    with other.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows[1:], rows[0]])
    renamed = replace(place.rows, label_map={"favor": "pro"})
    by_row = replace(place.rows, group_column="id")
    for changed in (LabelledFile(other), renamed, by_row):
        assert place.sweep(rows=changed).result.n_resumed == 0
    place.write(search={"kind": "grid", "random_state": 1})
    assert place.sweep().result.n_resumed == 0
    place.write()
    assert place.sweep().result.n_resumed == N_TASKS


def test_a_config_of_ones_own_choosing(place: Place) -> None:
    output = place.folder / "configs" / "mine.yaml"
    assert place.sweep(output=output).output == output
    assert read_experiment(output).name == "small-best"


@pytest.mark.mistakes
def test_nothing_is_fitted_where_the_end_would_fail(place: Place) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        place.sweep(output=place.folder)
    with pytest.raises(TrackingError, match="no longer writes to folders"):
        place.sweep(uri="mlruns")
    assert not (place.folder / "sweeps").exists()


@pytest.mark.slow
def test_documents_are_groups_only_where_they_fill_all_folds(
    place: Place, tmp_path: Path, seed_rows: Path
) -> None:
    with seed_rows.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for n_documents, kind in ((3, "document_id"), (2, "sentence_id")):
        path = tmp_path / f"{n_documents}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            for number, row in enumerate(rows):
                writer.writerow(row | {"document_id": f"d{number % n_documents}"})
        assert place.sweep(rows=LabelledFile(path)).dataset.group_kind == kind


@pytest.mark.slow
def test_on_the_command_line(stanceml: Any, place: Place, seed_rows: Path) -> None:
    words = ["sweep", "small.yaml", "--data", seed_rows, "--jobs", "1", "-o", "best.yaml"]
    words += ["--tracking-uri", place.uri]
    done = stanceml(*words)
    assert done.returncode == 0, done.stderr
    assert "the best 4 of 4 candidates" in done.stdout
    assert "* 1" in done.stdout
    assert "The choice cannot be told apart from the base: " in done.stdout
    assert "* is written to best.yaml" in done.stdout
    assert "38 fits" in done.stderr
    told = json.loads(stanceml(*words, "--format", "json").stdout)
    assert told["tasks_from_before"] == N_TASKS
    score = told["nested"]["macro_f1"]
    assert f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]" in done.stdout
    trained = stanceml(
        *("train", "--configs", "best.yaml", "--data", seed_rows, "-o", "models/best"),
        *("--jobs", "1", "--tracking-uri", place.uri),
    )
    assert trained.returncode == 0, trained.stderr
    assert "* small-best is saved in models/best" in trained.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ([], 2, "Missing argument"),
        (["nowhere.yaml"], 1, "nowhere.yaml: no such file"),
        (["small.yaml", "--jobs", "0"], 2, "--jobs 0"),
        (["small.yaml", "--data", "nowhere.csv"], 1, "nowhere.csv: no such file"),
        (["small.yaml", "--format", "yaml"], 2, "'yaml' is not one of"),
        (["wrong.yaml"], 1, "space.classifier.alhpa: classifier has no 'alhpa' (did you mean"),
        (["many.yaml"], 1, "10,201 candidates; expected at most 10,000"),
        (["small.yaml", "--text-column", "sentense"], 1, "no column 'sentense'"),
        (["small.yaml", "-o", "."], 1, "cannot be written"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_a_mistake_is_one_clear_line(
    words: list[str], status: int, told: str, stanceml: Any, place: Place, seed_rows: Path
) -> None:
    many = list(range(1, 102))
    for name, space in (
        ("wrong", {"classifier.alhpa": [1]}),
        ("many", {"classifier.alpha": many, "features.0.weight": many}),
    ):
        (place.folder / f"{name}.yaml").write_text(yaml.safe_dump(CONTENT | {"space": space}))
    before = {path.name for path in place.folder.iterdir()}
    words = [*words, "--tracking-uri", place.uri]
    words += [] if "--data" in words else ["--data", str(seed_rows)]
    done = stanceml("sweep", *words)
    assert done.returncode == status, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("stanceml: ")
    assert told in line
    assert {path.name for path in place.folder.iterdir()} == before
