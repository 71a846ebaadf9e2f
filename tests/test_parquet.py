"""Parquet files: read as rows, and told where they cannot be."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from stanceml.exceptions import DataError
from stanceml.tables.rows import Row
from stanceml.tables.tables import read_rows


def _bad_utf8() -> pa.Array:
    return pa.array([b"a", b"K\xf6ln"], pa.binary()).view(pa.string())


def _parquet(path: Path, *columns: tuple[str, Any]) -> Path:
    arrays = [array for _, array in columns]
    parquet.write_table(pa.Table.from_arrays(arrays, [name for name, _ in columns]), path)
    return path


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"text": ["Kyiv waits.", None], "start": [1, 2]}).to_parquet(path)
    assert list(read_rows(path, "parquet")) == [
        Row(1, {"text": "Kyiv waits.", "start": 1}),
        Row(2, {"text": None, "start": 2}),
    ]


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([("text", pa.array(["a"])), ("text", pa.array(["b"]))], ": column 'text' stands twice"),
        ([], ": holds no columns"),
        ([("text", pa.array([], pa.string()))], ": holds no rows"),
        (
            [("n", pa.array([1, 2])), ("text", _bad_utf8())],
            ", row 2: column 'text' is not UTF-8",
        ),
        (
            [("at", pa.array([2**55], pa.timestamp("ms")))],
            ", row 1: column 'at' (timestamp[ms]) holds a value that cannot be read",
        ),
    ],
)
def test_parquet_that_cannot_be_used(tmp_path: Path, columns: Any, said: str) -> None:
    path = _parquet(tmp_path / "rows.parquet", *columns)
    with pytest.raises(DataError) as caught:
        list(read_rows(path, "parquet"))
    assert str(caught.value).startswith(f"{path}{said}")
    assert len(str(caught.value).splitlines()) == 1
