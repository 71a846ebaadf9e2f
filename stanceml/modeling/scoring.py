"""Predictions in; a report out: every metric over the slices, with interval and p-value."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from stanceml.corpus.datasets import Dataset
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.reliability import Reliability, measure_reliability
from stanceml.modeling.resampling import N_BOOTSTRAPS, Score, bootstrap_interval, permuted_labels

__all__ = [
    "PRIMARY",
    "Report",
    "SliceReport",
    "is_flag",
    "score_predictions",
    "slice_title",
]

PRIMARY: Final = "macro_f1"

_FLAG: Final = "flag_"


@dataclass(frozen=True)
class SliceReport:
    """The scores over some of the rows.

    `confusion` counts rows (true labels) by columns (predicted labels), averaged over repeats.
    """

    n_rows: int
    n_groups: int
    scores: dict[str, Score]
    confusion: list[list[float]]


@dataclass(frozen=True)
class Report:
    """What was measured of one experiment, or of one model on labelled rows.

    `reliability` is None where labels were predicted without probabilities.
    """

    classes: list[str]
    group_kind: str
    n_repeats: int
    slices: dict[str, SliceReport]
    reliability: Reliability | None = None

    @property
    def main_slices(self) -> dict[str, SliceReport]:
        """All rows, and the kinds of rows: what is shown side by side."""
        return {name: part for name, part in self.slices.items() if not is_flag(name)}

    @property
    def primary(self) -> Score:
        """Macro-F1 over all rows: what experiments are compared by."""
        return self.slices["all"].scores[PRIMARY]

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain values, ready for JSON."""
        return asdict(self)


def score_predictions(
    dataset: Dataset,
    predicted: np.ndarray,
    classes: Sequence[str],
    n_bootstraps: int = N_BOOTSTRAPS,
    n_permutations: int = 200,
    random_state: int = 0,
    probabilities: np.ndarray | None = None,
) -> Report:
    """Score predictions for labelled rows.

    P-values permute the labels of the rows by sentence and compare the first repeat with them; the
    predictions stay as they are.

    Parameters
    ----------
    dataset : Dataset
    predicted : ndarray of shape (n_rows,) or (n_repeats, n_rows)
        Labels.
    classes : sequence of str
        All labels, in alphabetical order.
    n_bootstraps, n_permutations, random_state : int
    probabilities : ndarray of shape (n_rows, n_classes) or (n_repeats, n_rows, n_classes), optional
        Of which the predictions are the most probable labels.

    Returns
    -------
    Report
    """
    predicted = np.atleast_2d(predicted)
    truth, sentences, is_pair = (
        series.to_numpy() for series in (dataset.y, dataset.sentences, dataset.is_pair)
    )
    permuted = [
        permuted_labels(truth, sentences, is_pair, np.random.default_rng([random_state, number]))
        for number in range(n_permutations)
    ]
    groups = np.unique(dataset.groups.to_numpy(), return_inverse=True)[1]
    slices = {}
    for name, rows in _slices(dataset).items():
        numbers = np.unique(groups[rows], return_inverse=True)[1]
        confusion = np.stack(
            [confusion_counts(truth[rows], labels[rows], classes, numbers) for labels in predicted]
        )
        values = _whole_metrics(confusion, classes)
        intervals = bootstrap_interval(confusion, classes, n_bootstraps, random_state)
        by_chance = [
            _whole_metrics(
                confusion_counts(
                    labels[rows], predicted[0][rows], classes, np.zeros(len(rows), dtype=int)
                ),
                classes,
            )
            for labels in permuted
        ]
        scores = {
            metric: Score(
                float(value.mean()),
                *intervals[metric],
                _p_value(value[0], [float(chance[metric]) for chance in by_chance]),
            )
            for metric, value in values.items()
        }
        mean_confusion = confusion.sum(axis=1).mean(axis=0).tolist()
        slices[name] = SliceReport(len(rows), int(numbers.max()) + 1, scores, mean_confusion)
    reliability = None
    if probabilities is not None:
        reliability = measure_reliability(
            truth,
            probabilities,
            classes,
            groups,
            n_bootstraps=n_bootstraps,
            random_state=random_state,
        )
    return Report(list(classes), dataset.group_kind, len(predicted), slices, reliability)


def is_flag(name: str) -> bool:
    """Tell whether a slice is that of a flag."""
    return name.startswith(_FLAG)


def slice_title(name: str) -> str:
    """Name a slice for people.

    Examples
    --------
    >>> slice_title("pair_rows"), slice_title("flag_negated")
    ('pair rows', 'negated')
    """
    return "all rows" if name == "all" else name.removeprefix(_FLAG).replace("_", " ")


def _whole_metrics(confusion: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    # A class that never occurs in a slice scores 0 there.
    counted = metric_values(confusion.sum(axis=-3), classes)
    return {metric: np.nan_to_num(value) for metric, value in counted.items()}


def _slices(dataset: Dataset) -> dict[str, np.ndarray]:
    is_pair = dataset.is_pair.to_numpy()
    slices = {"all": np.arange(len(is_pair))}
    # Where all rows are of one kind, another slice would say the same again.
    if 0 < is_pair.sum() < len(is_pair):
        slices |= {"sentence_rows": np.flatnonzero(~is_pair), "pair_rows": np.flatnonzero(is_pair)}
    for flag in dataset.flags:
        rows = np.flatnonzero(dataset.flags[flag])
        if len(rows):
            slices[f"{_FLAG}{flag}"] = rows
    return slices


def _p_value(observed: float, by_chance: list[float]) -> float | None:
    if not by_chance:
        return None
    # The observed labels count as one permutation (Phipson and Smyth 2010). Sums of the same terms
    # in another order may differ in the last digit: that is no difference.
    as_good = sum(value >= observed - 1e-12 for value in by_chance)
    return float((1 + as_good) / (1 + len(by_chance)))
