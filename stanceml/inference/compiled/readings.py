"""The readings of `stanceml.features.readings` on numbers in place of words, as machine code.

Those in Python are the reference; each function here says which it follows. A word that no n-gram
of the model has is number 0. What a reading says of a word, its prefix, stands in the high bits.
"""

import numpy as np

from stanceml.inference.compiled.jit import jit

__all__ = [
    "DISTANCES",
    "ENDS_CLAUSE",
    "IS_LINK",
    "IS_NAME",
    "IS_NUMBER",
    "PREFIX_SHIFT",
    "REGIONS",
    "SIDES",
    "read_classes",
    "read_frame",
    "read_hidden",
    "read_sides",
]

# Columns of the array of words; its flags.
_WORD, _CLASSES, _FLAGS = 0, 2, 3
IS_NAME, IS_NUMBER, ENDS_CLAUSE, IS_LINK = 1, 2, 4, 8

# Columns of the array of mentions: each with its end, then the order.
_HOLDER, _TARGET, _ORDER = 0, 2, 4

# A word's number stands below, its prefix above; the first number of each kind of prefix.
PREFIX_SHIFT = 24
REGIONS, SIDES, DISTANCES = 1, 26, 28


@jit
def read_hidden(
    words: np.ndarray, ends: np.ndarray, mentions: np.ndarray, column: int, literals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Follow `masked`, `lemmas`, and where there are four literals `nameless`.

    Parameters
    ----------
    words, ends, mentions
        As `locate_mentions` gives them.
    column : int
        What of a word is read.
    literals : ndarray of uint32
        The symbols of holder, target, and for `nameless` of a name and a number.

    Returns
    -------
    (ndarray of uint32, ndarray of int64)
        Symbols, and where each unit's end.
    """
    nameless = len(literals) == 4
    symbols = np.empty(len(words), np.uint32)
    new_ends = np.empty_like(ends)
    size = first = 0
    for unit in range(len(ends)):
        begin, length = size, ends[unit] - first
        holder, target = mentions[unit, _HOLDER], mentions[unit, _TARGET]
        position = 0
        while position < length:
            if position in (holder, target):
                # Of two that begin together the longer is met, of two alike the target.
                is_target = position == target and (
                    position != holder or mentions[unit, _TARGET + 1] >= mentions[unit, _HOLDER + 1]
                )
                side = _TARGET if is_target else _HOLDER
                symbols[size] = literals[1 if is_target else 0]
                size += 1
                position = max(mentions[unit, side + 1], position + 1)
                continue
            word = words[first + position]
            symbol = np.uint32(word[column])
            if nameless:
                if word[_FLAGS] & IS_NUMBER:
                    symbol = literals[3]
                elif position > 0 and word[_FLAGS] & IS_NAME:
                    symbol = literals[2]
                    if size > begin and symbols[size - 1] == symbol:
                        position += 1
                        continue
            symbols[size] = symbol
            size += 1
            position += 1
        new_ends[unit] = size
        first = ends[unit]
    return symbols[:size], new_ends


@jit
def _region(mentions: np.ndarray, position: int) -> int:
    crossed = 0
    if mentions[_TARGET] >= 0:
        for side in (_HOLDER, _TARGET):
            if mentions[side] >= 0:
                crossed += (position >= mentions[side]) + (position >= mentions[side + 1])
    return int(REGIONS + 5 * mentions[_ORDER] + crossed)


@jit
def read_sides(
    words: np.ndarray,
    ends: np.ndarray,
    mentions: np.ndarray,
    reading: int,
    window: int,
    literals: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow `regions` (0), `between` (1), `around_target`, `around_holder` (2, 3), `clause` (4).

    Parameters
    ----------
    words, ends, mentions
        As `locate_mentions` gives them.
    reading : int
    window : int
        Words on either side of a mention.
    literals : ndarray of uint32
        The symbols of holder, target, and of a mention between its sides.

    Returns
    -------
    (ndarray of uint32, ndarray of int64)
    """
    symbols = np.empty(len(words) + 2 * len(ends), np.uint32)
    new_ends = np.empty_like(ends)
    size = first = 0
    for unit in range(len(ends)):
        length = ends[unit] - first
        places = mentions[unit]
        mention = _HOLDER if reading == 3 else _TARGET
        start, end = places[mention], places[mention + 1]
        if reading == 0:
            for position in range(length):
                symbols[size] = words[first + position, _WORD] | (
                    _region(places, position) << PREFIX_SHIFT
                )
                size += 1
        elif reading == 1 and places[_HOLDER] >= 0 and places[_TARGET] >= 0:
            holder_end, target_end = places[_HOLDER + 1], places[_TARGET + 1]
            # Where both stand in one place the holder is first, as its letter is.
            holder_first = places[_HOLDER] < places[_TARGET] or (
                places[_HOLDER] == places[_TARGET] and holder_end <= target_end
            )
            symbols[size] = literals[0 if holder_first else 1]
            size += 1
            begin = holder_end if holder_first else target_end
            stop = places[_TARGET] if holder_first else places[_HOLDER]
            for position in range(begin, stop):
                symbols[size] = words[first + position, _WORD]
                size += 1
            symbols[size] = literals[1 if holder_first else 0]
            size += 1
        elif reading >= 2 and start >= 0:
            begin, stop = max(0, start - window), min(length, end + window)
            if reading == 4:
                begin, stop = start, end
                while begin > 0 and not words[first + begin - 1, _FLAGS] & ENDS_CLAUSE:
                    begin -= 1
                while stop < length and not words[first + stop, _FLAGS] & ENDS_CLAUSE:
                    stop += 1
            for position in range(begin, start):
                symbols[size] = words[first + position, _WORD] | (SIDES << PREFIX_SHIFT)
                size += 1
            symbols[size] = literals[2]
            size += 1
            for position in range(end, stop):
                symbols[size] = words[first + position, _WORD] | ((SIDES + 1) << PREFIX_SHIFT)
                size += 1
        new_ends[unit] = size
        first = ends[unit]
    return symbols[:size], new_ends


@jit
def _is_turned(words: np.ndarray, turns: np.ndarray, first: int, position: int, reach: int) -> bool:
    for other in range(max(0, position - reach), position):
        if turns[words[first + other, _CLASSES]]:
            return True
    return False


@jit
def read_classes(
    words: np.ndarray,
    ends: np.ndarray,
    mentions: np.ndarray,
    class_ends: np.ndarray,
    classes: np.ndarray,
    turns: np.ndarray,
    reach: int,
    edges: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow `polarity`.

    Parameters
    ----------
    words, ends, mentions
        As `locate_mentions` gives them.
    class_ends : ndarray of int64
        Where a set of classes ends in `classes`; the first is empty.
    classes : ndarray of uint32, of shape (n, 2)
        Symbols as they are, and turned by a negation.
    turns : ndarray of bool
        Which sets turn those behind them.
    reach : int
        How many words behind.
    edges : ndarray of int64
        Upper ends of the bins of distances.

    Returns
    -------
    (ndarray of uint32, ndarray of int64)
    """
    size = 0
    for row in range(len(words)):
        number = words[row, _CLASSES]
        if number:
            size += 3 * (class_ends[number] - class_ends[number - 1])
    symbols = np.empty(size, np.uint32)
    new_ends = np.empty_like(ends)
    size = first = 0
    for unit in range(len(ends)):
        start, end = mentions[unit, _TARGET], mentions[unit, _TARGET + 1]
        for position in range(ends[unit] - first):
            number = words[first + position, _CLASSES]
            if number == 0:
                continue
            turned = 1 if _is_turned(words, turns, first, position, reach) else 0
            region = _region(mentions[unit], position)
            before = position < start
            distance = start - position if before else max(0, position - end + 1)
            prefix = DISTANCES + (0 if before else 5)
            for edge in edges:
                prefix += distance > edge
            for place in range(class_ends[number - 1], class_ends[number]):
                symbol = np.int64(classes[place, turned])
                symbols[size] = symbol
                symbols[size + 1] = symbol | (region << PREFIX_SHIFT)
                size += 2
                if start >= 0:
                    symbols[size] = symbol | (prefix << PREFIX_SHIFT)
                    size += 1
        new_ends[unit] = size
        first = ends[unit]
    return symbols[:size], new_ends


@jit
def read_frame(
    words: np.ndarray,
    ends: np.ndarray,
    mentions: np.ndarray,
    class_ends: np.ndarray,
    classes: np.ndarray,
    turns: np.ndarray,
    reach: int,
    literals: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow `frame`; the arguments are those of `read_classes` and `read_hidden`."""
    symbols = np.empty(len(words), np.uint32)
    new_ends = np.empty_like(ends)
    size = first = 0
    for unit in range(len(ends)):
        holder, target = mentions[unit, _HOLDER], mentions[unit, _TARGET]
        holder_end, target_end = mentions[unit, _HOLDER + 1], mentions[unit, _TARGET + 1]
        for position in range(ends[unit] - first):
            if position == target and (position != holder or target_end >= holder_end):
                symbols[size] = literals[1]
                size += 1
            elif position == holder:
                symbols[size] = literals[0]
                size += 1
            if holder <= position < holder_end or target <= position < target_end:
                continue
            number = words[first + position, _CLASSES]
            if number:
                turned = 1 if _is_turned(words, turns, first, position, reach) else 0
                symbols[size] = classes[class_ends[number - 1], turned]
                size += 1
            elif words[first + position, _FLAGS] & IS_LINK:
                symbols[size] = words[first + position, _WORD]
                size += 1
        new_ends[unit] = size
        first = ends[unit]
    return symbols[:size], new_ends
