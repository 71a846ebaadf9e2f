"""One training as one MLflow run: parameters, metrics, lineage, artifacts and the model."""

import os
import re
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from stanceml.stances import SPAN_COLUMNS, probability_column
from stanceml.tracking.local_database import is_alive
from stanceml.tracking.store import Store, import_mlflow

__all__ = [
    "RunRecord",
    "close_abandoned_runs",
    "git_state",
    "log_run",
    "metric_name",
    "process_tag",
]

_PROCESS_TAG: Final = "stanceml.process"
_DIGEST_LENGTH: Final = 36  # MLflow takes no longer digest


@dataclass(frozen=True)
class RunRecord:
    """Everything that one run holds.

    Attributes
    ----------
    name : str
        Of the experiment file.
    params : dict
        Few and flat: what a person sets.
    metrics : dict of str to float
        With a section before a slash, the primary one first.
    tags : dict of str to str
        Git state, digests, versions.
    data_name, data_digest, data_source : str
        Of the dataset that it was trained on.
    data : DataFrame
        Its rows, with the column `stance`.
    artifacts : Path
        A folder whose files are kept with the run.
    model : Path
        The folder of the sealed model.
    classes : list of str
        The labels, in alphabetical order.
    """

    name: str
    params: dict[str, Any]
    metrics: dict[str, float]
    tags: dict[str, str]
    data_name: str
    data_digest: str
    data_source: str
    data: pd.DataFrame
    artifacts: Path
    model: Path
    classes: list[str]


def log_run(store: Store, record: RunRecord) -> str:
    """Write one run.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    TrackingError
        When the store, or the place of its artifacts, cannot be written.
    """
    return store.write(f"the run {record.name!r}", lambda: _log_run(store, record))


def _log_run(store: Store, record: RunRecord) -> str:
    mlflow = import_mlflow()
    from mlflow.data.sources import LocalArtifactDatasetSource

    dataset = mlflow.data.from_pandas(
        # As numbers that may be missing, which MLflow's integers may not be.
        record.data.astype(dict.fromkeys(SPAN_COLUMNS, "float64")),
        source=LocalArtifactDatasetSource(record.data_source),
        name=record.data_name,
        targets="stance",
        digest=record.data_digest[:_DIGEST_LENGTH],
    )
    tags = record.tags | process_tag()
    with mlflow.start_run(
        experiment_id=store.experiment_id, run_name=record.name, tags=tags
    ) as run:
        mlflow.log_params(record.params)
        mlflow.log_input(dataset, context="training")
        model = mlflow.pyfunc.log_model(
            name=record.name,
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={"model": str(record.model)},
            code_paths=[str(Path(__file__).parents[1])],
            signature=_signature(record.classes),
            input_example=record.data[["text", "holder", "target"]].head(2),
            pip_requirements=[
                f"{name}=={version(name)}"
                for name in (
                    "mlflow",
                    "numpy",
                    "pandas",
                    "pydantic",
                    "safetensors",
                    "vaderSentiment",
                )
            ],
        )
        mlflow.log_metrics(record.metrics, model_id=model.model_id, dataset=dataset)
        mlflow.log_artifacts(str(record.artifacts))
        return str(run.info.run_id)


def process_tag() -> dict[str, str]:
    """Give the tag by which a run is known as abandoned when this process is gone."""
    return {_PROCESS_TAG: f"{socket.gethostname()}:{os.getpid()}"}


def close_abandoned_runs(store: Store) -> int:
    """Mark runs as killed whose process on this machine is gone, and count them.

    Raises
    ------
    TrackingError
        When the store cannot be written.
    """
    return store.write("the end of runs that were killed", lambda: _close_abandoned(store))


def _close_abandoned(store: Store) -> int:
    running = store.client.search_runs(
        [store.experiment_id], "attributes.status = 'RUNNING'", max_results=1000
    )
    closed = 0
    for run in running:
        host, _, process = run.data.tags.get(_PROCESS_TAG, "").partition(":")
        if host == socket.gethostname() and process.isdigit() and not is_alive(int(process)):
            store.client.set_terminated(run.info.run_id, status="KILLED")
            closed += 1
    return closed


def metric_name(section: str, name: str) -> str:
    """Make a metric's name that MLflow takes: letters and signs that it refuses become `_`.

    Examples
    --------
    >>> metric_name("cv", "f1_pro (strong)")
    'cv/f1_pro _strong_'
    """
    taken = re.sub(r"[^\w\-. /:]", "_", name)
    return f"{section}/{taken}"


def git_state(folder: Path) -> dict[str, str]:
    """Tell the commit that a folder is at, and whether anything in it was changed since."""

    def git(*words: str) -> str:
        found = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *words],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return found.stdout.strip()

    with suppress(OSError, subprocess.SubprocessError):
        commit = git("rev-parse", "HEAD")
        return {"git.commit": commit, "git.dirty": str(bool(git("status", "--porcelain"))).lower()}
    return {"git.commit": "none", "git.dirty": "unknown"}


def _signature(classes: list[str]) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    inputs = [ColSpec("string", "text")]
    inputs += [ColSpec("string", name, required=False) for name in ("holder", "target")]
    # Whole numbers where every row has its span, else numbers that may be missing: MLflow has no
    # type that takes both.
    inputs += [ColSpec(AnyType(), name, required=False) for name in SPAN_COLUMNS]
    outputs = [ColSpec("string", "stance"), ColSpec("double", "probability")]
    outputs += [ColSpec("double", probability_column(label)) for label in classes]
    return ModelSignature(Schema(inputs), Schema(outputs))
