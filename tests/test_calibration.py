"""Temperature scaling: scikit-learn's own checks, and what it promises about labels."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from stanceml.modeling.calibration import CalibratedClassifier, class_scores

pytestmark = pytest.mark.slow


@parametrize_with_checks([CalibratedClassifier(LogisticRegression())])
def test_estimator_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("classifier", [RidgeClassifier(), LinearSVC(), GaussianNB()])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_label_is_the_wrapped_classifiers_and_the_most_probable(
    classifier: Any, n_classes: int
) -> None:
    X, y = make_blobs(120, centers=n_classes, cluster_std=4.0, random_state=0)
    model = CalibratedClassifier(classifier).fit(X, y, groups=np.arange(120) // 3)
    probabilities = model.predict_proba(X)
    assert (model.predict(X) == model.estimator_.predict(X)).all()
    assert (model.classes_[probabilities.argmax(axis=1)] == model.predict(X)).all()
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert class_scores(model.estimator_, X).shape == (120, n_classes)


def test_probabilities_match_frequencies() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(4000, 2))
    y = (random.random(4000) < 1 / (1 + np.exp(-1.5 * X[:, 0]))).astype(int)
    model = CalibratedClassifier(RidgeClassifier()).fit(X[:2000], y[:2000])
    said = model.predict_proba(X[2000:])[:, 1]
    for low in (0.2, 0.4, 0.6):
        inside = (said >= low) & (said < low + 0.2)
        assert y[2000:][inside].mean() == pytest.approx(said[inside].mean(), abs=0.07)


def test_scores_that_say_nothing_become_flat_probabilities() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(300, 30)), random.integers(0, 3, 300)
    model = CalibratedClassifier(LinearSVC(C=100)).fit(X, y)
    assert model.predict_proba(X).max() < 0.5


def test_a_group_is_never_split() -> None:
    # Copies of a row in one group: were they split, held-out scores would look far too sure.
    random = np.random.default_rng(0)
    X, y = np.repeat(random.normal(size=(30, 40)), 4, axis=0), np.repeat([0, 1] * 15, 4)
    groups = np.repeat(np.arange(30), 4)
    apart = CalibratedClassifier(LinearSVC(C=10)).fit(X, y).inverse_temperature_
    kept = CalibratedClassifier(LinearSVC(C=10)).fit(X, y, groups).inverse_temperature_
    assert kept < apart / 5


def test_one_group_only_leaves_the_scores_as_they_are() -> None:
    X, y = make_blobs(20, centers=2, random_state=0)
    model = CalibratedClassifier(LinearSVC()).fit(X, y, groups=np.zeros(20))
    assert model.inverse_temperature_ == 1.0


def test_rows_that_are_told_apart_perfectly_give_no_certainty() -> None:
    X, y = make_blobs(60, centers=[[-9, 0], [9, 0]], random_state=0)
    model = CalibratedClassifier(LinearSVC()).fit(X, y)
    assert (model.predict(X) == y).all()
    assert 0.9 < np.median(model.predict_proba(X).max(axis=1)) < 0.999
