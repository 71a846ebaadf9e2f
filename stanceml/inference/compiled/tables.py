"""The n-grams of a model's spaces as trees of numbers."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from stanceml.corpus.units import Unit
from stanceml.features.spaces import BESIDE, NgramSpace
from stanceml.inference.compiled.kernel import build_tree, score_sequences
from stanceml.inference.compiled.readings import DISTANCES, PREFIX_SHIFT, REGIONS, SIDES
from stanceml.inference.vocabulary import Vocabulary

__all__ = [
    "ORDERS",
    "Block",
    "Numbers",
    "Sequences",
    "Tree",
    "code_points",
    "plant",
]

#: Symbols of units, one behind the other, and where each unit's end.
Sequences = tuple[np.ndarray, np.ndarray]

#: Where the mentions stand, as `ParsedUnit.order` tells.
ORDERS: Final = ("whole", "absent", "target", "holder-target", "target-holder")
# The numbers of prefixes; one that is not here stands in no reading.
_REGIONS: Final = {
    f"{order}{n}": REGIONS + 5 * i + n for i, order in enumerate(ORDERS) for n in range(5)
}
_SIDES: Final = {"<": SIDES, ">": SIDES + 1}
_DISTANCES: Final = {
    f"{side}{n}": DISTANCES + 5 * i + n for i, side in enumerate("<>") for n in range(5)
}


class Block(Protocol):
    """What is asked of a block of a sealed model."""

    space: NgramSpace
    vocabulary: Vocabulary
    idf: np.ndarray
    coefficients: np.ndarray
    sublinear_tf: bool

    def score(self, unit: Unit) -> Any:
        """Add up what a unit's n-grams contribute, of shape (n_classes,)."""


class Numbers(dict[str, int]):
    """The words that a model knows, numbered from 1; 0 is any other."""

    def of(self, word: str) -> int:
        """Give a word's number, a new one where it has none."""
        return self.setdefault(word, len(self) + 1)

    def symbols(self, words: Iterable[str]) -> np.ndarray:
        """Give the numbers of several words, of shape (n_words,)."""
        return np.array([self.of(word) for word in words], dtype=np.uint32)


@dataclass(frozen=True)
class Tree:
    """One space's n-grams and their weights, to look sequences of symbols up in.

    Attributes
    ----------
    slots, bits
        As `build_tree` gives them.
    roots : dict of str to int
        Where the n-grams of a target begin; those that belong to none begin at the empty one.
    orders : (int, int)
    sublinear_tf : bool
    weights : ndarray of float64, of shape (n_ngrams, 1 + n_classes)
        Inverse document frequencies, then coefficients.
    """

    slots: np.ndarray
    bits: int
    roots: dict[str, int]
    orders: tuple[int, int]
    sublinear_tf: bool
    weights: np.ndarray

    def add_scores(self, sequences: Sequences, targets: Sequence[str], out: np.ndarray) -> None:
        """Add to the scores of units what their sequences contribute.

        Parameters
        ----------
        sequences : (ndarray, ndarray)
        targets : sequence of str
            At which root each unit's n-grams begin.
        out : ndarray of shape (n_units, n_classes)
        """
        symbols, ends = sequences
        roots = np.array([self.roots.get(target, -1) for target in targets], dtype=np.int64)
        score_sequences(
            symbols,
            ends,
            roots,
            self.slots,
            self.bits,
            *self.orders,
            self.sublinear_tf,
            self.weights,
            out,
        )


def plant(block: Block, numbers: Numbers) -> Tree:
    """Make the tree of a block; `numbers` learns the block's words."""
    space, n = block.space, len(block.vocabulary)
    # The frequent ones first: what is looked up most often then stands near each other.
    order = np.argsort(block.idf, kind="stable")
    unordered = np.array(list(block.vocabulary), dtype=object)
    terms = list(unordered[order])
    targets = [""] * n
    roots = {"": n}
    of_terms = np.full(n, n, dtype=np.int64)
    if space.source == "crossed":
        parts = [term.partition(BESIDE) for term in terms]
        targets, terms = [part[0] for part in parts], [part[2] for part in parts]
        roots = {target: n + i for i, target in enumerate(dict.fromkeys(targets))}
        of_terms = np.array(
            [roots[target] if beside else -1 for target, beside, _ in parts], dtype=np.int64
        )
    if space.kind == "char":
        symbols, ends = code_points(terms)
    else:
        symbols, ends = _words(space, terms, numbers)
    by_length = np.argsort(np.diff(ends, prepend=0), kind="stable")
    slots, bits = build_tree(symbols, ends, of_terms, by_length, *space.orders, n + len(roots))
    weights = np.column_stack([block.idf, block.coefficients])[order]
    return Tree(slots, bits, roots, space.orders, block.sublinear_tf, weights)


def code_points(strings: Sequence[str]) -> Sequences:
    """Lay out the characters of strings.

    Examples
    --------
    >>> codes, ends = code_points(["No", "!"])
    >>> codes.tolist(), ends.tolist()
    ([78, 111, 33], [2, 3])
    """
    encoding = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    codes = np.frombuffer("".join(strings).encode(encoding, "surrogatepass"), dtype=np.uint32)
    return codes, _ends(map(len, strings), len(strings))


def _words(space: NgramSpace, terms: list[str], numbers: Numbers) -> Sequences:
    words = " ".join(terms).split(" ")
    symbol_of = {word: _symbol(space, word, numbers) for word in dict.fromkeys(words)}
    symbols = np.fromiter(map(symbol_of.__getitem__, words), dtype=np.uint32, count=len(words))
    return symbols, _ends((term.count(" ") + 1 for term in terms), len(terms))


def _symbol(space: NgramSpace, word: str, numbers: Numbers) -> int:
    """Take a reading's word apart into what is said of it and the word."""
    prefix, rest = 0, word
    if space.source in ("regions", "polarity"):
        before, bar, behind = word.partition("|")
        known = _REGIONS.get(before, 0) or _DISTANCES.get(before, 0)
        if bar and known:
            prefix, rest = known, behind
    elif space.source in ("around_target", "around_holder", "clause") and word[:1] in _SIDES:
        prefix, rest = _SIDES[word[0]], word[1:]
    return numbers.of(rest) | prefix << PREFIX_SHIFT


def _ends(lengths: Iterable[int], n: int) -> np.ndarray:
    return np.cumsum(np.fromiter(lengths, dtype=np.int64, count=n))
