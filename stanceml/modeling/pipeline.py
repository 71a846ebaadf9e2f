"""An experiment's settings as an unfitted scikit-learn pipeline, and fitted on one fold."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from stanceml import config
from stanceml.exceptions import DataError
from stanceml.modeling.calibration import CalibratedClassifier
from stanceml.modeling.classifiers import AverageOfScores, LogCountRatioClassifier
from stanceml.modeling.counting import Counts, space_of
from stanceml.modeling.features import NgramFeatures

__all__ = ["build_classifier", "build_pipeline", "check_features", "fit_fold"]


def build_pipeline(experiment: config.Experiment) -> Pipeline:
    """Build what an experiment trains: features, then a classifier whose scores are calibrated.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Pipeline
        Unfitted, with the steps `features` and `classifier`; `fit` takes `classifier__groups`.

    Examples
    --------
    >>> import pandas as pd
    >>> experiment = config.Experiment(
    ...     name="example",
    ...     features=({"source": "marked", "kind": "word", "orders": (1, 2)},),
    ...     classifier={"kind": "ridge"},
    ... )
    >>> X = pd.DataFrame({"text": ["NATO backs Kyiv.", "Moscow blames NATO."] * 3})
    >>> model = build_pipeline(experiment).fit(X, ["favor", "against"] * 3)
    >>> model.predict(pd.DataFrame({"text": ["NATO backs Chisinau."]})).tolist()
    ['favor']
    """
    steps = [
        ("features", _features(experiment)),
        ("classifier", build_classifier(experiment)),
    ]
    return Pipeline(steps)


def build_classifier(experiment: config.Experiment) -> CalibratedClassifier:
    """Build the unfitted classifier, which takes the features as a matrix."""
    settings, seed = experiment.classifier, experiment.random_state
    return CalibratedClassifier(
        _classifier(settings, seed),
        tune_thresholds=getattr(settings, "tune_thresholds", False),
        random_state=seed,
    )


def check_features(experiments: Iterable[config.Experiment], counts: Counts, n_rows: int) -> None:
    """Refuse, before anything is fitted, rows in which an experiment would find nothing.

    Parameters
    ----------
    experiments : iterable of Experiment
    counts : Counts
    n_rows : int
        The rows to be trained on are the first ones.

    Raises
    ------
    DataError
        When not a single n-gram of an experiment is frequent enough in all those rows together.
    """
    n_ngrams = cache(counts.n_ngrams)  # thousands of candidates share a few blocks
    for experiment in experiments:
        blocks = experiment.features
        if blocks and not any(n_ngrams(block, n_rows) for block in blocks):
            asked = ", ".join(f"{space_of(block).name} (min_df {block.min_df})" for block in blocks)
            raise DataError(
                f"experiment {experiment.name!r} cannot be trained on these {n_rows} rows: no "
                f"n-gram of {asked} is in so many of them; lower min_df, choose other features, or "
                "bring more data"
            )


def fit_fold(
    experiment: config.Experiment,
    train: csr_matrix,
    test: csr_matrix,
    y: np.ndarray,
    groups: np.ndarray,
    n_classes: int,
    calibrated: bool = True,
) -> np.ndarray:
    """Fit an experiment's classifier on the features of some rows, and score others.

    Where there is nothing to tell the labels apart by (no n-gram is frequent enough in the training
    rows) or nothing to tell apart (they have one label), the labels' shares are the answer.

    Parameters
    ----------
    experiment : Experiment
    train, test : csr_matrix of shape (n_train, n_features) and (n_test, n_features)
    y, groups : ndarray of shape (n_train,)
        Labels as numbers from 0, and groups.
    n_classes : int
        Of all rows; a fold may lack some of them.
    calibrated : bool
        Whether probabilities are wanted. One factor changes no label: where labels are all that is
        asked for, and no thresholds are tuned, fitting it is left out.

    Returns
    -------
    ndarray of shape (n_test, n_classes)
        Scores: the highest is the label, `softmax` makes them probabilities. A label that no
        training row has gets minus infinity; without training rows all are alike.

    Raises
    ------
    DataError
        When scikit-learn refuses the rows.
    """
    seen = np.bincount(y, minlength=n_classes)
    if np.count_nonzero(seen) < 2 or (experiment.features and not train.shape[1]):
        with np.errstate(divide="ignore"):
            shares = np.log(seen / len(y)) if len(y) else np.zeros(n_classes)
        return np.tile(shares, (test.shape[0], 1))
    model = build_classifier(experiment)
    if not calibrated and not model.tune_thresholds:
        model.set_params(n_splits=1)
    try:
        model.fit(train, y, groups=groups)
    except ValueError as error:
        names = ", ".join(space_of(block).name for block in experiment.features) or "none"
        raise DataError(
            f"experiment {experiment.name!r} with the features {names} and the classifier "
            f"{experiment.classifier.model_dump(mode='json')} cannot be trained on these rows: "
            f"{error}; change its features, or bring more data"
        ) from error
    scores = np.full((test.shape[0], n_classes), -np.inf)
    scores[:, model.classes_] = model.scaled_scores(test)
    return scores


def _features(experiment: config.Experiment) -> Any:
    if not experiment.features:
        # The most frequent class looks at nothing; scikit-learn wants a column all the same.
        return FunctionTransformer(_no_features)
    blocks = [NgramFeatures(**block.model_dump()) for block in experiment.features]
    names = [f"{number}-{block.space.name}" for number, block in enumerate(blocks)]
    return FeatureUnion(list(zip(names, blocks, strict=True)))


def _classifier(settings: config.Classifier, seed: int) -> Any:
    match settings:
        case config.LogisticRegression():
            classifier = LogisticRegression(
                C=settings.C, class_weight=settings.class_weight, max_iter=1000
            )
        case config.LinearSvm():
            classifier = LinearSVC(
                C=settings.C, class_weight=settings.class_weight, random_state=seed, max_iter=20_000
            )
        case config.Ridge():
            classifier = RidgeClassifier(
                alpha=settings.alpha, class_weight=settings.class_weight, random_state=seed
            )
        case config.Sgd():
            classifier = SGDClassifier(
                loss="log_loss",
                alpha=settings.alpha,
                class_weight=settings.class_weight,
                random_state=seed,
            )
        case config.ComplementNaiveBayes():
            return ComplementNB(alpha=settings.alpha)
        case config.Average():
            return AverageOfScores([_classifier(member, seed) for member in settings.members])
        case config.MostFrequent():
            return DummyClassifier(strategy="prior")
    return LogCountRatioClassifier(classifier) if settings.log_count_ratio else classifier


def _no_features(X: Any) -> Any:
    return [[0.0]] * len(X)
