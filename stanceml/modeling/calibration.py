"""Probabilities, and thresholds, out of the scores of any linear classifier."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import issparse
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import _safe_indexing, check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.splits import folds

__all__ = ["CalibratedClassifier", "class_scores"]

# A score that says nothing gets this: probabilities all but equal, the order of the labels kept.
_FLATTEST, _STEEPEST = 1e-2, 1e2
_OFFSET_STEPS = 41
# A few numbers are fitted: more held-out rows than these would only cost time.
_ENOUGH_ROWS = 2000


class CalibratedClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose scores become probabilities by one factor.

    The wrapped classifier is fitted on all rows. Its scores on rows that it has not seen come from
    a cross-validation that keeps groups together. Where thresholds are tuned, an offset is added to
    each class's scores, chosen so that macro-F1 is highest on those rows. The factor is the one
    that makes their labels most likely under `softmax(inverse_temperature * (scores + offsets))`.
    The label is always the one with the highest probability.

    Parameters
    ----------
    estimator : estimator
        A classifier with `decision_function` or `predict_log_proba`.
    tune_thresholds : bool
        Whether to choose offsets; without, the label is that of the wrapped classifier.
    n_splits : int
        Folds of the inner cross-validation; fewer where there are fewer groups, and no more of
        them fitted than it takes to have 2,000 rows held out.
    random_state : int
        Shuffles the groups into folds.

    Attributes
    ----------
    estimator_ : estimator
        Fitted on all rows.
    classes_ : ndarray of shape (n_classes,)
        The labels, in alphabetical order.
    offsets_ : ndarray of shape (n_classes,)
        What is added to the scores; zeros unless thresholds are tuned.
    inverse_temperature_ : float
        The factor; 1 where no held-out score could be had.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017,
    sec. 4.2. Smoothed labels: Platt, "Probabilistic outputs for support vector machines", 1999,
    sec. 2.2.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> X = np.array([[0.0], [1.0], [0.1], [0.9]] * 5)
    >>> y = np.array(["against", "favor", "against", "favor"] * 5)
    >>> model = CalibratedClassifier(LinearSVC()).fit(X, y, groups=np.arange(20) // 2)
    >>> model.predict([[0.2]]).tolist()
    ['against']
    >>> bool(model.predict_proba([[0.2]])[0, 0] > 0.5)
    True
    """

    def __init__(
        self,
        estimator: Any,
        tune_thresholds: bool = False,
        n_splits: int = 3,
        random_state: int = 0,
    ) -> None:
        self.estimator = estimator
        self.tune_thresholds = tune_thresholds
        self.n_splits = n_splits
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> "CalibratedClassifier":
        """Fit the classifier and the factor.

        Parameters
        ----------
        X : array-like or data frame of shape (n_rows, ...)
            Handed on to the wrapped classifier.
        y : array-like of shape (n_rows,)
            Labels.
        groups : array-like of shape (n_rows,), optional
            Rows of one group are never split apart. By default each row is a group of its own.
        """
        if issparse(X):
            X = X.tocsr()
        elif not hasattr(X, "iloc"):
            X = np.asarray(X)
        self.estimator_ = clone(self.estimator).fit(X, y)
        y = column_or_1d(y)
        check_consistent_length(X, y, groups)
        self.classes_ = self.estimator_.classes_
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        scores, held_out = self._held_out_scores(X, y, groups)
        truth = np.searchsorted(self.classes_, y[held_out])
        self.offsets_ = np.zeros(len(self.classes_))
        self.inverse_temperature_ = 1.0
        if len(held_out):
            if self.tune_thresholds:
                self.offsets_ = _best_offsets(scores, truth)
            self.inverse_temperature_ = _fit_inverse_temperature(scores + self.offsets_, truth)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores, of shape (n_rows, n_classes), or (n_rows,) for two classes."""
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities, of shape (n_rows, n_classes)."""
        return np.asarray(softmax(self.scaled_scores(X), axis=1))

    def scaled_scores(self, X: Any) -> np.ndarray:
        """Return what becomes the probabilities by `softmax`, of shape (n_rows, n_classes)."""
        return np.asarray(self._scores(X) * self.inverse_temperature_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the label with the highest score, of shape (n_rows,)."""
        best = self._scores(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _scores(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return class_scores(self.estimator_, X) + self.offsets_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = self.estimator.__sklearn_tags__().input_tags
        return tags

    def _held_out_scores(self, X: Any, y: np.ndarray, groups: Any) -> tuple[np.ndarray, np.ndarray]:
        scores, held_out = [np.empty((0, len(self.classes_)))], [np.empty(0, dtype=int)]
        groups = np.arange(len(y)) if groups is None else np.asarray(groups)
        n_splits = min(self.n_splits, len(np.unique(groups)))
        inner = folds(y, groups, n_splits, self.random_state) if n_splits > 1 else ()
        for train, test in inner:
            # A fold that never saw a class has no score for it: it says nothing of the scale.
            if len(np.unique(y[train])) < len(self.classes_):
                continue
            model = clone(self.estimator).fit(_safe_indexing(X, train), y[train])
            scores.append(class_scores(model, _safe_indexing(X, test)))
            held_out.append(test)
            if sum(map(len, held_out)) >= _ENOUGH_ROWS:
                break
        return np.vstack(scores), np.concatenate(held_out)


def class_scores(estimator: Any, X: Any) -> np.ndarray:
    """Give a fitted classifier's scores with one column a class, two classes included.

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
        `decision_function` where there is one (for two classes minus and plus half of it), else the
        logarithms of the probabilities.
    """
    if not hasattr(estimator, "decision_function"):
        return np.asarray(estimator.predict_log_proba(X))
    scores = np.asarray(estimator.decision_function(X))
    return np.column_stack([-scores / 2, scores / 2]) if scores.ndim == 1 else scores


def _fit_inverse_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    # As in Platt's scaling the labels are smoothed, as if each class had been seen once more often
    # than it was: a few rows that happen to be told apart perfectly are no ground for certainty.
    n_rows, n_classes = scores.shape
    smoothed = np.full(scores.shape, 1 / (n_rows + n_classes))
    smoothed[np.arange(n_rows), truth] = (n_rows + 1) / (n_rows + n_classes)

    def loss(log_factor: float) -> float:
        return float(-(smoothed * log_softmax(np.exp(log_factor) * scores, axis=1)).mean())

    bounds = (np.log(_FLATTEST), np.log(_STEEPEST))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return float(np.exp(best.x))


def _best_offsets(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    # Class after class, twice round: macro-F1 is a step function of the offsets, and small.
    n_classes = scores.shape[1]
    spread = float(scores.std()) or 1.0
    steps = np.linspace(-1.0, 1.0, _OFFSET_STEPS) * spread
    classes = list(range(n_classes))
    together = np.zeros(len(truth), dtype=int)

    def macro_f1(offsets: np.ndarray) -> float:
        predicted = (scores + offsets).argmax(axis=1)
        confusion = confusion_counts(truth, predicted, classes, together)[0]
        return float(metric_values(confusion, [str(number) for number in classes])["macro_f1"])

    offsets = np.zeros(n_classes)
    best = macro_f1(offsets)
    for number in classes * 2:
        tried = [offsets + step * np.eye(n_classes)[number] for step in steps]
        values = [macro_f1(candidate) for candidate in tried]
        if max(values) > best:
            best, offsets = max(values), tried[int(np.argmax(values))]
    return offsets
