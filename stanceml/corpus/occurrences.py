"""Where a mention stands in a text as a word of its own."""

import re
from collections.abc import Iterator
from functools import lru_cache

from stanceml.corpus.sentences import Span

__all__ = ["find_mention", "occurrences", "stands_alone"]


def find_mention(text: str, mention: str) -> Span | None:
    """Find the first place where a mention stands as a word of its own.

    The same capitals are preferred; other capitals will do.

    Returns
    -------
    (int, int) or None
        Character offsets, the end exclusive.

    Examples
    --------
    >>> find_mention("The Russians left Russia.", "Russia")
    (18, 24)
    """
    # A pattern takes long to make: not for each of a million mentions that stand as they are.
    for span in occurrences(text, mention):
        return span
    match = _pattern(mention).search(text)
    return match.span() if match else None


def occurrences(text: str, mention: str) -> Iterator[Span]:
    """Give the places where a mention stands as a word of its own, in the same capitals.

    Examples
    --------
    >>> list(occurrences("Kyiv, then Kyivan Rus, then Kyiv", "Kyiv"))
    [(0, 4), (28, 32)]
    """
    start = text.find(mention)
    while start >= 0:
        end = start + len(mention)
        if alone := stands_alone(text, start, end):
            yield start, end
        # An empty mention stands between any two other signs, and has no length to go on by.
        start = text.find(mention, end if alone and mention else start + 1)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether neither a letter, a digit nor a `_` touches a place in a text."""
    touching = text[start - 1 : start] + text[end : end + 1]
    return not any(character.isalnum() or character == "_" for character in touching)


@lru_cache(maxsize=1024)
def _pattern(mention: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(mention)}(?!\w)", re.IGNORECASE)
