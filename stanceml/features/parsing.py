"""A unit cut into words, and where among them the holder and the target stand."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stanceml.corpus.sentences import Span
from stanceml.corpus.units import Unit

__all__ = ["TOKEN", "ParsedUnit", "parse"]

# An abbreviation with stops, what follows an apostrophe, a word, or a mark that parts or asks.
TOKEN: Final = re.compile(r"(?:[^\W\d_]\.){2,}|'\w+|\w+|[!?,;:\"“”]")


@dataclass(frozen=True)
class ParsedUnit:
    """The words of a unit.

    Attributes
    ----------
    words : tuple of str
        In lower case; commas and the like are words too.
    is_name : tuple of bool
        Which words begin with a capital without beginning the sentence or being all capitals.
    holder, target : (int, int) or None
        Their places among the words, the end exclusive; None where the text does not name them.
    order : str
        `whole` for a sentence as a whole; `absent` where the target does not stand in the text;
        `target` where there is no holder, or none in the text; else `holder-target` or
        `target-holder`, as they follow one another.
    """

    words: tuple[str, ...]
    is_name: tuple[bool, ...]
    holder: Span | None
    target: Span | None
    order: str

    @property
    def mentions(self) -> list[tuple[Span, str]]:
        """The mentions in the order of the text, each with its letter, `H` or `T`."""
        named = ((self.holder, "H"), (self.target, "T"))
        return sorted((span, letter) for span, letter in named if span)


@lru_cache(maxsize=256)
def parse(unit: Unit) -> ParsedUnit:
    """Cut a unit into words and find its mentions among them.

    Examples
    --------
    >>> parsed = parse(Unit("NATO backs Kyiv.", holder="NATO", target="Kyiv"))
    >>> parsed.words, parsed.holder, parsed.target, parsed.order
    (('nato', 'backs', 'kyiv'), (0, 1), (2, 3), 'holder-target')
    """
    found = list(TOKEN.finditer(unit.text.replace("’", "'")))
    holder, target = (_place(span, found) for span in unit.places)
    if not unit.target:
        order = "whole"
    elif target is None:
        order = "absent"
    elif holder is None:
        order = "target"
    else:
        order = "holder-target" if holder < target else "target-holder"
    words = [match.group() for match in found]
    return ParsedUnit(
        tuple(word.lower() for word in words),
        tuple(i > 0 and word[0].isupper() and not word.isupper() for i, word in enumerate(words)),
        holder,
        target,
        order,
    )


def _place(span: Span | None, found: list[re.Match[str]]) -> Span | None:
    if span is None:
        return None
    within = [
        number
        for number, match in enumerate(found)
        if match.end() > span[0] and match.start() < span[1]
    ]
    return (within[0], within[-1] + 1) if within else None
