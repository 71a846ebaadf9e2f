"""Stores that somebody else answers for: addresses, and waits that end."""

import http.client
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from stanceml.exceptions import TrackingError, nearest

__all__ = ["ask", "bounded", "check_address", "reason", "shown"]

Result = TypeVar("Result")

ASKING_SECONDS: Final = 5
THREAD: Final = "stanceml-bounded"
_REMARK: Final = "(raised as a result of"
_PORTS: Final = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_EXPECTED: Final = "expected sqlite:///FILE, or a server's address such as http://127.0.0.1:5000"


def check_address(uri: str) -> str:
    """Tell what kind of store an address names.

    Returns
    -------
    str
        `sqlite`, `http`, `https`, `postgresql`, `mysql`, `mssql` or `databricks`.

    Raises
    ------
    TrackingError
        When it is no address, or that of a folder, to which MLflow no longer writes.

    Examples
    --------
    >>> check_address("sqlite:///mlflow.db"), check_address("postgresql+psycopg2://host/runs")
    ('sqlite', 'postgresql')
    """
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise TrackingError(f"{shown(uri)}: no address ({error}); {_EXPECTED}") from error
    kind = parts.scheme.partition("+")[0]
    if "databricks" in (uri, kind):
        return "databricks"
    if kind in ("", "file"):
        raise TrackingError(
            f"{shown(uri)}: MLflow no longer writes to folders; give sqlite:///FILE or a server's "
            "address"
        )
    if kind == "sqlite":
        if not uri.partition(":///")[2] or uri.endswith(":memory:"):
            raise TrackingError(f"{uri}: no place for runs; expected sqlite:///FILE")
        return kind
    if kind not in _PORTS:
        known = nearest(kind, ["sqlite", *_PORTS])
        raise TrackingError(f"{shown(uri)}: no store is known by {kind!r}{known}; {_EXPECTED}")
    if not parts.hostname or port == 0:
        missing = "the port 0 is nobody's" if parts.hostname else "it names no host"
        raise TrackingError(f"{shown(uri)}: no address ({missing}); {_EXPECTED}")
    return kind


def ask(uri: str) -> None:
    """Find out whether somebody answers.

    Raises
    ------
    TrackingError
        When nobody does within 5 seconds.
    """
    kind = check_address(uri)
    if kind in ("sqlite", "databricks"):
        return  # no server, and one whose place MLflow knows
    try:
        bounded(lambda: _ask(urlsplit(uri), kind, uri), ASKING_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()  # it answers: what it thinks of us is found out by using it
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise TrackingError(
            f"{shown(uri)}: no MLflow server answers within {ASKING_SECONDS} s "
            f"({reason(error)}); start it, or give another --tracking-uri"
        ) from error


def _ask(parts: SplitResult, kind: str, uri: str) -> None:
    port = parts.port or _PORTS[kind]
    with socket.create_connection((str(parts.hostname), port), timeout=ASKING_SECONDS):
        pass
    if kind in ("http", "https"):
        health = uri.rstrip("/") + "/health"
        with urllib.request.urlopen(health, timeout=ASKING_SECONDS) as answer:  # noqa: S310 -- http(s)
            answer.read(1000)


def bounded(function: Callable[[], Result], seconds: float) -> Result:
    """Call a function, and do not wait for it longer than that.

    What waits for a server byte by byte cannot be stopped from outside: past its time it is left
    behind, in a thread that ends with the process.

    Parameters
    ----------
    function : callable
    seconds : float

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    TimeoutError
        When the time is over.

    Examples
    --------
    >>> bounded(lambda: 6 * 7, seconds=5)
    42
    """
    results: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name=THREAD, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no end after {seconds:g} s")
    return results[0]  # type: ignore[no-any-return]


def shown(uri: str) -> str:
    """Give an address as it may be printed: without its password."""
    try:
        password = urlsplit(uri).password
    except ValueError:
        password = uri.rpartition("@")[0].rpartition(":")[2] or None
    return uri if password is None else uri.replace(f":{password}@", ":…@")


def reason(error: BaseException) -> str:
    """Give the first line of an error that says what is wrong."""
    # SQLAlchemy begins with a remark, and adds the statement and a link; MLflow the server's page.
    lines = [line for line in str(error).strip().splitlines() if not line.startswith(_REMARK)]
    return lines[0][:200] if lines else type(error).__name__
