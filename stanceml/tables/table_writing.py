"""Rows in; the lines of a csv, tsv or JSON lines table out."""

import csv
import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TextIO

from stanceml.exceptions import DataError
from stanceml.tables.rows import is_missing

__all__ = ["DELIMITERS", "DelimitedLines", "JsonLines", "harmless", "write_rows"]

DELIMITERS: Final = {"csv": ",", "tsv": "\t"}

# What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class JsonLines:
    r"""Rows as JSON objects, a line each.

    Not-a-number, which JSON does not have, becomes null; the infinities become strings.

    Examples
    --------
    >>> JsonLines().line({"text": "Kyiv waits.", "score": float("nan")})
    '{"text": "Kyiv waits.", "score": null}\n'
    """

    def head(self) -> str:
        """Give what stands before the first row."""
        return ""

    def line(self, row: dict[str, object]) -> str:
        """Write one row."""
        return _json(row) + "\n"

    def beginning(self, row: dict[str, object], next_column: str) -> str:
        """Write a row up to a column that follows it."""
        return _json({**row, next_column: None}).removesuffix("null}")


class DelimitedLines:
    r"""Rows as fields under fixed columns.

    Parameters
    ----------
    columns : sequence of str
        A value that a row lacks is an empty field.
    delimiter : str
    change : callable, optional
        Applied to each field and to the names of the columns.

    Examples
    --------
    >>> lines = DelimitedLines(["text", "mentions"], ",")
    >>> lines.line({"text": "Kyiv, too.", "mentions": ["Kyiv"]})
    '"Kyiv, too.","[""Kyiv""]"\n'
    """

    def __init__(
        self, columns: Sequence[str], delimiter: str, change: Callable[[str], str] | None = None
    ) -> None:
        self.columns = list(columns)
        self._known = frozenset(columns)
        self._change = change
        self._write = csv.writer(_UnixLine(), delimiter=delimiter).writerow

    def head(self) -> str:
        """Give the line with the names of the columns."""
        return self._line(self.columns)

    def line(self, row: dict[str, object]) -> str:
        """Write one row.

        Raises
        ------
        DataError
            When the row has a column of its own, which would be lost.
        """
        if extra := [name for name in row if name not in self._known]:
            raise DataError(
                f"column {extra[0]!r} is not among those of the rows before, which stand in the "
                "first line already; write JSON lines, or read from a file instead of a pipe"
            )
        return self._line([row.get(name) for name in self.columns])

    def beginning(self, row: dict[str, object], next_column: str) -> str:
        """Write a row up to a column that follows it."""
        fields = [row.get(name) for name in self.columns[: self.columns.index(next_column)]]
        return self._line([*fields, "x"]).removesuffix("x\n")

    def _line(self, values: Sequence[object]) -> str:
        fields = [value if type(value) is str else _field(value) for value in values]
        if self._change:
            fields = [self._change(field) for field in fields]
        return str(self._write(fields))


def write_rows(
    rows: Iterable[dict[str, object]],
    file: TextIO,
    format: str,
    change: Callable[[str], str] | None = None,
) -> None:
    """Write rows as they come, all with the columns of the first.

    Parameters
    ----------
    rows : iterable of dict
    file : text file
    format : {'csv', 'tsv', 'jsonl'}
    change : callable, optional
        Applied to each field of a csv or tsv.

    Raises
    ------
    DataError
        When a later row of a csv or tsv has a column that the first one lacks.
    """
    lines: JsonLines | DelimitedLines | None = None
    for number, row in enumerate(rows, start=1):
        if lines is None:
            delimiter = DELIMITERS.get(format)
            columns = list(row)
            lines = DelimitedLines(columns, delimiter, change) if delimiter else JsonLines()
            file.write(lines.head())
        try:
            file.write(lines.line(row))
        except DataError as error:
            raise DataError(f"row {number}: {error}") from error


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a text that begins like a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("Kyiv")
    ("'=1+1", 'Kyiv')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


class _UnixLine:
    """Hands a line of the csv writer back, with a plain end.

    With its default line end the csv writer quotes every field that holds a carriage return too.
    """

    def write(self, line: str) -> str:
        return line.removesuffix("\r\n") + "\n"


def _field(value: object) -> str:
    if is_missing(value):
        return ""
    # As JSON writes them, so that they can be read back as what they were.
    return _json(value) if isinstance(value, bool | list | dict) else str(value)


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {key: _finite(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_finite(inner) for inner in value]
        case float() if math.isnan(value):
            return None
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value
