"""Strange surroundings: variables of nonsense, no home, no locale, narrow and dumb terminals."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stanceml.cli.environment import settle
from stanceml.inference.sealed import load_model

pytestmark = pytest.mark.slow

CONFIG = """
name: words
features: [{source: text, kind: word, orders: [1, 1]}]
classifier: {kind: ridge}
evaluation: {n_splits: 3, n_repeats: 1, n_bootstraps: 100, n_permutations: 2}
"""
LABELS = {"$5 pro $": "welcomes", "[/b]con`|": "rejects", "<script>é": "notes"}
STRANGE = {
    "nonsense in variables": {
        "MPLBACKEND": "nonsense",
        "MLFLOW_RUN_ID": "nonsense",
        "MLFLOW_EXPERIMENT_NAME": "nonsense",
        "PYTHONWARNINGS": "error",
        "TMPDIR": "/surely/not/there",
    },
    "no locale, no home, no colour": {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "HOME": "/proc/no-home",
        "XDG_CACHE_HOME": "/proc/no-cache",
        "XDG_CONFIG_HOME": "/proc/no-config",
        "COLUMNS": "20",
        "TERM": "dumb",
        "NO_COLOR": "1",
    },
}


def stanceml(folder: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "stanceml.cli", *words],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path, store_template: Path) -> Path:
    """A project whose folder and labels have every sign that means something somewhere."""
    folder = tmp_path / "with spaces, 100% #1? 🕊 [b] $x$"
    folder.mkdir()
    with (folder / "my $rows$ é.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "opinion", "the|day\u202e"])
        for day in range(12):
            for label, verb in LABELS.items():
                writer.writerow([f"The {verb} é \u202e $x$ 🕊 on {day}.", label, f"{day}{verb}"])
    (folder / "words.yaml").write_text(CONFIG)
    shutil.copy(store_template, folder / "mlflow.db")
    return folder


@pytest.mark.parametrize("kind", STRANGE)
def test_training_in_strange_surroundings(kind: str, folder: Path) -> None:
    words = ("train", "--data", "my $rows$ é.csv", "--configs", "words.yaml", "-o", "models/m")
    columns = ("--label-column", "opinion", "--group-column", "the|day\u202e", "--jobs", "1")
    done = stanceml(folder, *words, *columns, **STRANGE[kind])
    told = done.stderr.decode()
    assert done.returncode == 0, told
    assert told.splitlines() == [
        "36 rows in 36 groups (by the|day\\u202e), 1 experiment",
        "logging the runs",
    ]
    assert "words is saved in models/m" in done.stdout.decode("utf-8")
    model = load_model(folder / "models" / "m")
    assert model.classes_.tolist() == sorted(LABELS)
    card = (folder / "models" / "m" / "README.md").read_text(encoding="utf-8")
    assert "\u202e" not in card
    assert "`` [/b]con`| ``" in card
    assert r"| f1\_\$5 pro \$ |" in card
    for line in card.splitlines():
        if line.startswith("|"):
            assert line.replace(r"\|", "").count("|") == 3, line
    (ngrams,) = folder.glob("mlartifacts/*/*/artifacts/top_ngrams.csv")
    with ngrams.open(encoding="utf-8", newline="") as file:
        assert {row["stance"] for row in csv.DictReader(file)} == set(LABELS)


@pytest.mark.mistakes
def test_processes_in_strange_surroundings(folder: Path) -> None:
    words = ("train", "--data", "my $rows$ é.csv", "--configs", "words.yaml", "-o", "models/m")
    columns = ("--label-column", "opinion", "--jobs", "2")
    strange = STRANGE["nonsense in variables"] | STRANGE["no locale, no home, no colour"]
    done = stanceml(folder, *words, *columns, **strange)
    assert done.returncode == 0, done.stderr.decode()
    wrong = stanceml(folder, *words, *columns[:2], LOKY_MAX_CPU_COUNT="abc")
    assert wrong.returncode == 2
    assert wrong.stderr.decode().splitlines() == [
        "stanceml: the environment variable LOKY_MAX_CPU_COUNT is 'abc'; expected a whole number"
    ]


@pytest.mark.parametrize("columns", ["20", "1", "nonsense"])
def test_help_on_a_narrow_dumb_terminal(columns: str, tmp_path: Path) -> None:
    done = stanceml(tmp_path, "--help", COLUMNS=columns, TERM="dumb", NO_COLOR="1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout


@pytest.mark.mistakes
def test_a_mistake_without_a_locale(tmp_path: Path) -> None:
    done = stanceml(tmp_path, "train", "--data", "é🕊.csv", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 1
    (line,) = done.stderr.decode("utf-8").splitlines()
    assert line.startswith("stanceml: ")
    assert "Traceback" not in line


@pytest.mark.mistakes
def test_output_that_is_full(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with full.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "stanceml.cli", "--help"],
            cwd=tmp_path, stdout=file, stderr=subprocess.PIPE, check=False, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "stanceml: output: No space left on device\n"


def test_warnings_are_as_usual_again(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import warnings; from stanceml.cli.environment import settle; settle()\n"
        "warnings.warn('old', DeprecationWarning); warnings.warn('mind this')\n"
    )
    variables = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    )
    assert "mind this" in done.stderr
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    monkeypatch.setattr(sys, "warnoptions", [])
    settle()
    assert os.environ["MPLBACKEND"] == "agg"
