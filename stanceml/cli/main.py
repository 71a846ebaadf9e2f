"""The `stanceml` command: how it begins, before anything is imported, and how it ends."""

import sys
from typing import NoReturn

from stanceml.cli.complaints import complain
from stanceml.cli.environment import begin_in_utf8, settle
from stanceml.cli.interrupted import Interruption

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command line and leave with its exit status.

    0 all is done; 1 a mistake, told in one line; 2 wrong usage; 3 some rows could not be judged;
    130 interrupted, 143 asked to end.
    """
    if arguments is None:
        begin_in_utf8()
    interruption = Interruption()
    try:
        interruption.listen()
        status = _run(sys.argv[1:] if arguments is None else arguments)
    except BaseException:
        # A library may have made something else of the interruption.
        if not interruption:
            raise
    if interruption:
        complain("interrupted")
        interruption.leave()
    interruption.let_go()
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    if sys.stdout is None:
        complain("standard output is closed; send it to a file or to /dev/null")
        return 1
    settle()
    # Not earlier: reading the commands takes a tenth of a second, in which one may be interrupted.
    from stanceml.cli.commands import run

    return run(arguments)
