"""What may be a label: one rule for tables and for what labels are renamed to."""

from stanceml.exceptions import DataError
from stanceml.stances import LONGEST_LABEL, check_label
from stanceml.tables.rows import is_missing

__all__ = ["read_label"]


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
    if is_missing(value):
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
    try:
        return check_label(label)
    except ValueError as error:
        long = f"… ({len(label)} characters: is it the column of the texts?)"
        cut = long if len(label) > LONGEST_LABEL else ""
        raise DataError(f"is {label[:40]!r}{cut}; {error}") from error
