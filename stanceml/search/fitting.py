"""Many experiments on the same folds: features are made once, models fitted side by side."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from stanceml.config import Experiment, Features
from stanceml.modeling.counting import Counts, FoldFeatures, count_ngrams
from stanceml.modeling.parallel import side_by_side
from stanceml.modeling.pipeline import check_features, fit_fold
from stanceml.search.journal import Task

__all__ = ["Fitter", "Job"]


class Job(NamedTuple):
    """A task, the experiment to be fitted, and the positions of the rows of its fold."""

    task: Task
    experiment: Experiment
    train: np.ndarray
    test: np.ndarray


class Fitter:
    """Fits jobs on the rows of one table, and counts the seconds that it takes.

    Parameters
    ----------
    X : DataFrame
        As `unit_frame` gives it. Its n-grams are counted when the first job is fitted.
    experiments : iterable of Experiment
        All that may be fitted.
    y, groups : ndarray of int
        Label and group of each row; labels in alphabetical order, from 0.
    n_jobs : int
        Processes; -1 for one a core. What is predicted does not depend on it.

    Attributes
    ----------
    extraction_seconds : float
        Spent on counting and weighting n-grams.
    fitting_seconds : float
        Spent on fitting and predicting, over all processes.
    """

    def __init__(
        self,
        X: pd.DataFrame,
        experiments: Iterable[Experiment],
        y: np.ndarray,
        groups: np.ndarray,
        n_jobs: int = -1,
    ) -> None:
        self.X, self.experiments, self.n_jobs = X, list(experiments), n_jobs
        self.y, self.groups, self.n_classes = y, groups, int(y.max()) + 1
        self.extraction_seconds = self.fitting_seconds = 0.0
        self._counts: Counts | None = None

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Task, np.ndarray]]:
        """Fit every job on its training rows.

        Parameters
        ----------
        jobs : sequence of Job
            Those of one inner fold one behind the other: one fold's features are held at a time.

        Yields
        ------
        (Task, ndarray of int)
            The task and the labels of its test rows, as soon as they are known.

        Raises
        ------
        DataError
            When an experiment finds nothing in the rows, or scikit-learn refuses them.
        """
        for task, predicted, seconds in side_by_side(_fit, self._calls(jobs), self.n_jobs):
            self.fitting_seconds += seconds
            yield task, predicted

    def _calls(self, jobs: Sequence[Job]) -> Iterator[Any]:
        for _, found in groupby(jobs, key=lambda job: job.task.inner):
            of_fold = list(found)
            features = FoldFeatures(self._counted(), of_fold[0].train, of_fold[0].test)
            by_blocks: dict[tuple[Features, ...], list[Job]] = {}
            for job in of_fold:
                by_blocks.setdefault(job.experiment.features, []).append(job)
            for blocks, alike in by_blocks.items():
                start = time.perf_counter()
                train, test = features.of(blocks)
                self.extraction_seconds += time.perf_counter() - start
                for job in alike:
                    y, groups = self.y[job.train], self.groups[job.train]
                    yield job.task, job.experiment, train, test, y, groups, self.n_classes

    def _counted(self) -> Counts:
        if self._counts is None:
            start = time.perf_counter()
            blocks = {block for one in self.experiments for block in one.features}
            self._counts = count_ngrams(self.X, blocks)
            check_features(self.experiments, self._counts, len(self.y))
            self.extraction_seconds += time.perf_counter() - start
        return self._counts


def _fit(
    task: Task,
    experiment: Experiment,
    train: csr_matrix,
    test: csr_matrix,
    y: np.ndarray,
    groups: np.ndarray,
    n_classes: int,
) -> tuple[Task, np.ndarray, float]:
    start = time.perf_counter()
    scores = fit_fold(experiment, train, test, y, groups, n_classes, calibrated=False)
    predicted = scores.argmax(axis=1).astype("<u2")
    return task, predicted, time.perf_counter() - start
