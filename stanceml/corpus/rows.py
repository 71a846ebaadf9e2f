"""A row of a table, and how long and how wide one may be."""

from typing import Final, NamedTuple

from stanceml.exceptions import DataError

__all__ = ["LONGEST_ROW", "MOST_COLUMNS", "Row", "check_width"]

#: How many characters a row may have, and how many columns a table (as many as a spreadsheet):
#: what is longer is most often a quote that never closes, or no table at all.
LONGEST_ROW: Final = 16 * 1024 * 1024
MOST_COLUMNS: Final = 16_384


class Row(NamedTuple):
    """One row of a table: `line` is the line of the file on which it ends, from 1."""

    line: int
    values: dict[str, object]


def check_width(where: str, n_columns: int) -> None:
    """Complain about a table that is wider than any that people make.

    Raises
    ------
    DataError
    """
    if n_columns > MOST_COLUMNS:
        raise DataError(f"{where}: {n_columns} columns; expected at most {MOST_COLUMNS}")
