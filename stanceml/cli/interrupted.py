"""Signals that ask a command to end: told in one line, with the status that shells expect."""

import _thread
import atexit
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Final, NoReturn

__all__ = ["Interruption"]

_ASKING: Final = (signal.SIGINT, signal.SIGTERM)
#: For so long after the first signal others change nothing: what was begun is tidied up.
_TIDYING_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 0.05


class Interruption:
    """Whether somebody asked this process to end.

    The first signal raises KeyboardInterrupt, wherever the process is. Those of the next two
    seconds are taken for the same wish (an impatient hand, a terminal and a program that both
    hand it on); a later one ends the process at once. Nothing is lost by that: files appear whole
    or not at all, and what a dead process left is cleaned by the next one.
    """

    def __init__(self) -> None:
        self._number = 0
        self._since = 0.0

    def __bool__(self) -> bool:
        """Whether there was a signal."""
        return self._number > 0

    def listen(self) -> None:
        """Take signals from now on, but for those that whoever started the process turned off."""
        if _thread.get_ident() != _main_thread():
            return
        for number in _ASKING:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._take)
        sys.unraisablehook = self._unraisable

    def let_go(self) -> None:
        """Leave signals to the system: the work is over, and only Python's own tidying is left."""
        for number in _ASKING:
            if signal.getsignal(number) == self._take:
                signal.signal(number, signal.SIG_DFL)

    def leave(self) -> NoReturn:
        """End this process with 130 for Ctrl-C and 143 for SIGTERM, whoever still waits in it."""
        # Python's own end would wait for threads, and kill itself where the interrupted code was
        # made by `exec`. What tidies up at the end may wait too: not longer than this.
        signal.signal(signal.SIGALRM, lambda number, frame: self._end())
        signal.setitimer(signal.ITIMER_REAL, _TIDYING_SECONDS)
        atexit._run_exitfuncs()
        self._end()

    def _take(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self:
            self._number, self._since = number, now
            raise KeyboardInterrupt
        if now - self._since > _TIDYING_SECONDS:
            self._end()

    def _end(self) -> NoReturn:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError, RuntimeError):
                stream.flush()
        os._exit(128 + self._number)

    def _unraisable(self, problem: Any) -> None:
        # Raised where Python cannot raise (as a module is freed): asked for again, in a moment.
        if self and issubclass(problem.exc_type, KeyboardInterrupt):
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        elif not self:
            sys.__unraisablehook__(problem)


def _main_thread() -> int | None:
    # What `threading` would tell, which takes a while to be imported.
    threading = sys.modules.get("threading")
    return threading.main_thread().ident if threading else _thread.get_ident()
