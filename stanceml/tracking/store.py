"""Where runs are kept: an MLflow store that is asked first whether it is there."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from stanceml.exceptions import TrackingError
from stanceml.tracking.local_database import alone, database_path, prepare_database
from stanceml.tracking.servers import ask, bounded, check_address, reason, shown

__all__ = ["Store", "default_uri", "import_mlflow", "open_store"]

Result = TypeVar("Result")

#: MLflow's own variable: nothing is named twice.
URI_VARIABLE: Final = "MLFLOW_TRACKING_URI"
DATABASE: Final = "mlflow.db"
ARTIFACTS: Final = "mlartifacts"

OPENING_SECONDS: Final = 30
WRITING_SECONDS: Final = 600
QUIET: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "1",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}
#: MLflow's own would have a server that is gone waited for four minutes, again and again.
_PATIENCE: Final = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}
#: They name a run for MLflow to go on with; ours are new ones, in an experiment of their own.
_ELSEWHERE: Final = (
    "MLFLOW_RUN_ID",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_ACTIVE_MODEL_ID",
)


@dataclass(frozen=True)
class Store:
    """A tracking store that answered.

    `experiment_id` names the MLflow experiment that runs go into.
    """

    uri: str
    experiment_id: str
    client: Any

    def write(self, what: str, work: Callable[[], Result]) -> Result:
        """Do what writes to the store.

        Parameters
        ----------
        what : str
            What is written, for the message.
        work : callable

        Returns
        -------
        object
            What it returns.

        Raises
        ------
        TrackingError
            When the store, or the place of its artifacts, cannot be written, or a server has not
            taken it within ten minutes.
        """
        try:
            if check_address(self.uri) == "sqlite":
                with alone(database_path(self.uri), WRITING_SECONDS):
                    return work()
            return bounded(work, WRITING_SECONDS)
        except Exception as error:  # whatever a database driver, a server or a full disk may raise
            raise TrackingError(
                f"{shown(self.uri)}: {what} could not be logged ({reason(error)})"
            ) from error


def default_uri(folder: Path) -> str:
    """Name the store of a project folder: what the environment says, else a database in it."""
    # A path from here, where there is one: signs such as # and ? in a folder's name end an address.
    return os.environ.get(URI_VARIABLE) or f"sqlite:///{folder / DATABASE}"


def import_mlflow() -> Any:
    """Import MLflow with its telemetry and its talk turned off, unless the user turned them on."""
    for variable, value in (QUIET | _PATIENCE).items():
        os.environ.setdefault(variable, value)
    for variable in _ELSEWHERE:
        os.environ.pop(variable, None)
    import mlflow

    # What fails for good is told by us; what MLflow tries again is not worth a line.
    for name in ("alembic", "mlflow.models", "mlflow.pyfunc", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It prints the tracebacks of errors that it also raises.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    return mlflow


def open_store(uri: str, folder: Path, experiment: str) -> Store:
    """Make sure that a store answers, and that it has the experiment.

    Parameters
    ----------
    uri : str
        Any MLflow tracking URI but a plain folder, which MLflow no longer writes to.
    folder : Path
        The project folder; artifacts of a local database are put into its `mlartifacts/`.
    experiment : str
        Name of the MLflow experiment; made where it does not exist.

    Returns
    -------
    Store

    Raises
    ------
    TrackingError
        When the store does not answer within 5 seconds, or cannot be used within 30.
    """
    kind = check_address(uri)
    if kind == "sqlite":
        prepare_database(uri, import_mlflow)
    else:
        ask(uri)
    mlflow = import_mlflow()

    def find() -> tuple[Any, Any]:
        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient()
        found = client.get_experiment_by_name(experiment)
        if found is None:
            found = client.get_experiment(_create(client, experiment, kind, folder))
        return client, found

    try:
        client, found = find() if kind == "sqlite" else bounded(find, OPENING_SECONDS)
    except Exception as error:  # whatever a database driver or a server may raise
        raise TrackingError(f"{shown(uri)}: the store cannot be used ({reason(error)})") from error
    if found.lifecycle_stage == "deleted":
        raise TrackingError(
            f"{shown(uri)}: the experiment {experiment!r} was deleted; restore it with "
            f"`mlflow experiments restore -x {found.experiment_id}`, or give another --experiment"
        )
    return Store(uri, found.experiment_id, client)


def _create(client: Any, experiment: str, kind: str, folder: Path) -> str:
    from mlflow.exceptions import MlflowException

    # A server puts artifacts where it likes; beside a local database they are ours to place.
    place = (folder.resolve() / ARTIFACTS / experiment).as_uri() if kind == "sqlite" else None
    try:
        return str(client.create_experiment(experiment, artifact_location=place))
    except MlflowException:
        # Another training made it in the meantime.
        found = client.get_experiment_by_name(experiment)
        if found is None:
            raise
        return str(found.experiment_id)
