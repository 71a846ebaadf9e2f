"""Metrics out of confusion counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stanceml.stances import AGAINST, FAVOR

__all__ = ["confusion_counts", "mean_of_known", "metric_values", "ratio"]


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
    precision = np.where(occurs, ratio(right, predicted), np.nan)
    recall = np.where(occurs, ratio(right, true), np.nan)
    f1 = np.where(occurs, ratio(2 * right, true + predicted), np.nan)
    values = {"macro_f1": mean_of_known(f1)}
    if AGAINST in classes and FAVOR in classes:
        both = [list(classes).index(AGAINST), list(classes).index(FAVOR)]
        values["favor_against_f1"] = mean_of_known(f1[..., both])
    values["balanced_accuracy"] = mean_of_known(np.where(true > 0, recall, np.nan))
    for number, label in enumerate(classes):
        values[f"precision_{label}"] = precision[..., number]
        values[f"recall_{label}"] = recall[..., number]
        values[f"f1_{label}"] = f1[..., number]
    return values


def mean_of_known(values: np.ndarray) -> np.ndarray:
    """Average over the last axis what is a number; not-a-number where nothing is."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1), undefined=np.nan)


def ratio(part: np.ndarray, whole: np.ndarray, undefined: float = 0.0) -> np.ndarray:
    """Divide; `undefined` where there is nothing to be divided by.

    Examples
    --------
    >>> ratio(np.array([1.0, 0.0]), np.array([4, 0])).tolist()
    [0.25, 0.0]
    """
    out = np.full(np.shape(part), undefined)
    np.divide(part, whole, out=out, where=np.asarray(whole) > 0)
    return out
