"""Linear classifiers made of linear classifiers."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags_array, issparse
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from stanceml.modeling.calibration import class_scores

__all__ = ["AverageOfScores", "LogCountRatioClassifier", "linear_parameters"]


class _LinearScores(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What is told by `coef_` and `intercept_`."""

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores, of shape (n_rows, n_classes), or (n_rows,) for two classes."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        scores = X @ self.coef_.T + self.intercept_
        scores = scores.toarray() if issparse(scores) else np.asarray(scores)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict(self, X: Any) -> np.ndarray:
        """Return the label with the highest score, of shape (n_rows,)."""
        scores = self.decision_function(X)
        best = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return np.asarray(self.classes_[best])


class LogCountRatioClassifier(_LinearScores):
    """One class against the rest, the features scaled by how much they speak for the class.

    Parameters
    ----------
    estimator : estimator
        A linear classifier of two classes.
    smoothing : float
        Added to the sums of the features of each side.

    Attributes
    ----------
    coef_ : ndarray of shape (n_classes, n_features)
        As they apply to the features before scaling.
    intercept_ : ndarray of shape (n_classes,)
    classes_ : ndarray of shape (n_classes,)

    References
    ----------
    Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL
    2012, eq. 1.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> X, y = np.eye(4), np.array(["against", "favor"] * 2)
    >>> LogCountRatioClassifier(LinearSVC()).fit(X, y).predict(X[:2]).tolist()
    ['against', 'favor']
    """

    def __init__(self, estimator: Any, smoothing: float = 1.0) -> None:
        self.estimator = estimator
        self.smoothing = smoothing

    def fit(self, X: Any, y: Any) -> "LogCountRatioClassifier":
        """Fit one classifier for each class.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,)
        """
        X, y = validate_data(self, X, y, accept_sparse="csr")
        X = csr_matrix(X)
        self.classes_ = _at_least_two(y)
        coefficients, intercepts = [], []
        for label in self.classes_:
            is_label = y == label
            ratio = self._log_ratio(X, is_label)
            fitted = clone(self.estimator).fit(X @ diags_array(ratio), is_label)
            coefficients.append(fitted.coef_.ravel() * ratio)
            intercepts.append(float(np.ravel(fitted.intercept_)[0]))
        self.coef_ = np.array(coefficients)
        self.intercept_ = np.array(intercepts)
        return self

    def _log_ratio(self, X: csr_matrix, is_label: np.ndarray) -> np.ndarray:
        sums = [np.abs(X[rows]).sum(axis=0) + self.smoothing for rows in (is_label, ~is_label)]
        for_label, for_rest = (np.asarray(total).ravel() for total in sums)
        ratio: np.ndarray = np.log((for_label / for_label.sum()) / (for_rest / for_rest.sum()))
        return ratio

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class AverageOfScores(_LinearScores):
    """The mean of several linear classifiers' scores, each in units of its own spread.

    Scores are averaged, not probabilities, so that what an n-gram adds can still be told.

    Parameters
    ----------
    estimators : list of estimator
        Linear classifiers, or naive Bayes.

    Attributes
    ----------
    coef_ : ndarray of shape (n_classes, n_features)
    intercept_ : ndarray of shape (n_classes,)
    classes_ : ndarray of shape (n_classes,)

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifier
    >>> from sklearn.svm import LinearSVC
    >>> X, y = np.eye(4), np.array(["against", "favor"] * 2)
    >>> AverageOfScores([RidgeClassifier(), LinearSVC()]).fit(X, y).predict(X[:2]).tolist()
    ['against', 'favor']
    """

    def __init__(self, estimators: list[Any]) -> None:
        self.estimators = estimators

    def fit(self, X: Any, y: Any) -> "AverageOfScores":
        """Fit every classifier.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,)
        """
        X, y = validate_data(self, X, y, accept_sparse="csr")
        self.classes_ = _at_least_two(y)
        parameters = []
        for estimator in self.estimators:
            fitted = clone(estimator).fit(X, y)
            spread = class_scores(fitted, X).std() or 1.0
            parameters.append([value / spread for value in linear_parameters(fitted)])
        self.coef_ = np.mean([coefficients.T for coefficients, _ in parameters], axis=0)
        self.intercept_ = np.mean([intercept for _, intercept in parameters], axis=0)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = all(
            estimator.__sklearn_tags__().input_tags.sparse for estimator in self.estimators
        )
        return tags


def linear_parameters(classifier: Any) -> tuple[np.ndarray, np.ndarray]:
    """Read the coefficients, of shape (n_features, n_classes), and intercepts off a fitted model.

    Scores are `features @ coefficients + intercept`; for complement naive Bayes and the most
    frequent class they are unnormalised logarithms of probabilities.
    """
    if hasattr(classifier, "coef_"):
        coefficients = np.atleast_2d(np.asarray(classifier.coef_, dtype=np.float64))
        intercept = np.broadcast_to(classifier.intercept_, len(coefficients)).astype(np.float64)
        if len(coefficients) == 1:  # two classes: the score of the second less that of the first
            coefficients = np.vstack([-coefficients / 2, coefficients / 2])
            intercept = np.concatenate([-intercept / 2, intercept / 2])
        return coefficients.T, intercept
    if hasattr(classifier, "feature_log_prob_"):
        return classifier.feature_log_prob_.T, np.zeros(len(classifier.classes_))
    return np.zeros((0, len(classifier.classes_))), np.log(classifier.class_prior_)


def _at_least_two(y: np.ndarray) -> np.ndarray:
    check_classification_targets(y)
    classes = np.unique(y)
    if len(classes) < 2:
        raise ValueError(
            f"This solver needs samples of at least 2 classes; got {len(classes)} class"
        )
    return classes
