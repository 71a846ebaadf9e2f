"""A file of rows that appears when it is whole, and before that can be gone on with."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple

from stanceml.exceptions import DataError
from stanceml.files import check_file_can_be_replaced, lock, read_text, write_text, writing
from stanceml.tables.rows import Row

__all__ = ["ENCODING", "FinishedRow", "UnfinishedFile"]

#: A lone surrogate cannot be written as UTF-8; escaped, it is still valid JSON.
ENCODING: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}

_OTHER = {"model": "another model", "options": "other options"}


class FinishedRow(NamedTuple):
    """A row that stands in the unfinished file, and whether it could not be judged."""

    row: Row
    failed: bool


class UnfinishedFile:
    """`FILE.part`, held by one process, and `FILE.part.json`, which says what its rows come from.

    Parameters
    ----------
    path : Path
        The file that is to be.
    facts : dict
        What must be the same for rows of two runs to stand in one file.
    resume : bool
        Whether the rows that a run before this one left are gone on with.

    Attributes
    ----------
    part : Path
        Where the rows are until all are there.
    exists : bool
        Whether a run before this one left rows.
    is_begun : bool
        Whether there are rows of this run, or rows that this run goes on with.

    Raises
    ------
    DataError
        When the file cannot be written, or another run is writing it.
    """

    def __init__(self, path: Path, facts: dict[str, Any], resume: bool) -> None:
        self._path = check_file_can_be_replaced(path)
        self.part = self._path.with_name(f"{self._path.name}.part")
        self._facts_path = self._path.with_name(f"{self.part.name}.json")
        # Until the first rows are there, nothing is to be seen, and older rows stay.
        self._hidden = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.tmp")
        self._facts = facts
        self.exists = self.part.exists()
        self._goes_on = resume and self.exists
        self._left: list[Row] = []
        self.is_begun = False

    def __enter__(self) -> "UnfinishedFile":
        with ExitStack() as stack, self._told():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self.exists:
                older = stack.enter_context(self._locked(self.part, 0))
            if self._goes_on:
                self._file = older
            else:
                stack.callback(self._hidden.unlink, missing_ok=True)
                self._file = stack.enter_context(self._locked(self._hidden, os.O_CREAT | os.O_EXCL))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def finished_rows(
        self, head: str, expected: Iterable[tuple[Row, str]]
    ) -> Iterator[FinishedRow]:
        """Go through the rows that are there, beside those of the input, and drop a torn last one.

        Parameters
        ----------
        head : str
            What the file begins with.
        expected : iterable of (Row, str)
            The rows of the input, and how each one's line begins: with all that the input says.

        Raises
        ------
        DataError
            When what is there comes from something else.
        """
        self._check_facts()
        file = self._file
        if head and not self._begins(file, head):
            # Not even the names of the columns were written.
            self._cut(0)
            return
        end = file.tell()
        number = 0
        for number, (row, beginning) in enumerate(expected, start=1):
            wanted = _bytes(beginning)
            found = file.read(len(wanted))
            rest = file.readline() if found == wanted else b""
            if found != wanted and (len(found) == len(wanted) or not wanted.startswith(found)):
                raise self._differs(f"row {number} is not that of line {row.line}")
            if not rest.endswith(b"\n"):
                self._left.append(row)
                break
            end = file.tell()
            yield FinishedRow(row, rest.startswith((b"null", b",", b"\t")))
        else:
            if file.read(1):
                raise self._differs(f"the input has {number} rows, and more are there")
        self._cut(end)

    def rows_left(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Give the rows that `finished_rows` found to be missing."""
        return chain(self._left, rows)

    def append(self, head: str, text: str) -> None:
        """Add whole lines, the head before the first ones."""
        with self._told():
            self._file.write(_bytes(text if self._file.tell() else head + text))
            self._file.flush()
        if not self.is_begun:
            if not self._goes_on and not self.exists and self.part.exists():
                raise DataError(self._held)
            if not self._goes_on:
                # Older rows never stand beside the facts of newer ones.
                self.part.unlink(missing_ok=True)
            write_text(self._facts_path, json.dumps(self._facts, indent=1) + "\n")
            if not self._goes_on:
                with self._told():
                    self._hidden.replace(self.part)
            self.is_begun = True

    def finish(self) -> None:
        """Let the file appear."""
        with self._told():
            os.fsync(self._file.fileno())
            self.part.replace(self._path)
            self._facts_path.unlink(missing_ok=True)

    def _locked(self, path: Path, flags: int) -> BinaryIO:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | flags, 0o666)
        file = os.fdopen(descriptor, "r+b")
        try:
            lock(file, self._held)
        except DataError:
            file.close()
            raise
        return file

    @property
    def _held(self) -> str:
        return f"{self.part}: another run is writing it; wait for its end"

    def _cut(self, end: int) -> None:
        with self._told():
            self._file.seek(end)
            self._file.truncate()
        self.is_begun = end > 0

    def _begins(self, file: BinaryIO, head: str) -> bool:
        wanted = _bytes(head)
        found = file.read(len(wanted))
        if found != wanted and (len(found) == len(wanted) or not wanted.startswith(found)):
            raise self._differs("its first line has other columns")
        return found == wanted

    def _check_facts(self) -> None:
        try:
            facts = json.loads(read_text(self._facts_path))
        except (DataError, ValueError, RecursionError) as error:
            raise DataError(
                f"{self._facts_path}: does not say what {self.part.name} comes from; "
                "begin anew, without --resume"
            ) from error
        for name, now in self._facts.items():
            then = facts.get(name) if isinstance(facts, dict) else None
            if then != now:
                raise self._differs(f"it was written with {_OTHER[name]}{_difference(then, now)}")

    def _differs(self, how: str) -> DataError:
        return DataError(
            f"{self.part}: cannot be gone on with: {how}; "
            "begin anew, without --resume, or name another file"
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with writing(self.part):
                yield
        except OSError as error:
            raise DataError(
                f"{self.part}: cannot be written ({error.strerror or error})"
            ) from error


def _difference(then: object, now: object) -> str:
    if not (isinstance(then, dict) and isinstance(now, dict)):
        return ""
    changed = [name for name in now if then.get(name) != now[name]]
    return f" ({changed[0]} was {then.get(changed[0])}, is {now[changed[0]]})" if changed else ""


def _bytes(text: str) -> bytes:
    return text.encode(**ENCODING)
