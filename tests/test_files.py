"""Files and folders that appear whole or not at all, and what is said of those that do not."""

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.exceptions import DataError
from stanceml.files import (
    check_folder_can_be_replaced,
    read_bytes,
    read_regular_file,
    read_sums,
    read_text,
    replaced_file,
    replaced_folder,
    sha256,
    write_text,
)

TEXT = st.text(st.characters(codec="utf-8"))
DIGEST = "0123456789abcdef" * 4


class _Stop(BaseException):
    """Like a keyboard interrupt: no `Exception`."""


def _break_file(path: Path, error: type[BaseException]) -> None:
    with replaced_file(path) as temporary:
        temporary.write_text("half")
        raise error


def _break_folder(path: Path, error: type[BaseException]) -> None:
    with replaced_folder(path, "old") as temporary:
        (temporary / "new").write_text("half")
        raise error


def _listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@settings(max_examples=50)
@given(text=TEXT)
def test_text_is_written_unchanged(scratch: Path, text: str) -> None:
    path = scratch / "text"
    write_text(path, text)
    assert path.read_bytes() == text.encode()
    assert read_text(path) == text.removeprefix("\ufeff")
    assert sha256(read_bytes(path)) == hashlib.sha256(text.encode()).hexdigest()


@given(names=st.lists(st.from_regex(r"[\w.-]{1,20}\.txt", fullmatch=True), unique=True))
def test_sums_round_trip(scratch: Path, names: list[str]) -> None:
    sums = {name: sha256(name.encode()) for name in names}
    path = scratch / "SHA256SUMS"
    path.write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), "utf-8")
    assert read_sums(path) == sums


@pytest.mark.mistakes
@pytest.mark.parametrize(
    "line", ["", "a.txt", DIGEST, f"{DIGEST}  ", f"{DIGEST} a.txt", f"{DIGEST[1:]}  a.txt"]
)
def test_wrong_line_of_sums(tmp_path: Path, line: str) -> None:
    path = tmp_path / "SHA256SUMS"
    path.write_text(f"{DIGEST}  first.txt\n{line}\n")
    with pytest.raises(DataError, match=r"^.*SHA256SUMS, line 2: .*no checksum line.*$"):
        read_sums(path)


@pytest.mark.mistakes
def test_a_name_that_stands_twice_in_the_sums(tmp_path: Path) -> None:
    path = tmp_path / "SHA256SUMS"
    path.write_text(f"{DIGEST}  a.txt\n{DIGEST}  b.txt\n{DIGEST}  a.txt\n")
    with pytest.raises(DataError, match=r"SHA256SUMS, line 3: 'a\.txt' stands twice"):
        read_sums(path)


@pytest.mark.mistakes
def test_sums_of_a_limited_size(tmp_path: Path) -> None:
    path = tmp_path / "SHA256SUMS"
    path.write_text(f"{DIGEST}  a.txt\n")
    assert read_sums(path, 72) == read_sums(path) == {"a.txt": DIGEST}
    with pytest.raises(DataError, match="has 72 bytes; expected 71 at most"):
        read_sums(path, 71)


@pytest.mark.mistakes
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_a_regular_file_is_read_whole_up_to_the_limit(tmp_path: Path, size: int) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"x" * size)
    link.symlink_to(path)
    assert read_regular_file(path, size) == read_regular_file(link, size) == b"x" * size
    with pytest.raises(DataError, match=rf"file: has {size} bytes; expected {size - 1} at most"):
        read_regular_file(path, size - 1)


@pytest.mark.mistakes
def test_a_pipe_is_no_regular_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null"), Path("/dev/zero")):
        with pytest.raises(DataError, match="is a device or pipe; expected a regular file"):
            read_regular_file(path, 10)


@pytest.mark.mistakes
def test_no_regular_file_where_a_folder_or_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; expected a file"):
        read_regular_file(tmp_path, 10)
    with pytest.raises(DataError, match=r"gone\.txt: no such file; check the path$"):
        read_regular_file(tmp_path / "gone.txt", 10)


@pytest.mark.mistakes
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs a file that has no size")
def test_a_file_that_gives_more_than_it_has(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gave 1 bytes or more, and should have 0"):
        read_regular_file(Path("/proc/self/maps"), 10)


@pytest.mark.mistakes
def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.txt: no such file; check the path$"):
        read_bytes(tmp_path / "gone.txt")


@pytest.mark.mistakes
def test_missing_file_in_a_missing_folder_names_both(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.txt: no such file; the folder .*/lost does not"):
        read_text(tmp_path / "lost" / "gone.txt")


@pytest.mark.mistakes
def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; expected a file"):
        read_bytes(tmp_path)


@pytest.mark.mistakes
def test_not_utf8_names_byte_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("Köln".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin\.txt: not UTF-8 \(byte 0xf6 at offset 1\)"):
        read_text(path)


def test_file_is_replaced_when_the_block_succeeds_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    write_text(path, "old")
    with replaced_file(path) as temporary:
        assert temporary.parent == path.parent
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert _listing(path.parent) == ["file.txt"]


@pytest.mark.parametrize("error", [ValueError, _Stop])
@pytest.mark.parametrize("old", [None, "old"])
def test_failed_file_leaves_what_was_there(
    tmp_path: Path, old: str | None, error: type[BaseException]
) -> None:
    path = tmp_path / "file.txt"
    if old:
        path.write_text(old)
    with pytest.raises(error):
        _break_file(path, error)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == (
        {"file.txt": old} if old else {}
    )


def test_written_files_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_text(tmp_path / "written", "")
    with replaced_folder(tmp_path / "folder", "model.json") as temporary:
        (temporary / "file").touch(0o600)
    (tmp_path / "usual-folder").mkdir()
    modes = {path.name: path.stat().st_mode for path in tmp_path.iterdir()}
    assert modes["written"] == modes["usual"] == (tmp_path / "folder" / "file").stat().st_mode
    assert modes["folder"] == modes["usual-folder"]


@pytest.mark.mistakes
def test_file_cannot_take_the_place_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"), replaced_file(tmp_path):
        pytest.fail("the block must not run")


@pytest.mark.mistakes
def test_file_cannot_be_put_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"inner\.txt: cannot be written"):
        write_text(tmp_path / "file" / "inner.txt", "")


def test_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "model"
    with replaced_folder(path, "old") as temporary:
        (temporary / "old").write_text("old")
    with replaced_folder(path, "old") as temporary:
        (temporary / "new").write_text("new")
        assert _listing(path) == ["old"]
    assert _listing(path.parent) == ["model", "model/new"]
    assert (path / "new").read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, _Stop])
@pytest.mark.parametrize("old", [True, False])
def test_failed_folder_leaves_what_was_there(
    tmp_path: Path, old: bool, error: type[BaseException]
) -> None:
    path = tmp_path / "model"
    if old:
        path.mkdir()
        (path / "old").write_text("old")
    with pytest.raises(error):
        _break_folder(path, error)
    assert _listing(tmp_path) == (["model", "model/old"] if old else [])
    assert not old or (path / "old").read_text() == "old"


def test_folder_may_hold_folders(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with replaced_folder(path, "old") as temporary:
        (temporary / "inner").mkdir()
        (temporary / "inner" / "file").write_text("deep")
    assert (path / "inner" / "file").read_text() == "deep"


@pytest.mark.mistakes
def test_folder_cannot_take_the_place_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_text("precious")
    with (
        pytest.raises(DataError, match="model: cannot be written"),
        replaced_folder(path, "model.json"),
    ):
        pytest.fail("the block must not run")
    assert path.read_text() == "precious"
    assert _listing(tmp_path) == ["model"]


@pytest.mark.mistakes
def test_a_folder_with_other_things_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="holds other files"):
        check_folder_can_be_replaced(tmp_path, "model.json")
    with (
        pytest.raises(DataError, match="holds other files"),
        replaced_folder(tmp_path, "model.json"),
    ):
        pytest.fail("the block must not run")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.mistakes
def test_no_room_is_told_with_the_place(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        pytest.raises(DataError, match=r"out\.csv: cannot be written \(No space left on device\)"),
        replaced_file(tmp_path / "out.csv"),
    ):
        raise full
    with (
        pytest.raises(DataError, match=r"model: cannot be written \(No space left on device\)"),
        replaced_folder(tmp_path / "model", "model.json"),
    ):
        raise full
    assert not list(tmp_path.iterdir())


WRITER = """
import sys
from pathlib import Path
from stanceml.files import replaced_file, replaced_folder
with replaced_file(Path("out.csv")), replaced_folder(Path("model"), "model.json"):
    print("writes", flush=True)
    sys.stdin.read()
"""


def test_what_killed_runs_left_goes_and_what_others_write_stays(tmp_path: Path) -> None:
    def writer() -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", WRITER],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def write() -> None:
        for path in tmp_path.iterdir():
            os.utime(path, (0, 0))
        write_text(tmp_path / "out.csv", "mine")
        with replaced_folder(tmp_path / "model", "model.json") as folder:
            (folder / "model.json").touch()

    (tmp_path / ".out.csv.notes.tmp").touch()
    own = [".out.csv.notes.tmp", "model", "model/model.json", "out.csv"]
    with writer() as dead:
        assert dead.stdout
        assert dead.stdout.readline()
        dead.kill()
    assert len(_listing(tmp_path)) == 3
    write()
    assert _listing(tmp_path) == own
    with writer() as living:
        assert living.stdout
        assert living.stdout.readline()
        write()
        assert len(_listing(tmp_path)) == len(own) + 2
        living.communicate("")
    assert (tmp_path / "model").is_dir()
    assert (tmp_path / "out.csv").read_text() == ""


def test_a_folder_set_aside_is_kept_while_it_is_the_only_one(tmp_path: Path) -> None:
    path, aside = tmp_path / "model", tmp_path / ".model.abcd0123.tmp.old"
    aside.mkdir()
    os.utime(aside, (0, 0))
    check_folder_can_be_replaced(path, "model.json")
    assert aside.is_dir()
    path.mkdir()
    check_folder_can_be_replaced(path, "model.json")
    assert not aside.exists()
