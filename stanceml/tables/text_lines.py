"""Bytes in; lines of text out, each of bounded length, and a word on bytes that are no text."""

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Final, cast

from stanceml.exceptions import DataError
from stanceml.tables.rows import LONGEST_ROW, MOST_BLANK_LINES
from stanceml.tables.sources import CountedBytes, Source

__all__ = ["read_text_lines"]

_SIGNATURES: Final = {
    b"\xff\xfe": "UTF-16; save it as UTF-8",
    b"\xfe\xff": "UTF-16; save it as UTF-8",
    b"\x1f\x8b": "gzip; unpack it, or let its name end in .gz",
    b"PK\x03\x04": "an Excel workbook or a zip archive; save the sheet as CSV UTF-8",
    b"PAR1": "Parquet; name it .parquet, or say --input-format parquet",
}
_NO_TEXT: Final = "save the file as UTF-8 and try again"


def read_text_lines(source: Source) -> Iterator[str]:
    r"""Read a source as UTF-8, line by line, each with its line end.

    Lines end in `\n`, `\r\n` or `\r`. A byte order mark is dropped. A NUL is a character like
    others, but for the first line, where it tells that the file is no text.

    Raises
    ------
    DataError
        When the source cannot be read or is not UTF-8, a line is longer than `LONGEST_ROW`, or more
        than `MOST_BLANK_LINES` follow each other.
    """
    with source.opened() as file:
        yield from _lines(file, source)


def _lines(file: BinaryIO, source: Source) -> Iterator[str]:
    counted = CountedBytes(file, source)
    text = io.TextIOWrapper(cast(BinaryIO, counted), encoding="utf-8-sig", newline="")
    number = written = 0
    try:
        while line := text.readline(LONGEST_ROW + 1):
            number += 1
            if not line.isspace():
                written = number
            elif number - written > MOST_BLANK_LINES:
                raise DataError(
                    f"{source.name}, line {written + 1}: {MOST_BLANK_LINES} lines on end are blank "
                    "from here; expected rows"
                )
            if len(line) > LONGEST_ROW:
                raise DataError(
                    f"{source.name}, line {number}: longer than {LONGEST_ROW} characters; "
                    "expected a sentence or a row a line"
                )
            if number == 1 and "\0" in line:
                looks = _looks_like(counted.head) or "UTF-16, or no text at all; " + _NO_TEXT
                raise DataError(
                    f"{source.name}: a NUL character in the first line: it looks like {looks}"
                )
            yield line
    except UnicodeDecodeError as error:
        raise _not_utf8(source, counted, error, number) from error
    finally:
        # The file is closed by whoever opened it, and may be so already when reading stops early.
        with suppress(ValueError):
            text.detach()


def _not_utf8(
    source: Source, counted: CountedBytes, error: UnicodeDecodeError, lines_before: int
) -> DataError:
    # What the decoder saw ends where reading stands.
    offset = counted.count - len(error.object) + error.start
    line = lines_before + 1 + error.object[: error.start].count(b"\n")
    where = " of what is unpacked" if source.is_packed else ""
    looks = _looks_like(counted.head)
    mend = f"it looks like {looks}" if looks else _NO_TEXT
    return DataError(
        f"{source.name}: not UTF-8 (byte 0x{error.object[error.start]:02x} at offset {offset}) "
        f"in line {line}{where}; {mend}"
    )


def _looks_like(head: bytes) -> str:
    return next((looks for start, looks in _SIGNATURES.items() if head.startswith(start)), "")
