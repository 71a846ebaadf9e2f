"""The words of units laid out as numbers, and their mentions found among them, as machine code."""

import numpy as np

from stanceml.inference.compiled.jit import jit

__all__ = ["expand_chunks", "locate_mentions"]

# Columns of the array of mentions: each with its end, then the order.
_HOLDER, _TARGET, _ORDER = 0, 2, 4
_WHOLE, _ABSENT, _TARGET_ONLY, _HOLDER_FIRST, _TARGET_FIRST = 0, 1, 2, 3, 4


@jit
def locate_mentions(
    codes: np.ndarray,
    code_ends: np.ndarray,
    is_space: np.ndarray,
    chunks: np.ndarray,
    chunk_ends: np.ndarray,
    chunk_words: np.ndarray,
    words: np.ndarray,
    places: np.ndarray,
    spans: np.ndarray,
    has_target: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay out the words of units, and find which of them the mentions touch: follows `parse`.

    Parameters
    ----------
    codes, code_ends
        The code points of the texts that have mentions, and where each ends; the others are empty.
    is_space : ndarray of bool
        Whether a code point is white space.
    chunks, chunk_ends
        The numbers of the stretches between white space, and where each unit's end.
    chunk_words : ndarray of int64, of shape (n_chunks + 1,)
        Where the words of a stretch begin in `words`.
    words : ndarray of int32, of shape (n_words, 4)
        Word, lemma, classes and flags.
    places : ndarray of int32, of shape (n_words, 2)
        Where each begins and ends within its stretch.
    spans : ndarray of int64, of shape (n_units, 4)
        Holder and target in characters; -1 where there is none.
    has_target : ndarray of bool

    Returns
    -------
    (ndarray of int32, ndarray of int64, ndarray of int64)
        The words of all units, where each unit's end, and for each unit holder, target and order.
    """
    size = 0
    for chunk in chunks:
        size += chunk_words[chunk + 1] - chunk_words[chunk]
    laid = np.empty((size, words.shape[1]), np.int32)
    ends = np.empty_like(chunk_ends)
    mentions = np.full((len(ends), 5), -1, np.int64)
    first_chunk = first_code = first_word = size = 0
    for unit in range(len(ends)):
        place = first_code
        for number in range(first_chunk, chunk_ends[unit]):
            chunk = chunks[number]
            while place < code_ends[unit] and codes[place] < len(is_space):
                if not is_space[codes[place]]:
                    break
                place += 1
            for row in range(chunk_words[chunk], chunk_words[chunk + 1]):
                # One by one: laying rows at once takes seconds more to compile.
                for column in range(words.shape[1]):
                    laid[size, column] = words[row, column]
                start, end = places[row, 0], places[row, 1]
                for side in (_HOLDER, _TARGET):
                    # No span begins below zero but for those that are not there.
                    if spans[unit, side + 1] == -1:
                        continue
                    begin = place - first_code
                    if begin + end > spans[unit, side] and begin + start < spans[unit, side + 1]:
                        if mentions[unit, side] < 0:
                            mentions[unit, side] = size - first_word
                        mentions[unit, side + 1] = size - first_word + 1
                size += 1
            while place < code_ends[unit]:
                if codes[place] < len(is_space) and is_space[codes[place]]:
                    break
                place += 1
        if not has_target[unit]:
            order = _WHOLE
        elif mentions[unit, _TARGET] < 0:
            order = _ABSENT
        elif mentions[unit, _HOLDER] < 0:
            order = _TARGET_ONLY
        else:
            difference = mentions[unit, _HOLDER] - mentions[unit, _TARGET]
            if difference == 0:
                difference = mentions[unit, _HOLDER + 1] - mentions[unit, _TARGET + 1]
            order = _HOLDER_FIRST if difference < 0 else _TARGET_FIRST
        mentions[unit, _ORDER] = order
        ends[unit] = size
        first_chunk, first_code, first_word = chunk_ends[unit], code_ends[unit], size
    return laid, ends, mentions


@jit
def expand_chunks(
    chunks: np.ndarray, chunk_ends: np.ndarray, chunk_words: np.ndarray, words: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lay out the words of units, where nothing but their numbers is asked for.

    Parameters
    ----------
    chunks, chunk_ends, chunk_words
        As for `locate_mentions`.
    words : ndarray of int32

    Returns
    -------
    (ndarray of uint32, ndarray of int64)
        The words of all units, and where each unit's end.
    """
    size = 0
    for chunk in chunks:
        size += chunk_words[chunk + 1] - chunk_words[chunk]
    symbols = np.empty(size, np.uint32)
    ends = np.empty_like(chunk_ends)
    size = first = 0
    for unit in range(len(ends)):
        for number in range(first, chunk_ends[unit]):
            for row in range(chunk_words[chunks[number]], chunk_words[chunks[number] + 1]):
                symbols[size] = words[row]
                size += 1
        first = chunk_ends[unit]
        ends[unit] = size
    return symbols, ends
