"""Fields out of lines: what a quote takes in, and how much of it."""

from collections.abc import Iterator

import pytest

from stanceml.exceptions import DataError
from stanceml.tables.delimited import read_delimited
from stanceml.tables.rows import LONGEST_ROW, Row


def test_quotes_take_in_delimiters_and_ends_of_lines() -> None:
    lines = ["a\tb\n", '"1\t2"\t"3\n', '4"\n', "\n", '"say ""no"""\t\n']
    assert list(read_delimited(iter(lines), "rows", "\t")) == [
        Row(3, {"a": "1\t2", "b": "3\n4"}),
        Row(5, {"a": 'say "no"', "b": ""}),
    ]


@pytest.mark.mistakes
def test_an_open_quote_does_not_take_in_a_whole_file() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        yield "a,b\n"
        yield '1,"2\n'
        while True:
            taken += 1
            yield "x" * 100_000 + "\n"

    with pytest.raises(DataError, match="rows, line 2: the row that begins here has more than"):
        list(read_delimited(endless(), "rows", ","))
    assert taken <= LONGEST_ROW // 100_000 + 1


def test_long_rows_are_counted_one_by_one() -> None:
    long = "x" * (LONGEST_ROW // 2)
    rows = read_delimited(iter(["a\n", *[f"{long}\n"] * 4]), "rows", ",")
    assert sum(len(str(row.values["a"])) for row in rows) == 2 * LONGEST_ROW


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("header", "delimiter", "other"), [("a;b", ",", ";"), ("a,b", "\t", ","), ("a\tb", ",", "\t")]
)
def test_a_table_that_is_separated_otherwise(header: str, delimiter: str, other: str) -> None:
    lines = [f"{header}\n", f"1{delimiter}2\n"]
    with pytest.raises(DataError) as caught:
        list(read_delimited(iter(lines), "rows", delimiter))
    assert f"looks separated by {other!r}: save the table with {delimiter!r}" in str(caught.value)
