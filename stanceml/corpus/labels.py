"""What may be a label: one rule for tables and for what labels are renamed to."""

import unicodedata
from typing import Final

from stanceml.exceptions import DataError

__all__ = ["LONGEST_LABEL", "read_label"]

LONGEST_LABEL: Final = 100

# Control characters, halves of characters, ends of lines and paragraphs; what turns a line around.
_NO_PART_OF_A_NAME: Final = frozenset("Cc Cs Zl Zp".split())
_BIDI_CONTROLS: Final = frozenset("LRE RLE LRO RLO PDF LRI RLI FSI PDI".split())


def read_label(value: object) -> str:
    """Take a value for a label, without the space around it.

    Parameters
    ----------
    value : object
        A string, or a whole number, which is taken as it is written.

    Returns
    -------
    str

    Raises
    ------
    DataError
        When it is blank, of another type, longer than `LONGEST_LABEL`, or has a character that
        cannot be printed in a line.

    Examples
    --------
    >>> read_label(" favor "), read_label(1)
    ('favor', '1')
    """
    if value is None or value != value:  # the latter: not-a-number
        raise DataError("is blank; expected a label")
    if isinstance(value, bool) or not isinstance(value, str | int):
        found = str(value)[:40]
        raise DataError(f"is {found!r} ({type(value).__name__}); expected a string as a label")
    try:
        label = str(value).strip()
    except ValueError as error:
        raise DataError("is a number of thousands of digits; expected a label") from error
    if not label:
        raise DataError("is blank; expected a label")
    if len(label) > LONGEST_LABEL:
        raise DataError(
            f"is {label[:40]!r}… ({len(label)} characters); expected a label of at most "
            f"{LONGEST_LABEL}: is it the column of the texts?"
        )
    strange = [
        mark
        for mark in label
        if unicodedata.category(mark) in _NO_PART_OF_A_NAME
        or unicodedata.bidirectional(mark) in _BIDI_CONTROLS
    ]
    if strange:
        raise DataError(
            f"is {label[:40]!r}, with the character {strange[0]!a}; expected a label in one line, "
            "without control characters"
        )
    return label
