"""The tracking store: asked first, made once, named in every complaint."""

import http.server
import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from stanceml.exceptions import TrackingError
from stanceml.tracking.store import default_uri, open_store


def test_default_is_a_database_in_the_project_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert default_uri(tmp_path) == f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert default_uri(Path()) == "sqlite:///mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert default_uri(tmp_path) == "http://127.0.0.1:1"


def test_a_store_is_made_once_and_found_again(store_uri: str, tmp_path: Path) -> None:
    first = open_store(store_uri, tmp_path, "stance")
    second = open_store(store_uri, tmp_path, "stance")
    assert first.experiment_id == second.experiment_id
    place = first.client.get_experiment(first.experiment_id).artifact_location
    assert place == (tmp_path / "mlartifacts" / "stance").as_uri()


@pytest.mark.mistakes
@pytest.mark.parametrize("uri", ["mlruns", "file:///tmp/mlruns", ""])
def test_folders_are_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="no longer writes to folders"):
        open_store(uri, tmp_path, "stance")


@pytest.mark.mistakes
def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("surely not a database " * 100)
    with pytest.raises(TrackingError, match=r"mlflow\.db: the database cannot be written"):
        open_store(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path, "stance")


@pytest.mark.mistakes
@pytest.mark.slow
def test_a_locked_database(store_uri: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mlflow.db") as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TrackingError, match="locked"):
            open_store(store_uri, tmp_path, "stance")
        holder.rollback()
    holder.close()


@pytest.mark.mistakes
def test_nobody_answers(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"http://user:secret@127.0.0.1:{probe.getsockname()[1]}"
    start = time.monotonic()
    with pytest.raises(TrackingError, match="no MLflow server answers within 5 s") as told:
        open_store(uri, tmp_path, "stance")
    assert time.monotonic() - start < 6
    assert "secret" not in str(told.value)


@pytest.mark.mistakes
@pytest.mark.slow
def test_somebody_who_never_answers(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        start = time.monotonic()
        with pytest.raises(TrackingError, match="no MLflow server answers within 5 s"):
            open_store(f"http://127.0.0.1:{deaf.getsockname()[1]}", tmp_path, "stance")
        assert time.monotonic() - start < 12


@pytest.mark.mistakes
@pytest.mark.slow
def test_a_server_that_is_no_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(TrackingError, match="cannot be used"):
                open_store(f"http://127.0.0.1:{server.server_port}", tmp_path, "stance")
        finally:
            server.shutdown()
