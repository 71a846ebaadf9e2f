"""Many experiments on the same folds: features are made once, models fitted side by side."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from scipy.sparse import csr_matrix, hstack
from threadpoolctl import threadpool_limits

from stanceml.config import Experiment, Features
from stanceml.exceptions import DataError
from stanceml.modeling.calibration import class_scores
from stanceml.modeling.counting import Counts, count_ngrams
from stanceml.modeling.journal import Task
from stanceml.modeling.pipeline import build_classifier

__all__ = ["Fitter", "FoldFeatures", "Job"]

Pair = tuple[csr_matrix, csr_matrix]


class Job(NamedTuple):
    """A task, the experiment to be fitted, and the positions of the rows of its fold."""

    task: Task
    experiment: Experiment
    train: np.ndarray
    test: np.ndarray


class FoldFeatures:
    """The features of one fold's training and test rows, for any number of experiments.

    Each block is weighted once, whichever experiments use it and whatever weight they give it.

    Parameters
    ----------
    counts : Counts
    train, test : ndarray of int
        Positions of rows.

    Examples
    --------
    >>> X = pd.DataFrame({"text": ["NATO backs Kyiv.", "Moscow blames NATO.", "Kyiv waits."]})
    >>> block = Features(source="text", kind="word", orders=(1, 1))
    >>> features = FoldFeatures(count_ngrams(X, [block]), np.array([0, 1]), np.array([2]))
    >>> [matrix.shape for matrix in features.of([block])]
    [(2, 5), (1, 5)]
    """

    def __init__(self, counts: Counts, train: np.ndarray, test: np.ndarray) -> None:
        self.counts, self.train, self.test = counts, train, test
        self._weighted: dict[Features, Pair] = {}

    def of(self, blocks: Sequence[Features]) -> Pair:
        """Give the features of some blocks, equal to those of `Counts.features` to the last bit."""
        if not blocks:
            return self.counts.features(blocks, self.train, self.test)
        parts = [(self._of_one(block), block.weight) for block in blocks]
        train = hstack([pair[0] * weight for pair, weight in parts], format="csr")
        return train, hstack([pair[1] * weight for pair, weight in parts], format="csr")

    def _of_one(self, block: Features) -> Pair:
        plain = block.model_copy(update={"weight": 1.0})
        if plain not in self._weighted:
            self._weighted[plain] = self.counts.features([plain], self.train, self.test)
        return self._weighted[plain]


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
        # Idle workers go after ten seconds: should this process be killed, they do not stay.
        # Matrices that workers share may be written to by scikit-learn: to copies of its own.
        with parallel_config(backend="loky", idle_worker_timeout=10):
            parallel = Parallel(self.n_jobs, return_as="generator_unordered", mmap_mode="c")
            for task, predicted, seconds in parallel(self._calls(jobs)):
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
                    yield delayed(_fit)(job.task, job.experiment, train, test, y, groups)

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
    model = build_classifier(experiment)
    try:
        # One thread for each process: small matrices are slower with more, and the sums the same.
        with threadpool_limits(limits=1):
            if model.tune_thresholds:
                predicted = model.fit(train, y, groups=groups).predict(test)
            else:
                # Calibration needs four fits where one tells the label: it never changes a label.
                fitted = model.estimator.fit(train, y)
                predicted = fitted.classes_[class_scores(fitted, test).argmax(axis=1)]
    except ValueError as error:
        settings = experiment.classifier.model_dump(mode="json")
        raise DataError(
            f"the candidate with the classifier {settings} cannot be trained on these rows: "
            f"{error}; change the space, or bring more data"
        ) from error
    return task, predicted.astype("<u2"), time.perf_counter() - start
