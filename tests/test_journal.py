"""A journal: what was finished is there again, whatever the moment of a kill."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.exceptions import DataError
from stanceml.search.journal import Journal, Task

TASKS = [Task(0, 0, 0, 3), Task(0, 1, 2, 0), Task(1, 0, -1, -1), Task(0, 0, 1, 3)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "deep" / "journal.jsonl"
    with Journal(path, "key") as journal:
        for number, task in enumerate(TASKS):
            journal.append(task, np.arange(number + 5) * 7)
    return path


def finished(journal: Journal) -> dict[Task, list[int]]:
    return {
        task: predicted.tolist()
        for outer in (0, 1)
        for task, predicted in journal.finished(outer).items()
    }


def test_what_is_written_is_read(written: Path) -> None:
    with Journal(written, "key") as journal:
        assert journal.count() == 4
        assert set(journal.finished(0)) == {TASKS[0], TASKS[1], TASKS[3]}
        assert list(journal.finished(1)) == [TASKS[2]]
        assert journal.finished(7) == {}
        for number, task in enumerate(TASKS):
            assert finished(journal)[task] == [7 * row for row in range(number + 5)]


@given(share=st.floats(0, 1), labels=st.lists(st.integers(0, 60_000), max_size=30))
def test_a_torn_last_line_is_dropped(
    share: float, labels: list[int], written: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = written.read_bytes()
    torn = whole[: round(share * len(whole))]
    path = tmp_path_factory.getbasetemp() / "torn.jsonl"
    path.write_bytes(torn)
    with Journal(path, "key") as journal:
        assert journal.count() == max(0, torn.count(b"\n") - 1)
        journal.append(Task(9, 0, 0, 0), np.array(labels, dtype=int))
    with Journal(path, "key") as journal:
        kept = max(0, torn.count(b"\n") - 1)
        assert journal.count() == kept + 1
        assert journal.finished(9)[Task(9, 0, 0, 0)].tolist() == labels
        assert set(finished(journal)) == set(TASKS[:kept])


def test_a_line_counts_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, "key") as journal:
        journal.append(TASKS[0], np.zeros(3))
        assert path.read_bytes().count(b"\n") == 2


@pytest.mark.mistakes
def test_another_key_is_refused(written: Path) -> None:
    before = written.read_bytes()
    with (
        pytest.raises(DataError, match="belongs to another sweep; remove it"),
        Journal(written, "other"),
    ):
        pass
    assert written.read_bytes() == before


@pytest.mark.mistakes
def test_two_cannot_write_at_once(written: Path) -> None:
    with (
        Journal(written, "key"),
        pytest.raises(DataError, match="another sweep of this data is writing it"),
        Journal(written, "key"),
    ):
        pass
    with Journal(written, "key") as journal:
        assert journal.count() == 4


@pytest.mark.mistakes
@pytest.mark.parametrize(
    "line",
    [
        b"null",
        b"{}",
        b"}",
        b'{"outer": 0, "rung": 0, "inner": 0, "candidate": 0, "predicted": "x"}',
    ],
)
def test_a_damaged_line_is_named(line: bytes, written: Path, tmp_path: Path) -> None:
    lines = written.read_bytes().splitlines()
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[2:], b""]))
    with pytest.raises(DataError, match=r"journal\.jsonl, line 3: damaged"), Journal(path, "key"):
        pass


@pytest.mark.mistakes
def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataError, match="cannot be written"),
        Journal(tmp_path / "file" / "journal.jsonl", "key"),
    ):
        pass
