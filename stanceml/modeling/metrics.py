"""Scores out of confusion counts, each with its interval and its p-value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stanceml.stances import AGAINST, FAVOR

__all__ = [
    "Score",
    "bootstrap_interval",
    "confusion_counts",
    "drawn_sums",
    "metric_values",
    "percentile_interval",
    "permuted_labels",
]

CONFIDENCE = 0.95

# Numbers that go into one block of draws, so that many groups do not fill the memory.
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Score:
    """A measured value, its 95% interval, and how often chance does as well.

    `p_value` is None where no labels were permuted.
    """

    value: float
    low: float
    high: float
    p_value: float | None = None

    def __str__(self) -> str:
        """Write the value and its interval.

        Examples
        --------
        >>> str(Score(0.5, 0.25, 0.75))
        '0.500 [0.250, 0.750]'
        """
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def confusion_counts(
    truth: np.ndarray, predicted: np.ndarray, classes: Sequence[Any], groups: np.ndarray
) -> np.ndarray:
    """Count, group by group, which label was predicted for which.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n_rows,)
        Labels.
    classes : sequence
        All labels, in alphabetical order.
    groups : ndarray of int, shape (n_rows,)
        Number of the group of each row, from 0.

    Returns
    -------
    ndarray of shape (n_groups, n_classes, n_classes)
        Rows are the true labels.

    Examples
    --------
    >>> truth, predicted = np.array(["a", "b"]), np.array(["a", "a"])
    >>> confusion_counts(truth, predicted, ["a", "b"], groups=np.array([0, 1]))[1]
    array([[0., 0.],
           [1., 0.]])
    """
    counts = np.zeros((int(groups.max(initial=-1)) + 1, len(classes), len(classes)))
    np.add.at(
        counts, (groups, np.searchsorted(classes, truth), np.searchsorted(classes, predicted)), 1
    )
    return counts


def metric_values(confusion: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """Compute every metric from confusion counts.

    Means over classes are over those that are true or predicted at least once (balanced accuracy:
    true at least once), as in scikit-learn. The other classes' own metrics are not-a-number; of a
    class that occurs, what would divide by zero is 0.

    Parameters
    ----------
    confusion : ndarray of shape (..., n_classes, n_classes)
        Rows are the true labels; leading axes are kept.
    classes : sequence of str
        All labels, in alphabetical order.

    Returns
    -------
    dict of str to ndarray of shape (...)
        `macro_f1`, `favor_against_f1` (the mean F1 of favor and against, where both are classes),
        `balanced_accuracy`, and `precision_…`, `recall_…`, `f1_…` of each class.

    Examples
    --------
    >>> values = metric_values(np.array([[3, 1], [0, 4]]), ["against", "favor"])
    >>> {name: round(float(value), 3) for name, value in values.items() if "favor" in name}
    {'favor_against_f1': 0.873, 'precision_favor': 0.8, 'recall_favor': 1.0, 'f1_favor': 0.889}
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    occurs = true + predicted > 0
    precision = np.where(occurs, _ratio(right, predicted), np.nan)
    recall = np.where(occurs, _ratio(right, true), np.nan)
    f1 = np.where(occurs, _ratio(2 * right, true + predicted), np.nan)
    values = {"macro_f1": _mean(f1)}
    if AGAINST in classes and FAVOR in classes:
        both = [list(classes).index(AGAINST), list(classes).index(FAVOR)]
        values["favor_against_f1"] = _mean(f1[..., both])
    values["balanced_accuracy"] = _mean(np.where(true > 0, recall, np.nan))
    for number, label in enumerate(classes):
        values[f"precision_{label}"] = precision[..., number]
        values[f"recall_{label}"] = recall[..., number]
        values[f"f1_{label}"] = f1[..., number]
    return values


def bootstrap_interval(
    confusion: np.ndarray, classes: Sequence[str], n_bootstraps: int, random_state: int
) -> dict[str, tuple[float, float]]:
    """Give every metric its 95% percentile interval by drawing groups with replacement.

    Parameters
    ----------
    confusion : ndarray of shape (n_repeats, n_groups, n_classes, n_classes)
        As `confusion_counts` gives them, repeat by repeat. One draw takes the same groups in every
        repeat; its value is the mean over the repeats.
    classes : sequence of str
        All labels, in alphabetical order.
    n_bootstraps : int
        Draws.
    random_state : int
        Seeds the draws.

    Returns
    -------
    dict of str to (float, float)
        Metric to the lower and the upper end.

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap", 1993, ch. 13; groups as the unit of
    resampling: Davison and Hinkley, "Bootstrap methods and their application", 1997, sec. 3.8.
    """
    drawn = drawn_sums(confusion.transpose(1, 0, 2, 3), n_bootstraps, random_state)
    return {
        name: percentile_interval(_mean(values), undefined=0.0)
        for name, values in metric_values(drawn, classes).items()
    }


def drawn_sums(sums: np.ndarray, n_bootstraps: int, random_state: int) -> np.ndarray:
    """Draw groups with replacement, as many as there are, and add up what they have.

    Parameters
    ----------
    sums : ndarray of shape (n_groups, ...)
        What each group adds.
    n_bootstraps, random_state : int
        Draws. With the same seed the same groups are drawn, whatever is added up.

    Returns
    -------
    ndarray of shape (n_bootstraps, ...)

    Examples
    --------
    >>> drawn_sums(np.ones((5, 2)), n_bootstraps=3, random_state=0).tolist()
    [[5.0, 5.0], [5.0, 5.0], [5.0, 5.0]]
    """
    n_groups = len(sums)
    random = np.random.default_rng(random_state)
    shares, flat = np.full(n_groups, 1 / n_groups), sums.reshape(n_groups, -1)
    block = max(1, _BLOCK // n_groups)
    parts = [
        random.multinomial(n_groups, shares, size=min(block, n_bootstraps - start)) @ flat
        for start in range(0, n_bootstraps, block)
    ]
    return np.vstack(parts).reshape(n_bootstraps, *sums.shape[1:])


def percentile_interval(values: np.ndarray, undefined: float = np.nan) -> tuple[float, float]:
    """Give the ends of the middle 95% of what draws gave.

    Draws for which a value is not defined, not-a-number, are left out; where it is defined for
    none, both ends are `undefined`.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return undefined, undefined
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def permuted_labels(
    y: np.ndarray, sentences: np.ndarray, is_pair: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Deal the labels out anew, those of one sentence staying together.

    The sentences are put into a random order. The labels of their sentence rows are laid along the
    sentence rows in that order, those of their pair rows along the pair rows: what a sentence's
    labels have in common is kept, what they have to do with its text is lost.

    Parameters
    ----------
    y, sentences, is_pair : ndarray of shape (n_rows,)
        Labels, the sentence of each row, and whether it judges a target.
    random : Generator

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    >>> y = np.array(["against", "against", "favor", "favor", "favor"])
    >>> sentences, is_pair = np.array([0, 0, 1, 1, 1]), np.array([False, True, False, True, True])
    >>> permuted_labels(y, sentences, is_pair, np.random.default_rng(3)).tolist()
    ['favor', 'favor', 'against', 'favor', 'against']
    """
    numbers = np.unique(sentences, return_inverse=True)[1]
    rank = random.permutation(int(numbers.max()) + 1)
    permuted = y.copy()
    for kind in (False, True):
        rows = np.flatnonzero(is_pair == kind)
        shuffled = rows[np.argsort(rank[numbers[rows]], kind="stable")]
        # The places are filled sentence by sentence too, so that labels of one stay in one.
        places = rows[np.argsort(numbers[rows], kind="stable")]
        permuted[places] = y[shuffled]
    return permuted


def _mean(values: np.ndarray) -> np.ndarray:
    """Average over the last axis what is a number; not-a-number where nothing is."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(known.any(axis=-1), _ratio(total, known.sum(axis=-1)), np.nan)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    out = np.zeros(np.shape(part))
    np.divide(part, whole, out=out, where=np.asarray(whole) > 0)
    return out
