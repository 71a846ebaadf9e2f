"""Where tables come from: packed files, pipes, content that was read already."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stanceml.tables.rows import Row
from stanceml.tables.tables import Table, read_rows, table_format

ReadTable = Callable[[Path, str | bytes, str], list[Row]]
Complaint = Callable[[Path, str | bytes, str], str]


@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "txt"])
def test_packed_text(tmp_path: Path, format: str, read_table: ReadTable) -> None:
    content = '{"text": "a"}\n' if format == "jsonl" else "text\na\n"
    packed = tmp_path / f"rows.{format}.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    assert list(read_rows(packed, table_format(packed))) == read_table(
        tmp_path / "r", content, format
    )


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda packed: b"text\na\n", "is no gzip file, although its name ends in .gz"),
        (lambda packed: packed[:-20], "is damaged or ends too early"),
        (
            lambda packed: packed[:-8] + b"\0" * 8,
            "is damaged or ends too early",
        ),
    ],
)
def test_damaged_packed_text(tmp_path: Path, damage: Any, said: str, complaint: Complaint) -> None:
    lines = "".join(f"Kyiv waits for answer {number**7}.\n" for number in range(2000))
    packed = gzip.compress(lines.encode())
    assert said in complaint(tmp_path / "rows.txt.gz", damage(packed), "txt")


def test_how_many_rows_there_are_is_told_from_the_share_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("Kyiv waits.\n" * 20_000)
    table = Table(path, "txt")
    assert table.n_expected is None
    rows = table.rows()
    for _ in range(10_000):
        next(rows)
    assert table.n_expected is not None
    assert 18_000 < table.n_expected < 22_000


def test_content_that_was_read_already(tmp_path: Path) -> None:
    assert [row.values for row in read_rows(tmp_path / "gone.csv", "csv", b"a\n1\n")] == [
        {"a": "1"}
    ]
