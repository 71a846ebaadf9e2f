"""What can go wrong through a user's hands, one family of errors for all of it.

Every message is one line that says what is wrong, where, the value found, what was expected and
what to do. The command line prints it as it is and leaves with `exit_status`.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Final

__all__ = [
    "STRANGE",
    "ConfigError",
    "DataError",
    "ModelError",
    "StancemlError",
    "TrackingError",
    "UsageError",
    "located",
    "nearest",
    "one_line",
    "visible",
]

#: What would do something to a terminal, or to the text around it, instead of being read: control
#: characters, ends of lines and paragraphs, what turns the direction, and halves of characters.
STRANGE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_LONGEST: Final = 2000


def visible(text: str) -> str:
    r"""Spell out the signs of a text that are not to be read, but for line ends and tabs.

    Examples
    --------
    >>> print(visible("red: \x1b[31m, turned: \u202e"))
    red: \x1b[31m, turned: \u202e
    """
    return text if text.isprintable() else STRANGE.sub(_spelled, text)


def one_line(text: str) -> str:
    r"""Lay a message out in one line of readable signs; of a very long one the middle is left out.

    Examples
    --------
    >>> print(one_line("no\nsuch \x07 file"))
    no such \x07 file
    """
    line = visible(" ".join(text.split()))
    half = _LONGEST // 2
    return line if len(line) <= _LONGEST else f"{line[:half]} … {line[-half:]}"


def _spelled(sign: re.Match[str]) -> str:
    return sign[0] if sign[0] in "\n\t" else sign[0].encode("unicode_escape").decode()


class StancemlError(Exception):
    """Base of all errors that a user can mend; its text is one line.

    What a file, a name or an option brings into the message cannot break it: see `one_line`.
    """

    exit_status = 1

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class UsageError(StancemlError):
    """Options that do not go together."""

    exit_status = 2


class ConfigError(StancemlError):
    """An experiment file that cannot be used."""


class DataError(StancemlError):
    """A document, an annotation or a table of rows that cannot be used."""


class ModelError(StancemlError):
    """A model folder that is missing, damaged or of another version."""


class TrackingError(StancemlError):
    """A tracking store that does not answer or cannot be written."""


@contextmanager
def located(place: object, kind: type[StancemlError] = DataError) -> Iterator[None]:
    """Put a file, or a line of it, in front of an error that comes from it; its class stays.

    Examples
    --------
    >>> with located("rows.csv, line 2"):
    ...     raise DataError("no text")
    Traceback (most recent call last):
    stanceml.exceptions.DataError: rows.csv, line 2: no text
    """
    try:
        yield
    except kind as error:
        raise type(error)(f"{place}: {error}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """Name the known word nearest to a wrong one, ready to be put behind a message.

    Parameters
    ----------
    name : str
        What was found.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    str
        `" (did you mean 'text'?)"`, or the list of what is known where nothing comes near.

    Examples
    --------
    >>> nearest("txet", ["text", "stance"])
    " (did you mean 'text'?)"
    >>> nearest("zzz", ["text", "stance"])
    ' (known: stance, text)'
    >>> nearest("zzz", [])
    ''
    """
    choices = sorted(set(known))
    found = get_close_matches(name, choices, n=1)
    if found:
        return f" (did you mean {found[0]!r}?)"
    return f" (known: {', '.join(choices)})" if choices else ""
