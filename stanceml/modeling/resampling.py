"""Scores with their 95% intervals, by drawing groups; and labels dealt out anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stanceml.config import EvaluationSettings
from stanceml.modeling.metrics import mean_of_known, metric_values

__all__ = [
    "N_BOOTSTRAPS",
    "Score",
    "bootstrap_interval",
    "drawn_sums",
    "percentile_interval",
    "permuted_labels",
    "score_by_groups",
    "scores_by_groups",
    "sums_by_group",
]

#: Draws where no other number is asked for.
N_BOOTSTRAPS: Final[int] = EvaluationSettings.model_fields["n_bootstraps"].default
# Numbers that go into one block of draws, so that many groups do not fill the memory.
_BLOCK: Final = 4_000_000

_CONFIDENCE: Final = 0.95


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
        """Write the value and its interval."""
        return format(self)

    def __format__(self, format: str) -> str:
        """Write the value and its interval, each number in a format.

        Examples
        --------
        >>> score = Score(0.5, 0.25, 0.75)
        >>> print(f"{score}, {score:+.3f}, {score:.0%}")
        0.500 [0.250, 0.750], +0.500 [+0.250, +0.750], 50% [25%, 75%]
        """
        format = format or ".3f"
        return f"{self.value:{format}} [{self.low:{format}}, {self.high:{format}}]"

    def as_dict(self) -> dict[str, float]:
        """Give the value and the ends of its interval by their names, ready for JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}

    @classmethod
    def on_draws(cls, value: float, draws: np.ndarray) -> "Score":
        """Give a value the 95% interval of what it is on draws.

        Examples
        --------
        >>> Score.on_draws(1.4, np.repeat([1.0, 2.0], 50))
        Score(value=1.4, low=1.0, high=2.0, p_value=None)
        """
        return cls(value, *percentile_interval(draws))


def score_by_groups(
    sums: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    n_bootstraps: int = N_BOOTSTRAPS,
    random_state: int = 0,
) -> Score:
    """Compute a statistic from sums over groups, with its interval by drawing groups.

    The draws are those of `bootstrap_interval`: with the same seed both give the same interval. Two
    models that are compared in one statistic see the same draws.

    Parameters
    ----------
    sums : ndarray of shape (n_groups, ...)
        What each group adds.
    statistic : callable
        Takes sums of shape (n, ...), the groups added up, and gives n values.
    n_bootstraps, random_state : int

    Returns
    -------
    Score
        Not-a-number where the statistic is; draws for which it is are left out.

    References
    ----------
    Davison and Hinkley, "Bootstrap methods and their application", 1997, sec. 3.8.

    Examples
    --------
    >>> heights = np.array([[170.0, 1], [180, 1], [190, 1], [176, 1]])
    >>> mean = score_by_groups(heights, lambda sums: sums[:, 0] / sums[:, 1])
    >>> mean.value, 170 <= mean.low < mean.value < mean.high <= 190
    (179.0, True)
    """
    (score,) = scores_by_groups(
        sums, lambda drawn: statistic(drawn)[:, np.newaxis], n_bootstraps, random_state
    )
    return score


def scores_by_groups(
    sums: np.ndarray,
    statistics: Callable[[np.ndarray], np.ndarray],
    n_bootstraps: int = N_BOOTSTRAPS,
    random_state: int = 0,
) -> list[Score]:
    """Compute several statistics from sums over groups, all on the same draws.

    As `score_by_groups`, but `statistics` gives values of shape (n, n_statistics).
    """
    drawn = drawn_sums(sums, n_bootstraps, random_state)
    values = statistics(sums.sum(axis=0, keepdims=True))[0]
    return [
        Score.on_draws(float(value), column)
        for value, column in zip(values, statistics(drawn).T, strict=True)
    ]


def sums_by_group(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Add up the rows of each group.

    Parameters
    ----------
    values : ndarray of shape (n_rows, ...)
    groups : ndarray of shape (n_rows,)
        Names or numbers; groups without rows do not count.

    Returns
    -------
    ndarray of shape (n_groups, ...)
        In the order of the groups' names.

    Examples
    --------
    >>> sums_by_group(np.array([1.0, 2.0, 4.0]), np.array(["b", "a", "b"]))
    array([2., 5.])
    """
    names, numbers = np.unique(groups, return_inverse=True)
    sums = np.zeros((len(names), *values.shape[1:]))
    np.add.at(sums, numbers, values)
    return sums


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
        name: percentile_interval(mean_of_known(values), undefined=0.0)
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
    low, high = np.quantile(known, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
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
