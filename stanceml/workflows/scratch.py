"""A temporary folder of one run; those of runs that were killed are cleaned by the next one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stanceml.exceptions import DataError
from stanceml.files import writing

__all__ = ["scratch_folder"]

_PREFIX = "stanceml-"
_OWNER = "owner.lock"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder, in which other libraries' temporary files are put too.

    Its owner holds a lock on a file in it, which the system takes away when the process is gone,
    however it ended: a folder whose lock is free belongs to nobody.

    Yields
    ------
    Path
        Removed with all that is in it when the block ends.

    Raises
    ------
    DataError
        When there is no place for temporary files, or the block fills it.

    Examples
    --------
    >>> with scratch_folder() as folder:
    ...     _ = (folder / "part.txt").write_text("…", encoding="utf-8")
    >>> folder.exists()
    False
    """
    before = tempfile.tempdir
    try:
        place = Path(tempfile.gettempdir())
        _remove_abandoned(place)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    except OSError as error:
        raise DataError(
            f"no place for temporary files ({error.strerror or error}); make room, or name a "
            "folder in the environment variable TMPDIR"
        ) from error
    lock = None
    try:
        lock = _locked(folder)
        tempfile.tempdir = str(folder)
        with writing(folder, "make room, or name a folder in the environment variable TMPDIR"):
            yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _locked(folder: Path) -> int:
    # Locked before it has its name: nobody finds it unlocked while its owner lives.
    new = folder / f"{_OWNER}.new"
    lock = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    new.rename(folder / _OWNER)
    return lock


def _remove_abandoned(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            # Without the file it is no folder of ours, or one that is just being made.
            lock = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
