"""MLflow's pages, started small and quick, opened where the numbers are."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Final
from urllib.parse import quote

from stanceml.exceptions import TrackingError
from stanceml.tracking.local_database import look_at_database
from stanceml.tracking.servers import ask, bounded, check_address, reason, shown
from stanceml.tracking.store import QUIET

__all__ = ["experiment_link", "serve_ui"]

_HOST: Final = "127.0.0.1"
_PATIENCE_SECONDS: Final = 60
_LINK_SECONDS: Final = 30
# The server has processes of its own. All are of one group, which ends when standard input does:
# the system closes that however this process ends, by `kill -9` too.
_GROUP: Final = """
import os, signal, subprocess, sys, threading
def end():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
threading.Thread(target=end, daemon=True).start()
sys.exit(subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL))
"""


def serve_ui(uri: str, experiment: str, port: int | None, announce: Callable[[str], None]) -> None:
    """Serve the pages of a store until interrupted.

    Parameters
    ----------
    uri : str
        The store; a server's own pages are announced, not served again.
    experiment : str
        Which experiment the link opens.
    port : int or None
        On 127.0.0.1; a free one where it is not given.
    announce : callable
        Called with the link once the pages answer.

    Raises
    ------
    TrackingError
        When the store is missing, the port is taken or the server does not start.
    """
    kind = check_address(uri)
    if kind in ("http", "https"):
        ask(uri)
        announce(experiment_link(uri.rstrip("/"), experiment))
        return
    if kind == "sqlite":
        look_at_database(uri)
    elif kind == "databricks":
        raise TrackingError(f"{uri}: has pages of its own; open them in a browser")
    else:
        ask(uri)
    port = _free_port(port)
    command = [sys.executable, "-c", _GROUP]
    command += [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri]
    command += ["--host", _HOST, "--port", str(port), "--workers", "1"]
    environment = QUIET | dict(os.environ) | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    server = subprocess.Popen(  # noqa: S603
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://{_HOST}:{port}"
        _wait(server, address)
        announce(experiment_link(address, experiment))
        server.wait()
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.communicate(timeout=10)  # closes its standard input
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def experiment_link(address: str, experiment: str) -> str:
    """Make the address that opens the runs of an experiment as charts, the best one first.

    Raises
    ------
    TrackingError
        When the server has no such experiment.
    """
    path = f"/api/2.0/mlflow/experiments/get-by-name?experiment_name={quote(experiment)}"

    def found() -> str:
        with urllib.request.urlopen(address + path, timeout=30) as answer:  # noqa: S310 -- http(s)
            return str(json.load(answer)["experiment"]["experiment_id"])

    try:
        number = bounded(found, _LINK_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != HTTPStatus.NOT_FOUND:
            raise TrackingError(
                f"{shown(address)}: the server cannot tell of its experiments ({reason(error)})"
            ) from error
        raise TrackingError(
            f"{shown(address)}: no experiment {experiment!r}; train first, or name another with "
            "--experiment"
        ) from error
    except (OSError, ValueError, LookupError, TypeError, HTTPException) as error:
        raise TrackingError(
            f"{shown(address)}: no MLflow server answers within {_LINK_SECONDS} s ({reason(error)})"
        ) from error
    order = quote("metrics.`cv/macro_f1`")
    return (
        f"{address}/#/experiments/{number}/runs?workflowType=machine_learning"
        f"&compareRunsMode=CHART&orderByKey={order}&orderByAsc=false"
    )


def _free_port(wanted: int | None) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, wanted or 0))
        except OSError as error:
            raise TrackingError(
                f"port {wanted} is taken; give another, or none for a free one"
            ) from error
        return int(probe.getsockname()[1])


def _wait(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise TrackingError(
                "the MLflow server stopped at once; `mlflow server --backend-store-uri …` tells why"
            )
        health = f"{address}/health"
        with contextlib.suppress(OSError, HTTPException), urllib.request.urlopen(health, timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise TrackingError(f"the MLflow server did not answer within {_PATIENCE_SECONDS} s")
