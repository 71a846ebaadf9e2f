"""What a long search has finished, kept line by line, so that a second run goes on after it."""

import base64
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple

import numpy as np

from stanceml.exceptions import DataError
from stanceml.files import lock

__all__ = ["Journal", "Task"]

# Two bytes a row: far more rows than a sweep can hold, and few enough to be unpacked.
_MOST_BYTES: Final = 100_000_000


class Task(NamedTuple):
    """One model to be fitted and asked.

    Attributes
    ----------
    outer : int
        The outer fold, from 0; the number of outer folds stands for all rows.
    rung : int
        The rung of successive halving, from 0.
    inner : int
        The inner fold, from 0; -1 for a model of all training rows of the outer fold.
    candidate : int
        Position among the candidates; -1 for the base.
    """

    outer: int
    rung: int
    inner: int
    candidate: int


class Journal:
    """A file of JSON lines: first what it belongs to, then a line for each finished task.

    To be used in a `with` block, in which no other process can open it. Each line is handed to the
    system as it is written; one that a kill has torn is dropped when the file is opened again.

    Parameters
    ----------
    path : Path
    key : str
        Tells data and search apart: a file with another key is not taken.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path, task = Path(folder) / "journal.jsonl", Task(0, 0, 2, 5)
    ...     with Journal(path, "key") as journal:
    ...         journal.append(task, np.array([0, 2, 1]))
    ...     with Journal(path, "key") as journal:
    ...         print(journal.finished(0)[task].tolist())
    [0, 2, 1]
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.key = key

    def __enter__(self) -> "Journal":
        """Open the file, or make it; raise a DataError where it cannot be used."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b")
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be written ({error.strerror or error})"
            ) from error
        try:
            self._prepare()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file, and let others open it."""
        self._file.close()

    def append(self, task: Task, predicted: np.ndarray) -> None:
        """Add the labels that a model predicted, as positions among the classes."""
        packed = zlib.compress(predicted.astype("<u2").tobytes(), 1)
        line = task._asdict() | {"predicted": base64.b64encode(packed).decode()}
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()

    def finished(self, outer: int) -> dict[Task, np.ndarray]:
        """Give what was predicted for the tasks of one outer fold."""
        return {task: predicted for task, predicted in self._tasks() if task.outer == outer}

    def count(self) -> int:
        """Count the finished tasks."""
        return len({task for task, _ in self._tasks()})

    def _prepare(self) -> None:
        lock(self._file, f"{self.path}: another sweep of this data is writing it; wait for its end")
        length = self._whole()
        self._file.truncate(length)
        if length == 0:
            self._file.write(json.dumps({"key": self.key}).encode() + b"\n")
            self._file.flush()
        elif next(self._lines())[1] != {"key": self.key}:
            raise DataError(f"{self.path}: belongs to another sweep; remove it to begin anew")
        # A line that cannot be read is found now, and not after hours.
        for _ in self._tasks():
            pass

    def _whole(self) -> int:
        """Measure the file up to the end of its last whole line."""
        end = self._file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            self._file.seek(start)
            found = self._file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
        return 0

    def _tasks(self) -> Iterator[tuple[Task, np.ndarray]]:
        lines = self._lines()
        next(lines)
        for number, line in lines:
            try:
                task = Task(*(int(line[name]) for name in Task._fields))
                predicted = np.frombuffer(_unpacked(line["predicted"]), "<u2")
            except (KeyError, TypeError, ValueError, OverflowError, zlib.error) as error:
                raise self._damage(number) from error
            yield task, predicted

    def _lines(self) -> Iterator[tuple[int, Any]]:
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield number, json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise self._damage(number) from error

    def _damage(self, number: int) -> DataError:
        return DataError(
            f"{self.path}, line {number}: damaged; remove the line, or the file to begin anew"
        )


def _unpacked(text: str) -> bytes:
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(base64.b64decode(text), _MOST_BYTES)
    if not unpacking.eof:
        raise ValueError("torn, or far too long")
    return content
