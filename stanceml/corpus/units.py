"""The unit that is judged: a text, whose stance it is, and towards what."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from stanceml.corpus.occurrences import find_mention
from stanceml.corpus.sentences import Span
from stanceml.exceptions import DataError
from stanceml.tables.rows import is_missing

__all__ = ["LONGEST_TEXT", "Unit", "read_unit", "read_units"]

#: How many characters a text or a mention may have: a sentence has some hundred, a long article
#: some ten thousand. What is longer would take memory by the gigabyte, and is no sentence.
LONGEST_TEXT: Final = 100_000

# Nine digits are more than any text has characters; data frames make floats of whole numbers.
_OFFSET: Final = re.compile(r"-?[0-9]{1,9}(\.0+)?")


class Unit(NamedTuple):
    """A text with its holder and its target; both empty for the sentence as a whole."""

    text: str
    holder: str = ""
    target: str = ""
    holder_span: Span | None = None
    target_span: Span | None = None

    @property
    def is_pair(self) -> bool:
        """Whether a target is judged, and not the sentence as a whole."""
        return bool(self.target)

    @property
    def places(self) -> tuple[Span | None, Span | None]:
        """Where the holder and the target stand: their spans, else where they are named first."""
        return (
            self.holder_span or (find_mention(self.text, self.holder) if self.holder else None),
            self.target_span or (find_mention(self.text, self.target) if self.target else None),
        )


def read_unit(row: Mapping[str, object]) -> Unit:
    """Make a unit of one row under the usual column names.

    Parameters
    ----------
    row : mapping
        `text`, and where there are any `holder`, `target` and their spans (`holder_start`, …).
        Missing values are empty strings, `None` or not-a-number. A span may lack its end, which
        then follows from the mention, but not its start; a mention that is missing follows from
        its span.

    Returns
    -------
    Unit

    Raises
    ------
    DataError
        When the text is blank or longer than `LONGEST_TEXT`, a value is of the wrong type, or a
        span lacks its start or lies outside the text.

    Examples
    --------
    >>> read_unit({"text": "NATO backs Kyiv.", "target": "Kyiv", "target_start": 11})
    Unit(text='NATO backs Kyiv.', holder='', target='Kyiv', holder_span=None, target_span=(11, 15))
    """
    text = _string(row, "text")
    if not text.strip():
        raise DataError("blank text; expected a sentence")
    holder, holder_span = _mention(row, "holder", text)
    target, target_span = _mention(row, "target", text)
    return Unit(text, holder, target, holder_span, target_span)


def read_units(rows: Any) -> list[Unit]:
    """Make units of a data frame, or of an iterable of strings, mappings and units.

    Examples
    --------
    >>> [unit.text for unit in read_units(["NATO backs Kyiv.", {"text": "Moscow waits."}])]
    ['NATO backs Kyiv.', 'Moscow waits.']
    """
    if isinstance(rows, str | Mapping):
        raise TypeError("rows must be several: put the one row into a list")
    if hasattr(rows, "to_dict"):
        # A data frame, told without importing pandas. Its missing values, whatever they are, become
        # None, which read_unit knows.
        rows = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return [
        row if isinstance(row, Unit) else read_unit({"text": row} if isinstance(row, str) else row)
        for row in rows
    ]


def _mention(row: Mapping[str, object], name: str, text: str) -> tuple[str, Span | None]:
    mention = _string(row, name).strip()
    start, end = _offset(row, f"{name}_start"), _offset(row, f"{name}_end")
    if start is None:
        if end is not None:
            raise DataError(
                f"{name}_end is {end} without a {name}_start; expected both, the start alone, "
                "or neither"
            )
        return mention, None
    if end is None:
        end = start + len(mention)
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"{name} span [{start}:{end}] lies outside the text, which has {len(text)} characters"
        )
    return mention or text[start:end], (start, end)


def _string(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if is_missing(value):
        return ""
    if not isinstance(value, str):
        raise DataError(f"{name} is {_shown(value)} ({type(value).__name__}); expected a string")
    if len(value) > LONGEST_TEXT:
        raise DataError(
            f"{name} has {len(value)} characters; expected at most {LONGEST_TEXT}: "
            "cut it into sentences, a row each"
        )
    return value


def _offset(row: Mapping[str, object], name: str) -> int | None:
    value = row.get(name)
    if is_missing(value) or value == "":
        return None
    shown = _shown(value)
    if shown in ("'nan'", "'NaN'"):
        return None
    if not _OFFSET.fullmatch(shown[1:-1]):
        raise DataError(f"{name} is {shown}; expected a whole number of characters")
    return int(shown[1:-1].partition(".")[0])


def _shown(value: object) -> str:
    try:
        return repr(str(value)[:40])
    except ValueError:  # a number of thousands of digits
        return "'a number of thousands of digits'"
