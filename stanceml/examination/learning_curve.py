"""How a score on held-out rows grows with the sentences that were trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from stanceml.examination.comparing import Judge
from stanceml.modeling.resampling import Score

__all__ = ["SHARES", "CurvePoint", "Part", "curve_point", "nested_samples"]

#: Shares of the training sentences, the last of them all.
SHARES: Final = (0.1, 0.2, 0.4, 0.8, 1.0)


@dataclass(frozen=True)
class Part:
    """Right answers among the rows of one value; no accuracy where the groups are too few."""

    n_rows: int
    n_right: int
    accuracy: Score | None


@dataclass(frozen=True)
class CurvePoint:
    """What a model does that was trained on a share of the sentences.

    `n_elsewhere` says of how many rows the model, free to choose, gives another label than those
    that were to choose from; `by` splits the rows up by a column's values.
    """

    share: float
    n_sentences: int
    n_train: int
    macro_f1: Score
    n_elsewhere: int
    by: dict[str, Part]


def nested_samples(
    groups: np.ndarray,
    sentences: np.ndarray,
    shares: Sequence[float],
    random_state: int,
    keep_groups: bool = True,
) -> list[np.ndarray]:
    """Draw growing shares of the sentences, from all groups alike.

    A larger share has the rows of a smaller one, and more.

    Parameters
    ----------
    groups, sentences : ndarray of shape (n_rows,)
    shares : sequence of float
    random_state : int
    keep_groups : bool
        Whether at least one sentence of every group that has several is drawn, however small the
        share.

    Returns
    -------
    list of ndarray of int
        Positions of rows, for each share.

    Examples
    --------
    >>> groups, sentences = np.repeat(["a", "b"], 4), np.repeat(np.arange(4), 2)
    >>> [len(rows) for rows in nested_samples(groups, sentences, [0.1, 0.5, 1], 0)]
    [4, 4, 8]
    """
    random = np.random.default_rng(random_state)
    names, first, numbers = np.unique(sentences, return_index=True, return_inverse=True)
    kinds, kind = np.unique(groups[first], return_inverse=True)
    shuffled = pd.Series(kind).iloc[random.permutation(len(names))]
    rank = shuffled.groupby(shuffled).cumcount().sort_index().to_numpy()
    size = np.bincount(kind)[kind]
    # Each group's sentences lie evenly between 0 and 1: every beginning takes from all alike.
    place = (rank + random.random(len(kinds))[kind]) / size
    order = np.argsort(np.argsort(place))
    stays = (rank == 0) & (size > 1) & keep_groups
    kept = [(order < np.ceil(share * len(names))) | stays for share in shares]
    return [np.flatnonzero(chosen[numbers]) for chosen in kept]


def curve_point(
    share: float,
    trained_on: np.ndarray,
    judge: Judge,
    predicted: np.ndarray,
    n_elsewhere: int,
    by: "pd.Series[str] | None" = None,
) -> CurvePoint:
    """Score what a model that was trained on some rows predicts for the held-out ones.

    Parameters
    ----------
    share : float
    trained_on : ndarray of shape (n_train,)
        The sentence of each training row.
    judge : Judge
        Of the held-out rows.
    predicted : ndarray of int, shape (n_rows,)
        Labels of the held-out rows, as numbers.
    n_elsewhere : int
    by : Series of shape (n_rows,), optional

    Returns
    -------
    CurvePoint

    Examples
    --------
    >>> judge = Judge(np.array([0, 1] * 5), np.arange(10), ["against", "favor"], 200, 0)
    >>> by = pd.Series(["protest"] * 9 + ["aid"])
    >>> point = curve_point(1.0, np.array(["s1", "s1", "s2"]), judge, judge.truth, 0, by)
    >>> point.n_sentences, point.n_train, point.macro_f1.value
    (2, 3, 1.0)
    >>> point.by["aid"]
    Part(n_rows=1, n_right=1, accuracy=None)
    """
    right = predicted == judge.truth
    return CurvePoint(
        share,
        len(np.unique(trained_on)),
        len(trained_on),
        judge.macro_f1(predicted[np.newaxis], np.arange(len(predicted))),
        n_elsewhere,
        {}
        if by is None
        else {value: _part(judge, right, np.flatnonzero(by == value)) for value in sorted(set(by))},
    )


def _part(judge: Judge, right: np.ndarray, rows: np.ndarray) -> Part:
    accuracy = judge.share(right[np.newaxis, rows], rows) if judge.has_interval(rows) else None
    return Part(len(rows), int(right[rows].sum()), accuracy)
