"""An experiment's settings as an unfitted scikit-learn pipeline."""

from typing import Any

import numpy as np
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
from stanceml.modeling.features import NgramFeatures

__all__ = ["build_classifier", "build_pipeline", "fit_classifier"]


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


def fit_classifier(
    experiment: config.Experiment,
    X: Any,
    y: np.ndarray,
    groups: np.ndarray,
    calibrated: bool = True,
    what: str = "",
) -> CalibratedClassifier:
    """Fit an experiment's classifier on features.

    Parameters
    ----------
    experiment : Experiment
    X : sparse matrix of shape (n_rows, n_features)
    y, groups : ndarray of shape (n_rows,)
        Two labels or more.
    calibrated : bool
        Whether probabilities are wanted. One factor changes no label: where labels are all that is
        asked for, and no thresholds are tuned, fitting it is left out.
    what : str
        How the experiment is called in a complaint.

    Returns
    -------
    CalibratedClassifier

    Raises
    ------
    DataError
        When scikit-learn refuses the rows.
    """
    model = build_classifier(experiment)
    if not calibrated and not model.tune_thresholds:
        model.set_params(n_splits=1)
    try:
        return model.fit(X, y, groups=groups)
    except ValueError as error:
        raise DataError(
            f"{what or f'experiment {experiment.name!r}'} cannot be trained on these rows: "
            f"{error}; change its features, or bring more data"
        ) from error


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
