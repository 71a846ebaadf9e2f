"""Tables of rows in, one dictionary a row with the number of its line.

One reader for training, evaluation and prediction, so that a file means the same to all of them.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from stanceml.exceptions import DataError, nearest
from stanceml.tables.delimited import read_delimited
from stanceml.tables.json_lines import read_json_lines
from stanceml.tables.parquet import ParquetTable
from stanceml.tables.rows import Row, check_width, weight
from stanceml.tables.sources import PACKED, STANDARD_INPUT, Source, standard_input
from stanceml.tables.table_writing import DELIMITERS
from stanceml.tables.text_lines import read_text_lines

__all__ = ["FORMATS", "Table", "read_rows", "table_format"]

FORMATS: Final = ("csv", "tsv", "jsonl", "parquet", "txt")

# What rows that are held together may take in memory: so many bytes for each of the file, or this.
# Packed files can hold a thousand times as much as they seem to.
_MOST_HELD: Final = 100
_ALWAYS_HELD: Final = 100_000_000
_BYTES_OF_A_VALUE: Final = 100

_SUFFIXES: Final = {f".{name}": name for name in FORMATS} | {".ndjson": "jsonl", ".pq": "parquet"}


def table_format(path: Path, given: str | None = None) -> str:
    """Tell the format of a file by its name, unless it was given.

    Raises
    ------
    DataError
        When the name tells nothing or is that of a device, the given format is unknown, or
        standard input, which is taken for plain text, looks like a table.

    Examples
    --------
    >>> table_format(Path("rows.tsv")), table_format(Path("rows.csv.gz"))
    ('tsv', 'csv')
    """
    if given is not None and given not in FORMATS:
        raise DataError(f"unknown format {given!r}{nearest(given, FORMATS)}")
    if path == STANDARD_INPUT:
        return given or _plain_text_or_complain(standard_input())
    is_packed = path.suffix.lower() == PACKED
    inner = Path(path.stem) if is_packed else path
    format = given or _SUFFIXES.get(inner.suffix.lower())
    if format is None:
        raise DataError(
            f"{path}: the name does not tell the format; expected one of "
            f"{', '.join(_SUFFIXES)} (or of these with {PACKED} behind, but for Parquet), "
            "or give the format"
        )
    if path.is_char_device():
        # Some never end.
        raise DataError(f"{path}: is a device; expected a file or a pipe")
    if is_packed and format == "parquet":
        raise DataError(f"{path}: Parquet is packed by itself; unpack it with `gzip -d`")
    return format


class Table:
    """A table that is read row by row.

    Parameters
    ----------
    path : Path
        A file, or `-` for standard input. Text is UTF-8; a byte order mark is dropped. What ends
        in `.gz` is unpacked.
    format : str
        One of `FORMATS`. A line of `txt` is a row with the one column `text`.
    content : bytes, optional
        What the file holds, where it has been read already.

    Attributes
    ----------
    name : str
        What messages call it.
    """

    def __init__(self, path: Path, format: str, content: bytes | None = None) -> None:
        self.path = path
        self.format = format
        self._source = Source(path, content)
        self.name = self._source.name
        self._read = 0
        self._expected: int | None = None

    @property
    def size(self) -> int:
        """How many bytes the file has, packed as it is; 0 for a pipe, and before it is read."""
        return self._source.size

    @property
    def n_expected(self) -> int | None:
        """About how many rows there are, going by the share of the file that has been read."""
        if self._expected is None and self._read and (share := self._source.share):
            return max(self._read, round(self._read / share))
        return self._expected

    def columns(self) -> list[str] | None:
        """List all columns, where they can be known before the rows are read.

        JSON lines are read once for that; None where they come from a pipe.
        """
        if self.format == "txt":
            return ["text"]
        if not self._source.can_be_read_again:
            return None
        if self.format == "parquet":
            with self._source.opened_for_seeking() as file:
                return ParquetTable(file, self.name).columns
        names: dict[str, None] = {}
        for row in self._rows():
            names.update(dict.fromkeys(row.values))
            check_width(self.name, len(names))
            if self.format != "jsonl":
                break
        return list(names)

    def rows(self) -> Iterator[Row]:
        """Read the rows.

        Yields
        ------
        Row
            csv and tsv give strings, jsonl and parquet what they hold.

        Raises
        ------
        DataError
            When the file cannot be read, is not what the format says, or holds no row.
        """
        self._read = 0
        for row in self._rows():
            self._read += 1
            yield row
        self._expected = self._read
        if not self._read:
            raise DataError(f"{self.name}: holds no rows; expected at least one")

    def _rows(self) -> Iterator[Row]:
        if self.format == "parquet":
            with self._source.opened_for_seeking() as file:
                table = ParquetTable(file, self.name)
                self._expected = table.n_rows
                yield from table.rows()
            return
        lines = read_text_lines(self._source)
        if self.format == "jsonl":
            yield from read_json_lines(lines, self.name)
        elif self.format == "txt":
            for number, line in enumerate(lines, start=1):
                yield Row(number, {"text": line.rstrip("\r\n")})
        else:
            yield from read_delimited(lines, self.name, DELIMITERS[self.format])


def read_rows(path: Path, format: str, content: bytes | None = None) -> Iterator[Row]:
    """Read the rows of a table that will be held together, all of them.

    Parameters
    ----------
    path, format, content
        As `Table` takes them.

    Yields
    ------
    Row
        As `Table.rows` does.

    Raises
    ------
    DataError
        As `Table.rows` does, and when the rows take far more memory than the file has bytes.
    """
    table = Table(path, format, content)
    held = 0
    for row in table.rows():
        held += _BYTES_OF_A_VALUE * (1 + len(row.values)) + weight(row)
        if held > max(_ALWAYS_HELD, _MOST_HELD * table.size):
            raise DataError(
                f"{table.name}, line {row.line}: the rows to here take more than "
                f"{_MOST_HELD} times the memory that the file has bytes ({table.size}); "
                "is it one line many times over? Where it is meant, give it unpacked, as csv"
            )
        yield row


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
