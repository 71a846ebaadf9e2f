"""Where the bytes of a table come from: a file, packed or not, or standard input."""

import gzip
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from stanceml.exceptions import DataError
from stanceml.files import unreadable

__all__ = ["PACKED", "STANDARD_INPUT", "CountedBytes", "Source", "standard_input"]

STANDARD_INPUT: Final = Path("-")

#: How the name of a file ends that gzip has packed.
PACKED: Final = ".gz"


class Source:
    """The bytes of a table, unpacked, and how far they are read.

    Parameters
    ----------
    path : Path
        A file, or `-` for standard input. What ends in `.gz` is unpacked as it is read.
    content : bytes, optional
        What the file holds, where it has been read already.

    Attributes
    ----------
    name : str
        What messages call it.
    can_be_read_again : bool
        Whether it is a file that stays, and neither a pipe nor standard input.
    size : int
        How many bytes the file has, packed as it is, once it is opened; 0 for a pipe.
    """

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.path = path
        self.name = "standard input" if path == STANDARD_INPUT else str(path)
        self.is_packed = path.suffix.lower() == PACKED
        self.can_be_read_again = content is not None or (path != STANDARD_INPUT and path.is_file())
        self._content = content
        self._raw: BinaryIO | None = None
        self.size = 0

    @property
    def share(self) -> float | None:
        """Which share of the file has been read, from 0 to 1, where its size is known."""
        if self._raw is None or self._raw.closed or not self.size:
            return None
        return self._raw.tell() / self.size

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the source from its beginning; what is unpacked is closed, standard input is not.

        Raises
        ------
        DataError
            When it cannot be opened.
        """
        if self.path == STANDARD_INPUT:
            yield standard_input()
            return
        with self._opened_file() as self._raw:
            if self.can_be_read_again:
                self.size = self._raw.seek(0, io.SEEK_END)
                self._raw.seek(0)
            yield cast(BinaryIO, gzip.GzipFile(fileobj=self._raw)) if self.is_packed else self._raw

    @contextmanager
    def opened_for_seeking(self) -> Iterator[BinaryIO]:
        """Open the source so that it can be read in any order; a pipe goes to the disk first."""
        with self.opened() as file:
            if file.seekable():
                yield file
                return
            with tempfile.TemporaryFile(prefix="stanceml-") as copy:
                shutil.copyfileobj(file, copy)
                copy.seek(0)
                yield cast(BinaryIO, copy)

    def _opened_file(self) -> BinaryIO:
        if self._content is not None:
            return io.BytesIO(self._content)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise DataError(unreadable(self.path, error)) from error


class CountedBytes(io.BufferedIOBase):
    """Bytes for a text reader, counted, with the beginning kept: messages tell from both."""

    def __init__(self, file: BinaryIO, source: Source) -> None:
        self._file = file
        self._source = source
        self.count = 0
        self.head = b""

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """Read some bytes, or say why they cannot be had."""
        name = self._source.name
        try:
            chunk: bytes = self._file.read1(size)  # type: ignore[attr-defined]
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            if isinstance(error, gzip.BadGzipFile) and not self.count:
                raise DataError(
                    f"{name}: is no gzip file, although its name ends in {PACKED} ({error}); "
                    f"pack it with gzip, or take {PACKED} off its name"
                ) from error
            raise DataError(
                f"{name}: the packed file is damaged or ends too early (after {self.count} bytes "
                "unpacked); copy it again"
            ) from error
        except OSError as error:
            raise DataError(unreadable(self._source.path, error)) from error
        if not self.count:
            self.head = chunk[:8]
        self.count += len(chunk)
        return chunk


def standard_input() -> BinaryIO:
    """Give the bytes of standard input.

    Raises
    ------
    DataError
        When it is closed.
    """
    if sys.stdin is None:
        raise DataError("standard input is closed; give a file, or a pipe")
    return sys.stdin.buffer
