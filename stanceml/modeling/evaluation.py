"""How well experiments do: repeated cross-validation, intervals and permutation p-values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError
from stanceml.modeling.metrics import permuted_labels
from stanceml.modeling.pipeline import build_classifier, build_features, build_pipeline
from stanceml.modeling.scoring import (
    Report,
    SliceMetrics,
    label_arrays,
    permutation_randoms,
    report_scores,
    slice_metrics,
)
from stanceml.modeling.splits import folds
from stanceml.stances import probability_column

__all__ = ["CrossValidation", "cross_validate"]

_CHUNK: Final = 20

Fold = tuple[np.ndarray, np.ndarray]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CrossValidation:
    """One experiment's report, and the out-of-fold predictions that it was computed from."""

    experiment: Experiment
    report: Report
    predictions: pd.DataFrame


def cross_validate(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    n_jobs: int = -1,
    progress: Progress = lambda done, total: None,
) -> list[CrossValidation]:
    """Measure experiments on one dataset, all their folds side by side.

    Out-of-fold predictions are pooled within a repeat and scored; scores are averaged over the
    repeats. P-values compare the first repeat with the same folds trained on permuted labels.

    Parameters
    ----------
    experiments : sequence of Experiment
    dataset : Dataset
    n_jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Called with the number of finished and of all tasks.

    Returns
    -------
    list of CrossValidation
        In the order of `experiments`.

    Raises
    ------
    DataError
        When there are fewer groups than folds.
    """
    tasks: list[tuple[int, str, Any]] = []
    for number, experiment in enumerate(experiments):
        settings = experiment.evaluation
        for repeat in range(settings.n_repeats):
            for fold in _folds(experiment, dataset, repeat):
                tasks.append((number, "fold", (repeat, fold)))
        for first in range(0, settings.n_permutations, _CHUNK):
            tasks.append(
                (number, "permutations", range(first, min(first + _CHUNK, settings.n_permutations)))
            )
    progress(0, len(tasks))
    # The longest tasks first, so that no core waits at the end.
    order = sorted(range(len(tasks)), key=lambda index: tasks[index][1], reverse=True)
    results: dict[int, Any] = {}
    jobs = (
        delayed(_run)(index, experiments[tasks[index][0]], dataset, *tasks[index][1:])
        for index in order
    )
    # Idle workers go after ten seconds: should this process be killed, they do not stay.
    with parallel_config(backend="loky", idle_worker_timeout=10):
        for index, result in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs):
            results[index] = result
            progress(len(results), len(tasks))
    return [
        _collect(
            experiment,
            dataset,
            [
                (tasks[i][2], results[i])
                for i in range(len(tasks))
                if tasks[i][:2] == (number, "fold")
            ],
            [results[i] for i in range(len(tasks)) if tasks[i][:2] == (number, "permutations")],
        )
        for number, experiment in enumerate(experiments)
    ]


def _run(
    index: int, experiment: Experiment, dataset: Dataset, kind: str, task: Any
) -> tuple[int, Any]:
    work = _fit_fold if kind == "fold" else _fit_permutations
    # One thread for each process: small matrices are slower with more, and the sums the same.
    try:
        with threadpool_limits(limits=1):
            return index, work(experiment, dataset, task)
    except ValueError as error:
        raise DataError(
            f"experiment {experiment.name!r} cannot be trained on these rows: {error}; "
            "change its features, or bring more data"
        ) from error


def _fit_fold(experiment: Experiment, dataset: Dataset, task: tuple[int, Fold]) -> np.ndarray:
    _, (train, test) = task
    y, classes = dataset.y.to_numpy(), dataset.classes
    probabilities = np.zeros((len(test), len(classes)))
    seen = sorted(set(y[train]))
    if len(seen) == 1:
        # A fold that saw one label only can say nothing else.
        probabilities[:, classes.index(seen[0])] = 1.0
        return probabilities
    model = build_pipeline(experiment)
    model.fit(dataset.X.iloc[train], y[train], groups=dataset.groups.to_numpy()[train])
    columns = np.searchsorted(classes, model.classes_)
    probabilities[:, columns] = model.predict_proba(dataset.X.iloc[test])
    return probabilities


def _fit_permutations(
    experiment: Experiment, dataset: Dataset, numbers: Iterable[int]
) -> list[SliceMetrics]:
    # Features do not depend on labels, and one factor on all scores changes no label: neither has
    # to be fitted again for each permutation.
    prepared = []
    for train, test in _folds(experiment, dataset, repeat=0):
        features = build_features(experiment)
        matrices = (
            features.fit_transform(dataset.X.iloc[train]),
            features.transform(dataset.X.iloc[test]),
        )
        prepared.append((train, test, *matrices))
    y, sentences, is_pair = label_arrays(dataset)
    found = []
    for random in permutation_randoms(experiment.random_state, numbers):
        permuted = permuted_labels(y, sentences, is_pair, random)
        predicted = permuted.copy()
        for train, test, train_features, test_features in prepared:
            labels = permuted[train]
            if (labels == labels[0]).all():
                predicted[test] = labels[0]
            else:
                model = build_classifier(experiment).fit(train_features, labels)
                predicted[test] = model.predict(test_features)
        found.append(slice_metrics(permuted, predicted, is_pair, dataset.classes))
    return found


def _folds(experiment: Experiment, dataset: Dataset, repeat: int) -> list[Fold]:
    return list(
        folds(
            dataset.y.to_numpy(),
            dataset.groups.to_numpy(),
            experiment.evaluation.n_splits,
            experiment.random_state + repeat,
            dataset.group_kind,
        )
    )


def _collect(
    experiment: Experiment,
    dataset: Dataset,
    fold_results: list[tuple[tuple[int, Fold], np.ndarray]],
    permutation_results: list[list[SliceMetrics]],
) -> CrossValidation:
    classes, settings = dataset.classes, experiment.evaluation
    probabilities = np.zeros((settings.n_repeats, len(dataset.y), len(classes)))
    for (repeat, (_, test)), result in fold_results:
        probabilities[repeat, test] = result
    predicted = np.asarray(classes)[probabilities.argmax(axis=2)]
    permuted = [metrics for chunk in permutation_results for metrics in chunk]
    report = report_scores(
        dataset, predicted, classes, permuted, settings.n_bootstraps, experiment.random_state
    )
    frames = [
        pd.DataFrame(
            {
                "repeat": repeat,
                "id": dataset.ids,
                "stance": dataset.y,
                "predicted": predicted[repeat],
            }
            | {
                probability_column(label): probabilities[repeat, :, number]
                for number, label in enumerate(classes)
            }
        )
        for repeat in range(settings.n_repeats)
    ]
    return CrossValidation(experiment, report, pd.concat(frames, ignore_index=True))
