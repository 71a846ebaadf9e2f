"""What a command makes of the surroundings that it is started in, before anything else."""

import gc
import os
import sys
from io import TextIOWrapper
from typing import Final

__all__ = ["begin_in_utf8", "settle"]

_UTF8: Final = "PYTHONUTF8"


def begin_in_utf8() -> None:
    """Begin anew in Python's UTF-8 mode, where the locale knows ASCII only (`LC_ALL=C`).

    Python does so by itself unless it is told not to (`PYTHONUTF8=0`); names of files and columns
    with other letters could not be read, nor results be printed.
    """
    if sys.getfilesystemencoding() in ("ascii", "us-ascii") and os.environ.get(_UTF8) != "1":
        os.execve(  # noqa: S606 -- this very command
            sys.executable,
            [sys.executable, *sys.orig_argv[1:]],
            {**os.environ, _UTF8: "1"},
        )


def settle() -> None:
    r"""Take from the environment what would break the work of others' libraries.

    - Output is UTF-8 where nobody names more than ASCII; a sign that another encoding lacks
      is written as `\u…` and is no error.
    - Pictures are drawn to files: another backend of matplotlib (`MPLBACKEND`) has no part in it.
    - `PYTHONWARNINGS=error` is for one's own tests: warnings of libraries do not end the work.
    - Start-up makes much that stays and hardly a cycle: a short command need not look for cycles
      as often as Python does.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            is_plain = stream.encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968")
            encoding = "utf-8" if is_plain else stream.encoding
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    os.environ["MPLBACKEND"] = "agg"
    gc.set_threshold(50_000)
    if any(option.partition(":")[0].startswith("e") for option in sys.warnoptions):
        _as_usual()


def _as_usual() -> None:
    import warnings

    os.environ.pop("PYTHONWARNINGS", None)  # processes started from here read it
    sys.warnoptions.clear()
    warnings.resetwarnings()
    for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", kind)
