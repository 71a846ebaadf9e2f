"""The sealed model: equal to the pipeline, checked before use, free of pickles."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline

from stanceml import load_model
from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError, ModelError
from stanceml.files import sha256
from stanceml.inference.sealed import SealedModel
from stanceml.modeling.evaluation import cross_validate
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.sealing import save_model, seal

Pair = tuple[Pipeline, SealedModel]


@pytest.fixture(scope="module")
def pairs(experiments: list[Experiment], dataset: Dataset) -> dict[str, Pair]:
    """Every experiment's pipeline, and with two labels only, beside its sealed model."""
    two = dataset.y.where(dataset.y != "neutral", "against")
    found = {}
    # What was measured is only copied into the manifest: one experiment's will do for all.
    (measured,) = cross_validate(experiments[-1:], dataset, n_jobs=1)
    for experiment in experiments:
        result = replace(measured, experiment=experiment)
        for name, y in (("three", dataset.y), ("two", two)):
            model = build_pipeline(result.experiment)
            model.fit(dataset.X, y.to_numpy(), classifier__groups=dataset.groups.to_numpy())
            sealed = SealedModel(*seal("test", model, dataset, result))
            found[f"{result.experiment.name}-{name}"] = (model, sealed)
    return found


mentions = st.one_of(st.just(""), st.text(max_size=12))
texts = st.text(min_size=1, max_size=80).filter(lambda text: bool(text.strip()))


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(texts, mentions, mentions), min_size=1, max_size=4), st.data())
def test_equal_to_the_pipeline_on_any_text(
    pairs: dict[str, Pair], rows: list[tuple[str, str, str]], data: Any
) -> None:
    known = "NATO backs Ukraine, the Kremlin rejects a meeting with Trump. "
    X = pd.DataFrame(rows, columns=["text", "holder", "target"])
    if data.draw(st.booleans()):
        X["text"] = known + X["text"]
    for name, (model, sealed) in pairs.items():
        expected = model.predict_proba(X)
        assert np.abs(sealed.predict_proba(X) - expected).max() < 1e-9, name
        # Where two labels are as probable as each other to the last digits, either may be printed.
        best = np.sort(expected, axis=1)
        clear = best[:, -1] - best[:, -2] > 1e-9
        assert (sealed.predict(X) == model.predict(X))[clear].all(), name


def test_equal_on_the_training_rows(pairs: dict[str, Pair], dataset: Dataset) -> None:
    for model, sealed in pairs.values():
        assert (sealed.predict(dataset.X) == model.predict(dataset.X)).all()


def test_the_label_is_the_arg_max_of_what_is_printed(
    pairs: dict[str, Pair], dataset: Dataset
) -> None:
    for _, sealed in pairs.values():
        labels, probabilities = sealed.judge(dataset.X)
        assert (sealed.classes_[probabilities.argmax(axis=1)] == labels).all()


def test_lone_surrogates_and_forged_marks(pairs: dict[str, Pair]) -> None:
    rows = ["\ud800 backs Kyiv", "NATO\x00backs \ufdd0Kyiv\ufdd3", "a" * 100_000]
    X = pd.DataFrame({"text": pd.Series(rows, dtype=object)})
    for model, sealed in pairs.values():
        assert np.abs(sealed.predict_proba(rows) - model.predict_proba(X)).max() < 1e-9


def test_saved_and_loaded(model_folder: Path, dataset: Dataset) -> None:
    sealed, pipeline = load_model(model_folder), joblib.load(model_folder / "pipeline.joblib")
    assert np.abs(sealed.predict_proba(dataset.X) - pipeline.predict_proba(dataset.X)).max() < 1e-9
    names = {path.name for path in model_folder.iterdir()}
    assert names == {
        "README.md",
        "SHA256SUMS",
        "arrays.safetensors",
        "model.json",
        "pipeline.joblib",
    }
    for line in (model_folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert sha256((model_folder / name).read_bytes()) == digest


def test_rows_of_every_kind(model_folder: Path) -> None:
    model = load_model(model_folder)
    text = "NATO expresses its support for Ukraine."
    as_dict = model.predict_proba([{"text": text, "target": "Ukraine", "holder": None}])
    as_frame = model.predict_proba(pd.DataFrame({"text": [text], "target": ["Ukraine"]}))
    assert (as_dict == as_frame).all()
    assert model.predict([text]).tolist()[0] in model.classes_
    assert model.predict([]).shape == (0,)
    with pytest.raises(TypeError, match="put the one row into a list"):
        model.predict(text)
    with pytest.raises(DataError, match="blank text"):
        model.predict([" "])


def test_a_block_without_ngrams_is_sealed(
    experiments: list[Experiment], dataset: Dataset, tmp_path: Path
) -> None:
    # As what stands between the mentions, on data without mentions.
    plain = next(experiment for experiment in experiments if experiment.name == "linear-svm")
    frequent, rare = plain.features[0], plain.features[1].model_copy(update={"min_df": 10**6})
    (measured,) = cross_validate(
        [plain.model_copy(update={"features": (frequent, rare)})], dataset, n_jobs=1
    )
    model = build_pipeline(measured.experiment)
    model.fit(dataset.X, dataset.y, classifier__groups=dataset.groups.to_numpy())
    save_model(tmp_path / "model", *seal("test", model, dataset, measured), model, str)
    sealed = load_model(tmp_path / "model")
    assert sealed.manifest.spaces[1].n_features == 0
    assert np.abs(sealed.predict_proba(dataset.X) - model.predict_proba(dataset.X)).max() < 1e-9


@pytest.fixture
def copied(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


def _seal_again(folder: Path) -> None:
    names = [path.name for path in folder.iterdir() if path.name != "SHA256SUMS"]
    lines = [f"{sha256((folder / name).read_bytes())}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines))


@pytest.mark.parametrize("name", ["model.json", "arrays.safetensors"])
def test_a_changed_byte_is_refused(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name} was changed or truncated"):
        load_model(copied)


@pytest.mark.parametrize("name", ["model.json", "arrays.safetensors", "SHA256SUMS"])
def test_a_missing_or_truncated_file_is_refused(copied: Path, name: str) -> None:
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=str(copied)):
        load_model(copied)
    (copied / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_model(copied)


def test_a_newer_schema_is_named(copied: Path) -> None:
    facts = json.loads((copied / "model.json").read_text())
    (copied / "model.json").write_text(json.dumps(facts | {"schema_version": 2}))
    _seal_again(copied)
    with pytest.raises(ModelError, match="schema version 2; this version of stanceml reads 1"):
        load_model(copied)


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ["favor", "against", "neutral"]},
        {"classes": ["a", "b"]},
        {"classes": []},
        {"spaces": []},
        {"calibration": {"method": "temperature", "inverse_temperature": -1.0}},
        {"surprise": 1},
        {"spaces": [{"source": "eval", "kind": "word"}]},
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(copied: Path, change: dict[str, Any]) -> None:
    facts = json.loads((copied / "model.json").read_text())
    (copied / "model.json").write_text(json.dumps(facts | change))
    _seal_again(copied)
    with pytest.raises(ModelError):
        load_model(copied)


def test_what_is_not_read_is_not_checked(copied: Path) -> None:
    # `sha256sum --check` does that, for those who go on with the pipeline.
    for name in ("README.md", "pipeline.joblib"):
        (copied / name).unlink()
    (copied / "README.md").mkdir()
    assert load_model(copied).predict(["NATO backs Kyiv."]).shape == (1,)


def test_a_model_larger_than_the_memory(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(content: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("stanceml.inference.sealed.load_arrays", full)
    with pytest.raises(ModelError, match="does not fit into this machine's memory"):
        load_model(copied)


def test_arrays_that_are_none_are_refused(copied: Path) -> None:
    (copied / "arrays.safetensors").write_bytes(b"\x80\x04K\x01.")
    _seal_again(copied)
    with pytest.raises(ModelError, match="no readable arrays"):
        load_model(copied)


def test_the_pickle_beside_it_is_never_read(copied: Path) -> None:
    (copied / "pipeline.joblib").write_bytes(b"not a pickle")
    assert load_model(copied).predict(["NATO backs Kyiv."]).shape == (1,)
