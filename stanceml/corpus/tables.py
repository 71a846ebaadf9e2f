"""Tables of rows in, one dictionary a row with the number of its line; and out again.

One reader for training, evaluation and prediction, so that a file means the same to all of them.
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TextIO

from stanceml.exceptions import DataError, nearest
from stanceml.files import not_utf8, unreadable

__all__ = ["FORMATS", "STANDARD_INPUT", "Row", "read_rows", "table_format", "write_rows"]

FORMATS: Final = ("csv", "tsv", "jsonl", "parquet", "txt")
STANDARD_INPUT: Final = Path("-")

_SUFFIXES: Final = {f".{name}": name for name in FORMATS} | {".ndjson": "jsonl", ".pq": "parquet"}
_LONGEST_FIELD: Final = 16 * 1024 * 1024


class Row(NamedTuple):
    """One row of a table: `line` is the line of the file on which it ends, from 1."""

    line: int
    values: dict[str, object]


def table_format(path: Path, given: str | None = None) -> str:
    """Tell the format of a file by its name, unless it was given.

    Raises
    ------
    DataError
        When the name tells nothing, the given format is unknown, or standard input, which is
        taken for plain text, looks like a table.

    Examples
    --------
    >>> table_format(Path("rows.tsv"))
    'tsv'
    """
    if given is not None:
        if given not in FORMATS:
            raise DataError(f"unknown format {given!r}{nearest(given, FORMATS)}")
        return given
    if path == STANDARD_INPUT:
        return _plain_text_or_complain(_standard_input())
    try:
        return _SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise DataError(
            f"{path}: the name does not tell the format; expected one of "
            f"{', '.join(_SUFFIXES)}, or give the format"
        ) from None


def read_rows(path: Path, format: str) -> Iterator[Row]:
    """Read a table row by row.

    Parameters
    ----------
    path : Path
        A file, or `-` for standard input. Text is UTF-8; a byte order mark is dropped.
    format : str
        One of `FORMATS`. A line of `txt` is a row with the one column `text`.

    Yields
    ------
    Row
        csv and tsv give strings, jsonl and parquet what they hold.

    Raises
    ------
    DataError
        When the file cannot be read, is not what the format says, or holds no row.
    """
    name = "standard input" if path == STANDARD_INPUT else str(path)
    readers: dict[str, Callable[[BinaryIO], Iterator[Row]]] = {
        "csv": lambda file: _delimited(file, name, ","),
        "tsv": lambda file: _delimited(file, name, "\t"),
        "jsonl": lambda file: _json_lines(file, name),
        "parquet": lambda file: _parquet(file, name),
        "txt": lambda file: _text_lines(file, name),
    }
    found = False
    with _opened(path) as file:
        for row in readers[format](file):
            found = True
            yield row
    if not found:
        raise DataError(f"{name}: holds no rows; expected at least one")


def write_rows(rows: Iterable[dict[str, object]], file: TextIO, format: str) -> None:
    """Write rows as they come, all with the columns of the first.

    Parameters
    ----------
    rows : iterable of dict
    file : text file
    format : {'csv', 'jsonl'}
    """
    if format == "jsonl":
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        return
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(_UnixLines(file), list(row), extrasaction="ignore")
            writer.writeheader()
        writer.writerow(row)


class _UnixLines:
    """A file whose lines end plainly, although the writer is told otherwise.

    With its default line end the csv writer quotes every field that holds a carriage return too.
    """

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, line: str) -> int:
        return self.file.write(line.removesuffix("\r\n") + "\n")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path == STANDARD_INPUT:
        yield _standard_input()
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(unreadable(path, error)) from error
    with file:
        yield file


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise DataError("standard input is closed; give a file, or a pipe")
    return sys.stdin.buffer


def _plain_text_or_complain(file: BinaryIO) -> str:
    # Nothing is guessed, but a table that is taken for sentences would be labelled without a word.
    first = (
        file.peek(4096).split(b"\n", 1)[0].strip() if isinstance(file, io.BufferedReader) else b""
    )
    columns = [name.strip(b' "') for name in first.replace(b"\t", b",").split(b",")]
    looks = "jsonl" if first[:1] == b"{" and first[-1:] == b"}" else ""
    if len(columns) > 1 and b"text" in columns:
        looks = "tsv" if b"\t" in first else "csv"
    if looks:
        raise DataError(f"standard input looks like {looks}; say so with --input-format {looks}")
    return "txt"


def _lines(file: BinaryIO, name: str) -> Iterator[str]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    number = 0
    try:
        for number, line in enumerate(text, start=1):  # noqa: B007 -- told in the message below
            yield line
    except UnicodeDecodeError as error:
        raise DataError(f"{not_utf8(name, error)} (read {number} lines before it)") from error
    finally:
        # The file is closed by whoever opened it, and may be so already when reading stops early.
        with suppress(ValueError):
            text.detach()


def _delimited(file: BinaryIO, name: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(_lines(file, name), delimiter=delimiter, strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise DataError(f"{name}: is empty; expected a first line with the column names")
        doubled = sorted({column for column in header if header.count(column) > 1})
        if doubled:
            raise DataError(
                f"{name}: column {doubled[0]!r} stands twice in the first line; rename one"
            )
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(header):
                raise DataError(
                    f"{name}, line {reader.line_num}: {len(fields)} fields; expected "
                    f"{len(header)}, as in the first line (is a {delimiter!r} or a quote missing?)"
                )
            yield Row(reader.line_num, dict(zip(header, fields, strict=True)))
    except csv.Error as error:
        raise DataError(
            f"{name}, line {reader.line_num}: {error}; expected fields separated by "
            f'{delimiter!r}, and quotes (") closed'
        ) from error


def _json_lines(file: BinaryIO, name: str) -> Iterator[Row]:
    for number, line in enumerate(_lines(file, name), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{name}, line {number}: no JSON ({error}); expected an object a line"
            ) from error
        if not isinstance(values, dict):
            raise DataError(
                f"{name}, line {number}: {line.strip()[:40]!r} is no JSON object; "
                'expected one like {"text": "…"}'
            )
        yield Row(number, values)


def _text_lines(file: BinaryIO, name: str) -> Iterator[Row]:
    for number, line in enumerate(_lines(file, name), start=1):
        yield Row(number, {"text": line.rstrip("\r\n")})


def _parquet(file: BinaryIO, name: str) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    number = 0
    try:
        whole = file if file.seekable() else io.BytesIO(file.read())
        for batch in parquet.ParquetFile(whole).iter_batches():
            for values in batch.to_pylist():
                number += 1
                yield Row(number, values)
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{name}: no readable Parquet file ({reason})") from error
