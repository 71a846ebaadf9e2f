"""Careless tables and options: one clear line, the right exit status, nothing left behind."""

import csv
import gzip
import json
import os
import subprocess
import sys
import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import typer
from pyarrow import parquet

from stanceml.cli import options
from stanceml.cli.main import main
from stanceml.exceptions import UsageError

pytestmark = [pytest.mark.slow, pytest.mark.mistakes]

MODEL = str(Path(__file__).parent / "golden" / "model-1")

Told = tuple[int, str, list[str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Run a command line in this process, in a folder of one's own."""
    monkeypatch.chdir(tmp_path)

    def told(*words: object) -> Told:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err.splitlines()

    return told


@pytest.fixture
def predict(run: Any) -> Any:
    """Run `stanceml predict` with a small model."""
    return lambda *words: run("predict", "--model", MODEL, *words)


def _one_line(told: Told, status: int) -> str:
    assert told[:2] == (status, "")
    (line,) = told[2]
    assert line.startswith("stanceml: ")
    return line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hi", "--text-column", "zz"], "--text-column goes with --input; a text has no columns"),
        (["hi", "--target-end-column", "e"], "--target-end-column goes with --input"),
        (["hi", "--input-format", "csv"], "--input-format goes with --input"),
        (["-i", "a.csv", "--text-column", ""], "--text-column is empty; expected the name of a"),
        (["-i", "a.csv", "--holder-start-column", ""], "--holder-start-column is empty"),
        (["hi", "-o", "a.xlsx"], "-o a.xlsx: the name does not tell a format that can be written"),
        (["hi", "-o", "a.parquet"], "expected one of .csv, .tsv, .jsonl, .ndjson, or say --format"),
        (["hi", "-o", "a.txt"], "or say --format"),
        (["hi", "-o", "a.csv.gz"], "or say --format"),
        (["-i", "a.csv", "-o", "a"], "or say --format"),
        (["-i", "a.csv", "-o", ""], "or say --format"),
        (["-i", "a.csv", "-o", "a.csv"], "-o a.csv is the input itself; name another file"),
        (["-i", "a.csv", "-o", "linked.csv"], "-o linked.csv is the input itself"),
        (["-i", "a.csv", "--resume"], "--resume goes with --input, and with -o FILE as csv, tsv"),
        (["hi", "-o", "b.csv", "--resume"], "--resume goes with --input"),
        (["hi", "--spreadsheet-safe"], "--spreadsheet-safe goes with csv and tsv"),
    ],
)
def test_options_that_do_not_go_together(
    words: list[str], said: str, predict: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("text\nKyiv waits.\n")
    (tmp_path / "linked.csv").symlink_to("a.csv")
    assert said in _one_line(predict(*words), 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "linked.csv"]
    assert (tmp_path / "a.csv").read_text() == "text\nKyiv waits.\n"


@pytest.mark.parametrize("command", ["train", "evaluate", "audit"])
def test_a_column_without_a_name_is_refused_by_every_command(command: str, run: Any) -> None:
    words = {"train": ["--data", "a.csv"], "evaluate": ["m", "a.csv"], "audit": ["a.csv"]}[command]
    line = _one_line(run(command, *words, "--label-column", ""), 2)
    assert "--label-column is empty; expected the name of a column" in line


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("favor= ", "--label-map 'favor= ': expected OLD=NEW"),
        (" =favor", "expected OLD=NEW"),
        ("favor", "expected OLD=NEW"),
        ("a=" + "b" * 201, "--label-map a=…: the new label is 'bbb"),
        ("a=b\tc", "without control characters"),
    ],
)
def test_labels_are_renamed_to_labels(pair: str, said: str) -> None:
    context = _Context({"label_map": [pair]})
    with pytest.raises(UsageError) as caught:
        options.labelled_file(context, Path("a.csv"))
    assert said in str(caught.value)


class _Context(typer.Context):
    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty; expected a first line"),
    "empty.tsv": (b"", "is empty; expected a first line"),
    "empty.txt": (b"", "holds no rows"),
    "header.tsv": (b"text\ttarget\n", "holds no rows"),
    "twice.tsv": (b"text\ttext\na\tb\n", "column 'text' stands twice"),
    "ragged.csv": (b"text,a\nb,c\nd\n", "line 3: 1 fields; expected 2"),
    "semicolon.csv": (b"text;target\nKyiv waits.;Kyiv\n", "looks separated by ';'"),
    "commas.tsv": (b"text,target\nKyiv waits.,Kyiv\n", "looks separated by ','"),
    "utf16.csv": ("text\nа\n".encode("utf-16"), "it looks like UTF-16; save it as UTF-8"),
    "utf16le.csv": ("text\nа\n".encode("utf-16-le"), "a NUL character in the first line"),
    "cp1252.csv": ("text\nKöln waits.\n".encode("cp1252"), "byte 0xf6 at offset 6) in line 2"),
    "quote.csv": (b'text\n"Kyiv waits.\nMoscow\n', "the row begins in line 2"),
    "excel.csv": (b"PK\x03\x04\x14\x00\x06\x00", "an Excel workbook or a zip archive"),
    "plain.csv.gz": (b"text\nKyiv waits.\n", "is no gzip file, although its name ends in .gz"),
    "cut.txt.gz": (gzip.compress(b"Kyiv waits.\n" * 500)[:-9], "is damaged or ends too early"),
    "a.parquet.gz": (b"", "Parquet is packed by itself"),
    "a.xlsx": (b"PK", "the name does not tell the format"),
    "twice.jsonl": (b'{"text": "a", "text": "b"}\n', "(the key 'text' stands twice)"),
    "wide.csv": (b",".join(b"c%d" % n for n in range(20_000)), "20000 columns; expected at most"),
    "wide.jsonl": (
        json.dumps({f"c{number}": 1 for number in range(20_000)}).encode(),
        "line 1: 20000 columns; expected at most 16384",
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_table_that_cannot_be_read_is_one_line(name: str, predict: Any, tmp_path: Path) -> None:
    content, said = CONTENTS[name]
    (tmp_path / name).write_bytes(content)
    for words in ([], ["--format", "csv"], ["-o", "out.csv"]):
        status, out, lines = predict("-i", name, *words)
        assert (status, out) == (1, "")
        (line,) = lines
        assert line.startswith(f"stanceml: {name}")
        assert said in line
        assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_a_missing_file_and_a_place_that_cannot_be_written(
    predict: Any, tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "a.csv").write_text("text\nKyiv waits.\n")
    assert "is a folder; expected a file" in _one_line(predict("-i", "folder.csv"), 1)
    assert "no such file" in _one_line(predict("-i", "gone.csv", "-o", "b.csv"), 1)
    for output in ("folder.csv", "a.csv/b.csv"):
        line = _one_line(predict("-i", "a.csv", "-o", output), 1)
        assert "cannot be written" in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "folder.csv"]


@pytest.mark.skipif(os.getuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(predict: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nKyiv waits.\n")
    (tmp_path / "a.csv").chmod(0)
    assert "cannot be read (Permission denied)" in _one_line(predict("-i", "a.csv"), 1)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_named_pipe_is_waited_for(predict: Any, tmp_path: Path, format: str) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"text\nKyiv waits.\n",), daemon=True)
    writer.start()
    status, out, _ = predict("-i", path, "--format", format)
    assert (status, out.count("Kyiv waits.")) == (0, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"target": "Kyiv", "target_end": 4}, "target_end is 4 without a target_start"),
        ({"target_start": True}, "target_start is 'True'; expected a whole number"),
        ({"target_start": "1_0"}, "target_start is '1_0'"),
        ({"target_start": " 5 "}, "target_start is ' 5 '"),
        ({"target_start": "1e3"}, "target_start is '1e3'"),
        ({"target_start": int("9" * 401)}, "target_start is '9999"),
        ({"target": "Kyiv", "target_start": -1}, "target span [-1:3] lies outside"),
        ({"text": ["a"]}, "text is \"['a']\" (list)"),
        ({"text": "a" * 100_001}, "text has 100001 characters; expected at most 100000"),
        ({"text": "\n"}, "blank text"),
    ],
)
def test_a_row_that_cannot_be_judged_says_why(
    row: dict[str, Any], said: str, predict: Any, tmp_path: Path
) -> None:
    rows = [{"text": "Kyiv waits."} | row, {"text": "Moscow waits."}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for words in (["--format", "jsonl"], ["-o", "b.csv"]):
        status, out, lines = predict("-i", "a.jsonl", *words)
        assert status == 3
        assert lines == ["1 row could not be judged: see `error`"]
        if not out:
            with (tmp_path / "b.csv").open(newline="") as file:
                judged: list[dict[str, Any]] = list(csv.DictReader(file))
        else:
            judged = [json.loads(line) for line in out.splitlines()]
        assert judged[0]["error"].startswith("line 1: ")
        assert said in judged[0]["error"]
        assert not judged[0]["stance"]
        assert not judged[1].get("error")
        assert judged[1]["stance"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pa.array([datetime(2022, 3, 1)]), "(datetime); expected a string"),
        (pa.array([Decimal("1.5")]), "(Decimal); expected a string"),
        (pa.array([["a"]]), "(list); expected a string"),
        (pa.array([b"a"]), "(bytes); expected a string"),
        (pa.array([{"a": 1}]), "(dict); expected a string"),
    ],
)
def test_a_parquet_column_that_is_no_text(
    values: Any, said: str, predict: Any, run: Any, tmp_path: Path
) -> None:
    parquet.write_table(pa.table({"text": values}), tmp_path / "text.parquet")
    for format in ("jsonl", "csv"):
        status, out, _ = predict("-i", "text.parquet", "--format", format)
        assert status == 3
        assert said in out
    parquet.write_table(pa.table({"text": ["a"], "stance": values}), tmp_path / "label.parquet")
    line = _one_line(run("evaluate", MODEL, "label.parquet"), 1)
    assert "line 1: stance is " in line
    assert f"{said} as a label" in line


def test_packed_rows(predict: Any, tmp_path: Path) -> None:
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(b"text\nKyiv waits.\n"))
    status, out, lines = predict("-i", "a.tsv.gz", "--format", "tsv")
    assert (status, lines) == (0, [])
    assert out.splitlines()[0].startswith("text\tstance\tprobability\t")


def test_the_users_fields_come_back_unchanged_unless_told_otherwise(
    predict: Any, tmp_path: Path
) -> None:
    notes = ["=1+1", "+49", "-5", "@name", "\tx", "\rx", "'=1", "plain", "a\0b", "\ufeffx", "NA"]
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerows([["text", "=note"], *(["Kyiv waits.", note] for note in notes)])
    for words, expected in (
        ([], notes),
        (["--spreadsheet-safe"], [f"'{note}" if note[0] in "=+-@\t\r" else note for note in notes]),
    ):
        assert predict("-i", "a.csv", "-o", "b.csv", *words)[0] == 0
        with (tmp_path / "b.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        name = "'=note" if words else "=note"
        assert [row[name] for row in rows] == expected
    status, out, _ = predict("=SUM(A1)", "--format", "csv", "--spreadsheet-safe")
    assert status == 0
    assert out.splitlines()[1].startswith("'=SUM(A1),")


def test_a_long_table_for_people_is_printed_in_parts(predict: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kyiv waits.\n" * 1050)
    status, out, _ = predict("-i", "a.txt")
    assert status == 0
    assert out.count("Kyiv waits.") == 1050
    assert out.count("p(favor)") == 2


def test_a_renamed_label_that_no_row_has_is_told(run: Any, tmp_path: Path) -> None:
    rows = "".join(f"Kyiv waits {n}.,{('pro', 'against')[n % 2]}\n" for n in range(20))
    (tmp_path / "a.csv").write_text(f"text,stance\n{rows}")
    words = ["--label-map", "pro=favor", "--label-map", "cno=against", "--format", "json"]
    status, out, lines = run("evaluate", MODEL, "a.csv", *words)
    assert (status, json.loads(out)["n_rows"]) == (0, 20)
    assert any("--label-map renames 'cno', which no row of 'stance' has" in line for line in lines)


def test_closed_standard_input() -> None:
    command = [sys.executable, "-m", "stanceml.cli", "predict", "--model", MODEL, "-i", "-"]
    shell = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "standard input is closed; give a file, or a pipe" in done.stderr
