"""The n-grams of a sealed space, looked up in the bytes that they are kept in."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from stanceml.inference.manifest import shown

__all__ = ["Vocabulary", "in_utf8"]

# Making a dictionary takes as long as so many searches for each n-gram in it.
_SEARCHES: Final = 1 / 16

# Neighbours are compared eight bytes at a time, all at once; few are equal beyond these.
_WORDS: Final = 8
_MASKS: Final = np.array([2**64 - 2 ** (64 - 8 * n) for n in range(9)], dtype=np.uint64)


class Vocabulary:
    """N-grams and their columns.

    Few n-grams are found by bisection, at once; when many have been asked for, a dictionary is
    made, in which each is found faster.

    Parameters
    ----------
    terms : ndarray of uint8, of shape (n_bytes,)
        The n-grams in UTF-8, one behind the other, in the order of their code points.
    ends : ndarray of int64, of shape (n_ngrams,)
        Where each ends; ascending, the last at `n_bytes`.

    Raises
    ------
    ValueError
        When the bytes are no UTF-8, or an n-gram stands twice or out of order.

    Examples
    --------
    >>> vocabulary = Vocabulary(*in_utf8(["backs", "backs kyiv", "nato"]))
    >>> vocabulary.get("nato"), vocabulary.get("moscow")
    (2, None)
    >>> list(vocabulary)
    ['backs', 'backs kyiv', 'nato']
    """

    def __init__(self, terms: np.ndarray, ends: np.ndarray) -> None:
        self._bytes = terms.tobytes()
        _check_utf8(self._bytes, terms, ends)
        # Numbers of a memory view are Python's own, and come faster than those of an array.
        self._ends = np.concatenate([[0], ends]).data
        self._columns: dict[str, int] | None = None
        self._n_searches = 0
        self._check_order(terms, ends)

    def __len__(self) -> int:
        """Count the n-grams."""
        return len(self._ends) - 1

    def __getitem__(self, column: int) -> bytes:
        """Give the n-gram of a column, in UTF-8."""
        return self._bytes[self._ends[column] : self._ends[column + 1]]

    def __iter__(self) -> Iterator[str]:
        """Give the n-grams in the order of their columns."""
        content = self._bytes
        for start, end in pairwise(self._ends.tolist()):
            yield content[start:end].decode("utf-8", "surrogatepass")

    def get(self, ngram: str) -> int | None:
        """Give the column of an n-gram, None where it has none."""
        if self._columns is None:
            self._n_searches += 1
            if self._n_searches <= _SEARCHES * len(self):
                return self._search(ngram.encode("utf-8", "surrogatepass"))
            self._columns = {ngram: column for column, ngram in enumerate(self)}
        return self._columns.get(ngram)

    def _search(self, ngram: bytes) -> int | None:
        column = bisect_left(self, ngram)
        return column if column < len(self) and self[column] == ngram else None

    def _check_order(self, terms: np.ndarray, ends: np.ndarray) -> None:
        for column in _undecided(terms, ends):
            before, after = self[column], self[column + 1]
            if before >= after:
                first, second = (
                    shown(ngram.decode("utf-8", "surrogatepass")) for ngram in (before, after)
                )
                if before == after:
                    raise ValueError(f"has the n-gram {first} twice")
                raise ValueError(
                    f"has the n-gram {first} before {second}; expected the order of code points"
                )


def in_utf8(ngrams: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Lay n-grams out as a sealed model keeps them: their bytes, and where each ends."""
    encoded = [ngram.encode("utf-8", "surrogatepass") for ngram in ngrams]
    ends = np.cumsum([len(ngram) for ngram in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), ends


def _check_utf8(content: bytes, terms: np.ndarray, ends: np.ndarray) -> None:
    try:
        content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    # A byte that goes on with a character cannot be the first of an n-gram.
    if ((terms[ends[ends < len(terms)]] & 0xC0) == 0x80).any():
        raise ValueError("is not UTF-8: an n-gram ends within a character")


def _undecided(terms: np.ndarray, ends: np.ndarray) -> list[int]:
    """Find the columns whose n-gram may not stand before the next: too alike, or really not."""
    starts, lengths = np.concatenate([[0], ends[:-1]]), np.diff(ends, prepend=0)
    padded = np.concatenate([terms, np.zeros(8, np.uint8)])
    at_any = np.ndarray(len(terms) + 1, np.dtype(">u8"), padded, strides=(1,))
    left, right = np.arange(len(ends) - 1), np.arange(1, len(ends))
    found: list[int] = []
    for offset in range(0, 8 * _WORDS, 8):

        def eight(columns: np.ndarray, offset: int = offset) -> np.ndarray:
            rest = np.clip(lengths[columns] - offset, 0, 8)
            places = np.minimum(starts[columns] + offset, len(terms))
            return np.asarray(at_any[places].astype(np.uint64) & _MASKS[rest])

        before, after = eight(left), eight(right)
        found += left[before > after].tolist()
        equal = before == after
        left, right = left[equal], right[equal]
    return found + left.tolist()
