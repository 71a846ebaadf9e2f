"""Tables: every format read into the same rows, written and read back, and told where broken."""

import gc
import io
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.exceptions import DataError
from stanceml.tables.rows import LONGEST_ROW, Row
from stanceml.tables.sources import STANDARD_INPUT
from stanceml.tables.table_writing import write_rows
from stanceml.tables.tables import FORMATS, Table, read_rows, table_format

ReadTable = Callable[[Path, str | bytes, str], list[Row]]
Complaint = Callable[[Path, str | bytes, str], str]

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
ROWS = [{"text": "Kyiv, waits.", "note": "a “b”"}, {"text": "Nobody moves.", "note": ""}]


@st.composite
def _tables(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
    # A byte order mark before the first name is dropped, as promised.
    name = TEXT.filter(lambda name: not name.startswith("\ufeff"))
    name = name.map(lambda name: name.replace("\0", ""))
    names = draw(st.lists(name, min_size=1, max_size=4, unique=True))
    rows = st.lists(st.fixed_dictionaries(dict.fromkeys(names, values)), min_size=1, max_size=5)
    return draw(rows)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def _round_trip(path: Path, rows: list[dict[str, Any]], format: str) -> list[dict[str, Any]]:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_rows(iter(rows), file, format)
    return [row.values for row in read_rows(path, format)]


@settings(max_examples=60)
@given(rows=_tables(TEXT))
def test_csv_round_trip(scratch: Path, rows: list[dict[str, Any]]) -> None:
    assert _round_trip(scratch / "rows", rows, "csv") == rows


@given(
    rows=_tables(
        st.recursive(
            TEXT
            | st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
            max_leaves=3,
        )
    )
)
def test_jsonl_round_trip(scratch: Path, rows: list[dict[str, Any]]) -> None:
    assert _round_trip(scratch / "rows", rows, "jsonl") == rows


@given(lines=st.lists(TEXT.map(lambda text: text.replace("\r", "").replace("\n", "")), min_size=1))
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_line_of_txt_is_a_row(
    scratch: Path, newline: str, lines: list[str], read_table: ReadTable
) -> None:
    # A NUL in the first line says that a file is no text; behind it, it is a character.
    lines[0] = lines[0].replace("\0", "")
    content = "\ufeff" + "".join(line + newline for line in lines)
    rows = read_table(scratch / "lines", content, "txt")
    assert rows == [Row(number, {"text": line}) for number, line in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("csv", 'text,note\n"Kyiv, waits.",a “b”\nNobody moves.,\n'),
        ("csv", '\ufefftext,note\r\n\r\n"Kyiv, waits.","a “b”"\r\nNobody moves.,""'),
        ("tsv", "text\tnote\nKyiv, waits.\ta “b”\nNobody moves.\t\n"),
        ("jsonl", "\n".join(map(json.dumps, ROWS))),
        ("jsonl", "\ufeff\n" + "\r\n \r\n".join(map(json.dumps, ROWS))),
    ],
)
def test_formats_mean_the_same(
    tmp_path: Path, format: str, content: str, read_table: ReadTable
) -> None:
    assert [row.values for row in read_table(tmp_path / "rows", content, format)] == ROWS


def test_row_is_numbered_by_the_line_on_which_it_ends(
    tmp_path: Path, read_table: ReadTable
) -> None:
    rows = read_table(tmp_path / "rows", 'text\n"one\ntwo"\n\nthree\n', "csv")
    assert rows == [Row(3, {"text": "one\ntwo"}), Row(5, {"text": "three"})]
    rows = read_table(tmp_path / "rows", '\n{"a": 1}\n\n{"a": 2}', "jsonl")
    assert [row.line for row in rows] == [2, 4]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO(b"Kyiv waits.\nNobody moves.\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    rows = list(read_rows(STANDARD_INPUT, table_format(STANDARD_INPUT)))
    assert [row.values["text"] for row in rows] == ["Kyiv waits.", "Nobody moves."]
    assert not raw.closed


@pytest.mark.mistakes
def test_empty_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(DataError, match="standard input: holds no rows"):
        list(read_rows(STANDARD_INPUT, "txt"))


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("format", "content", "said"),
    [
        ("csv", "", ": is empty"),
        ("csv", "text,note\n", ": holds no rows"),
        ("csv", "text,note,text\n", ": column 'text' stands twice"),
        ("csv", "a,b\n1,2\n\n1,2,3\n", ", line 4: 3 fields; expected 2"),
        ("tsv", "a\tb\n1\n", ", line 2: 1 fields; expected 2"),
        ("csv", 'a\n"open\n', ", line 2: unexpected end of data"),
        ("csv", 'a\n"x"y\n', ", line 2: "),
        ("csv", "a\n" + "x" * (LONGEST_ROW + 1), f", line 2: longer than {LONGEST_ROW} char"),
        ("csv", 'a\n"b"\n"c\nd\ne', ", line 5: unexpected end of data (the row begins in line 3)"),
        ("csv", ",".join(map(str, range(1_000_000))) + "\n", ": 1000000 columns; expected at most"),
        ("csv", "text;target\nWell, no;Kyiv\n", ", line 2: 2 fields; expected 1, as in the first "),
        ("csv", "t\0e\0x\0t\0\n", ": a NUL character in the first line: it looks like UTF-16"),
        ("jsonl", "", ": holds no rows"),
        ("jsonl", "\n\n", ": holds no rows"),
        ("jsonl", '{"a": 1}\n{"a": \n', ", line 2: no JSON"),
        ("jsonl", "[" * 100_000, ", line 1: no JSON"),
        ("jsonl", '{"a": ' + "9" * 5000 + "}", ", line 1: no JSON (Exceeds the limit"),
        ("jsonl", '{"a": 1, "b": {"c": 1, "c": 2}}', ", line 1: no JSON (the key 'c' stands"),
        ("jsonl", "x" * (LONGEST_ROW + 1), f", line 1: longer than {LONGEST_ROW} characters"),
        ("jsonl", '{"a": 1}\n\n["a"]\n', ", line 3: '[\"a\"]' is no JSON object"),
        ("txt", "", ": holds no rows"),
        ("parquet", "", ": no readable Parquet file"),
        ("parquet", "text\nKyiv waits.\n", ": no readable Parquet file"),
    ],
    ids=lambda value: value[:12],
)
def test_broken_table(
    tmp_path: Path, format: str, content: str, said: str, complaint: Complaint
) -> None:
    assert complaint(tmp_path / "rows", content, format).startswith(said)


@pytest.mark.mistakes
def test_a_packed_parquet_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Parquet is packed by itself"):
        table_format(tmp_path / "rows.parquet.gz")


@pytest.mark.parametrize("format", ["csv", "jsonl", "txt", "parquet"])
def test_columns_are_known_before_the_rows(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"rows.{format}"
    frame = pd.DataFrame({"text": ["a", "b"]} | ({} if format == "txt" else {"n": [1, 2]}))
    match format:
        case "csv":
            frame.to_csv(path, index=False)
        case "jsonl":
            path.write_text('{"text": "a"}\n{"n": 2, "text": "b"}\n')
        case "txt":
            path.write_text("a\nb\n")
        case "parquet":
            frame.to_parquet(path)
    table = Table(path, format)
    assert table.columns() == list(frame)
    assert [row.values["text"] for row in table.rows()] == ["a", "b"]
    assert table.n_expected == 2


@pytest.mark.parametrize("content", ["a,b\n1\n", "a,b\n1,2\n3,4\n"])
def test_reading_that_stops_early_leaves_no_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    noise: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda event: noise.append(str(event.exc_value)))
    path = tmp_path / "rows.csv"
    path.write_text(content)
    rows = read_rows(path, "csv")
    with suppress(DataError):
        next(rows)
    del rows
    gc.collect()
    assert noise == []


@pytest.mark.mistakes
@pytest.mark.parametrize("format", FORMATS)
def test_missing_file(tmp_path: Path, format: str) -> None:
    with pytest.raises(DataError, match="gone: no such file"):
        list(read_rows(tmp_path / "gone", format))


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"),
        ("a.TSV", "tsv"),
        ("a.b.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.pq", "parquet"),
        ("a.txt", "txt"),
        ("a.csv.gz", "csv"),
        ("a.b.JSONL.GZ", "jsonl"),
        ("-", "txt"),
    ],
)
def test_name_tells_the_format(name: str, format: str) -> None:
    assert table_format(Path(name)) == format


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "-"])
def test_given_format_wins(name: str) -> None:
    assert table_format(Path(name), "jsonl") == "jsonl"


@pytest.mark.mistakes
@pytest.mark.parametrize("name", ["rows", "rows.xlsx", ".csv.gz"])
def test_name_that_tells_nothing(name: str) -> None:
    with pytest.raises(
        DataError, match=r"the name does not tell the format; expected one of \.csv"
    ):
        table_format(Path(name))


@pytest.mark.mistakes
def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(DataError, match=r"unknown format 'josnl' \(did you mean 'jsonl'\?\)"):
        table_format(Path("a.csv"), "josnl")
