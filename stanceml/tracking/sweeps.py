"""One sweep as one MLflow run, with a light run inside it for each candidate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stanceml.tracking.runs import process_tag
from stanceml.tracking.store import Store, import_mlflow

__all__ = ["CandidateRecord", "SweepRecord", "log_sweep"]

# MLflow's own limits: a longer name or value is refused.
_NAME_LENGTH: Final = 250
_VALUE_LENGTH: Final = 6000


@dataclass(frozen=True)
class CandidateRecord:
    """A run inside that of the sweep: the settings in which it differs, and its scores."""

    name: str
    params: dict[str, Any]
    metrics: dict[str, float]


@dataclass(frozen=True)
class SweepRecord:
    """Everything that the run of a sweep holds.

    Attributes
    ----------
    name : str
    params : dict
        What a person sets.
    metrics : dict of str to float
        With a section before a slash.
    tags : dict of str to str
        Git state, digests, versions.
    artifacts : Path
        A folder whose files are kept with the run.
    candidates : list of CandidateRecord
        The best first.
    """

    name: str
    params: dict[str, Any]
    metrics: dict[str, float]
    tags: dict[str, str]
    artifacts: Path
    candidates: list[CandidateRecord]


def log_sweep(store: Store, record: SweepRecord) -> str:
    """Write the run of a sweep, and those of its candidates inside it.

    Parameters
    ----------
    store : Store
    record : SweepRecord

    Returns
    -------
    str
        The id of the run of the sweep.

    Raises
    ------
    TrackingError
        When the store, or the place of its artifacts, cannot be written.
    """
    return store.write(f"the sweep {record.name!r}", lambda: _log_sweep(store, record))


def _log_sweep(store: Store, record: SweepRecord) -> str:
    parent = _create(store, record.name, record.params, record.metrics, record.tags)
    for number, candidate in enumerate(record.candidates, 1):
        tags = {"mlflow.parentRunId": parent, "kind": "candidate", "rank": str(number)}
        run = _create(store, candidate.name, candidate.params, candidate.metrics, tags)
        store.client.set_terminated(run)
    store.client.log_artifacts(parent, str(record.artifacts))
    store.client.set_terminated(parent)
    return parent


def _create(
    store: Store,
    name: str,
    params: dict[str, Any],
    metrics: dict[str, float],
    tags: dict[str, str],
) -> str:
    entities = import_mlflow().entities
    run = store.client.create_run(
        store.experiment_id, run_name=name[:_NAME_LENGTH], tags=tags | process_tag()
    )
    start = run.info.start_time
    store.client.log_batch(
        run.info.run_id,
        metrics=[entities.Metric(key, value, start, 0) for key, value in metrics.items()],
        params=[entities.Param(key, str(value)[:_VALUE_LENGTH]) for key, value in params.items()],
    )
    return str(run.info.run_id)
