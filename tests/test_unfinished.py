"""A file that is not there until it is whole."""

import json
from pathlib import Path

import pytest

from stanceml.exceptions import DataError
from stanceml.workflows.unfinished import UnfinishedFile


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.csv"
    with UnfinishedFile(path, {"model": "m"}, resume=False) as file:
        assert not path.exists()
        assert not file.part.exists()
        file.append("a\n", "1\n")
        assert _names(path.parent) == ["rows.csv.part", "rows.csv.part.json"]
        assert json.loads((path.parent / "rows.csv.part.json").read_text()) == {"model": "m"}
        file.append("a\n", "2\n")
        file.finish()
    assert _names(path.parent) == ["rows.csv"]
    assert path.read_text() == "a\n1\n2\n"


def test_nothing_is_left_of_a_run_without_rows(tmp_path: Path) -> None:
    with UnfinishedFile(tmp_path / "rows.csv", {}, resume=False):
        pass
    assert _names(tmp_path) == []


def test_the_target_of_a_link_is_written(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to("rows.csv")
    with UnfinishedFile(link, {}, resume=False) as file:
        file.append("", "1\n")
        file.finish()
    assert link.is_symlink()
    assert (tmp_path / "rows.csv").read_text() == "1\n"


@pytest.mark.mistakes
def test_a_run_that_another_has_overtaken_stops(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with (
        UnfinishedFile(path, {}, resume=False) as slow,
        UnfinishedFile(path, {}, resume=False) as fast,
    ):
        fast.append("", "fast\n")
        with pytest.raises(DataError, match="another run is writing it"):
            slow.append("", "slow\n")
        fast.finish()
    assert path.read_text() == "fast\n"
    assert _names(tmp_path) == ["rows.csv"]


@pytest.mark.mistakes
@pytest.mark.parametrize("kind", ["folder", "part"])
def test_what_is_in_the_way_is_told(tmp_path: Path, kind: str) -> None:
    name = "rows.csv" if kind == "folder" else "rows.csv.part"
    (tmp_path / name).mkdir()
    with (
        pytest.raises(DataError, match="cannot be written"),
        UnfinishedFile(tmp_path / "rows.csv", {}, resume=False),
    ):
        pass
    assert _names(tmp_path) == [name]
