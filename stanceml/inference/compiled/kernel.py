"""Sequences of symbols looked up in a tree of n-grams, and what is found added up, as machine code.

A symbol is a code point, or the number of a word with what a reading says of it. The tree is one
hash table from (node, symbol) to node. Both stand whole in the key, in 64 bits, and are compared:
nothing is found that is not there. A node below the number of n-grams is an n-gram, and its number
is the column.
"""

import numpy as np

from stanceml.inference.compiled.jit import jit

__all__ = ["build_tree", "fold_spaces", "score_sequences"]

_EMPTY = np.int64(-1)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SPACE = np.uint32(0x20)
# Logarithms of counts below are made once; few n-grams of a sentence occur more often.
_N_LOGARITHMS = 64


@jit
def _slot(slots: np.ndarray, bits: int, node: int, symbol: int) -> int:
    """Give the place of a key, or the empty place where it would stand."""
    key = (np.int64(node) << np.int64(32)) | np.int64(symbol)
    last = (np.int64(1) << np.int64(bits)) - np.int64(1)
    place = np.int64((np.uint64(key) * _MIX) >> np.uint64(64 - bits))
    while slots[2 * place] != key and slots[2 * place] != _EMPTY:
        place = (place + 1) & last
    return int(place)


@jit
def _grown(slots: np.ndarray, bits: int) -> np.ndarray:
    wider = np.full(4 << bits, _EMPTY, np.int64)
    for old in range(1 << bits):
        key = slots[2 * old]
        if key != _EMPTY:
            place = _slot(wider, bits + 1, key >> np.int64(32), key & np.int64(0xFFFFFFFF))
            wider[2 * place] = key
            wider[2 * place + 1] = slots[2 * old + 1]
    return wider


@jit
def build_tree(
    symbols: np.ndarray,
    ends: np.ndarray,
    roots: np.ndarray,
    by_length: np.ndarray,
    low: int,
    high: int,
    free: int,
) -> tuple[np.ndarray, int]:
    """Make the table of a space's n-grams.

    Parameters
    ----------
    symbols : ndarray of uint32
        The n-grams, one behind the other, in the order of their columns.
    ends : ndarray of int64, of shape (n_ngrams,)
        Where each ends.
    roots : ndarray of int64, of shape (n_ngrams,)
        The node at which each begins; below zero where it is to be left out.
    by_length : ndarray of int64
        Numbers of n-grams, the short ones first.
    low, high : int
        The shortest and the longest n-gram of the space; others are never met.
    free : int
        The first node that is neither an n-gram nor a root.

    Returns
    -------
    (ndarray of int64, int)
        Keys and nodes in turn, and the table's size as a power of two.
    """
    bits = 10
    used = 0
    slots = np.full(2 << bits, _EMPTY, np.int64)
    for column in by_length:
        first = ends[column - 1] if column else 0
        length = ends[column] - first
        if roots[column] < 0 or length < low or length > high:
            continue
        node = roots[column]
        for position in range(first, ends[column]):
            if 10 * used >= 7 << bits:
                slots = _grown(slots, bits)
                bits += 1
            symbol = int(symbols[position])
            place = _slot(slots, bits, node, symbol)
            if slots[2 * place] == _EMPTY:
                slots[2 * place] = (np.int64(node) << np.int64(32)) | np.int64(symbol)
                used += 1
                if position == ends[column] - 1:
                    slots[2 * place + 1] = column
                else:
                    slots[2 * place + 1] = free
                    free += 1
            node = slots[2 * place + 1]
    return slots, bits


@jit
def score_sequences(
    symbols: np.ndarray,
    ends: np.ndarray,
    roots: np.ndarray,
    slots: np.ndarray,
    bits: int,
    low: int,
    high: int,
    sublinear_tf: bool,
    weights: np.ndarray,
    scores: np.ndarray,
) -> None:
    """Add to each unit's scores what the n-grams of its sequence contribute.

    Parameters
    ----------
    symbols : ndarray of uint32
        The units' sequences, one behind the other.
    ends : ndarray of int64, of shape (n_units,)
        Where each ends.
    roots : ndarray of int64, of shape (n_units,)
        The node at which a unit's n-grams begin; below zero where it has none.
    slots, bits
        As `build_tree` gives them.
    low, high : int
        The shortest and the longest n-gram.
    sublinear_tf : bool
        Whether `n` counts as `1 + log(n)`.
    weights : ndarray of float64, of shape (n_ngrams, 1 + n_classes)
        Inverse document frequencies, then coefficients.
    scores : ndarray of float64, of shape (n_units, n_classes)
        Added to in place.
    """
    n_columns, width = weights.shape
    logarithms = np.log(np.maximum(np.arange(_N_LOGARITHMS), 1))
    longest = first = 0
    for last in ends:
        longest = max(longest, last - first)
        first = last
    # Made once: an array that a loop may exchange has its references counted at each use.
    starts, nodes = np.empty(longest, np.int32), np.empty(longest, np.int32)
    found = np.empty(longest * (high - low + 1), np.int32)
    counts = np.zeros(n_columns, np.int32)
    total = np.empty(width, np.float64)
    first = 0
    for unit in range(len(ends)):
        last = ends[unit]
        n_alive = last - first if roots[unit] >= 0 else 0
        for number in range(n_alive):
            starts[number] = first + number
            nodes[number] = roots[unit]
        first = last
        n_found = 0
        # All n-grams grow by a symbol at a time: look-ups side by side do not wait for each other.
        for order in range(1, high + 1):
            n_kept = 0
            for number in range(n_alive):
                position = starts[number] + order - 1
                if position >= last:
                    break
                place = _slot(slots, bits, nodes[number], int(symbols[position]))
                if slots[2 * place] != _EMPTY:
                    node = slots[2 * place + 1]
                    starts[n_kept] = starts[number]
                    nodes[n_kept] = node
                    n_kept += 1
                    if node < n_columns and order >= low:
                        found[n_found] = node
                        n_found += 1
            n_alive = n_kept
        if n_found == 0:
            continue
        n_different = 0
        for number in range(n_found):
            column = found[number]
            found[n_different] = column
            n_different += counts[column] == 0
            counts[column] += 1
        squares = against = favor = neutral = 0.0
        total[:] = 0.0
        for number in range(n_different):
            column = found[number]
            count = counts[column]
            counts[column] = 0
            weight = weights[column, 0]
            if sublinear_tf:
                small = count < _N_LOGARITHMS
                weight *= 1.0 + (logarithms[count] if small else np.log(np.float64(count)))
            else:
                weight *= count
            squares += weight * weight
            if width == 4:
                # Three classes, as usual: sums that stay in registers.
                against += weight * weights[column, 1]
                favor += weight * weights[column, 2]
                neutral += weight * weights[column, 3]
            else:
                for label in range(1, width):
                    total[label] += weight * weights[column, label]
        if width == 4:
            total[1], total[2], total[3] = against, favor, neutral
        length = np.sqrt(squares)
        for label in range(1, width):
            scores[unit, label - 1] += total[label] / length


@jit
def fold_spaces(
    codes: np.ndarray, ends: np.ndarray, is_space: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Put one space for each run of white space, and one before and behind each string.

    Parameters
    ----------
    codes : ndarray of uint32
        The code points of the strings, one behind the other.
    ends : ndarray of int64, of shape (n_strings,)
        Where each ends.
    is_space : ndarray of bool
        Whether a code point is white space; those that it does not reach are none.

    Returns
    -------
    (ndarray of uint32, ndarray of int64)
        The new code points, and where each string ends.
    """
    folded = np.empty(len(codes) + 2 * len(ends), np.uint32)
    new_ends = np.empty_like(ends)
    first = 0
    size = 0
    for number in range(len(ends)):
        folded[size] = _SPACE
        size += 1
        begin = size
        was_space = True
        for position in range(first, ends[number]):
            code = codes[position]
            if code < len(is_space) and is_space[code]:
                if not was_space:
                    folded[size] = _SPACE
                    size += 1
                was_space = True
            else:
                folded[size] = code
                size += 1
                was_space = False
        if size == begin or not was_space:
            folded[size] = _SPACE
            size += 1
        new_ends[number] = size
        first = ends[number]
    return folded[:size], new_ends
