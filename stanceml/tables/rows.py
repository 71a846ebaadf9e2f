"""A row of a table: how long and how wide one may be, and what stands in it."""

import math
from typing import Final, NamedTuple

from stanceml.exceptions import DataError

__all__ = [
    "LONGEST_ROW",
    "MOST_BLANK_LINES",
    "MOST_COLUMNS",
    "Row",
    "check_characters",
    "check_width",
    "is_missing",
    "weight",
]

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

    def told(self, column: str) -> str:
        """Give a value as a string, without the space around it; empty where it is missing.

        Examples
        --------
        >>> row = Row(2, {"holder": " NATO ", "quote": 1, "holder_end": float("nan")})
        >>> row.told("holder"), row.told("quote"), row.told("holder_end"), row.told("note")
        ('NATO', '1', '', '')
        """
        value = self.values.get(column)
        return "" if is_missing(value) else str(value).strip()


def weight(row: Row) -> int:
    """Count the characters of a row, whatever its values are."""
    return sum(len(value if type(value) is str else str(value)) for value in row.values.values())


def is_missing(value: object) -> bool:
    """Tell whether nothing stands there: None, or not-a-number, as tables of numbers have it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def check_characters(where: str, text: str) -> None:
    """Complain about halves of characters, which JSON can spell and no file can be written with.

    Raises
    ------
    DataError
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = text[error.start]
        raise DataError(f"{where}: {half!r} is half of a character; expected whole ones") from error


def check_width(where: str, n_columns: int) -> None:
    """Complain about a table that is wider than any that people make.

    Raises
    ------
    DataError
    """
    if n_columns > MOST_COLUMNS:
        raise DataError(f"{where}: {n_columns} columns; expected at most {MOST_COLUMNS}")
