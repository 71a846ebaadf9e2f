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
from stanceml.modeling.pipeline import fit_classifier
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
    blocks : iterable of Features
        All that the experiments may use.
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
        blocks: Iterable[Features],
        y: np.ndarray,
        groups: np.ndarray,
        n_jobs: int = -1,
    ) -> None:
        self.X, self.blocks, self.y, self.groups, self.n_jobs = X, list(blocks), y, groups, n_jobs
        self.extraction_seconds = self.fitting_seconds = 0.0
        self._counts: Counts | None = None

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Task, np.ndarray]]:
        """Fit every job on its training rows.

        Where features are missing altogether (no n-gram is frequent enough) or the training rows
        have one label only, the most frequent label is predicted.

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
            When scikit-learn refuses the rows.
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
                    yield job.task, job.experiment, train, test, y, groups

    def _counted(self) -> Counts:
        if self._counts is None:
            start = time.perf_counter()
            self._counts = count_ngrams(self.X, self.blocks)
            self.extraction_seconds += time.perf_counter() - start
        return self._counts


def _fit(
    task: Task,
    experiment: Experiment,
    train: csr_matrix,
    test: csr_matrix,
    y: np.ndarray,
    groups: np.ndarray,
) -> tuple[Task, np.ndarray, float]:
    start = time.perf_counter()
    if len(set(y)) == 1 or train.shape[1] == 0:
        predicted = np.full(test.shape[0], np.bincount(y).argmax())
        return task, predicted.astype("<u2"), time.perf_counter() - start
    what = f"the candidate with the classifier {experiment.classifier.model_dump(mode='json')}"
    model = fit_classifier(experiment, train, y, groups, calibrated=False, what=what)
    predicted = model.predict(test)
    return task, predicted.astype("<u2"), time.perf_counter() - start
