"""Temporary folders: one's own goes, those of the dead go, those of the living stay."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stanceml.exceptions import DataError
from stanceml.files import writing
from stanceml.workflows.scratch import scratch_folder

LIVING = """
import sys, time
from stanceml.workflows.scratch import scratch_folder
with scratch_folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def another() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", LIVING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_it_goes_with_the_block_and_takes_others_files_in(place: Path) -> None:
    with scratch_folder() as folder:
        assert folder.parent == place
        assert Path(tempfile.mkdtemp()).parent == folder
    assert list(place.iterdir()) == []
    assert tempfile.gettempdir() == str(place)
    with pytest.raises(ZeroDivisionError), scratch_folder():
        _ = 1 // 0
    assert list(place.iterdir()) == []


def test_those_of_the_dead_go_and_those_of_the_living_stay(place: Path) -> None:
    dead, living = another(), another()
    with dead, living:
        assert dead.stdout
        assert living.stdout
        left, kept = Path(dead.stdout.readline().strip()), Path(living.stdout.readline().strip())
        dead.kill()
        dead.wait()
        (place / "stanceml-of-somebody-else").mkdir()
        target = place / "elsewhere"
        target.mkdir()
        (place / "stanceml-linklink").symlink_to(target)
        for path in place.iterdir():
            os.utime(path, (0, 0))
        (place / "stanceml-just_now").mkdir()
        assert left.is_dir()
        with scratch_folder():
            assert not left.exists()
            assert kept.is_dir()
        living.communicate("")
    assert {path.name for path in place.iterdir()} == {
        "stanceml-of-somebody-else",
        "stanceml-linklink",
        "stanceml-just_now",
        "elsewhere",
    }


@pytest.mark.mistakes
def test_no_place_at_all(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(place / "missing")])
    with (
        pytest.raises(DataError, match=r"no place for temporary files .* TMPDIR"),
        scratch_folder(),
    ):
        pass


@pytest.mark.mistakes
def test_a_full_disk_is_named(place: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with (
            pytest.raises(DataError, match=r"stanceml-.*: cannot be written \(File too large\)"),
            scratch_folder() as folder,
        ):
            (folder / "large").write_bytes(b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(place.iterdir()) == []
    full = Path("/dev/full")
    if full.exists():
        with (
            pytest.raises(DataError, match=r"out: cannot be written .*No space left"),
            writing(Path("out")),
        ):
            full.write_text("x")


def test_other_mistakes_are_not_renamed() -> None:
    with pytest.raises(FileNotFoundError), writing(Path("out")):
        Path("surely not there").stat()
