"""Count once, fold many: the n-grams of all rows, and from them the features of any fold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from stanceml.config import Features
from stanceml.corpus.units import Unit, read_units
from stanceml.features.spaces import NgramSpace

__all__ = ["Counts", "FoldFeatures", "count_ngrams", "space_of"]

Pair = tuple[csr_matrix, csr_matrix]


@dataclass(frozen=True)
class Counts:
    """The n-gram counts of a table, space by space.

    Attributes
    ----------
    n_rows : int
    spaces : dict of NgramSpace to csr_matrix of shape (n_rows, n_ngrams)
        Columns are in the order of the n-grams.
    """

    n_rows: int
    spaces: dict[NgramSpace, csr_matrix]

    def features(
        self, blocks: Sequence[Features], train: np.ndarray, test: np.ndarray
    ) -> tuple[csr_matrix, csr_matrix]:
        """Weight the counts of a fold's training and test rows.

        Vocabulary, document frequencies and idf come from the training rows alone, as when
        scikit-learn's pipeline is fitted on them: `NgramFeatures` gives the same columns, to the
        last digits.

        Parameters
        ----------
        blocks : sequence of Features
        train, test : ndarray of int
            Positions of rows.

        Returns
        -------
        (csr_matrix, csr_matrix)
            Of shapes (n_train, n_features) and (n_test, n_features).
        """
        if not blocks:
            return csr_matrix((len(train), 0)), csr_matrix((len(test), 0))
        parts = [self._block(block, train, test) for block in blocks]
        return (
            hstack([part[0] for part in parts], format="csr"),
            hstack([part[1] for part in parts], format="csr"),
        )

    def _block(
        self, block: Features, train: np.ndarray, test: np.ndarray
    ) -> tuple[csr_matrix, csr_matrix]:
        counts = self.spaces[space_of(block)]
        seen = counts[train]
        frequency = np.bincount(seen.indices, minlength=seen.shape[1])
        kept = np.flatnonzero(frequency >= block.min_df)
        if not len(kept):
            return csr_matrix((len(train), 0)), csr_matrix((len(test), 0))
        # Renumbering the columns by hand: scipy's own selection sorts and copies more than it must.
        weights = TfidfTransformer(sublinear_tf=block.sublinear_tf)
        train_features = weights.fit_transform(_columns(seen, kept))
        test_features = weights.transform(_columns(counts[test], kept))
        return train_features * block.weight, test_features * block.weight


class FoldFeatures:
    """The features of one fold's training and test rows, for any number of experiments.

    Each block is weighted once, whichever experiments use it and whatever weight they give it.

    Parameters
    ----------
    counts : Counts
    train, test : ndarray of int
        Positions of rows.

    Examples
    --------
    >>> X = pd.DataFrame({"text": ["NATO backs Kyiv.", "Moscow blames NATO.", "Kyiv waits."]})
    >>> block = Features(source="text", kind="word", orders=(1, 1))
    >>> features = FoldFeatures(count_ngrams(X, [block]), np.array([0, 1]), np.array([2]))
    >>> [matrix.shape for matrix in features.of([block])]
    [(2, 5), (1, 5)]
    """

    def __init__(self, counts: Counts, train: np.ndarray, test: np.ndarray) -> None:
        self.counts, self.train, self.test = counts, train, test
        self._weighted: dict[Features, Pair] = {}

    def of(self, blocks: Sequence[Features]) -> Pair:
        """Give the features of some blocks, equal to those of `Counts.features` to the last bit."""
        if not blocks:
            return self.counts.features(blocks, self.train, self.test)
        parts = [(self._of_one(block), block.weight) for block in blocks]
        train = hstack([pair[0] * weight for pair, weight in parts], format="csr")
        return train, hstack([pair[1] * weight for pair, weight in parts], format="csr")

    def _of_one(self, block: Features) -> Pair:
        plain = block.model_copy(update={"weight": 1.0})
        if plain not in self._weighted:
            self._weighted[plain] = self.counts.features([plain], self.train, self.test)
        return self._weighted[plain]


def count_ngrams(X: pd.DataFrame, blocks: Iterable[Features]) -> Counts:
    """Count the n-grams of every space that some block uses, each space once.

    Parameters
    ----------
    X : DataFrame
        As `unit_frame` gives it.
    blocks : iterable of Features

    Returns
    -------
    Counts

    """
    units = read_units(X)
    spaces = {space_of(block): None for block in blocks}
    return Counts(len(units), {space: _counted(space, units) for space in spaces})


def space_of(block: Features) -> NgramSpace:
    """Give the n-gram space that a block of a config describes."""
    return NgramSpace(block.source, block.kind, block.orders)


def _counted(space: NgramSpace, units: list[Unit]) -> csr_matrix:
    counter = CountVectorizer(analyzer=space.ngrams, dtype=np.float64)
    try:
        counts = counter.fit_transform(units)
    except ValueError:  # no n-gram in any row, as between the mentions of rows without any
        return csr_matrix((len(units), 0))
    counts.sort_indices()
    return counts


def _columns(matrix: csr_matrix, kept: np.ndarray) -> csr_matrix:
    number = np.full(matrix.shape[1], -1, dtype=matrix.indices.dtype)
    number[kept] = np.arange(len(kept))
    columns = number[matrix.indices]
    chosen = columns >= 0
    ends = np.concatenate([[0], np.cumsum(chosen)])[matrix.indptr]
    return csr_matrix(
        (matrix.data[chosen], columns[chosen], ends), shape=(matrix.shape[0], len(kept))
    )
