"""How well experiments do: repeated cross-validation, intervals and permutation p-values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import softmax

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.modeling.counting import Counts, count_ngrams
from stanceml.modeling.parallel import side_by_side
from stanceml.modeling.pipeline import check_features, fit_fold
from stanceml.modeling.scoring import Report, score_predictions
from stanceml.modeling.splits import folds
from stanceml.stances import probability_column

__all__ = ["CrossValidation", "cross_validate"]

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

    N-grams are counted once and shared by all folds and experiments. Out-of-fold predictions are
    pooled within a repeat and scored; scores are averaged over the repeats. P-values compare the
    first repeat's predictions with labels permuted by sentence.

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
        When there are fewer groups than folds, or an experiment finds nothing in the rows.
    """
    counts = count_ngrams(dataset.X, [block for e in experiments for block in e.features])
    check_features(experiments, counts, len(dataset.y))
    y = np.searchsorted(dataset.classes, dataset.y.to_numpy())
    groups, n_classes = dataset.groups.to_numpy(), len(dataset.classes)
    tasks = [
        (number, repeat, fold)
        for number, one in enumerate(experiments)
        for repeat in range(one.evaluation.repeats(len(y)))
        for fold in folds(
            y, groups, one.evaluation.n_splits, one.random_state + repeat, dataset.group_kind
        )
    ]
    progress(0, len(tasks))
    calls = (
        (index, experiments[number], counts, y, groups, n_classes, fold)
        for index, (number, _, fold) in enumerate(tasks)
    )
    results: dict[int, np.ndarray] = {}
    for index, result in side_by_side(_fit, calls, n_jobs):
        results[index] = result
        progress(len(results), len(tasks))
    return [
        _collect(
            experiment,
            dataset,
            [
                (repeat, fold[1], results[index])
                for index, (owner, repeat, fold) in enumerate(tasks)
                if owner == number
            ],
        )
        for number, experiment in enumerate(experiments)
    ]


def _fit(
    index: int,
    experiment: Experiment,
    counts: Counts,
    y: np.ndarray,
    groups: np.ndarray,
    n_classes: int,
    fold: Fold,
) -> tuple[int, np.ndarray]:
    train, test = fold
    features = counts.features(experiment.features, train, test)
    scores = fit_fold(experiment, *features, y[train], groups[train], n_classes)
    return index, np.asarray(softmax(scores, axis=1))


def _collect(
    experiment: Experiment,
    dataset: Dataset,
    fold_results: list[tuple[int, np.ndarray, np.ndarray]],
) -> CrossValidation:
    classes, settings = dataset.classes, experiment.evaluation
    n_repeats = settings.repeats(len(dataset.y))
    probabilities = np.zeros((n_repeats, len(dataset.y), len(classes)))
    for repeat, test, result in fold_results:
        probabilities[repeat, test] = result
    predicted = np.asarray(classes)[probabilities.argmax(axis=2)]
    report = score_predictions(
        dataset,
        predicted,
        classes,
        settings.n_bootstraps,
        settings.n_permutations,
        experiment.random_state,
        probabilities,
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
        for repeat in range(n_repeats)
    ]
    return CrossValidation(experiment, report, pd.concat(frames, ignore_index=True))
