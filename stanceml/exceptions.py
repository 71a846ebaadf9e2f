"""What can go wrong through a user's hands, one family of errors for all of it.

Every message is one line that says what is wrong, where, the value found, what was expected and
what to do. The command line prints it as it is and leaves with `exit_status`.
"""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "ConfigError",
    "DataError",
    "ModelError",
    "StancemlError",
    "TrackingError",
    "UsageError",
    "nearest",
]


class StancemlError(Exception):
    """Base of all errors that a user can mend; its text is one line."""

    exit_status = 1


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
