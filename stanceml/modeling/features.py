"""Scikit-learn transformers around the n-gram spaces of `stanceml.features`."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.utils.validation import check_is_fitted

from stanceml.corpus.units import read_units
from stanceml.features.spaces import NgramSpace
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
        units = read_units(X)
        counter = CountVectorizer(analyzer=self.space.ngrams, min_df=self.min_df, dtype=np.float64)
        try:
            counts = counter.fit_transform(units)
        except ValueError:
            # No n-gram is frequent enough, as between the mentions of rows without any: a block
            # without columns, so that one experiment fits data with and without mentions.
            self.vocabulary_: dict[str, int] = {}
            self.idf_: np.ndarray = np.zeros(0)
            return csr_matrix((len(units), 0))
        counts.sort_indices()  # the same sums, to the last digit, whenever a row is weighted
        self._weights = TfidfTransformer(sublinear_tf=self.sublinear_tf)
        weighted = self._weights.fit_transform(counts)
        self.vocabulary_ = counter.vocabulary_
        self.idf_ = self._weights.idf_
        return weighted * self.weight

    def transform(self, X: pd.DataFrame) -> csr_matrix:
        """Return the weighted rows of `X`, of shape (n_rows, n_features)."""
        check_is_fitted(self, "vocabulary_")
        units = read_units(X)
        if not self.vocabulary_:
            return csr_matrix((len(units), 0))
        counter = CountVectorizer(
            analyzer=self.space.ngrams, vocabulary=self.vocabulary_, dtype=np.float64
        )
        counts = counter.transform(units)
        counts.sort_indices()
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
