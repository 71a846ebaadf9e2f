"""The one way in which this package writes and fingerprints files.

Whatever is written appears whole or not at all: it is written under a temporary name in the same
folder, flushed to the disk and then moved into place.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from stanceml.exceptions import DataError

__all__ = [
    "check_file_can_be_replaced",
    "check_folder_can_be_replaced",
    "held",
    "lock",
    "not_utf8",
    "read_bytes",
    "read_regular_file",
    "read_sums",
    "read_text",
    "remove_abandoned",
    "replaced_file",
    "replaced_folder",
    "sha256",
    "unreadable",
    "write_text",
    "writing",
]

# What says that there is no room, wherever in the writing it is said.
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS))
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What is younger may have an owner who is about to take hold of it.
_SECONDS_TO_TAKE_HOLD = 10


def sha256(content: bytes) -> str:
    """Fingerprint bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_bytes(path: Path) -> bytes:
    """Read a whole file, or say in one line why it cannot be read.

    Raises
    ------
    DataError
        When the file is missing, is a folder or may not be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(unreadable(path, error)) from error


def read_regular_file(path: Path, max_size: int) -> bytes:
    """Read a file that somebody else may have made: no pipe, no device, nothing huge.

    A link is followed: what it points to must be a regular file too.

    Parameters
    ----------
    path : Path
    max_size : int
        How many bytes the file may have; none are read of a larger one.

    Raises
    ------
    DataError
        When the file cannot be read, is no regular file, or is too large.
    """
    # Without O_NONBLOCK, to open a pipe is to wait for somebody who writes.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise DataError(f"{path}: is a device or pipe; expected a regular file")
            if status.st_size > max_size:
                raise DataError(f"{path}: has {status.st_size} bytes; expected {max_size} at most")
            content = file.read(status.st_size + 1)
    except OSError as error:
        raise DataError(unreadable(path, error)) from error
    if len(content) != status.st_size:
        raise DataError(
            f"{path}: gave {len(content)} bytes or more, and should have {status.st_size}; "
            "expected a file that nobody is writing"
        )
    return content


def read_text(path: Path) -> str:
    """Read a whole UTF-8 file (a byte order mark is dropped), or say in one line why not.

    Raises
    ------
    DataError
        When the file cannot be read, or is not UTF-8.
    """
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(not_utf8(path, error)) from error


def read_sums(path: Path, max_size: int | None = None) -> dict[str, str]:
    """Read a checksum file as `sha256sum` writes it: file name to hexadecimal digits.

    Parameters
    ----------
    path : Path
    max_size : int, optional
        Given, the file must be a regular one of so many bytes at most.

    Raises
    ------
    DataError
        When the file cannot be read, a line is no checksum line, or a name stands twice.
    """
    content = read_bytes(path) if max_size is None else read_regular_file(path, max_size)
    sums: dict[str, str] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        digest, _, name = line.partition("  ")
        if not _SHA256.fullmatch(digest) or not name:
            raise DataError(
                f"{path}, line {number}: {line[:80]!r} is no checksum line; "
                "expected 64 hexadecimal digits, two spaces and a file name"
            )
        if name in sums:
            raise DataError(
                f"{path}, line {number}: {name[:80]!r} stands twice; expected one line a file"
            )
        sums[name] = digest
    return sums


def unreadable(path: Path, error: OSError) -> str:
    """Say why a file could not be read."""
    if isinstance(error, FileNotFoundError):
        folder = path.parent
        where = "" if folder.is_dir() else f"; the folder {folder} does not exist either"
        return f"{path}: no such file{where}; check the path"
    if isinstance(error, IsADirectoryError):
        return f"{path}: is a folder; expected a file"
    return f"{path}: cannot be read ({error.strerror or error})"


def not_utf8(path: Path | str, error: UnicodeDecodeError) -> str:
    """Say where a file stops being UTF-8."""
    byte = error.object[error.start]
    return (
        f"{path}: not UTF-8 (byte 0x{byte:02x} at offset {error.start}); "
        "save the file as UTF-8 and try again"
    )


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; move it onto `path` when the block succeeds.

    Parameters
    ----------
    path : Path
        The file to be written. Its folder is made where it does not exist.

    Yields
    ------
    Path
        Where to write. It is removed when the block raises.

    Raises
    ------
    DataError
        When the folder cannot be written.
    """
    path = check_file_can_be_replaced(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from error
    os.close(handle)
    temporary = Path(name)
    try:
        with held(temporary), writing(path):
            yield temporary
            temporary.chmod(0o666 & ~_umask())
            _flush(temporary)
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_file_can_be_replaced(path: Path) -> Path:
    """Give the file that would be written: what a link points to is replaced, not the link.

    Raises
    ------
    DataError
        When there is something of that name that is no regular file.
    """
    real = Path(os.path.realpath(path))
    if real.exists() and not real.is_file():
        kind = "folder" if real.is_dir() else "device or pipe"
        raise DataError(f"{path}: cannot be written (it is a {kind}); expected the name of a file")
    return real


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file whole or not at all."""
    with replaced_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


@contextmanager
def replaced_folder(path: Path, marker: str) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; put it in its place when the block succeeds.

    A folder cannot be exchanged in one step everywhere: the old one is moved aside first, and is
    moved back should the second move fail.

    Parameters
    ----------
    path : Path
        The folder to be written.
    marker : str
        A file that tells that an older folder is of the same kind: a folder with other things in it
        is never replaced.

    Raises
    ------
    DataError
        When the parent folder cannot be written, `path` is a file, or a folder of another kind.
    """
    path = Path(os.path.realpath(path))
    temporary = _temporary_folder(path, marker)
    try:
        with held(temporary), writing(path):
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            for file in filter(Path.is_file, temporary.rglob("*")):
                file.chmod(0o666 & ~_umask())
                _flush(file)
        aside = temporary.with_name(temporary.name + ".old")
        if path.exists():
            path.rename(aside)
        try:
            temporary.rename(path)
        except BaseException:
            with suppress(OSError):
                aside.rename(path)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def check_folder_can_be_replaced(path: Path, marker: str) -> None:
    """Find out before long work whether `replaced_folder` will be able to write.

    Raises
    ------
    DataError
        When it will not.
    """
    path = Path(os.path.realpath(path))
    missing = [parent for parent in path.parents if not parent.exists()]
    _temporary_folder(path, marker).rmdir()
    for parent in missing:
        parent.rmdir()


def _temporary_folder(path: Path, marker: str) -> Path:
    if path.exists() and not path.is_dir():
        raise DataError(f"{path}: cannot be written (it is a file); expected the name of a folder")
    try:
        if path.is_dir() and any(path.iterdir()) and not (path / marker).is_file():
            raise DataError(
                f"{path}: holds other files (and no {marker}), which would be lost; "
                "expected a new name, or an older folder of this kind"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(path)
        return Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from error


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a temporary file or folder while the block runs.

    The system lets go of it when the process is gone, however it ended: what nobody holds belongs
    to nobody, and `remove_abandoned` removes it.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove_abandoned(folder: Path, name: re.Pattern[str]) -> None:
    """Remove the user's own files and folders of a name that nobody holds."""
    for left in folder.iterdir():
        if not name.fullmatch(left.name):
            continue
        with suppress(OSError):
            status = left.lstat()
            is_young = time.time() - status.st_mtime < _SECONDS_TO_TAKE_HOLD
            if is_young or status.st_uid != os.getuid():
                continue
            handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()
            finally:
                os.close(handle)


def lock(file: IO[bytes], told: str) -> None:
    """Keep all others out of a file until it is closed.

    Raises
    ------
    DataError
        With what is `told`, when another process keeps us out.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DataError(told) from error


def _remove_left_behind(path: Path) -> None:
    """Remove what killed runs left behind when they wrote this file or folder."""
    # A folder set aside may be the only one, if a run was killed between two renames.
    aside = r"(\.old)?" if path.exists() else ""
    name = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}\.tmp{aside}")
    with suppress(OSError):
        remove_abandoned(path.parent, name)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def writing(place: Path, advice: str = "make room, or write to another place") -> Iterator[None]:
    """Name the place in which the block writes where a full disk stops it.

    The system tells that the disk is full, or the file too large, but not which.

    Raises
    ------
    DataError
        In place of the system's own error.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DataError(f"{place}: cannot be written ({error.strerror}); {advice}") from error
