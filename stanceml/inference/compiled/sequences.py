"""Which compiled function follows which reading, and what it must be told."""

from typing import Final

import numpy as np

from stanceml.features import readings
from stanceml.inference.compiled.readings import (
    read_classes,
    read_frame,
    read_hidden,
    read_sides,
)
from stanceml.inference.compiled.tables import ORDERS, Numbers, Sequences
from stanceml.inference.compiled.words import ClassSets, ParsedBatch

__all__ = ["COMPILED_READINGS", "Reader"]

_WORD, _LEMMA = 0, 1
# The numbers by which `read_sides` knows them.
_SIDED: Final = {"regions": 0, "between": 1, "around_target": 2, "around_holder": 3, "clause": 4}

#: The readings that have a compiled form.
COMPILED_READINGS: Final = frozenset(
    ("masked", "lemmas", "nameless", "polarity", "frame", "layout", *_SIDED)
)


class Reader:
    """Readings of parsed units, as sequences of symbols.

    Parameters
    ----------
    numbers : Numbers
        Learns the signs that readings put for mentions, names and places.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._hidden = numbers.symbols("HT")
        self._nameless = numbers.symbols("HTN#")
        self._sided = numbers.symbols("HT_")
        self._orders = numbers.symbols(ORDERS)
        bins = [f"{order}|{n}" for order in ORDERS for n in range(len(readings.EDGES) + 1)]
        self._bins = numbers.symbols(bins).reshape(len(ORDERS), -1)
        self._edges = np.array(readings.EDGES, dtype=np.int64)

    def read(self, source: str, parsed: ParsedBatch, sets: ClassSets) -> Sequences:
        """Give one reading of units; `source` is one of `COMPILED_READINGS`."""
        if source == "layout":
            return self._layout(parsed.mentions)
        if source in _SIDED:
            return read_sides(*parsed, _SIDED[source], readings.WINDOW, self._sided)
        if source == "polarity":
            return read_classes(*parsed, *sets.table(), readings.NEGATION_REACH, self._edges)
        if source == "frame":
            return read_frame(*parsed, *sets.table(), readings.NEGATION_REACH, self._hidden)
        column = _LEMMA if source == "lemmas" else _WORD
        return read_hidden(
            *parsed, column, self._nameless if source == "nameless" else self._hidden
        )

    def _layout(self, mentions: np.ndarray) -> Sequences:
        holder, target, order = mentions[:, 0], mentions[:, 2], mentions[:, 4]
        bins = (np.abs(holder - target)[:, np.newaxis] > self._edges).sum(axis=1)
        symbols = np.column_stack([self._orders[order], self._bins[order, bins]])
        both = (holder >= 0) & (target >= 0)
        told = np.column_stack([np.ones_like(both), both])
        return symbols[told], np.cumsum(told.sum(axis=1))
