"""Tables of any length: in order, in flat memory, and gone on with where a run was killed."""

import csv
import fcntl
import gzip
import json
import os
import pty
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from stanceml.corpus.columns import Columns
from stanceml.exceptions import DataError
from stanceml.files import sha256
from stanceml.inference.sealed import load_model
from stanceml.inference.vocabulary import in_utf8
from stanceml.tables.rows import Row
from stanceml.tables.tables import Table
from stanceml.workflows.predict import KeptColumns, blocks
from stanceml.workflows.streaming import Labelling, judged_rows, label_to_file, model_digest

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden" / "model-1"
WORDS = ("backs", "kyiv", "rejects", "waits")
FORMATS = ("jsonl", "csv", "tsv")


def quiet(*told: object) -> None:
    """Hear nothing."""


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of four words: what is measured with it is the reading and the writing."""
    folder = tmp_path_factory.mktemp("models") / "four words"
    folder.mkdir()
    facts = json.loads((GOLDEN / "model.json").read_text())
    space = {"source": "text", "kind": "word", "orders": [1, 1], "sublinear_tf": True}
    facts["spaces"] = [space | {"normalisation": "l2", "lexicon": None, "n_features": 4}]
    terms, term_ends = in_utf8(WORDS)
    arrays = {
        "intercept": np.array([0.1, 0.0, 0.2]),
        "0.terms": terms,
        "0.term_ends": term_ends,
        "0.idf": np.ones(4),
        "0.coefficients": np.arange(12, dtype=np.float64).reshape(4, 3) % 5 - 2,
    }
    (folder / "model.json").write_text(json.dumps(facts))
    (folder / "arrays.safetensors").write_bytes(save(arrays))
    sums = [
        f"{sha256((folder / name).read_bytes())}  {name}\n"
        for name in ("model.json", "arrays.safetensors")
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def _table(path: Path, n_rows: int) -> Path:
    """Write rows with all that is hard to put back together: quotes, ends of lines, blanks."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "note", "stance"])
        for number in range(n_rows):
            text = f"Kyiv {WORDS[number % 4]}, “{number}”." if number % 97 else " "
            note = ("", 'a "quote"\nand, a line', "tab\there", "=1+1", "\rreturn")[number % 5]
            writer.writerow([number, text, note, ("pro", "")[number % 2]])
    return path


def _job(model: Path, path: Path, format: str, **given: Any) -> Labelling:
    table = Table(path, given.pop("input_format", "csv"))
    columns = given.pop("columns", Columns())
    return Labelling(load_model(model), model_digest(model), table, columns, format, **given)


def _whole(model: Path, path: Path, format: str, folder: Path) -> bytes:
    output = folder / f"whole.{format}"
    label_to_file(_job(model, path, format), output, quiet, quiet)
    return output.read_bytes()


class Stopped(Exception):
    """What stops a run in the tests."""


def _stopped(job: Labelling, output: Path, after: int) -> list[str]:
    """Begin to label, and stop when so many blocks are written."""
    seen: list[int] = []
    told: list[str] = []

    def progress(done: int, expected: int | None) -> None:
        seen.append(done)
        if len(seen) == after:
            raise Stopped

    with pytest.raises(Stopped):
        label_to_file(job, output, told.append, progress)
    return told


@pytest.mark.parametrize("format", FORMATS)
def test_rows_come_out_in_order_and_nothing_is_left_beside_them(
    small_model: Path, tmp_path: Path, format: str
) -> None:
    path = _table(tmp_path / "rows.csv", 5000)
    output = tmp_path / "out" / f"rows.{format}"
    counts: list[tuple[int, int | None]] = []
    job = _job(small_model, path, format)
    n_failed = label_to_file(job, output, quiet, lambda *done: counts.append(done))
    assert n_failed == 52
    assert [path.name for path in output.parent.iterdir()] == [output.name]
    assert [done for done, _ in counts] == [4096, 5000]
    assert counts[-1] == (5000, 5000)
    rows = [row.values for row in Table(output, format).rows()]
    ids = [int(str(row["id"])) for row in rows]
    assert ids == list(range(5000))
    given = [row.values for row in Table(path, "csv").rows()]
    kept = [{"input_stance": row.pop("stance"), **row} for row in given]
    assert [{name: row[name] for name in kept[0]} for row in rows] == kept


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("cut", [1, 2000])
def test_a_torn_last_line_is_dropped(
    small_model: Path, tmp_path: Path, format: str, cut: int
) -> None:
    path = _table(tmp_path / "rows.csv", 5000)
    whole = _whole(small_model, path, format, tmp_path)
    output = tmp_path / f"out.{format}"
    told = _stopped(_job(small_model, path, format), output, after=1)
    part = tmp_path / f"out.{format}.part"
    assert f"4096 rows are kept in {part}: --resume goes on behind them" in told
    assert not output.exists()
    part.write_bytes(part.read_bytes()[: -cut or None])
    n_failed = label_to_file(_job(small_model, path, format), output, quiet, quiet, resume=True)
    assert output.read_bytes() == whole
    assert n_failed == 52
    assert not part.exists()
    assert not part.with_name(f"{part.name}.json").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_any_beginning_can_be_gone_on_with(small_model: Path, tmp_path: Path, format: str) -> None:
    path = _table(tmp_path / "rows.csv", 300)
    whole = _whole(small_model, path, format, tmp_path)
    job = _job(small_model, path, format)
    output, part = tmp_path / "rows", tmp_path / "rows.part"
    for length in [*range(0, 900, 29), *range(len(whole) - 60, len(whole), 9), len(whole)]:
        part.write_bytes(whole[:length])
        part.with_name("rows.part.json").write_text(json.dumps(job.facts))
        assert label_to_file(job, output, quiet, quiet, resume=True) == 4
        assert output.read_bytes() == whole
        output.unlink()


@pytest.fixture
def stopped(small_model: Path, tmp_path: Path) -> Callable[[], Path]:
    """Rows whose labelling was stopped behind the first block."""

    def begin() -> Path:
        path = _table(tmp_path / "rows.csv", 4200)
        _stopped(_job(small_model, path, "csv"), tmp_path / "out.csv", after=1)
        return path

    return begin


def _refused(job: Labelling, output: Path) -> str:
    part = output.with_name(f"{output.name}.part")
    before = part.read_bytes()
    with pytest.raises(DataError) as caught:
        label_to_file(job, output, quiet, quiet, resume=True)
    assert part.read_bytes() == before
    assert not output.exists()
    return str(caught.value)


def test_another_input_is_refused(stopped: Any, small_model: Path, tmp_path: Path) -> None:
    path = stopped()
    content = path.read_bytes()
    output = tmp_path / "out.csv"
    path.write_bytes(content.replace("“1234”".encode(), "“1235”".encode()))
    message = _refused(_job(small_model, path, "csv"), output)
    assert f"{output}.part: cannot be gone on with: row 1235 is not that of line" in message
    _table(path, 100)
    assert "the input has 100 rows, and more are there" in _refused(
        _job(small_model, path, "csv"), output
    )
    path.write_bytes(content.replace(b"id,text", b"no,text", 1))
    assert "its first line has other columns" in _refused(_job(small_model, path, "csv"), output)


def test_other_options_are_refused(stopped: Any, small_model: Path, tmp_path: Path) -> None:
    path, output = stopped(), tmp_path / "out.csv"
    message = _refused(_job(small_model, path, "tsv"), output)
    assert "it was written with other options (format was csv, is tsv)" in message
    message = _refused(_job(small_model, path, "csv", columns=Columns(holder="note")), output)
    assert "other options (columns was" in message
    message = _refused(_job(small_model, path, "csv", spreadsheet_safe=True), output)
    assert "spreadsheet_safe was False, is True" in message


def test_another_model_is_refused(stopped: Any, small_model: Path, tmp_path: Path) -> None:
    path, output = stopped(), tmp_path / "out.csv"
    assert "it was written with another model" in _refused(_job(GOLDEN, path, "csv"), output)


@pytest.mark.parametrize("facts", [None, "", "[]", "{", "[" * 100_000])
def test_rows_of_unknown_origin_are_refused(
    stopped: Any, small_model: Path, tmp_path: Path, facts: str | None
) -> None:
    path, output = stopped(), tmp_path / "out.csv"
    notes = tmp_path / "out.csv.part.json"
    notes.unlink() if facts is None else notes.write_text(facts)
    message = _refused(_job(small_model, path, "csv"), output)
    assert "begin anew, without --resume" in message


@pytest.mark.mistakes
def test_two_runs_do_not_write_one_file(stopped: Any, small_model: Path, tmp_path: Path) -> None:
    path, output = stopped(), tmp_path / "out.csv"
    with (tmp_path / "out.csv.part").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for resume in (True, False):
            with pytest.raises(DataError, match="another run is writing it"):
                label_to_file(_job(small_model, path, "csv"), output, quiet, quiet, resume=resume)


def test_without_resume_older_rows_are_told_and_replaced(
    stopped: Any, small_model: Path, tmp_path: Path
) -> None:
    path, output = stopped(), tmp_path / "out.csv"
    told: list[str] = []
    label_to_file(_job(small_model, path, "csv"), output, told.append, quiet)
    assert any(line.startswith(f"{output}.part of an unfinished run will be") for line in told)
    assert output.read_bytes() == _whole(small_model, path, "csv", tmp_path)
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.mistakes
def test_older_rows_stay_until_there_are_new_ones(
    stopped: Any, small_model: Path, tmp_path: Path
) -> None:
    path, output = stopped(), tmp_path / "out.csv"
    before = (tmp_path / "out.csv.part").read_bytes()
    path.write_text("text\nopen,\n")
    with pytest.raises(DataError, match="line 2: 2 fields"):
        label_to_file(_job(small_model, path, "csv"), output, quiet, quiet)
    assert (tmp_path / "out.csv.part").read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_nothing_to_resume_is_told(small_model: Path, tmp_path: Path) -> None:
    path, told = _table(tmp_path / "rows.csv", 5), []
    job = _job(small_model, path, "csv")
    label_to_file(job, tmp_path / "out.csv", told.append, quiet, resume=True)
    assert any("no unfinished output there" in line for line in told)
    assert (tmp_path / "out.csv").exists()


@pytest.mark.mistakes
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_columns_that_come_late(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    rows = [{"text": f"Kyiv waits, {number}."} for number in range(5000)]
    rows[4500]["source"] = "a paper"
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    output = tmp_path / "out.csv"
    if kind == "file":
        label_to_file(_job(small_model, path, "csv", input_format="jsonl"), output, quiet, quiet)
        found = [row.values["source"] for row in Table(output, "csv").rows()]
        assert found == [row.get("source", "") for row in rows]
        return
    with path.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        job = _job(small_model, Path("-"), "csv", input_format="jsonl")
        with pytest.raises(DataError, match="standard input, line 4501: column 'source' is not"):
            label_to_file(job, output, quiet, quiet)
    assert not output.exists()


@pytest.mark.parametrize("names", [["stance", "input_stance"], ["input_stance", "stance"]])
def test_no_two_columns_become_one(small_model: Path, names: list[str]) -> None:
    told: list[str] = []
    kept = KeptColumns(load_model(small_model), told.append)
    names += ["input_input_stance", "input_error", "probability_favor", "input_", "inputs", "a"]
    values: dict[str, object] = {name: name for name in names}
    found = kept(values)
    assert len(found) == len(names)
    assert not set(found) & {"stance", "probability_favor", "error"}
    assert {name for name, value in found.items() if name == value} == {"input_", "inputs", "a"}
    assert len(told) == 5
    kept(values)
    assert len(told) == 5


def test_what_was_labelled_can_be_labelled_again(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows-0.csv"
    path.write_text("text,stance\nKyiv waits.,x\n")
    for number in (1, 2):
        output = tmp_path / f"rows-{number}.csv"
        label_to_file(_job(small_model, path, "csv"), output, quiet, quiet)
        path = output
    (row,) = judged_rows(_job(small_model, path, "table"), quiet)
    assert row.values["input_input_input_stance"] == "x"
    assert row.values["input_input_probability"] == row.values["input_probability"]
    assert float(str(row.values["input_probability"])) == row.prediction["probability"]


def test_blocks_of_long_rows_are_short() -> None:
    rows = [Row(number, {"text": "x" * 1_000_000}) for number in range(10)]
    found = list(blocks(rows))
    assert [row for block in found for row in block] == rows
    assert max(map(len, found)) <= 5


def _command(model: Path, *words: object) -> list[str]:
    start = [sys.executable, "-m", "stanceml.cli", "predict", "--model"]
    return [*start, str(model), *map(str, words)]


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_killed_at_any_moment_no_row_is_lost_or_doubled(
    small_model: Path, tmp_path: Path, format: str
) -> None:
    path = _table(tmp_path / "rows.csv", 40_000)
    whole = _whole(small_model, path, format, tmp_path)
    output = tmp_path / f"out.{format}"
    command = _command(small_model, "-i", path, "-o", output, "--resume")
    chance = random.Random(7)  # noqa: S311
    n_killed = 0
    for _ in range(5):
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.6))
        process.kill()
        n_killed += process.wait() == -9
        if output.exists():
            assert output.read_bytes() == whole
            output.unlink()
    assert n_killed
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 3
    assert output.read_bytes() == whole
    assert not list(tmp_path.glob("*.part*"))


def _peak(command: list[str], stdin: Path, folder: Path) -> int:
    """Run a command, and give the most memory that it took, in megabytes."""
    # A small process in between: the peak of a child begins with the size of its parent.
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
    )
    with stdin.open("rb") as file, (folder / "out").open("wb") as out:
        words = [sys.executable, "-c", measure, *command]
        done = subprocess.run(words, stdin=file, stdout=out, stderr=subprocess.PIPE, check=True)
    return int(done.stderr) // 1024


@pytest.mark.parametrize("kind", ["txt", "jsonl", "parquet"])
def test_memory_is_flat(small_model: Path, tmp_path: Path, kind: str) -> None:
    peaks = []
    for n_rows in (30_000, 300_000 if kind != "parquet" else 150_000):
        path = tmp_path / f"rows-{n_rows}"
        # Words come again, as in any language: what is remembered of them has its limit.
        texts = [f"Kyiv waits, {number % 20_000}." for number in range(n_rows)]
        if kind == "parquet":
            import pandas as pd

            pd.DataFrame({"text": texts}).to_parquet(path)
        else:
            path.write_text(
                "".join(
                    (json.dumps({"text": text}) if kind == "jsonl" else text) + "\n"
                    for text in texts
                )
            )
        command = _command(small_model, "-i", "-", "--input-format", kind, "--format", "jsonl")
        peaks.append(_peak(command, path, tmp_path))
        with (tmp_path / "out").open() as out:
            assert sum(1 for _ in out) == n_rows
    assert peaks[1] < 300
    assert peaks[1] - peaks[0] < 25


@pytest.mark.mistakes
def test_one_line_of_fifty_megabytes_is_refused_without_holding_it(
    small_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("x" * 50_000_000)
    done = subprocess.run(
        _command(small_model, "-i", path, "--format", "jsonl"),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (400 << 20, 400 << 20)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "line 1: longer than 16777216 characters" in done.stderr


@pytest.mark.mistakes
@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_whoever_has_read_enough_hears_no_complaint(
    small_model: Path, tmp_path: Path, format: str
) -> None:
    path = tmp_path / "rows.txt.gz"
    path.write_bytes(gzip.compress(b"Kyiv waits.\n" * 50_000))
    words = _command(small_model, "-i", path, "--format", format)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_a_terminal_is_told_how_far_it_is(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("Kyiv waits.\n" * 60_000)
    ours, theirs = pty.openpty()
    command = _command(small_model, "-i", path, "--format", "csv")
    with (tmp_path / "out.csv").open("wb") as out:
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
        process = subprocess.Popen(command, stdout=out, stderr=theirs, env=environment)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert process.wait(30) == 0
    assert "rows/s" in shown.decode()
    assert "predicting" in shown.decode()
    # The bar keeps to its side.
    with (tmp_path / "out.csv").open() as out:
        assert sum(1 for _ in out) == 60_001


@pytest.mark.mistakes
def test_a_full_disk_is_told(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("Kyiv waits.\n" * 20_000)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    command = _command(small_model, "-i", path, "-o", tmp_path / "out.csv")
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 1
    kept, complaint = done.stderr.splitlines()
    assert "rows are kept in" in kept
    assert "out.csv.part: cannot be written (File too large)" in complaint
    assert subprocess.run([*command, "--resume"], capture_output=True).returncode == 0
    assert (tmp_path / "out.csv").read_bytes() == _whole_of(small_model, path, tmp_path)


def _whole_of(model: Path, path: Path, folder: Path) -> bytes:
    output = folder / "whole.csv"
    label_to_file(_job(model, path, "csv", input_format="txt"), output, quiet, quiet)
    return output.read_bytes()


def test_the_model_is_known_by_what_it_predicts_from(small_model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(small_model, tmp_path / "copy")
    with (copy / "SHA256SUMS").open("a") as sums:
        sums.write(f"{'0' * 64}  README.md\n")
    assert model_digest(copy) == model_digest(small_model) != model_digest(GOLDEN)
