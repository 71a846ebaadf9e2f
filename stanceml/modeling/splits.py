"""Folds that keep groups together."""

import warnings
from collections.abc import Iterator

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from stanceml.exceptions import DataError

__all__ = ["folds"]


def folds(
    y: np.ndarray, groups: np.ndarray, n_splits: int, random_state: int, group_kind: str = "group"
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Split rows into stratified folds, the rows of one group always together.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels.
    groups : ndarray of shape (n_rows,)
        Group of each row.
    n_splits : int
        Folds.
    random_state : int
        Shuffles the groups.
    group_kind : str
        What a group is, for the message.

    Yields
    ------
    (ndarray, ndarray)
        Positions of the training and of the test rows of a fold.

    Raises
    ------
    DataError
        When there are fewer groups than folds.

    Examples
    --------
    >>> y, groups = np.array(["favor", "against"] * 4), np.repeat([0, 1, 2, 3], 2)
    >>> [len(test) for _, test in folds(y, groups, 2, random_state=0)]
    [4, 4]
    """
    n_groups = len(np.unique(groups))
    if n_groups < n_splits:
        raise DataError(
            f"{n_groups} groups (by {group_kind}) for {n_splits} folds; expected at least as many "
            "groups as folds: lower evaluation.n_splits in the config, or bring more data"
        )
    # A class with fewer rows than folds is spread as far as it goes; that is no cause for alarm.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        enough = np.unique_counts(y).counts.max() >= n_splits
        splitter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=random_state)
        yield from splitter.split(np.zeros(len(y)), y if enough else np.zeros(len(y)), groups)
