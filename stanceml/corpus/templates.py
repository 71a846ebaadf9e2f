"""Sentences with their names and numbers hidden, so that repeated wording shows."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from stanceml.corpus.mentions import find_mentions
from stanceml.corpus.sentences import Span

__all__ = ["masked_frame", "repeated_ngrams"]

# A number with what groups its digits, or a word, with what an apostrophe adds.
_WORD: Final = re.compile(r"\d[\d.,:]*\d|\d|['’]?[^\W\d_]+")


def masked_frame(text: str, spans: Iterable[Span] = ()) -> str:
    """Hide the mentions and the numbers of a sentence; what is left is its frame.

    Parameters
    ----------
    text : str
    spans : iterable of (int, int)
        Mentions, beside those of the alias table, which are found.

    Returns
    -------
    str
        Words in lower case, `N` for a mention and `#` for a number, parted by spaces.

    Examples
    --------
    >>> masked_frame("NATO sent 1,200 troops to the Balkan coast.", [(30, 42)])
    'N sent # troops to the N'
    """
    found = [*spans, *((mention.start, mention.end) for mention in find_mentions(text))]
    words, place = [], 0
    for start, end in sorted(found):
        words += _words(text[place:start])
        if start >= place:
            words.append("N")
        place = max(place, end)
    words += _words(text[place:])
    return " ".join(words) or text


def repeated_ngrams(frames: Iterable[str], order: int = 5, n: int = 20) -> list[tuple[str, int]]:
    """List the n-grams that stand in most frames, with the number of frames.

    Examples
    --------
    >>> repeated_ngrams(["N said on #", "N told N on #", "N said on monday"], order=3, n=1)
    [('N said on', 2)]
    """
    counts: Counter[str] = Counter()
    for frame in frames:
        words = frame.split()
        # In the order of the frame, so that ties are told in one order every time.
        starts = range(len(words) - order + 1)
        counts.update(list(dict.fromkeys(" ".join(words[i : i + order]) for i in starts)))
    return [(ngram, count) for ngram, count in counts.most_common(n) if count > 1]


def _words(text: str) -> list[str]:
    return ["#" if word[0].isdigit() else word.lower() for word in _WORD.findall(text)]
