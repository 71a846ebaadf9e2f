"""What a run holds, and that the model in it says what `stanceml predict` says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stanceml import load_model
from stanceml.config import read_experiment
from stanceml.corpus.datasets import Dataset
from stanceml.tracking.runs import close_abandoned_runs, git_state, metric_name
from stanceml.tracking.store import import_mlflow, open_store
from stanceml.workflows.train import TrainingResult

mlflow = import_mlflow()


@pytest.fixture(scope="module")
def runs(project: tuple[Path, TrainingResult]) -> dict[str, Any]:
    folder, _ = project
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("stance")
    found = client.search_runs([experiment.experiment_id], order_by=["metrics.`cv/macro_f1` DESC"])
    return {run.info.run_name: run for run in found}


def test_one_run_an_experiment(runs: dict[str, Any], quick_configs: Path) -> None:
    assert set(runs) == {"ridge", "most-frequent"}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    run = runs["ridge"]
    assert run.data.params["classifier"] == "ridge"
    assert run.data.params["features"] == "marked-word-1-2 + marked-char-2-5"
    assert len(run.data.params) <= 10
    experiment = read_experiment(quick_configs / "ridge.yaml")
    assert run.data.tags["config.digest"] == experiment.digest
    assert run.data.tags["saved"] == "true"
    assert run.data.tags["version.scikit-learn"]
    assert {"git.commit", "git.dirty", "dataset.digest"} <= set(run.data.tags)


def test_metrics_are_the_reports(
    runs: dict[str, Any], project: tuple[Path, TrainingResult]
) -> None:
    report = project[1].best.measured.report
    metrics = runs["ridge"].data.metrics
    assert next(iter(report.slices["all"].scores)) == "macro_f1"
    assert metrics["cv/macro_f1"] == report.primary.value
    assert metrics["cv/macro_f1_low"] == report.primary.low
    reliability = report.reliability
    assert reliability
    calibration_error = metrics["cv_probabilities/calibration_error"]
    assert calibration_error == reliability.calibration_error.value
    assert metrics["cv_probabilities/brier"] == reliability.brier.value
    assert metrics["cv/f1_against"] == report.slices["all"].scores["f1_against"].value
    assert metrics["cv_pair_rows/macro_f1"] == report.slices["pair_rows"].scores["macro_f1"].value
    assert all("/" in name for name in metrics)


def test_dataset_input_bears_our_digest(runs: dict[str, Any], dataset: Dataset) -> None:
    (logged,) = runs["ridge"].inputs.dataset_inputs
    assert logged.dataset.name == "stances"
    assert logged.dataset.digest == dataset.digest[:36]


def test_artifacts(runs: dict[str, Any], dataset: Dataset) -> None:
    run = runs["ridge"]
    folder = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))
    assert {path.name for path in folder.iterdir()} == {
        "class_bars.png",
        "confusion_matrix.png",
        "leaderboard.png",
        "model_card.md",
        "out_of_fold_predictions.csv",
        "reliability.png",
        "report.json",
        "top_ngrams.csv",
        "top_ngrams.png",
    }
    predictions = pd.read_csv(folder / "out_of_fold_predictions.csv")
    assert len(predictions) == len(dataset.y)
    assert (folder / "confusion_matrix.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_pyfunc_says_what_the_sealed_model_says(
    runs: dict[str, Any], model_folder: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    model_id = runs["ridge"].outputs.model_outputs[0].model_id
    served, sealed = mlflow.pyfunc.load_model(f"models:/{model_id}"), load_model(model_folder)
    many = pd.concat([dataset.X] * 21, ignore_index=True)
    spans = many.columns[3:]
    pairs = many[many["target"] != ""]
    for n_rows in (1, 3, 1000):
        for X in (
            many.head(n_rows)[["text"]],
            many.head(n_rows)[["text", "holder", "target"]],
            many.head(n_rows).astype(dict.fromkeys(spans, "float64")),
            pairs.head(n_rows)[["text", "target", "target_start"]].astype({"target_start": int}),
            many.head(n_rows)[["text", "target"]].assign(holder=None),
        ):
            said = served.predict(X)
            labels, probabilities = sealed.judge(X)
            assert said["stance"].tolist() == labels.tolist()
            assert said["probability"].to_numpy() == pytest.approx(probabilities.max(axis=1))
            columns = [f"probability_{label}" for label in sealed.classes_]
            assert np.abs(said[columns].to_numpy() - probabilities).max() < 1e-12


def test_a_logged_model_needs_no_installed_package(
    runs: dict[str, Any], project: tuple[Path, TrainingResult], tmp_path: Path
) -> None:
    # The code that applies the model is logged with it.
    model_id = runs["ridge"].outputs.model_outputs[0].model_id
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{model_id}"))
    assert (folder / "code" / "stanceml" / "inference" / "sealed.py").is_file()
    assert not list(folder.rglob("*.pkl"))
    requirements = (folder / "requirements.txt").read_text()
    assert "safetensors" in requirements
    assert "scikit-learn" not in requirements


def test_abandoned_runs_are_closed(store_uri: str, tmp_path: Path) -> None:
    store = open_store(store_uri, tmp_path, "stance")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    host = os.uname().nodename
    for process, name in ((gone.pid, "gone"), (os.getpid(), "alive")):
        store.client.create_run(
            store.experiment_id, run_name=name, tags={"stanceml.process": f"{host}:{process}"}
        )
    assert close_abandoned_runs(store) == 1
    runs = {run.info.run_name: run for run in store.client.search_runs([store.experiment_id])}
    assert runs["gone"].info.status == "KILLED"
    assert runs["alive"].info.status == "RUNNING"


def test_git_state(tmp_path: Path) -> None:
    assert git_state(tmp_path) == {"git.commit": "none", "git.dirty": "unknown"}
    for words in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    assert git_state(tmp_path)["git.dirty"] == "false"
    (tmp_path / "new").write_text("")
    assert git_state(tmp_path)["git.dirty"] == "true"


def test_metric_names_that_mlflow_takes() -> None:
    assert metric_name("cv", "f1_pro (strong) [x]") == "cv/f1_pro _strong_ _x_"
