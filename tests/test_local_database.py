"""The database of runs on this machine: what else may stand in its place, or happen to it."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from stanceml import load_model
from stanceml.exceptions import TrackingError
from stanceml.tracking.local_database import alone, is_alive, look_at_database, prepare_database
from stanceml.tracking.store import import_mlflow, open_store
from stanceml.tracking.ui import serve_ui
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.train import train


def both(uri: str, folder: Path) -> list[str]:
    """Open a store for writing and for looking, and give what is told."""
    told = []
    for use in (
        lambda: open_store(uri, folder, "stance"),
        lambda: serve_ui(uri, "stance", None, print),
    ):
        with pytest.raises(TrackingError) as error:
            use()
        told.append(str(error.value))
        assert told[-1].startswith(f"{uri}: ")
        assert "\n" not in told[-1]
    return told


def test_a_text(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.write_text("surely not a database " * 100)
    writing, looking = both(f"sqlite:///{path}", tmp_path)
    assert "cannot be written (file is not a database)" in writing
    assert "cannot be read (file is not a database)" in looking


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").mkdir()
    for told in both(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path):
        assert "unable to open database file" in told


@pytest.mark.mistakes
def test_a_file_in_place_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(TrackingError, match="cannot be written"):
        open_store(f"sqlite:///{tmp_path / 'runs' / 'mlflow.db'}", tmp_path, "stance")


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = path.read_bytes()
    for told in both(f"sqlite:///{path}", tmp_path):
        assert "a database of something else (with the table 'customers')" in told
    assert path.read_bytes() == before


def test_a_newer_schema(store_uri: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00dfeed1234'")
        connection.commit()
    for told in both(store_uri, tmp_path):
        assert "of a newer MLflow (schema 'f00dfeed1234'); upgrade MLflow" in told


@pytest.mark.mistakes
def test_nothing_there_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="no runs yet"):
        look_at_database(f"sqlite:///{tmp_path / 'mlflow.db'}")


def test_what_dead_processes_left_is_removed(store_template: Path, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not is_alive(gone.pid)
    (tmp_path / f".mlflow.db.{gone.pid}.tmp-journal").write_text("")
    (tmp_path / f".mlflow.db.{os.getppid()}.tmp").write_text("")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    prepare_database(uri, _copying(store_template))
    assert {path.name for path in tmp_path.iterdir()} == {
        "mlflow.db",
        f".mlflow.db.{os.getppid()}.tmp",
    }


def take_no_more_runs(path: Path) -> None:
    """Let SQLite refuse new runs, as on a disk that has turned read-only; root may write those."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON runs "
            "BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
        connection.commit()


@pytest.mark.mistakes
@pytest.mark.slow
def test_a_store_that_fails_in_the_middle_does_not_cost_the_model(
    store_uri: str, quick_configs: Path, seed_rows: Path, tmp_path: Path
) -> None:
    take_no_more_runs(tmp_path / "mlflow.db")
    rows, model = LabelledFile(seed_rows), tmp_path / "models" / "stance"
    with pytest.raises(TrackingError, match=r"'ridge' could not be logged .*readonly") as told:
        train(quick_configs, rows, model, store_uri, folder=tmp_path, n_jobs=1)
    assert f"the model ridge is saved in {model} all the same" in str(told.value)
    assert load_model(model).predict(["Moscow waits."]).shape == (1,)
    assert [path.name for path in model.parent.iterdir()] == ["stance"]


@pytest.mark.mistakes
def test_turned_read_only_after_it_was_opened(store_uri: str, tmp_path: Path) -> None:
    store = open_store(store_uri, tmp_path, "stance")
    take_no_more_runs(tmp_path / "mlflow.db")
    with pytest.raises(TrackingError, match=r"the run 'x' could not be logged .*readonly") as told:
        store.write("the run 'x'", lambda: store.client.create_run(store.experiment_id))
    assert "\n" not in str(told.value)


def _copying(template: Path) -> object:
    """Stand in for MLflow, which takes seconds to make a database."""

    class Client:
        def __init__(self, tracking_uri: str) -> None:
            shutil.copy(template, tracking_uri.removeprefix("sqlite:///"))

        def search_experiments(self, max_results: int) -> None:
            pass

    stand_in = type("Mlflow", (), {"MlflowClient": Client})
    return lambda: stand_in


def test_variables_that_name_a_run_of_others_have_no_part(
    store_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "abc")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "nonsense")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "-7")
    store = open_store(store_uri, tmp_path, "stance")
    with import_mlflow().start_run(experiment_id=store.experiment_id) as run:
        assert run.info.run_id != "abc"
        assert run.info.experiment_id == store.experiment_id


def test_one_writes_after_the_other_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    code = (
        "import sys; from pathlib import Path; from stanceml.tracking.local_database import alone\n"
        "with alone(Path('mlflow.db'), 60): print('writes', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "writes\n"
        start = time.monotonic()
        with alone(database, 0.3):
            assert time.monotonic() - start > 0.3
        other.communicate("")
    start = time.monotonic()
    with alone(database, 60):
        assert time.monotonic() - start < 5
    assert list(tmp_path.iterdir()) == []
