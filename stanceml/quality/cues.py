"""Words that give a label away: verbs and adjectives that stand with one label nearly always."""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

import numpy as np

from stanceml.corpus.datasets import Dataset
from stanceml.features.attitudes import word_classes, word_lemma
from stanceml.quality.auditing import MIN_ROWS, ONE_SIDED, Check, Detail, judged

__all__ = ["cue_checks", "cue_lemmas"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_ENDING: Final = re.compile(
    r"\w{3}(?:ed|ing|i[sz]e[sd]?|able|ible|ful|ive|ous|al|less|ic|ish)$"
)  # fmt: skip
_SIGNS: Final = frozenset("+-")


def cue_lemmas(text: str) -> frozenset[str]:
    """Give the lemmas of a sentence that may be verbs or adjectives.

    There is no tagger here. A word is taken where it is in one of the classes of `attitudes.json`
    (nouns like "attack", and "not" or "could", are among them), or where it ends as verbs and
    adjectives do: -ed, -ing, -ise, -ize, -able, -ible, -ful, -ive, -ous, -al, -less, -ic, -ish
    ("proposal" and "meeting" do too, "gave" does not). Words with a capital within the sentence
    are left out as names.

    Parameters
    ----------
    text : str

    Returns
    -------
    frozenset of str
        As `word_lemma` gives them.

    Examples
    --------
    >>> sorted(cue_lemmas("Condemning the deal, United Kingdom envoys welcomed a helpful step."))
    ['condemn', 'deal', 'helpful', 'welcome']
    """
    lemmas = set()
    for number, match in enumerate(_WORD.finditer(text)):
        word = match[0]
        if word.islower() or (number == 0 and word[1:].islower()):
            lemma = _cue_lemma(word.lower())
            if lemma:
                lemmas.add(lemma)
    return frozenset(lemmas)


def cue_checks(dataset: Dataset) -> list[Check]:
    """Look for lemmas that stand with one label nearly always.

    A lemma is counted once for each pair row of its sentence, whatever mention it belongs to.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of Check
        How many lemmas of `MIN_ROWS` pair rows or more have one label in more than `ONE_SIDED` of
        them.
    """
    is_pair = dataset.is_pair.to_numpy()
    counts: dict[str, Counter[str]] = {}
    for text, label in zip(dataset.X["text"][is_pair], dataset.y[is_pair], strict=True):
        for lemma in cue_lemmas(text):
            counts.setdefault(lemma, Counter())[label] += 1
    found: list[Detail] = []
    for lemma, by_label in counts.items():
        (label, highest), rows = by_label.most_common(1)[0], by_label.total()
        if rows >= MIN_ROWS and highest > ONE_SIDED * rows:
            share = round(highest / rows, 3)
            found.append({"lemma": lemma, "rows": rows, "label": label, "share": share})
    found.sort(key=lambda row: (-row["rows"], row["lemma"]))
    n_frequent = int(np.sum([by_label.total() >= MIN_ROWS for by_label in counts.values()]))
    return [
        judged(
            "cues", "one-sided verbs and adjectives", len(found), high=0, details=tuple(found),
            remark=f"of {n_frequent} lemmas with {MIN_ROWS} pair rows or more; told by their form, "
            "as there is no tagger",
        )
    ]  # fmt: skip


@lru_cache(maxsize=100_000)
def _cue_lemma(word: str) -> str:
    is_known = any(name[0] not in _SIGNS for name in word_classes(word))
    return word_lemma(word) if is_known or _ENDING.search(word) else ""
