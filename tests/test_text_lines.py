"""Bytes that are to be text: read line by line, and what is no text told by its place."""

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from stanceml.tables.rows import Row

ReadTable = Callable[[Path, str | bytes, str], list[Row]]
Complaint = Callable[[Path, str | bytes, str], str]


@pytest.mark.mistakes
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("n_lines", [0, 1, 5000])
def test_a_bad_byte_is_told_by_its_place_in_the_file(
    tmp_path: Path, n_lines: int, packed: bool, complaint: Complaint
) -> None:
    before = ("text\n" + "Kyiv waits: “yes”.\n" * n_lines).encode()
    path = tmp_path / ("rows.csv.gz" if packed else "rows.csv")
    content = codecs.BOM_UTF8 + before + b"K\xf6ln\n"
    where = f"(byte 0xf6 at offset {3 + len(before) + 1}) in line {n_lines + 2}"
    message = complaint(path, gzip.compress(content) if packed else content, "csv")
    assert where in message
    assert ("of what is unpacked" in message) == packed


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("content", "looks"),
    [
        ("text\nа\n".encode("utf-16"), "UTF-16; save it as UTF-8"),
        (gzip.compress(b"text\na\n", mtime=0), "gzip; unpack it"),
        (b"PK\x03\x04\x14\x00\x06\x00", "an Excel workbook"),
        (b"PAR1\x15\x04\x00", "Parquet"),
    ],
)
def test_other_files_are_recognised(
    tmp_path: Path, content: bytes, looks: str, complaint: Complaint
) -> None:
    for format in ("csv", "tsv", "jsonl", "txt"):
        assert f"it looks like {looks}" in complaint(tmp_path / "rows", content, format)


@pytest.mark.mistakes
@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "txt"])
def test_not_utf8(tmp_path: Path, format: str, complaint: Complaint) -> None:
    message = complaint(tmp_path / "rows", b"text\nK\xf6ln\n", format)
    if format != "jsonl":
        assert message.startswith(": not UTF-8 (byte 0xf6 at offset 6)")


def test_lines_may_end_in_carriage_returns(tmp_path: Path, read_table: ReadTable) -> None:
    assert [row.values for row in read_table(tmp_path / "r", "a,b\r1,2\r3,4\r", "csv")] == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]
