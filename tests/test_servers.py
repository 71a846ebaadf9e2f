"""Servers that are away, refuse, stall or talk nonsense: every wait ends, and is told in a line."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stanceml.exceptions import TrackingError
from stanceml.tracking import servers, store, ui
from stanceml.tracking.servers import ask, bounded, check_address, reason, shown
from stanceml.tracking.store import Store, import_mlflow, open_store

pytestmark = pytest.mark.slow

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Answer every request in one way, and give the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET

        def log_message(self, *words: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *words: object) -> None:
            pass  # a client that has gone

    over.clear()
    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            # Who was left waiting is let go, so that nothing of this test lives on in the next.
            over.set()
            for thread in threading.enumerate():
                if thread.name == servers.THREAD:
                    thread.join(10)
            server.shutdown()


def say(status: int, text: str, **headers: str) -> Answer:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text.encode())

    return answer


def healthy_then(answer: Answer) -> Answer:
    return lambda request: (say(200, "OK") if request.path == "/health" else answer)(request)


over = threading.Event()


def stall(request: http.server.BaseHTTPRequestHandler) -> None:
    over.wait(30)


def drip(request: http.server.BaseHTTPRequestHandler) -> None:
    for sign in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000:
        request.wfile.write(bytes([sign]))
        if over.wait(0.1):
            return


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setattr(servers, "ASKING_SECONDS", 1)
    monkeypatch.setattr(store, "OPENING_SECONDS", 2)
    monkeypatch.setattr(store, "WRITING_SECONDS", 1)
    monkeypatch.setattr(ui, "_LINK_SECONDS", 1)


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("http://", "it names no host"),
        ("https:///runs", "it names no host"),
        ("http://host:0", "the port 0 is nobody's"),
        ("http://host:70000", "no address"),
        ("http://host:port", "no address"),
        ("http://[::1", "no address"),
        ("htpp://host", "did you mean 'http'"),
        ("ftp://host", "no store is known by 'ftp'"),
        ("mlruns", "no longer writes to folders"),
        ("sqlite://", "no place for runs"),
    ],
)
def test_what_is_no_address(uri: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=message) as told:
        open_store(uri, tmp_path, "stance")
    assert str(told.value).startswith(uri)
    with pytest.raises(TrackingError, match=message):
        ui.serve_ui(uri, "stance", None, print)


def test_what_is_an_address() -> None:
    for uri, kind in {
        "sqlite:///x.db": "sqlite",
        "http://localhost": "http",
        "https://user:word@host:1/path": "https",
        "mysql+pymysql://host/runs": "mysql",
        "databricks": "databricks",
        "databricks://profile": "databricks",
    }.items():
        assert check_address(uri) == kind


def test_passwords_are_not_printed() -> None:
    assert shown("https://me:secret@host/x") == "https://me:…@host/x"
    assert "secret" not in shown("https://me:secret@host:port/x")
    assert "secret" not in shown("https://me:secret@[host")


@pytest.mark.mistakes
@pytest.mark.parametrize("answer", [stall, drip], ids=["stalls", "drips"])
def test_who_is_not_healthy_in_time_is_not_there(answer: Answer) -> None:
    with serving(answer) as uri:
        start = time.monotonic()
        with pytest.raises(TrackingError, match="no MLflow server answers within 1 s"):
            ask(uri)
        assert time.monotonic() - start < 4


@pytest.mark.mistakes
def test_who_hangs_up_is_not_there() -> None:
    with (
        serving(lambda request: request.connection.close()) as uri,
        pytest.raises(TrackingError, match="no MLflow server answers"),
    ):
        ask(uri)


NONSENSE: dict[str, Answer] = {
    "stalls": stall,
    "drips": drip,
    "500": say(500, "<html>\noh no</html>"),
    "403": say(403, "who are you?"),
    "no JSON": say(200, "<html>log in</html>"),
    "another JSON": say(200, "[1]"),
    "in circles": say(302, "", Location="/elsewhere"),
}


@pytest.mark.mistakes
@pytest.mark.parametrize("kind", NONSENSE)
def test_who_is_healthy_and_no_use(kind: str, tmp_path: Path) -> None:
    with serving(healthy_then(NONSENSE[kind])) as uri:
        start = time.monotonic()
        with pytest.raises(TrackingError, match=f"{uri}: the store cannot be used") as told:
            open_store(uri, tmp_path, "stance")
        assert time.monotonic() - start < 6
        assert "\n" not in str(told.value)
        with pytest.raises(TrackingError, match=uri):
            ui.serve_ui(uri, "stance", None, print)


@pytest.mark.mistakes
def test_an_experiment_that_a_server_does_not_have() -> None:
    missing = json.dumps({"error_code": "RESOURCE_DOES_NOT_EXIST"})
    with (
        serving(healthy_then(say(404, missing))) as uri,
        pytest.raises(TrackingError, match="no experiment 'stance'; train first"),
    ):
        ui.serve_ui(uri, "stance", None, print)


@pytest.mark.mistakes
def test_a_server_that_falls_silent_while_it_is_written_to() -> None:
    with serving(healthy_then(stall)) as uri:
        client: Any = import_mlflow().MlflowClient(tracking_uri=uri)
        opened = Store(uri, "1", client)
        start = time.monotonic()
        with pytest.raises(TrackingError, match=r"the run 'x' could not be logged .*after 1 s"):
            opened.write("the run 'x'", lambda: client.create_run("1"))
        assert time.monotonic() - start < 4


@pytest.mark.mistakes
def test_a_port_that_is_taken(store_uri: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(TrackingError, match=f"port {port} is taken"):
            ui.serve_ui(store_uri, "stance", port, print)


def test_what_is_done_in_time_comes_back() -> None:
    assert bounded(lambda: "done", 5) == "done"
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0, 5)
    with pytest.raises(TimeoutError, match=r"no end after 0\.1 s"):
        bounded(lambda: time.sleep(2), 0.1)


def test_an_error_is_told_by_its_first_line() -> None:
    assert reason(ValueError("a\nb")) == "a"
    assert reason(ValueError()) == "ValueError"
    assert len(reason(ValueError("x" * 999))) == 200
