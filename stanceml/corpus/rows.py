"""A row of a table, and how long and how wide one may be."""

from typing import Final, NamedTuple

from stanceml.exceptions import DataError

__all__ = ["LONGEST_ROW", "MOST_BLANK_LINES", "MOST_COLUMNS", "Row", "check_width", "weight"]

#: How many characters a row may have, and how many columns a table (as many as a spreadsheet):
#: what is longer is most often a quote that never closes, or no table at all. Neither is a file
#: that has so many blank lines on end.
LONGEST_ROW: Final = 16 * 1024 * 1024
MOST_COLUMNS: Final = 16_384
MOST_BLANK_LINES: Final = 100_000


class Row(NamedTuple):
    """One row of a table: `line` is the line of the file on which it ends, from 1."""

    line: int
    values: dict[str, object]


def weight(row: Row) -> int:
    """Count the characters of a row, whatever its values are."""
    return sum(len(value if type(value) is str else str(value)) for value in row.values.values())


def check_width(where: str, n_columns: int) -> None:
    """Complain about a table that is wider than any that people make.

    Raises
    ------
    DataError
    """
    if n_columns > MOST_COLUMNS:
        raise DataError(f"{where}: {n_columns} columns; expected at most {MOST_COLUMNS}")
