"""Scikit-learn transformers around the n-gram spaces of `stanceml.features`."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from stanceml.corpus.units import read_units
from stanceml.features.spaces import NgramSpace
from stanceml.modeling.counting import count_space, fit_weights, frequent, keep_columns
from stanceml.stances import NgramKind, Source

__all__ = ["NgramFeatures"]


class NgramFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF of one n-gram space, each row scaled to one length.

    Parameters
    ----------
    source : str
        What is read of a row, as `NgramSpace` lists it: its text with holder and target marked, its
        bare text, a mention, what stands between the mentions, and so on.
    kind : {'word', 'char'}
        Unit of the n-grams.
    orders : (int, int)
        The shortest and the longest n-gram.
    min_df : int
        N-grams that occur in fewer training rows are left out.
    sublinear_tf : bool
        Count `n` as `1 + log(n)`.
    weight : float
        Length of each row, by which the blocks of an experiment are balanced.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        N-gram to column; columns are in the order of the n-grams.
    idf_ : ndarray of shape (n_features,)
        Smoothed inverse document frequency: `log((1 + n_rows) / (1 + df)) + 1`.

    Notes
    -----
    Counting and weighting are scikit-learn's `CountVectorizer` and `TfidfTransformer`; the n-grams
    are those of `stanceml.features.spaces.NgramSpace`, which prediction uses too.

    Examples
    --------
    >>> X = pd.DataFrame({"text": ["NATO backs Kyiv.", "Moscow blames NATO."]})
    >>> NgramFeatures("text", "word", (1, 1)).fit(X).get_feature_names_out().tolist()
    ['backs', 'blames', 'kyiv', 'moscow', 'nato']
    """

    def __init__(
        self,
        source: Source = "marked",
        kind: NgramKind = "word",
        orders: tuple[int, int] = (1, 2),
        min_df: int = 1,
        sublinear_tf: bool = True,
        weight: float = 1.0,
    ) -> None:
        self.source = source
        self.kind = kind
        self.orders = orders
        self.min_df = min_df
        self.sublinear_tf = sublinear_tf
        self.weight = weight

    @property
    def space(self) -> NgramSpace:
        """The n-gram space that the parameters describe."""
        low, high = self.orders
        return NgramSpace(self.source, self.kind, (low, high))

    def fit(self, X: pd.DataFrame, y: Any = None) -> "NgramFeatures":
        """Learn the n-grams and their weights from the rows of `X`; `y` is not looked at."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None, **fit_params: Any) -> csr_matrix:
        """Fit, and return the weighted rows of `X`, of shape (n_rows, n_features)."""
        counts, vocabulary = count_space(self.space, read_units(X))
        kept = frequent(counts, self.min_df)
        new = {column: number for number, column in enumerate(kept.tolist())}
        self.vocabulary_ = {ngram: new[old] for ngram, old in vocabulary.items() if old in new}
        counts = keep_columns(counts, kept)
        self._weights = fit_weights(counts, self.sublinear_tf)
        self.idf_ = getattr(self._weights, "idf_", np.zeros(0))
        return self._weights.transform(counts) * self.weight

    def transform(self, X: pd.DataFrame) -> csr_matrix:
        """Return the weighted rows of `X`, of shape (n_rows, n_features)."""
        check_is_fitted(self, "vocabulary_")
        counts, _ = count_space(self.space, read_units(X), self.vocabulary_)
        return self._weights.transform(counts) * self.weight

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the n-grams in the order of the columns."""
        check_is_fitted(self, "vocabulary_")
        return np.array(sorted(self.vocabulary_, key=self.vocabulary_.__getitem__), dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags
