"""Classifiers made of classifiers: scikit-learn's own checks, and that they stay linear."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import make_blobs
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from stanceml.modeling.calibration import class_scores
from stanceml.modeling.classifiers import (
    AverageOfScores,
    LogCountRatioClassifier,
    linear_parameters,
)

COMPOSED = [
    LogCountRatioClassifier(LogisticRegression()),
    AverageOfScores([RidgeClassifier(), LogisticRegression()]),
]


@pytest.mark.slow
@parametrize_with_checks(COMPOSED)
def test_estimator_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "classifier",
    [*COMPOSED, RidgeClassifier(), LinearSVC(), ComplementNB(), DummyClassifier(strategy="prior")],
    ids=lambda classifier: type(classifier).__name__,
)
def test_parameters_give_the_scores(classifier: Any, n_classes: int) -> None:
    X, y = make_blobs(90, n_features=4, centers=n_classes, random_state=0)
    X = X - X.min()
    fitted = classifier.fit(X, y)
    coefficients, intercept = linear_parameters(fitted)
    if not len(coefficients):
        coefficients = np.zeros((X.shape[1], n_classes))
    scores = X @ coefficients + intercept
    assert (scores.argmax(axis=1) == fitted.predict(X)).all()
    expected = class_scores(fitted, X)
    # Naive Bayes tells logarithms of probabilities: the same up to one number a row.
    difference = scores - expected
    assert np.ptp(difference, axis=1).max() < 1e-8


def test_sparse_and_dense_agree() -> None:
    X, y = make_blobs(60, centers=3, random_state=1)
    for classifier in COMPOSED:
        dense = classifier.fit(X, y).decision_function(X)
        sparse = classifier.fit(csr_matrix(X), y).decision_function(csr_matrix(X))
        assert dense == pytest.approx(sparse, abs=1e-6)


def test_a_telling_feature_is_scaled_up() -> None:
    y = np.array(["against", "favor"] * 10)
    telling, noise = (y == "favor").astype(float), np.ones(20)
    model = LogCountRatioClassifier(RidgeClassifier()).fit(np.column_stack([telling, noise]), y)
    assert abs(model.coef_[:, 0]).min() > abs(model.coef_[:, 1]).max()
