"""A temporary folder of one run; those of runs that were killed are cleaned by the next one."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stanceml.exceptions import DataError
from stanceml.files import held, remove_abandoned, writing

__all__ = ["scratch_folder"]

_PREFIX = "stanceml-"
# The form of the names that `mkdtemp` gives.
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder, in which other libraries' temporary files are put too.

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
        remove_abandoned(place, _NAME)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    except OSError as error:
        raise DataError(
            f"no place for temporary files ({error.strerror or error}); make room, or name a "
            "folder in the environment variable TMPDIR"
        ) from error
    try:
        tempfile.tempdir = str(folder)
        advice = "make room, or name a folder in the environment variable TMPDIR"
        with held(folder), writing(folder, advice):
            yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
