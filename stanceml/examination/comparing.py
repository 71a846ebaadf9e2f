"""Scores over chosen rows, and the differences between two predictions of the same rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.resampling import Score, score_by_groups, scores_by_groups, sums_by_group
from stanceml.modeling.scoring import PRIMARY

__all__ = ["FEWEST_GROUPS", "Comparison", "Judge"]

#: With fewer groups to draw from, no interval would be honest.
FEWEST_GROUPS: Final = 5


@dataclass(frozen=True)
class Comparison:
    """Macro-F1 on the same rows: of the experiment as usual, of something else, and between them.

    `difference` is `other` less `usual`, both on the same draws of groups.
    """

    n_rows: int
    n_groups: int
    usual: Score
    other: Score
    difference: Score


@dataclass(frozen=True)
class Judge:
    """The true labels as numbers, and how scores over some rows get their intervals."""

    truth: np.ndarray
    groups: np.ndarray
    classes: list[str]
    n_bootstraps: int
    random_state: int

    @classmethod
    def of(cls, experiment: Experiment, dataset: Dataset, classes: list[str]) -> "Judge":
        """Judge the rows of a dataset as the experiment is measured."""
        truth, groups = np.searchsorted(classes, dataset.y.to_numpy()), dataset.groups.to_numpy()
        settings = experiment.evaluation
        return cls(truth, groups, classes, settings.n_bootstraps, experiment.random_state)

    def macro_f1(self, predicted: np.ndarray, rows: np.ndarray) -> Score:
        """Score predictions of shape (n_repeats, n_all_rows) on some rows."""
        sums = self.confusions(predicted, rows)
        return score_by_groups(
            sums,
            lambda drawn: self.macro(drawn).mean(axis=1),
            self.n_bootstraps,
            self.random_state,
        )

    def compare(self, usual: np.ndarray, other: np.ndarray, rows: np.ndarray) -> Comparison:
        """Compare two predictions of the same rows on the same draws."""
        sums = [self.confusions(predicted, rows) for predicted in (usual, other)]

        def three(drawn: np.ndarray) -> np.ndarray:
            values = self.macro(drawn)
            first = values[:, : len(usual)].mean(axis=1)
            second = values[:, len(usual) :].mean(axis=1)
            return np.column_stack([first, second, second - first])

        scores = scores_by_groups(
            np.concatenate(sums, axis=1), three, self.n_bootstraps, self.random_state
        )
        return Comparison(len(rows), len(sums[0]), *scores)

    def share(self, holds: np.ndarray, rows: np.ndarray) -> Score:
        """Give the share of rows for which something of shape (n_repeats, n_rows) holds."""
        values = np.column_stack([holds.mean(axis=0), np.ones(len(rows))])
        return score_by_groups(
            sums_by_group(values, self.groups[rows]),
            lambda drawn: drawn[:, 0] / drawn[:, 1],
            self.n_bootstraps,
            self.random_state,
        )

    def has_interval(self, rows: np.ndarray) -> bool:
        """Tell whether rows come from enough groups for an interval."""
        return len(np.unique(self.groups[rows])) >= FEWEST_GROUPS

    def confusions(self, predicted: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Count by group, for each prediction: of shape (n_groups, n_predictions, …)."""
        numbers = np.unique(self.groups[rows], return_inverse=True)[1]
        names = range(len(self.classes))
        counts = [
            confusion_counts(self.truth[rows], labels[rows], names, numbers) for labels in predicted
        ]
        return np.stack(counts, axis=1)

    def macro(self, confusion: np.ndarray) -> np.ndarray:
        """Give macro-F1 of counts that were added up over groups."""
        return metric_values(confusion, self.classes)[PRIMARY]
