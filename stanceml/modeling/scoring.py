"""Predictions in; a report out: every metric over the slices, with interval and p-value."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from stanceml.corpus.datasets import Dataset
from stanceml.modeling.metrics import (
    Score,
    bootstrap_interval,
    confusion_counts,
    metric_values,
    permuted_labels,
)

__all__ = [
    "PRIMARY",
    "Report",
    "SliceMetrics",
    "SliceReport",
    "label_arrays",
    "permutation_randoms",
    "report_scores",
    "score_predictions",
    "slice_metrics",
]

PRIMARY: Final = "macro_f1"

SliceMetrics = dict[str, dict[str, float]]


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
    """What was measured of one experiment, or of one model on labelled rows."""

    classes: list[str]
    group_kind: str
    n_repeats: int
    slices: dict[str, SliceReport]

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
    n_bootstraps: int = 2000,
    n_permutations: int = 200,
    random_state: int = 0,
) -> Report:
    """Score fixed predictions for labelled rows.

    P-values permute the labels of the rows by sentence; the predictions stay as they are.

    Parameters
    ----------
    dataset : Dataset
    predicted : ndarray of shape (n_rows,)
        Labels.
    classes : sequence of str
        All labels, in alphabetical order.
    n_bootstraps, n_permutations, random_state : int

    Returns
    -------
    Report
    """
    truth, sentences, is_pair = label_arrays(dataset)
    permuted = [
        slice_metrics(
            permuted_labels(truth, sentences, is_pair, random), predicted, is_pair, classes
        )
        for random in map(
            np.random.default_rng, permutation_randoms(random_state, range(n_permutations))
        )
    ]
    return report_scores(
        dataset, predicted[np.newaxis], classes, permuted, n_bootstraps, random_state
    )


def report_scores(
    dataset: Dataset,
    predicted: np.ndarray,
    classes: Sequence[str],
    permuted: list[SliceMetrics],
    n_bootstraps: int,
    random_state: int,
) -> Report:
    """Score out-of-fold or fixed predictions, of shape (n_repeats, n_rows).

    `permuted` holds the metrics of each permutation, which the first repeat is compared with.
    """
    truth, _, is_pair = label_arrays(dataset)
    slices = {}
    for name, rows in _slices(is_pair).items():
        groups = np.unique(dataset.groups.to_numpy()[rows], return_inverse=True)[1]
        confusion = np.stack(
            [confusion_counts(truth[rows], labels[rows], classes, groups) for labels in predicted]
        )
        # A class that never occurs in a slice scores 0 there.
        counted = metric_values(confusion.sum(axis=1), classes)
        values = {metric: np.nan_to_num(value) for metric, value in counted.items()}
        intervals = bootstrap_interval(confusion, classes, n_bootstraps, random_state)
        scores = {
            metric: Score(
                float(value.mean()),
                *intervals[metric],
                _p_value(value[0], [chance[name][metric] for chance in permuted]),
            )
            for metric, value in values.items()
        }
        mean_confusion = confusion.sum(axis=1).mean(axis=0).tolist()
        slices[name] = SliceReport(len(rows), int(groups.max()) + 1, scores, mean_confusion)
    return Report(list(classes), dataset.group_kind, len(predicted), slices)


def slice_metrics(
    truth: np.ndarray, predicted: np.ndarray, is_pair: np.ndarray, classes: Sequence[str]
) -> SliceMetrics:
    """Compute every metric of one set of predictions, slice by slice."""
    found = {}
    for name, rows in _slices(is_pair).items():
        together = np.zeros(len(rows), dtype=int)
        confusion = confusion_counts(truth[rows], predicted[rows], classes, together)[0]
        values = metric_values(confusion, classes)
        found[name] = {metric: float(np.nan_to_num(value)) for metric, value in values.items()}
    return found


def _slices(is_pair: np.ndarray) -> dict[str, np.ndarray]:
    slices = {"all": np.arange(len(is_pair))}
    # Where all rows are of one kind, another slice would say the same again.
    if 0 < is_pair.sum() < len(is_pair):
        slices |= {"sentence_rows": np.flatnonzero(~is_pair), "pair_rows": np.flatnonzero(is_pair)}
    return slices


def label_arrays(dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the labels, the sentences and which rows are pairs."""
    return dataset.y.to_numpy(), dataset.sentences.to_numpy(), dataset.is_pair.to_numpy()


def _p_value(observed: float, by_chance: list[float]) -> float | None:
    if not by_chance:
        return None
    # The observed labels count as one permutation (Phipson and Smyth 2010). Sums of the same terms
    # in another order may differ in the last digit: that is no difference.
    as_good = sum(value >= observed - 1e-12 for value in by_chance)
    return float((1 + as_good) / (1 + len(by_chance)))


def permutation_randoms(random_state: int, numbers: Iterable[int]) -> list[np.random.Generator]:
    """Seed each permutation by its number, so that it does not matter which process draws it."""
    return [np.random.default_rng([random_state, number]) for number in numbers]
