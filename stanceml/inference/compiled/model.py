"""Batches scored by machine code: the scores of `SealedModel`, many times as fast."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from stanceml.corpus.units import Unit
from stanceml.features.readings import READINGS
from stanceml.features.spaces import NgramSpace, crossing
from stanceml.inference.compiled.kernel import fold_spaces, score_sequences
from stanceml.inference.compiled.sequences import COMPILED_READINGS, Reader
from stanceml.inference.compiled.tables import Block, Numbers, Sequences, code_points, plant
from stanceml.inference.compiled.words import ParsedChunks, TextChunks, white_space

__all__ = ["CompiledModel", "is_kept"]

# So many units, and about so many characters, are laid out at a time.
_N_UNITS: Final = 1024
_N_CHARACTERS: Final = 4_000_000
# What is known of words is forgotten when it grows beyond this, in characters and numbers.
_MEMORY: Final = 2_000_000

_STRING_SOURCES: Final = ("text", "marked", "crossed", "holder", "target")


class CompiledModel:
    """The blocks of a sealed model as tables of numbers.

    Words and characters are those of `stanceml.features`, whose own functions cut them; readings
    and n-grams are made of numbers. A block of which no compiled form is known scores itself.

    Parameters
    ----------
    blocks : sequence of Block
        The blocks of a `SealedModel`.
    intercept : ndarray of shape (n_classes,)
    """

    def __init__(self, blocks: Sequence[Block], intercept: np.ndarray) -> None:
        self._intercept = intercept
        self._numbers = Numbers()
        filled = [block for block in blocks if len(block.vocabulary)]
        compiled = [block for block in filled if _is_known(block.space)]
        self._others = [block for block in filled if not _is_known(block.space)]
        self._trees = [(block.space, plant(block, self._numbers)) for block in compiled]
        self._reader = Reader(self._numbers)
        self._is_lexical = any(space.lexicon for space, _ in self._trees)
        self._forget()

    def decision_function(self, units: Sequence[Unit]) -> np.ndarray:
        """Return the scores, of shape (n_units, n_classes)."""
        scores = np.tile(self._intercept, (len(units), 1))
        for first, last in _slices(units):
            self._add_scores(units[first:last], scores[first:last])
        return scores

    def _add_scores(self, units: Sequence[Unit], scores: np.ndarray) -> None:
        if self._text_chunks.size + self._parsed_chunks.size > _MEMORY:
            self._forget()
        text_chunks, parsed_chunks = self._text_chunks, self._parsed_chunks
        parsed = None
        strings: dict[str, list[str]] = {}
        cut: dict[tuple[str, str], Sequences] = {}
        anywhere = [""] * len(units)
        for space, tree in self._trees:
            source, targets = space.source, anywhere
            if source in READINGS:
                parsed = parsed or parsed_chunks.parse(units)
                sequences = self._reader.read(source, parsed, parsed_chunks.classes)
            else:
                if source == "crossed":
                    # The text, with n-grams of their own for each target.
                    source, targets = "text", [crossing(unit.target) for unit in units]
                if source not in strings:
                    strings[source] = [space.read(unit) for unit in units]
                if (source, space.kind) not in cut:
                    cut[source, space.kind] = (
                        fold_spaces(*code_points(strings[source]), white_space())
                        if space.kind == "char"
                        else text_chunks.symbols(strings[source])
                    )
                sequences = cut[source, space.kind]
            tree.add_scores(sequences, targets, scores)
        for block in self._others:
            for number, unit in enumerate(units):
                scores[number] += block.score(unit)

    def _forget(self) -> None:
        self._text_chunks = TextChunks(self._numbers)
        self._parsed_chunks = ParsedChunks(self._numbers, is_lexical=self._is_lexical)


def is_kept() -> bool:
    """Tell whether machine code is kept on disk, so that it is compiled once only."""
    return score_sequences._cache.cache_path is not None  # type: ignore[attr-defined]


def _is_known(space: NgramSpace) -> bool:
    return space.source in (COMPILED_READINGS if space.kind == "word" else ()) or (
        space.source in _STRING_SOURCES
    )


def _slices(units: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    first = n_characters = 0
    for number, unit in enumerate(units):
        n_characters += len(unit.text) + len(unit.holder) + len(unit.target)
        if number + 1 - first == _N_UNITS or n_characters > _N_CHARACTERS:
            yield first, number + 1
            first, n_characters = number + 1, 0
    if first < len(units):
        yield first, len(units)
