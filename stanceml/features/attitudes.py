"""What a word does to a stance: classes of diplomatic words of our own, and VADER's polarity."""

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from stanceml.files import sha256

__all__ = ["lexicon_digest", "word_classes", "word_lemma"]

_STRONG: Final = 2.0

# Endings that English puts on a verb or a noun, and what may stand in their place in the lemma.
_ENDINGS: Final = (
    ("ies", ("y",)),
    ("ied", ("y",)),
    ("ing", ("", "e")),
    ("ed", ("", "e")),
    ("es", ("", "e")),
    ("s", ("",)),
    ("d", ("",)),
)


@lru_cache(maxsize=20_000)
def word_classes(word: str) -> tuple[str, ...]:
    """Tell what a word in lower case does to a stance.

    Returns
    -------
    tuple of str
        Classes of `attitudes.json` (`favor`, `against`, `speech`, `contact`, `ending`, `demand`,
        `condition`, `agreement`, `negation`), then VADER's polarity, `+` or `-`, twice where it is
        strong. Empty for most words.

    References
    ----------
    Hutto and Gilbert, "VADER: a parsimonious rule-based model for sentiment analysis of social
    media text", ICWSM 2014.

    Examples
    --------
    >>> word_classes("condemned")
    ('against', '-')
    >>> word_classes("Tuesday")
    ()
    """
    lemma = word_lemma(word)
    own = _own_classes().get(lemma, ())
    valence = _vader().get(word, 0.0)
    if not valence:
        return own
    sign = "+" if valence > 0 else "-"
    return (*own, sign, sign * 2) if abs(valence) >= _STRONG else (*own, sign)


@lru_cache(maxsize=20_000)
def word_lemma(word: str) -> str:
    """Reduce a word in lower case to the form that stands in the table, or cut its ending.

    Examples
    --------
    >>> [word_lemma(word) for word in ("condemned", "froze", "vetoes", "tables")]
    ['condemn', 'freeze', 'veto', 'table']
    """
    known = _own_classes()
    candidates = [_irregular().get(word, word), word]
    for ending, replacements in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        candidates += [stem + replacement for replacement in replacements]
        if stem[-1] == stem[-2]:
            candidates.append(stem[:-1])
    for candidate in candidates:
        if candidate in known:
            return candidate
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


@cache
def lexicon_digest() -> str:
    """Fingerprint of both word lists: a model that was trained with others cannot be used."""
    return sha256(_own_table().encode() + _vader_table().encode())


@cache
def _own_classes() -> dict[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for name, words in json.loads(_own_table())["classes"].items():
        for word in words.split():
            classes[word] = (*classes.get(word, ()), name)
    return classes


@cache
def _irregular() -> dict[str, str]:
    forms: dict[str, str] = json.loads(_own_table())["irregular"]
    return forms


@cache
def _vader() -> dict[str, float]:
    rows = (line.split("\t") for line in _vader_table().splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) > 1}


@cache
def _own_table() -> str:
    return files("stanceml.features").joinpath("attitudes.json").read_text("utf-8")


@cache
def _vader_table() -> str:
    # The word list alone is read; the package's code, and what that imports, stays unused.
    return files("vaderSentiment").joinpath("vader_lexicon.txt").read_text("utf-8")
