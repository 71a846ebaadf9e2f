"""N-gram spaces: what is read of a unit, and into which n-grams it is cut."""

import re
from dataclasses import dataclass
from typing import Final

from stanceml.corpus.units import Unit
from stanceml.features.attitudes import lexicon_digest
from stanceml.features.marking import MARKS, marked_text
from stanceml.features.parsing import parse
from stanceml.features.readings import LEXICAL, READINGS
from stanceml.stances import NgramKind, Source

__all__ = ["BESIDE", "NONE", "TOKEN", "NgramSpace", "crossing", "folded"]

# A mark, an abbreviation with stops, what follows an apostrophe, a word, or a mark of tone.
TOKEN: Final = re.compile(rf"[{''.join(MARKS)}]|(?:[^\W\d_]\.){{2,}}|'\w+|\w+|[!?]")
_SPACE: Final = re.compile(r"\s+")
# Stands for a mention that is not there, so that its absence is a feature of its own.
NONE: Final = "\ufdd4"
# Parts a target from what it is crossed with.
BESIDE: Final = "\ufdd5"


@dataclass(frozen=True)
class NgramSpace:
    """One block of features: n-grams of words or characters out of one reading of the unit.

    Parameters
    ----------
    source : str
        What of a unit is read: `text`, the text with its mentions `marked`, the `holder` or the
        `target` alone, `crossed` (each n-gram of the text beside the target, for data with few
        targets), or one of the readings of `stanceml.features.readings`, which are of words only.
    kind : {'word', 'char'}
        What the n-grams are made of.
    orders : (int, int)
        The shortest and the longest n-gram, in words or characters.

    Examples
    --------
    >>> space = NgramSpace("text", "word", (1, 2))
    >>> space.ngrams(Unit("NATO backs Kyiv."))
    ['nato', 'backs', 'kyiv', 'nato backs', 'backs kyiv']
    >>> space = NgramSpace("between", "word", (2, 2))
    >>> space.ngrams(Unit("NATO backs Kyiv.", holder="NATO", target="Kyiv"))
    ['H backs', 'backs T']
    """

    source: Source
    kind: NgramKind
    orders: tuple[int, int]

    @property
    def name(self) -> str:
        """The space in a word, as reports show it: `marked-word-1-2`."""
        return f"{self.source}-{self.kind}-{self.orders[0]}-{self.orders[1]}"

    @property
    def lexicon(self) -> str | None:
        """Fingerprint of the word lists that the space depends on, if it does."""
        return lexicon_digest() if self.source in LEXICAL else None

    def ngrams(self, unit: Unit) -> list[str]:
        """Cut a unit into n-grams, repeated as often as they occur, the short ones first."""
        low, high = self.orders
        if self.source in READINGS:
            return _joined(READINGS[self.source](parse(unit)), low, high)
        text = self.read(unit)
        if self.kind == "char":
            padded = f" {_SPACE.sub(' ', text).strip()} "
            grams = [
                padded[start : start + order]
                for order in range(low, high + 1)
                for start in range(len(padded) - order + 1)
            ]
        else:
            grams = _joined([NONE] if text == NONE else TOKEN.findall(text), low, high)
        if self.source == "crossed":
            beside = crossing(unit.target) + BESIDE
            return [beside + gram for gram in grams]
        return grams

    def read(self, unit: Unit) -> str:
        """Give the string that is cut into n-grams, in lower case; readings of words have none."""
        if self.source == "marked":
            return folded(marked_text(unit))
        if self.source in ("text", "crossed"):
            return folded(unit.text)
        return folded(unit.holder if self.source == "holder" else unit.target) or NONE


def crossing(target: str) -> str:
    """Give the words of a target as they stand beside the n-grams of a text."""
    return " ".join(TOKEN.findall(folded(target))) or NONE


def folded(text: str) -> str:
    """Write a string in lower case, with plain apostrophes."""
    return text.lower().replace("’", "'")


def _joined(words: list[str], low: int, high: int) -> list[str]:
    return [
        " ".join(words[start : start + order])
        for order in range(low, high + 1)
        for start in range(len(words) - order + 1)
    ]
