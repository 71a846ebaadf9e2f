"""Count once, fold many: the n-grams of all rows, and from them the features of any fold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import FunctionTransformer

from stanceml.config import Features
from stanceml.corpus.units import Unit, read_units
from stanceml.features.spaces import NgramSpace
from stanceml.stances import Source

__all__ = [
    "Counts",
    "FoldFeatures",
    "count_ngrams",
    "count_space",
    "fit_weights",
    "frequent",
    "keep_columns",
    "mention_blocks",
    "space_of",
]

Pair = tuple[csr_matrix, csr_matrix]


@dataclass(frozen=True)
class Counts:
    """The n-gram counts of a table, space by space.

    Attributes
    ----------
    spaces : dict of NgramSpace to csr_matrix of shape (n_rows, n_ngrams)
        Columns are in the order of the n-grams.
    """

    spaces: dict[NgramSpace, csr_matrix]

    def features(self, blocks: Sequence[Features], train: np.ndarray, test: np.ndarray) -> Pair:
        """Give the features of one fold for one experiment, as `FoldFeatures` does for several."""
        return FoldFeatures(self, train, test).of(blocks)

    def n_ngrams(self, block: Features, n_rows: int) -> int:
        """Tell how many n-grams of a block are frequent enough in the first rows."""
        counts = self.spaces[space_of(block)]
        n_rows_with_it = np.bincount(counts.indices[: counts.indptr[n_rows]])
        return int((n_rows_with_it >= block.min_df).sum())


class FoldFeatures:
    """The features of one fold's training and test rows, for any number of experiments.

    Vocabulary, document frequencies and idf come from the training rows alone: `NgramFeatures`,
    fitted on them, gives the same columns. Each block is weighted once, whichever experiments use
    it and whatever weight they give it.

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
        """Give the features of some blocks, of shapes (n_train, n_features) and (n_test, …)."""
        # Without any block there are rows all the same.
        nothing = csr_matrix((len(self.train), 0)), csr_matrix((len(self.test), 0))
        parts = [nothing, *(self._of_one(block) for block in blocks)]
        sizes = [train.shape[1] for train, _ in parts[1:]]
        weights = np.repeat([block.weight for block in blocks], sizes)
        train, test = (hstack(side, format="csr") for side in zip(*parts, strict=True))
        for matrix in (train, test):
            matrix.data *= weights[matrix.indices]
        return train, test

    def _of_one(self, block: Features) -> Pair:
        plain = block.model_copy(update={"weight": 1.0})
        if plain not in self._weighted:
            counts = self.counts.spaces[space_of(block)]
            seen = counts[self.train]
            kept = frequent(seen, block.min_df)
            seen, new = keep_columns(seen, kept), keep_columns(counts[self.test], kept)
            weights = fit_weights(seen, block.sublinear_tf)
            self._weighted[plain] = weights.transform(seen), weights.transform(new)
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
    return Counts({space: count_space(space, units)[0] for space in spaces})


def space_of(block: Features) -> NgramSpace:
    """Give the n-gram space that a block of a config describes."""
    return NgramSpace(block.source, block.kind, block.orders)


def mention_blocks(role: Source, min_df: int = 1) -> tuple[Features, ...]:
    """Give what a baseline sees that never reads the text: a mention's words and characters."""
    return (
        Features(source=role, kind="word", orders=(1, 2), min_df=min_df),
        Features(source=role, kind="char", orders=(2, 5), min_df=min_df),
    )


def count_space(
    space: NgramSpace, units: list[Unit], vocabulary: Mapping[str, int] | None = None
) -> tuple[csr_matrix, dict[str, int]]:
    """Count the n-grams of a space, row by row: all of them, or those of a vocabulary.

    Returns
    -------
    (csr_matrix, dict of str to int)
        Counts of shape (n_rows, n_ngrams), and the n-gram of each column, which are in order.
    """
    counter = CountVectorizer(analyzer=space.ngrams, vocabulary=vocabulary, dtype=np.float64)
    count = counter.fit_transform if vocabulary is None else counter.transform
    try:
        counts = count(units)
    except ValueError as error:
        if "empty vocabulary" not in str(error):
            raise
        # No n-gram in any row, as between the mentions of rows without any: no columns, so that
        # one experiment fits data with and without mentions.
        return csr_matrix((len(units), 0)), {}
    counts.sort_indices()  # the same sums, to the last digit, whenever a row is weighted
    return counts, counter.vocabulary_


def frequent(counts: csr_matrix, min_df: int) -> np.ndarray:
    """Give the columns of the n-grams that are in so many rows."""
    return np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= min_df)


def keep_columns(counts: csr_matrix, kept: np.ndarray) -> csr_matrix:
    """Leave out all other columns."""
    # Renumbering them by hand: scipy's own selection sorts and copies more than it must.
    number = np.full(counts.shape[1], -1, dtype=counts.indices.dtype)
    number[kept] = np.arange(len(kept))
    columns = number[counts.indices]
    chosen = columns >= 0
    ends = np.concatenate([[0], np.cumsum(chosen)])[counts.indptr]
    return csr_matrix(
        (counts.data[chosen], columns[chosen], ends), shape=(counts.shape[0], len(kept))
    )


def fit_weights(counts: csr_matrix, sublinear_tf: bool) -> TfidfTransformer | FunctionTransformer:
    """Learn the idf of some rows' n-grams; where there are none, nothing is weighted."""
    if not counts.shape[1]:
        return FunctionTransformer()  # TfidfTransformer wants a column
    return TfidfTransformer(sublinear_tf=sublinear_tf).fit(counts)
