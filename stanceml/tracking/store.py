"""Where runs are kept: an MLflow store that is asked first whether it is there."""

import http.client
import logging
import os
import socket
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from stanceml.exceptions import TrackingError

__all__ = ["Store", "default_uri", "import_mlflow", "one_line", "open_store", "shown"]

#: MLflow's own variable: nothing is named twice.
URI_VARIABLE: Final = "MLFLOW_TRACKING_URI"
DATABASE: Final = "mlflow.db"
ARTIFACTS: Final = "mlartifacts"

_PATIENCE_SECONDS: Final = 5
_PORTS: Final = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
QUIET: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "1",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


@dataclass(frozen=True)
class Store:
    """A tracking store that answered.

    `experiment_id` names the MLflow experiment that runs go into.
    """

    uri: str
    experiment_id: str
    client: Any


def default_uri(folder: Path) -> str:
    """Name the store of a project folder: what the environment says, else a database in it."""
    # A path from here, where there is one: signs such as # and ? in a folder's name end an address.
    return os.environ.get(URI_VARIABLE) or f"sqlite:///{folder / DATABASE}"


def import_mlflow() -> Any:
    """Import MLflow with its telemetry and its talk turned off, unless the user turned them on."""
    for variable, value in QUIET.items():
        os.environ.setdefault(variable, value)
    import mlflow

    for name in ("alembic", "mlflow.models", "mlflow.pyfunc"):
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
        When the store does not answer within 5 seconds, or cannot be used.
    """
    try:
        scheme = urlsplit(uri).scheme.partition("+")[0]
        _ = urlsplit(uri).port
    except ValueError as error:
        raise TrackingError(
            f"{uri}: no address ({error}); expected one like http://127.0.0.1:5000"
        ) from error
    if scheme in ("", "file"):
        raise TrackingError(
            f"{uri}: MLflow no longer writes to folders; give sqlite:///FILE or a server's address"
        )
    if scheme == "sqlite":
        if not uri.partition(":///")[2] or uri.endswith(":memory:"):
            raise TrackingError(f"{uri}: no place for runs; expected sqlite:///FILE")
        _prepare_sqlite(Path(uri.split(":///", 1)[-1]), uri)
    else:
        _ask(uri, scheme)
    mlflow = import_mlflow()
    try:
        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient()
        found = client.get_experiment_by_name(experiment)
        if found is None:
            found = client.get_experiment(_create(client, experiment, scheme, folder))
    except Exception as error:  # whatever a database driver or a server may raise
        raise TrackingError(
            f"{shown(uri)}: the store cannot be used ({one_line(error)})"
        ) from error
    if found.lifecycle_stage == "deleted":
        raise TrackingError(
            f"{shown(uri)}: the experiment {experiment!r} was deleted; restore it with "
            f"`mlflow experiments restore -x {found.experiment_id}`, or give another --experiment"
        )
    return Store(uri, found.experiment_id, client)


def _create(client: Any, experiment: str, scheme: str, folder: Path) -> str:
    from mlflow.exceptions import MlflowException

    # A server puts artifacts where it likes; beside a local database they are ours to place.
    place = (folder.resolve() / ARTIFACTS / experiment).as_uri() if scheme == "sqlite" else None
    try:
        return str(client.create_experiment(experiment, artifact_location=place))
    except MlflowException:
        # Another training made it in the meantime.
        found = client.get_experiment_by_name(experiment)
        if found is None:
            raise
        return str(found.experiment_id)


def _prepare_sqlite(path: Path, uri: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            return
        _create_sqlite(path)
    except Exception as error:  # sqlite3's, SQLAlchemy's or the system's
        raise TrackingError(
            f"{uri}: the database cannot be written ({one_line(error)}); "
            "check the file, or give another --tracking-uri"
        ) from error


def _create_sqlite(path: Path) -> None:
    # MLflow crashes when two processes create one database at once. Each makes its own under
    # another name; the first to link it into place wins, and the other's is thrown away.
    mlflow = import_mlflow()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        uri = f"sqlite:///{temporary}"
        mlflow.MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        for left in path.parent.glob(f"{temporary.name}*"):
            left.unlink(missing_ok=True)


def _ask(uri: str, scheme: str) -> None:
    parts = urlsplit(uri)
    if not parts.hostname:
        return  # such as "databricks": MLflow knows where that is
    port = parts.port or _PORTS.get(scheme, 80)
    advice = "start it, or give another --tracking-uri"
    try:
        with socket.create_connection((parts.hostname, port), timeout=_PATIENCE_SECONDS):
            pass
        if scheme in ("http", "https"):
            health = uri.rstrip("/") + "/health"
            with urllib.request.urlopen(health, timeout=_PATIENCE_SECONDS):  # noqa: S310 -- http(s)
                pass
    except urllib.error.HTTPError:
        pass  # it answers: what it thinks of us is found out by using it
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise TrackingError(
            f"{shown(uri)}: no MLflow server answers within {_PATIENCE_SECONDS} s "
            f"({one_line(error)}); {advice}"
        ) from error


def shown(uri: str) -> str:
    """Give an address as it may be printed: without its password."""
    parts = urlsplit(uri)
    if parts.password is None:
        return uri
    return uri.replace(f":{parts.password}@", ":…@")


def one_line(error: Exception) -> str:
    """Give the first line of an error."""
    # SQLAlchemy adds the statement and a link, MLflow the server's page.
    first = next(iter(str(error).strip().splitlines()), "")
    return first[:200] or type(error).__name__
