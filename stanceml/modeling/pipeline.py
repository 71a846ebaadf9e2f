"""An experiment's settings as an unfitted scikit-learn pipeline."""

from typing import Any

from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from stanceml import config
from stanceml.modeling.calibration import TemperatureScaledClassifier
from stanceml.modeling.features import NgramFeatures

__all__ = ["build_classifier", "build_features", "build_pipeline"]


def build_pipeline(experiment: config.Experiment) -> TemperatureScaledClassifier:
    """Build what an experiment trains: features, classifier, and its scores made probabilities.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    TemperatureScaledClassifier
        Unfitted, around a `Pipeline` with the steps `features` and `classifier`.

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
        ("features", build_features(experiment)),
        ("classifier", build_classifier(experiment)),
    ]
    return TemperatureScaledClassifier(Pipeline(steps), random_state=experiment.random_state)


def build_features(experiment: config.Experiment) -> Any:
    """Build the unfitted features: the blocks side by side."""
    if not experiment.features:
        # The most frequent class looks at nothing; scikit-learn wants a column all the same.
        return FunctionTransformer(_no_features)
    blocks = [NgramFeatures(**block.model_dump()) for block in experiment.features]
    names = [f"{number}-{block.space.name}" for number, block in enumerate(blocks)]
    return FeatureUnion(list(zip(names, blocks, strict=True)))


def build_classifier(experiment: config.Experiment) -> Any:
    """Build the unfitted linear classifier."""
    settings, seed = experiment.classifier, experiment.random_state
    match settings:
        case config.LogisticRegression():
            return LogisticRegression(
                C=settings.C, class_weight=settings.class_weight, max_iter=1000
            )
        case config.LinearSvm():
            return LinearSVC(
                C=settings.C, class_weight=settings.class_weight, random_state=seed, max_iter=20_000
            )
        case config.Ridge():
            return RidgeClassifier(
                alpha=settings.alpha, class_weight=settings.class_weight, random_state=seed
            )
        case config.ComplementNaiveBayes():
            return ComplementNB(alpha=settings.alpha)
        case config.MostFrequent():
            return DummyClassifier(strategy="prior")


def _no_features(X: Any) -> Any:
    return [[0.0]] * len(X)
