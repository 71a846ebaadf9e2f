"""N-gram spaces: what is read of a unit, and into which n-grams it is cut."""

import re
from dataclasses import dataclass
from typing import Final

from stanceml.corpus.units import Unit
from stanceml.features.marking import MARKS, marked_text
from stanceml.stances import NgramKind, Source

__all__ = ["NgramSpace"]

# A mark, an abbreviation with stops, what follows an apostrophe, a word, or a mark of tone.
_TOKEN: Final = re.compile(rf"[{''.join(MARKS)}]|(?:[^\W\d_]\.){{2,}}|'\w+|\w+|[!?]")
_SPACE: Final = re.compile(r"\s+")
# Stands for a mention that is not there, so that its absence is a feature of its own.
_NONE: Final = "\ufdd4"


@dataclass(frozen=True)
class NgramSpace:
    """One block of features: n-grams of words or characters out of one reading of the unit.

    Parameters
    ----------
    source : {'marked', 'text', 'holder', 'target'}
        What of a unit is read: the text with its mentions marked, the bare text, or a mention.
    kind : {'word', 'char'}
        What the n-grams are made of.
    orders : (int, int)
        The shortest and the longest n-gram, in words or characters.

    Examples
    --------
    >>> space = NgramSpace("text", "word", (1, 2))
    >>> space.ngrams(Unit("NATO backs Kyiv."))
    ['nato', 'backs', 'kyiv', 'nato backs', 'backs kyiv']
    """

    source: Source
    kind: NgramKind
    orders: tuple[int, int]

    @property
    def name(self) -> str:
        """The space in a word, as reports show it: `marked-word-1-2`."""
        return f"{self.source}-{self.kind}-{self.orders[0]}-{self.orders[1]}"

    def read(self, unit: Unit) -> str:
        """Give the string that is cut into n-grams, in lower case."""
        if self.source == "marked":
            text = marked_text(unit)
        elif self.source == "text":
            text = unit.text
        else:
            text = (unit.holder if self.source == "holder" else unit.target) or _NONE
        return text.lower().replace("’", "'")

    def ngrams(self, unit: Unit) -> list[str]:
        """Cut a unit into n-grams, repeated as often as they occur, the short ones first."""
        text = self.read(unit)
        low, high = self.orders
        if self.kind == "char":
            padded = f" {_SPACE.sub(' ', text).strip()} "
            return [
                padded[start : start + order]
                for order in range(low, high + 1)
                for start in range(len(padded) - order + 1)
            ]
        tokens = [_NONE] if text == _NONE else _TOKEN.findall(text)
        return [
            " ".join(tokens[start : start + order])
            for order in range(low, high + 1)
            for start in range(len(tokens) - order + 1)
        ]
