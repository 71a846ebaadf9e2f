"""Trainings that share a store, and stores that are none: whole runs, and one line at once."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pytest

from stanceml.exceptions import STRANGE, TrackingError
from stanceml.tracking.store import open_store

pytestmark = pytest.mark.mistakes

CONFIG = """
name: words
features: [{source: text, kind: word, orders: [1, 1]}]
classifier: {kind: ridge}
evaluation: {n_splits: 2, n_repeats: 1, n_bootstraps: 100, n_permutations: 0}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project that trains in a moment, and has no store."""
    verbs = {"favor": "welcomes", "against": "rejects"}
    rows = [
        f"The envoy {verb} the plan on day {day}.,{label}"
        for day in range(6)
        for label, verb in verbs.items()
    ]
    (tmp_path / "rows.csv").write_text("\n".join(["text,stance", *rows]) + "\n")
    (tmp_path / "words.yaml").write_text(CONFIG)
    return tmp_path


def start(folder: Path, number: int) -> "subprocess.Popen[str]":
    words = ["train", "--data", "rows.csv", "--configs", "words.yaml", "--jobs", "1"]
    # Of one name, so that their runs go into one experiment.
    output = folder / f"models-{number}" / "tiny"
    return subprocess.Popen(
        [sys.executable, "-m", "stanceml.cli", *words, "-o", str(output)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def statuses(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        return [status for (status,) in database.execute("SELECT status FROM runs")]


def assert_runs_are_whole(folder: Path, n_runs: int) -> None:
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        experiments = database.execute("SELECT name FROM experiments").fetchall()
        assert experiments.count(("tiny",)) == 1
        runs = database.execute("SELECT run_uuid, artifact_uri FROM runs").fetchall()
        assert len(runs) == n_runs
        for run, place in runs:
            of_run = "FROM {} WHERE run_uuid = ?"
            for table, least in (("latest_metrics", 13), ("params", 6), ("tags", 8)):
                (count,) = database.execute(
                    f"SELECT count(*) {of_run.format(table)}",
                    (run,),
                ).fetchone()
                assert count >= least, (table, count)
            artifacts = Path(place.removeprefix("file://"))
            assert {"report.json", "model_card.md", "confusion_matrix.png"} <= {
                path.name for path in artifacts.iterdir()
            }


@pytest.mark.slow
def test_four_trainings_at_once_make_one_store_and_four_runs(folder: Path) -> None:
    started = [start(folder, number) for number in range(4)]
    told = [process.communicate(timeout=240)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, told
    assert statuses(folder) == ["FINISHED"] * 4
    assert_runs_are_whole(folder, 4)
    assert not [path for path in folder.iterdir() if path.name.endswith(".tmp")]


@pytest.mark.slow
def test_asked_to_end_while_a_run_is_written(folder: Path, store_template: Path) -> None:
    shutil.copy(store_template, folder / "mlflow.db")
    process = start(folder, 0)
    deadline = time.monotonic() + 120
    while not statuses(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 143, complaint
    assert complaint.splitlines()[-1] == "stanceml: interrupted"
    assert not (folder / "models-0" / "tiny").exists()
    second = start(folder, 1)
    _, complaint = second.communicate(timeout=120)
    assert second.returncode == 0, complaint
    first, last = statuses(folder)
    assert first in ("FAILED", "KILLED")
    assert last == "FINISHED"


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("file:./mlruns", "no longer writes to folders"),
        ("mlruns", "no longer writes to folders"),
        ("/tmp/mlruns", "no longer writes to folders"),  # noqa: S108 -- never written
        ("sqlite://", "no place for runs; expected sqlite:///FILE"),
        ("sqlite:///", "no place for runs; expected sqlite:///FILE"),
        ("sqlite:///:memory:", "no place for runs"),
        ("sqlite:///folder", "the database cannot be written"),
        ("sqlite:///rows.csv", "the database cannot be written"),
        ("sqlite:///rows.csv/x.db", "the database cannot be written"),
        ("sqlite:////dev/null", "the database cannot be written"),
        ("sqlite:////dev/zero", "the database cannot be written"),
        ("postgresql://nohost.invalid/x", "no MLflow server answers"),
        ("postgresql:///x", "it names no host"),
        ("mysql://", "it names no host"),
        ("ftp://x", "no store is known by 'ftp'"),
        ("sqlit:///x.db", "did you mean 'sqlite'?"),
        ("javascript:alert(1)", "no store is known by 'javascript'"),
        ("http://", "it names no host"),
        ("http://a:99999", "no address"),
        ("http://[::1", "no address"),
        ("http://x\x1b[31m.invalid", "no "),
        ("http://\udcff.invalid", "no "),
        ("databricks", "databricks"),
        ("databricks://x", "databricks"),
        ("databricks-uc", "databricks"),
    ],
)
def test_a_store_that_is_none_is_told_at_once(
    uri: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("DATABRICKS")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    Path("folder").mkdir()
    before = sorted(Path().rglob("*"))
    start = time.monotonic()
    with pytest.raises(TrackingError) as told:
        open_store(uri, folder, "stance")
    assert time.monotonic() - start < 12  # MLflow is imported for some
    assert said in str(told.value)
    assert not STRANGE.search(str(told.value))
    assert len(str(told.value)) < 500
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize("name", ["a folder", "🦊", "per%20cent", "semi;colon", "it's"])
def test_a_database_in_a_folder_with_a_name(
    name: str, folder: Path, store_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    place = folder / unquote(name)
    place.mkdir()
    shutil.copy(store_template, place / "x.db")
    store = open_store(f"sqlite:///{name}/x.db", folder, "stance")
    assert store.experiment_id
    assert [path.name for path in place.iterdir()] == ["x.db"]


@pytest.mark.slow
def test_pages_end_with_whoever_serves_them(folder: Path, store_template: Path) -> None:
    shutil.copy(store_template, folder / "mlflow.db")
    open_store(f"sqlite:///{folder / 'mlflow.db'}", folder, "stance")
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(
            [sys.executable, "-m", "stanceml.cli", "ui"],
            cwd=folder,
            env={key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout
        link = process.stdout.readline()
        port = int(link.split(":")[2].split("/")[0])
        process.send_signal(number)
        process.wait(timeout=30)
        process.stdout.close()
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and _answers(port):
            time.sleep(0.1)
        assert not _answers(port)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
