"""Lines in; the rows of a csv or tsv table out."""

import csv
from collections import Counter
from collections.abc import Iterator

from stanceml.exceptions import DataError
from stanceml.tables.rows import LONGEST_ROW, Row, check_width

__all__ = ["read_delimited"]


def read_delimited(lines: Iterator[str], name: str, delimiter: str) -> Iterator[Row]:
    """Read rows of fields; the first line holds the names of the columns.

    Raises
    ------
    DataError
        When there is no first line, a name stands twice, a row has more or fewer fields than the
        first line, or a quote never closes.
    """
    csv.field_size_limit(LONGEST_ROW)
    bounded = _Bounded(lines, name)
    reader = csv.reader(bounded, delimiter=delimiter, strict=True)
    began = 1
    try:
        header = next(reader, None)
        if not header:
            raise DataError(f"{name}: is empty; expected a first line with the column names")
        _check_header(header, name)
        began = bounded.next_row(reader.line_num)
        for fields in reader:
            if fields:
                if len(fields) != len(header):
                    raise DataError(
                        f"{name}, line {reader.line_num}: {len(fields)} fields; expected "
                        f"{len(header)}, as in the first line"
                        f"{_separated_otherwise(header, delimiter)}"
                    )
                yield Row(reader.line_num, dict(zip(header, fields, strict=True)))
            began = bounded.next_row(reader.line_num)
    except csv.Error as error:
        begun = f" (the row begins in line {began})" if began != reader.line_num else ""
        raise DataError(
            f"{name}, line {reader.line_num}: {error}{begun}; expected fields separated by "
            f'{delimiter!r}, and quotes (") closed'
        ) from error


class _Bounded:
    """Lines for the csv reader, which by itself would take a whole file for one open quote."""

    def __init__(self, lines: Iterator[str], name: str) -> None:
        self._lines = lines
        self._name = name
        self._began = 1
        self._size = 0

    def next_row(self, last_line: int) -> int:
        """Begin to count anew, and tell in which line."""
        self._began = last_line + 1
        self._size = 0
        return self._began

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._size += len(line)
        if self._size > LONGEST_ROW:
            raise DataError(
                f"{self._name}, line {self._began}: the row that begins here has more than "
                f'{LONGEST_ROW} characters; is a quote (") never closed?'
            )
        return line


def _check_header(header: list[str], name: str) -> None:
    check_width(name, len(header))
    doubled = sorted(column for column, count in Counter(header).items() if count > 1)
    if doubled:
        raise DataError(f"{name}: column {doubled[0]!r} stands twice in the first line; rename one")


def _separated_otherwise(header: list[str], delimiter: str) -> str:
    other = next((mark for mark in ";\t,|" if len(header) == 1 and mark in header[0]), None)
    if other:
        return f" (which looks separated by {other!r}: save the table with {delimiter!r})"
    return f" (is a {delimiter!r} or a quote missing?)"
