"""Every option of every command, given nonsense: one clear line, at once, and nothing left behind.

The commands and their options are found by looking: a new one is attacked without a line here.
"""

import io
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from stanceml.cli.commands import app
from stanceml.cli.main import main
from stanceml.exceptions import STRANGE

pytestmark = pytest.mark.mistakes

MODEL = str(Path(__file__).parent / "golden" / "model-1")
CONFIG = """
name: words
features: [{source: text, kind: word, orders: [1, 1]}]
classifier: {kind: ridge}
evaluation: {n_splits: 5, n_repeats: 1, n_bootstraps: 100, n_permutations: 2}
"""
SWEEP = "base: words.yaml\nsearch: {kind: grid}\nspace: {classifier.alpha: [0.3, 1]}\n"

#: What else each command needs, so that it gets as far as looking at the option under attack.
#: Nothing here trains: the rows are too few for the folds.
NEEDED: dict[str, list[str]] = {
    "train": ["--data", "rows.csv", "--configs", "words.yaml", "--tracking-uri", "mlruns"],
    "sweep": ["sweep.yaml", "--data", "rows.csv", "--tracking-uri", "mlruns"],
    "predict": ["--input", "rows.csv", "--model", MODEL],
    "evaluate": [MODEL, "rows.csv"],
    "examine": ["words.yaml", "--data", "rows.csv"],
    "ablate": ["words.yaml", "--data", "rows.csv"],
    "benchmark": ["newsmtsc", "--data-dir", "folder"],
    "audit": ["rows.csv"],
    "agreement": ["rows.csv", "rows.csv"],
}

VALUES = [
    None,  # the value is missing
    "",
    " ",
    "0",
    "-1",
    "9" * 400,
    "1e999",
    "-",
    "--",
    "--help=x",
    "=",
    "a=b",
    "rows.csv",
    "words.yaml",
    "folder",
    "folder.csv",
    "gone.csv",
    "rows.csv/below.csv",
    "no/such/folder/new.csv",
    "pipe.csv",
    "zero.csv",
    "zero.yaml",
    "locked.csv",
    "🦊 with spaces.csv",
    "\udcff\udcfe.csv",
    "\x1b[31mred\x07\u202e.csv",
    "two\nlines.csv",
    "a" * 1_000_000,
    "../" * 500 + "x.csv",
]
URIS = [
    None,
    "a" * 1_000_000,
    "\udcff\x1b[31m",
    "databricks",
    "databricks://profile",
    "file:./mlruns",
    "sqlite://",
    "sqlite:///folder",
    "sqlite:////dev/zero",
    "postgresql://",
    "ftp://x",
    "http://[",
]


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Find every command, with the words that call it."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        if not hasattr(command, "commands"):
            yield words, command
            return
        for name, inner in command.commands.items():
            yield from below(inner, (*words, name))

    return below(typer.main.get_command(app), ())


#: The words of a command, and one of its options; an argument has none.
TARGETS = [
    (words, parameter.opts[0] if parameter.param_type_name == "option" else "")
    for words, command in commands()
    for parameter in command.params
]


@pytest.fixture
def attack(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Callable[[list[str]], int]]:
    """Run a command line in a folder of snares, and look at what it says and leaves."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    rows = "Kyiv waits.,favor,s1\nMoscow waits.,against,s2\n"
    for name in ("rows.csv", "🦊 with spaces.csv", "locked.csv"):
        Path(name).write_text(f"text,stance,sentence_id\n{rows}")
    Path("words.yaml").write_text(CONFIG)
    Path("sweep.yaml").write_text(SWEEP)
    for name in ("folder", "folder.csv"):
        Path(name).mkdir()
    Path("zero.csv").symlink_to("/dev/zero")
    Path("zero.yaml").symlink_to("/dev/zero")
    Path("locked.csv").chmod(0)
    os.mkfifo("pipe.csv")
    done = threading.Event()
    closing = threading.Thread(target=_close_what_waits, args=(Path("pipe.csv").resolve(), done))
    closing.start()

    def run(words: list[str]) -> int:
        before = _listing(tmp_path)
        start = time.process_time()
        with pytest.raises(SystemExit) as ended:
            main(words)
        seconds = time.process_time() - start
        out, err = capfd.readouterr()
        told = ascii([word[:60] for word in words]) + "\n" + err[-3000:]
        assert ended.value.code in (0, 1, 2, 3), told
        assert "Traceback" not in err, told
        assert not STRANGE.search((out + err).replace("\n", "").replace("\t", "")), told
        assert seconds < 8, f"{seconds:.1f} s: {told}"
        complaints = [line for line in err.splitlines() if line.startswith("stanceml: ")]
        if ended.value.code in (0, 3) or ("audit" in words and "bars missed" in err):
            assert not complaints, told
        else:
            assert err.splitlines()[-1:] == complaints, told
            assert len(complaints[0]) < 3000, told
            assert _listing(tmp_path) == before, told
        return int(ended.value.code)

    yield run
    done.set()
    closing.join()


def _listing(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()}


def _close_what_waits(pipe: Path, done: threading.Event) -> None:
    # Whoever opens a pipe waits for somebody who writes; this one writes nothing.
    while not done.wait(0.002):
        try:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            continue


def words_of(command: tuple[str, ...], option: str, value: str | None = None) -> list[str]:
    """Make a command line in which one option, or one argument more, has the value."""
    given = [] if value is None else [value]
    return [*command, *NEEDED.get(command[0], []), *([option] if option else []), *given]


def values_for(number: int, most: int) -> list[str | None]:
    """Choose values; an option that many commands share gets all of them over the commands."""
    option = TARGETS[number][1]
    values = URIS if "uri" in option else VALUES
    step = min(most, SHARED[option])
    return values[number % step :: step]


SHARED = Counter(option for _, option in TARGETS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", range(len(TARGETS)), ids=lambda n: " ".join(map(str, TARGETS[n]))
)
def test_an_option_with_nonsense(number: int, attack: Callable[[list[str]], int]) -> None:
    for value in values_for(number, 5):
        attack(words_of(*TARGETS[number], value))


def test_some_options_with_nonsense(attack: Callable[[list[str]], int]) -> None:
    for number, target in enumerate(TARGETS):
        if target[0][0] in ("predict", "agreement"):
            for value in values_for(number, 5)[::3]:
                attack(words_of(*target, value))
