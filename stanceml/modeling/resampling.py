"""The 95% interval of anything that can be computed from sums over groups."""

from collections.abc import Callable

import numpy as np

from stanceml.modeling.metrics import Score, drawn_sums, percentile_interval

__all__ = ["score_by_groups", "scores_by_groups", "sums_by_group"]


def score_by_groups(
    sums: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    n_bootstraps: int = 2000,
    random_state: int = 0,
) -> Score:
    """Compute a statistic from sums over groups, with its interval by drawing groups.

    The draws are those of `stanceml.modeling.metrics.bootstrap_interval`: with the same seed both
    give the same interval. Two models that are compared in one statistic see the same draws.

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
    n_bootstraps: int = 2000,
    random_state: int = 0,
) -> list[Score]:
    """Compute several statistics from sums over groups, all on the same draws.

    As `score_by_groups`, but `statistics` gives values of shape (n, n_statistics).
    """
    drawn = drawn_sums(sums, n_bootstraps, random_state)
    values = statistics(sums.sum(axis=0, keepdims=True))[0]
    return [
        Score(float(value), *percentile_interval(column))
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
