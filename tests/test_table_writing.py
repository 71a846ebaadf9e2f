"""Rows written as csv and JSON lines: nothing dropped, nothing that only Python can read."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.exceptions import DataError
from stanceml.tables.table_writing import harmless, write_rows
from stanceml.tables.tables import read_rows


def _round_trip(path: Path, rows: list[dict[str, Any]], format: str) -> list[dict[str, Any]]:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_rows(iter(rows), file, format)
    return [row.values for row in read_rows(path, format)]


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_lone_carriage_return_survives(tmp_path: Path, format: str) -> None:
    rows = [{"text": "one\rtwo", "note": "three"}]
    assert _round_trip(tmp_path / "rows", rows, format) == rows


def test_csv_writes_the_columns_of_the_first_row() -> None:
    file = io.StringIO()
    write_rows([{"a": 1, "b": None}, {"b": "x", "a": 2}, {"a": 3}], file, "csv")
    rows = [["a", "b"], ["1", ""], ["2", "x"], ["3", ""]]
    assert list(csv.reader(file.getvalue().splitlines())) == rows


@pytest.mark.mistakes
def test_csv_refuses_a_column_that_comes_too_late() -> None:
    file = io.StringIO()
    with pytest.raises(DataError, match="row 2: column 'c' is not among those of the rows before"):
        write_rows([{"a": 1, "b": None}, {"b": "x", "a": 2, "c": 3}], file, "csv")
    assert file.getvalue() == "a,b\n1,\n"


@pytest.mark.parametrize(
    ("value", "csv_field", "json_value"),
    [
        (float("nan"), "", None),
        (float("inf"), "inf", "Infinity"),
        (-float("inf"), "-inf", "-Infinity"),
        ([1, float("nan")], "[1, null]", [1, None]),
        ({"a": None}, '{"a": null}', {"a": None}),
        (True, "true", True),
        (Decimal("1.50"), "1.50", "1.50"),
        (datetime(2022, 3, 1, 12), "2022-03-01 12:00:00", "2022-03-01 12:00:00"),
    ],
)
def test_values_that_are_no_strings(value: Any, csv_field: str, json_value: Any) -> None:
    tables = {}
    for format in ("csv", "jsonl"):
        tables[format] = io.StringIO()
        write_rows([{"a": value, "b": "x"}], tables[format], format)
    assert list(csv.reader(tables["csv"].getvalue().splitlines()))[1] == [csv_field, "x"]
    # Strict JSON: no NaN, no Infinity.
    found = json.loads(tables["jsonl"].getvalue(), parse_constant=pytest.fail)
    assert found == {"a": json_value, "b": "x"}


def test_jsonl_keeps_letters_readable() -> None:
    file = io.StringIO()
    write_rows([{"text": "Зеленський"}], file, "jsonl")
    assert file.getvalue() == '{"text": "Зеленський"}\n'


@given(st.text() | st.from_regex(r"[=+\-@\t\r].*"))
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    kept = harmless(cell)
    assert not kept.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert kept in (cell, "'" + cell)
    assert harmless(kept) == kept
