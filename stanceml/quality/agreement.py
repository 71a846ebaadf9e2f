"""How well two coders agree: on sentence rows, on which pairs there are, and on their stances."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from sklearn.metrics import cohen_kappa_score

from stanceml.corpus.codings import document_in
from stanceml.corpus.matching import MatchedSentence
from stanceml.modeling.metrics import confusion_counts, ratio
from stanceml.modeling.resampling import N_BOOTSTRAPS, Score, drawn_sums, percentile_interval
from stanceml.stances import FLAGS, STANCES

__all__ = [
    "Agreement",
    "FlagAgreement",
    "LabelAgreement",
    "PairsFound",
    "StanceAgreement",
    "alpha",
    "kappa",
    "measure_agreement",
]

#: Fewer documents than these say too little of how documents differ: then sentences are drawn.
MIN_DOCUMENTS: Final = 5

Statistic = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class StanceAgreement:
    """One stance against the rest; a score is None where it is not defined."""

    n_first: int
    n_second: int
    n_both: int
    kappa: Score | None
    alpha: Score | None


@dataclass(frozen=True)
class LabelAgreement:
    """Two coders' stances on the same `n` rows; `confusion` has the first coder's in its rows."""

    n: int
    agreement: Score | None
    kappa: Score | None
    alpha: Score | None
    by_stance: dict[str, StanceAgreement]
    confusion: list[list[int]]


@dataclass(frozen=True)
class PairsFound:
    """The second coder's pairs as if they were to find those of the first."""

    n_first: int
    n_second: int
    n_both: int
    precision: Score | None
    recall: Score | None
    f1: Score | None


@dataclass(frozen=True)
class FlagAgreement:
    """The first coder's pairs that bear a flag: how many were found, and with which stances."""

    n_first: int
    recall: Score | None
    stances: LabelAgreement


@dataclass(frozen=True)
class Agreement:
    """All that is measured; every interval comes from drawing the same units.

    `unit` is what was drawn, `n_units` how many there are; of documents there are `n_documents`.
    """

    classes: list[str]
    n_sentences: int
    unit: Literal["document", "sentence"]
    n_units: int
    n_documents: int
    n_bootstraps: int
    sentence_rows: LabelAgreement
    pairs_found: PairsFound
    pair_stances: LabelAgreement
    by_flag: dict[str, FlagAgreement]


def kappa(confusion: np.ndarray) -> np.ndarray:
    """Compute Cohen's kappa of two coders; not-a-number where both use one and the same label.

    Parameters
    ----------
    confusion : ndarray of shape (..., n_classes, n_classes)
        How often the first coder said this and the second that; leading axes are kept.

    Returns
    -------
    ndarray of shape (...)

    References
    ----------
    Cohen, "A coefficient of agreement for nominal scales", 1960, p. 40.

    Examples
    --------
    >>> round(float(kappa(np.array([[20, 5], [10, 15]]))), 3)
    0.4
    """
    total = confusion.sum(axis=(-2, -1))
    expected = (confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1)
    return 1 - ratio(total * (total - _same(confusion)), total**2 - expected, np.nan)


def alpha(confusion: np.ndarray) -> np.ndarray:
    """Compute Krippendorff's nominal alpha of two coders who both coded everything.

    Parameters
    ----------
    confusion : ndarray of shape (..., n_classes, n_classes)
        How often the first coder said this and the second that; leading axes are kept.

    Returns
    -------
    ndarray of shape (...)
        Not-a-number where both use one and the same label.

    References
    ----------
    Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, sec. B.

    Examples
    --------
    >>> round(float(alpha(np.array([[20, 5], [10, 15]]))), 3)
    0.4
    """
    values = 2 * confusion.sum(axis=(-2, -1))
    of_each = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    differing = 2 * (values / 2 - _same(confusion))
    pairable = values**2 - (of_each**2).sum(axis=-1)
    return 1 - ratio((values - 1) * differing, pairable, np.nan)


def measure_agreement(
    sentences: Sequence[MatchedSentence], n_bootstraps: int = N_BOOTSTRAPS, random_state: int = 0
) -> Agreement:
    """Measure how well two codings of the same sentences agree, with 95% intervals.

    Parameters
    ----------
    sentences : sequence of MatchedSentence
        One or more. A sentence's document is the one that its coding names, else what stands
        before the last hyphen of a numbered id.
    n_bootstraps, random_state : int
        Draws with replacement: of documents where there are five or more, else of sentences.

    Returns
    -------
    Agreement

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap", 1993, ch. 13; groups as the unit of
    resampling: Davison and Hinkley, "Bootstrap methods and their application", 1997, sec. 3.8.
    """
    units, n_documents = _units(sentences)
    numbered = list(zip(units, sentences, strict=True))
    whole = (
        (unit, sentence.first.stance, sentence.second.stance)
        for unit, sentence in numbered
        if sentence.first.stance is not None and sentence.second.stance is not None
    )
    matched = [(unit, pair, other) for unit, sentence in numbered for pair, other in sentence.both]
    flags = [
        flag for flag in FLAGS if any(flag in p.flags for s in sentences for p in s.first.pairs)
    ]
    parts = {
        "sentence rows": _confusion(whole, units),
        "pairs": _confusion(((unit, p.stance, q.stance) for unit, p, q in matched), units),
        "found": _found(numbered, units),
    }
    for flag in flags:
        bearing = ((unit, p.stance, q.stance) for unit, p, q in matched if flag in p.flags)
        parts[f"{flag} pairs"] = _confusion(bearing, units)
        parts[f"{flag} found"] = _found(numbered, units, flag)
    drawn = _drawn(parts, n_bootstraps, random_state)

    def stances(part: str) -> LabelAgreement:
        return _label_agreement(parts[part], drawn[part])

    n_both, only_first, only_second = _counts(parts["found"]).tolist()
    shares = {
        name: _score(statistic, parts["found"], drawn["found"])
        for name, statistic in (("precision", _precision), ("recall", _recall), ("f1", _f1))
    }
    by_flag = {}
    for flag in flags:
        counts = parts[f"{flag} found"]
        n_flagged = int(_counts(counts)[:2].sum())
        recall = _score(_recall, counts, drawn[f"{flag} found"])
        by_flag[flag] = FlagAgreement(n_flagged, recall, stances(f"{flag} pairs"))
    by_document = n_documents >= MIN_DOCUMENTS
    return Agreement(
        list(STANCES),
        len(sentences),
        "document" if by_document else "sentence",
        int(units.max()) + 1,
        n_documents,
        n_bootstraps,
        stances("sentence rows"),
        PairsFound(n_both + only_first, n_both + only_second, n_both, **shares),
        stances("pairs"),
        by_flag,
    )


def _units(sentences: Sequence[MatchedSentence]) -> tuple[np.ndarray, int]:
    """Give each sentence the number of what is drawn with it; count the documents."""
    documents = [
        both.first.document_id or both.second.document_id or document_in(both.first.sentence_id)
        for both in sentences
    ]
    n_documents = len({*documents} - {""})
    if n_documents < MIN_DOCUMENTS:
        return np.arange(len(sentences)), n_documents
    # A sentence of no known document stands for itself.
    names = [
        ("document", document) if document else ("sentence", both.first.sentence_id)
        for document, both in zip(documents, sentences, strict=True)
    ]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names]), n_documents


def _confusion(rows: Iterable[tuple[int, str | None, str | None]], units: np.ndarray) -> np.ndarray:
    counted = list(rows)
    groups = np.array([unit for unit, _, _ in counted], dtype=int)
    first = np.array([stance for _, stance, _ in counted], dtype=str)
    second = np.array([stance for _, _, stance in counted], dtype=str)
    counts = np.zeros((int(units.max()) + 1, len(STANCES), len(STANCES)))
    found = confusion_counts(first, second, STANCES, groups)
    # Units after the last one that has a row are not in what was counted.
    counts[: len(found)] = found
    return counts


def _found(
    numbered: Iterable[tuple[int, MatchedSentence]], units: np.ndarray, flag: str | None = None
) -> np.ndarray:
    """Count, unit by unit, the pairs of both, of the first alone and of the second alone."""
    counts = np.zeros((int(units.max()) + 1, 3))
    for unit, sentence in numbered:
        both = [pair for pair, _ in sentence.both if flag is None or flag in pair.flags]
        alone = [pair for pair in sentence.only_first if flag is None or flag in pair.flags]
        # Only the first coder's flags are known: with a flag, the second's other pairs say nothing.
        others = len(sentence.only_second) if flag is None else 0
        counts[unit] += len(both), len(alone), others
    return counts


def _drawn(
    parts: dict[str, np.ndarray], n_bootstraps: int, random_state: int
) -> dict[str, np.ndarray]:
    """Add up the counts of the units of every draw; one draw is the same for all parts."""
    flat = np.hstack([counts.reshape(len(counts), -1) for counts in parts.values()])
    sums = drawn_sums(flat, n_bootstraps, random_state)
    ends = np.cumsum([counts[0].size for counts in parts.values()])[:-1]
    return {
        name: part.reshape(n_bootstraps, *counts.shape[1:])
        for (name, counts), part in zip(parts.items(), np.split(sums, ends, axis=1), strict=True)
    }


def _label_agreement(counts: np.ndarray, drawn: np.ndarray) -> LabelAgreement:
    total = _counts(counts)
    by_stance = {}
    for number, stance in enumerate(STANCES):
        one, one_drawn = _against_the_rest(counts, number), _against_the_rest(drawn, number)
        by_stance[stance] = StanceAgreement(
            int(total[number].sum()),
            int(total[:, number].sum()),
            int(total[number, number]),
            _kappa_score(one, one_drawn),
            _score(alpha, one, one_drawn),
        )
    return LabelAgreement(
        int(total.sum()),
        _score(_agreement, counts, drawn),
        _kappa_score(counts, drawn),
        _score(alpha, counts, drawn),
        by_stance,
        total.tolist(),
    )


def _kappa_score(counts: np.ndarray, drawn: np.ndarray) -> Score | None:
    measured = _score(kappa, counts, drawn)
    if measured is None:
        return None
    total = counts.sum(axis=0)
    first, second = np.indices(total.shape).reshape(2, -1)
    by_library = cohen_kappa_score(first, second, sample_weight=total.ravel())
    return Score(float(by_library), measured.low, measured.high)


def _score(statistic: Statistic, counts: np.ndarray, drawn: np.ndarray) -> Score | None:
    value = float(statistic(counts.sum(axis=0)))
    low, high = percentile_interval(statistic(drawn))
    # A draw in which nothing varies says nothing.
    return None if np.isnan(value) or np.isnan(low) else Score(value, low, high)


def _counts(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts.sum(axis=0), dtype=int)


def _against_the_rest(confusion: np.ndarray, number: int) -> np.ndarray:
    """Fold all other labels into one."""
    both = confusion[..., number, number]
    first = confusion[..., number, :].sum(axis=-1) - both
    second = confusion[..., :, number].sum(axis=-1) - both
    neither = confusion.sum(axis=(-2, -1)) - both - first - second
    return np.stack([np.stack([both, first], -1), np.stack([second, neither], -1)], -2)


def _same(confusion: np.ndarray) -> np.ndarray:
    return np.asarray(np.trace(confusion, axis1=-2, axis2=-1))


def _agreement(confusion: np.ndarray) -> np.ndarray:
    return ratio(_same(confusion), confusion.sum(axis=(-2, -1)), np.nan)


def _precision(found: np.ndarray) -> np.ndarray:
    return ratio(found[..., 0], found[..., 0] + found[..., 2], np.nan)


def _recall(found: np.ndarray) -> np.ndarray:
    return ratio(found[..., 0], found[..., 0] + found[..., 1], np.nan)


def _f1(found: np.ndarray) -> np.ndarray:
    return ratio(2 * found[..., 0], 2 * found[..., 0] + found[..., 1] + found[..., 2], np.nan)
