"""How a command says what is wrong."""

import sys
from contextlib import suppress

from stanceml.exceptions import one_line

__all__ = ["complain"]


def complain(message: str) -> None:
    """Say what is wrong, in one line on standard error."""
    if sys.stderr is None:
        return
    with suppress(OSError):  # a terminal that is gone
        print(f"stanceml: {one_line(message)}", file=sys.stderr, flush=True)
