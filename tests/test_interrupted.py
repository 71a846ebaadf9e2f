"""Ctrl-C, SIGTERM and kill -9, at any moment: one line, the right status, nothing torn."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stanceml import load_model
from stanceml.cli.interrupted import Interruption
from stanceml.config import read_experiment

CONFIG = """
name: words
features: [{source: text, kind: word, orders: [1, 1]}]
classifier: {kind: ridge}
evaluation: {n_splits: 3, n_repeats: 1, n_bootstraps: 100, n_permutations: 2}
"""
SWEEP = """
base: words.yaml
search: {kind: grid}
space: {classifier.alpha: [0.3, 1, 3]}
evaluation: {n_splits: 3, n_inner_splits: 2, n_bootstraps: 100, n_permutations: 2}
"""
COMMANDS = {
    "train": ("train", "--data", "rows.csv", "--configs", "words.yaml", "-o", "models/tiny"),
    "sweep": ("sweep", "sweep.yaml", "--data", "rows.csv"),
}


@pytest.fixture
def folder(tmp_path: Path, store_template: Path) -> Path:
    """A project that trains in a moment."""
    verbs = {"favor": "welcomes backs", "against": "rejects opposes", "neutral": "notes mentions"}
    rows = [
        f"The envoy {verb} the plan on day {day}.,{label}"
        for day in range(4)
        for label, words in verbs.items()
        for verb in words.split()
    ]
    (tmp_path / "rows.csv").write_text("\n".join(["text,stance", *rows]) + "\n")
    (tmp_path / "words.yaml").write_text(CONFIG)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    (tmp_path / "tmp").mkdir()
    shutil.copy(store_template, tmp_path / "mlflow.db")
    return tmp_path


def start(command: str, folder: Path, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "stanceml.cli", *COMMANDS[command], *more],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until_signals_are_taken(process: "subprocess.Popen[str]") -> None:
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        pytest.skip("needs /proc")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        caught = next(line for line in status.read_text().splitlines() if "SigCgt" in line)
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
    raise AssertionError("nobody listens")


def wait_for(process: "subprocess.Popen[str]", told: str) -> None:
    assert process.stderr
    for line in process.stderr:
        if told in line:
            return
    raise AssertionError(process.wait())


def wait_until_gone(group: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("a process lives on")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_before_anything_is_imported(number: int, status: int, folder: Path) -> None:
    for pause in (0, 0.02, 0.05, 0.1):
        process = start("train", folder)
        wait_until_signals_are_taken(process)
        time.sleep(pause)
        process.send_signal(number)
        told, complaint = process.communicate(timeout=60)
        assert (process.returncode, told) == (status, "")
        assert complaint == "stanceml: interrupted\n"


def test_nothing_stands_before_the_first_line() -> None:
    code = (
        "import sys; before = set(sys.modules); import stanceml.cli.main; "
        "print({name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = ("typer", "numpy", "pandas", "rich", "threading", "argparse")
    assert not any(name in done.stdout for name in heavy)


def test_a_signal_that_the_shell_turned_off_stays_off() -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from stanceml.cli.interrupted import Interruption\n"
        "one = Interruption(); one.listen(); signal.raise_signal(signal.SIGINT)\n"
        "assert not one"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_interruption_where_python_cannot_raise_is_not_lost() -> None:
    code = (
        "import signal, sys, time\n"
        "from stanceml.cli.interrupted import Interruption\n"
        "class Dying:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGTERM)\n"
        "one = Interruption(); one.listen()\n"
        "try:\n"
        "    dying = Dying(); del dying\n"
        "    time.sleep(20)\n"
        "except KeyboardInterrupt:\n"
        "    one.leave()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=15)
    assert (done.returncode, done.stderr) == (143, "")


def test_no_signal_no_interruption() -> None:
    assert not Interruption()


@pytest.mark.slow
def test_an_impatient_hand_while_runs_are_logged(folder: Path) -> None:
    process = start("train", folder, "--jobs", "2")
    wait_for(process, "logging the runs")
    for _ in range(8):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.05)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert complaint == "stanceml: interrupted\n"
    wait_until_gone(process.pid)
    assert not (folder / "models" / "tiny").exists()
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_ten_moments(command: str, folder: Path) -> None:
    moments = random.Random(20)  # noqa: S311 -- moments, not secrets
    for _ in range(5):
        pair = []
        for name in ("a", "b"):
            one = folder / name
            if not one.exists():
                one.mkdir()
                for file in ("rows.csv", "words.yaml", "sweep.yaml", "mlflow.db"):
                    shutil.copy(folder / file, one)
                (one / "tmp").mkdir()
            pair.append(start(command, one, "--jobs", "2"))
        for process in pair:
            time.sleep(moments.uniform(0.2, 2.2))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        for process in pair:
            wait_until_gone(process.pid)
        assert_whole(folder / "a")
        assert_whole(folder / "b")
    process = start(command, folder / "a", "--jobs", "1")
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    assert_whole(folder / "a")
    assert list((folder / "a" / "tmp").iterdir()) == []
    with closing(sqlite3.connect(folder / "a" / "mlflow.db")) as database:
        statuses = {status for (status,) in database.execute("SELECT status FROM runs")}
    assert "FINISHED" in statuses
    assert statuses <= {"FINISHED", "KILLED"}


def assert_whole(folder: Path) -> None:
    """Check that whatever has its name is complete."""
    model = folder / "models" / "tiny"
    if model.exists():
        assert load_model(model).predict(["Moscow waits."]).shape == (1,)
    best = folder / "sweeps" / "sweep" / "best.yaml"
    if best.exists():
        assert read_experiment(best).name == "sweep-best"
    for journal in folder.glob("sweeps/*/*.jsonl"):
        *whole, _ = journal.read_text().split("\n")  # the last line may be torn
        assert all(json.loads(line) for line in whole)
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that is full after a few kilobytes."""
    place = tmp_path / "small"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system of its own")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.mistakes
@pytest.mark.slow
@pytest.mark.parametrize("what", ["temporary files", "the model"])
def test_a_full_disk(what: str, folder: Path, small_disk: Path) -> None:
    words = list(COMMANDS["train"])
    if what == "the model":
        words[-1] = str(small_disk / "tiny")
    else:
        (folder / "tmp").rmdir()
        (folder / "tmp").symlink_to(small_disk)
    process = subprocess.run(
        [sys.executable, "-m", "stanceml.cli", *words, "--jobs", "1"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        capture_output=True,
        text=True,
        check=False,
    )
    *_, complaint = process.stderr.splitlines()
    assert process.returncode == 1, process.stderr
    assert complaint.startswith("stanceml: ")
    assert "No space left on device" in complaint
    assert str(small_disk if what == "the model" else "stanceml-") in complaint
    assert "Traceback" not in process.stderr
    assert list(small_disk.iterdir()) == []
    assert not (folder / "models" / "tiny").exists()
    assert_whole(folder)


@pytest.mark.mistakes
@pytest.mark.slow
def test_a_limit_on_files_is_told_by_the_store(folder: Path) -> None:
    code = (
        "import resource, sys; from stanceml.cli.main import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, *COMMANDS["train"], "--jobs", "1"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    complaint = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert complaint.startswith("stanceml: sqlite:///mlflow.db: ")
    assert_whole(folder)


@pytest.mark.mistakes
@pytest.mark.slow
def test_too_few_groups_are_told_with_the_file(folder: Path) -> None:
    (folder / "rows.csv").write_text("text,stance\nNATO waits.,favor\nMoscow waits.,against\n")
    for command in COMMANDS:
        process = start(command, folder, "--jobs", "1")
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 1
        assert complaint.startswith("stanceml: rows.csv: 2 groups (by text)"), complaint
