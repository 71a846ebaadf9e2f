"""A Parquet file in; its rows out, a few thousand at a time."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from stanceml.exceptions import DataError
from stanceml.tables.rows import Row, check_width

__all__ = ["ParquetTable"]

_BATCH: Final = 4096


class ParquetTable:
    """A Parquet file whose columns are known, and whose rows are read when they are asked for.

    Parameters
    ----------
    file : binary file
        It can be read in any order.
    name : str
        What messages call it.

    Raises
    ------
    DataError
        When it is no Parquet file, or has no column, two of one name, or too many.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        import pyarrow
        from pyarrow import parquet

        self._name = name
        # The last: what stands in a damaged file is told in bytes that are no text.
        self._broken = (pyarrow.ArrowException, OSError, UnicodeDecodeError)
        try:
            # Pages are read as they are needed, however large the groups of rows are.
            self._file = parquet.ParquetFile(file, buffer_size=1 << 16, pre_buffer=False)
            self.columns: list[str] = list(self._file.schema_arrow.names)
        except self._broken as error:
            raise self._unreadable(error) from error
        if not self.columns:
            raise DataError(f"{name}: holds no columns; expected at least a text")
        check_width(name, len(self.columns))
        doubled = sorted(column for column, count in Counter(self.columns).items() if count > 1)
        if doubled:
            raise DataError(f"{name}: column {doubled[0]!r} stands twice; rename one")

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self._file.metadata.num_rows)

    def rows(self) -> Iterator[Row]:
        """Read the rows.

        Raises
        ------
        DataError
            When the file is damaged, or a value has no form in Python.
        """
        number = 0
        batches = iter(self._file.iter_batches(batch_size=_BATCH))
        while (batch := self._next(batches)) is not None:
            columns = [
                self._values(name, column, number)
                for name, column in zip(self.columns, batch.columns, strict=True)
            ]
            for values in zip(*columns, strict=True):
                number += 1
                yield Row(number, dict(zip(self.columns, values, strict=True)))

    def _next(self, batches: Iterator[Any]) -> Any:
        try:
            return next(batches, None)
        except self._broken as error:
            raise self._unreadable(error) from error

    def _values(self, name: str, column: Any, before: int) -> list[object]:
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError as error:
            where, why = self._first_bad(column, before), f"not UTF-8 ({error.reason})"
            raise DataError(
                f"{self._name}, row {where}: column {name!r} is {why}; write it as UTF-8"
            ) from error
        except (*self._broken, ValueError, OverflowError, ImportError) as error:
            where, why = self._first_bad(column, before), " ".join(str(error).split())
            raise DataError(
                f"{self._name}, row {where}: column {name!r} ({column.type}) holds a value that "
                f"cannot be read ({why}); write it as a string, or leave the column out"
            ) from error

    def _first_bad(self, column: Any, before: int) -> int:
        for number, value in enumerate(column, start=before + 1):
            try:
                value.as_py()
            except Exception:
                return number
        return before + 1

    def _unreadable(self, error: Exception) -> DataError:
        reason = str(error).splitlines()[0]
        return DataError(f"{self._name}: no readable Parquet file ({reason})")
