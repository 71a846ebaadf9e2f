"""The database of runs on this machine: looked at before MLflow opens it, and made only once."""

import fcntl
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from stanceml.exceptions import TrackingError
from stanceml.tracking.servers import reason

__all__ = ["alone", "database_path", "is_alive", "look_at_database", "prepare_database"]

_WAIT_SECONDS: Final = 5
_SCHEMA_TABLE: Final = "alembic_version"


def database_path(uri: str) -> Path:
    """Give the file of an `sqlite:///` address, in which `%20` is a space."""
    return Path(unquote(uri.split(":///", 1)[-1]))


def prepare_database(uri: str, import_mlflow: Callable[[], Any]) -> None:
    """Make sure that a database can be written, and that there is one.

    Parameters
    ----------
    uri : str
    import_mlflow : callable
        Gives MLflow, where the database has to be made.

    Raises
    ------
    TrackingError
        When the file is no database of runs, is of a newer MLflow, or cannot be written.
    """
    path = database_path(uri)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path, import_mlflow())
        elif not path.is_file():
            raise OSError("unable to open database file: it is none")
        else:
            _look(path, uri, "BEGIN IMMEDIATE")
    except TrackingError:
        raise
    except Exception as error:  # sqlite3's, SQLAlchemy's or the system's
        raise TrackingError(
            f"{uri}: the database cannot be written ({reason(error)}); "
            "check the file, or give another --tracking-uri"
        ) from error


def look_at_database(uri: str) -> None:
    """Make sure that a database holds runs and can be read.

    Raises
    ------
    TrackingError
        When it is missing, or no database of runs that this MLflow reads.
    """
    path = database_path(uri)
    if not path.exists():
        raise TrackingError(f"{uri}: no runs yet; train first (`make train` or `stanceml train`)")
    try:
        _look(path, uri, "BEGIN")
    except (OSError, sqlite3.Error) as error:
        raise TrackingError(
            f"{uri}: the database cannot be read ({reason(error)}); "
            "check the file, or give another --tracking-uri"
        ) from error


@contextmanager
def alone(path: Path, seconds: float) -> Iterator[None]:
    """Let no other training write to a database while the block runs.

    SQLite has writers wait for each other, but MLflow reads and then writes: of two that log the
    same dataset at once, both find that it is not there, and the second fails. Who has waited for
    so many seconds tries all the same.
    """
    # The folder, since SQLite has locks of its own on the file, and would lose them.
    folder = os.open(path.resolve().parent, os.O_RDONLY)
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.05)
        yield
    finally:
        os.close(folder)


def _look(path: Path, uri: str, begin: str) -> None:
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute(begin)
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master ORDER BY 1")
        ]
        version = None
        if _SCHEMA_TABLE in tables:
            version = connection.execute(f"SELECT version_num FROM {_SCHEMA_TABLE}").fetchone()  # noqa: S608
        connection.execute("ROLLBACK")
    if tables and "experiments" not in tables:
        raise TrackingError(
            f"{uri}: a database of something else (with the table {tables[0]!r:.60}); "
            "give another --tracking-uri"
        )
    if version and not _is_known(str(version[0])):
        raise TrackingError(
            f"{uri}: the database is of a newer MLflow (schema {version[0]!r:.40}); upgrade MLflow "
            "to the one that wrote it, or give another --tracking-uri"
        )


def _is_known(version: str) -> bool:
    # As files, without importing MLflow, which takes seconds.
    folder = Path(str(files("mlflow"))) / "store" / "db_migrations" / "versions"
    return not folder.is_dir() or any(
        path.name.startswith(f"{version}_") for path in folder.iterdir()
    )


def _create(path: Path, mlflow: Any) -> None:
    # MLflow crashes when two processes create one database at once. Each makes its own under
    # another name; the first to link it into place wins, and the other's is thrown away.
    _remove_abandoned(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        uri = f"sqlite:///{temporary}".replace("%", "%25")
        mlflow.MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        for left in path.parent.glob(f"{temporary.name}*"):
            left.unlink(missing_ok=True)


def _remove_abandoned(path: Path) -> None:
    """Remove what processes left that were killed while they made the database."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.(\d+)\.tmp.*")
    for left in path.parent.iterdir():
        found = pattern.fullmatch(left.name)
        if found and not is_alive(int(found[1])):
            left.unlink(missing_ok=True)


def is_alive(process: int) -> bool:
    """Tell whether a process of this machine is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
