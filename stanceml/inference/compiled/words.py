"""Texts cut into words as `stanceml.features` cuts them, each stretch between white space once."""

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from threading import Lock
from typing import Final, NamedTuple

import numpy as np

from stanceml.corpus.units import Unit
from stanceml.features import parsing, spaces
from stanceml.features.attitudes import word_classes, word_lemma
from stanceml.features.readings import CLAUSE_ENDS, LINKS, turns
from stanceml.inference.compiled.mentions import expand_chunks, locate_mentions
from stanceml.inference.compiled.readings import ENDS_CLAUSE, IS_LINK, IS_NAME, IS_NUMBER
from stanceml.inference.compiled.tables import Numbers, Sequences, code_points

__all__ = ["ClassSets", "ParsedBatch", "ParsedChunks", "TextChunks", "white_space"]

_N_COLUMNS: Final = 6
# Beyond, white space is unknown to Unicode.
_SPACE_LIMIT: Final = 0x3001
_FAR: Final = 2**62
# Several threads may meet a new stretch; each is met once, so that one lock does for all.
_LOCK: Final = Lock()


class _Chunks(dict[str, int]):
    """Stretches between white space, numbered, with what their words are.

    No word of `stanceml.features` holds white space, and none depends on what stands beyond it: the
    words of a text are those of its stretches.
    """

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers
        self._ends = array("q", [0])
        self._rows = array("i")
        #: Characters and numbers held, so that whoever keeps this knows when to begin anew.
        self.size = 0

    def __missing__(self, chunk: str) -> int:
        with _LOCK:
            number = self.get(chunk)
            if number is None:
                number = len(self)
                rows = self._read(chunk)
                self._rows.extend(chain.from_iterable(rows))
                self._ends.append(self._ends[-1] + len(rows))
                self.size += len(chunk) + sum(map(len, rows))
                self[chunk] = number
        return number

    def _read(self, chunk: str) -> Sequence[Sequence[int]]:
        raise NotImplementedError

    def cut(self, texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        """Give the numbers of the stretches of texts, and where each text's end."""
        numbers: list[int] = []
        ends: list[int] = []
        number_of = self.__getitem__
        for text in texts:
            numbers.extend(map(number_of, text.split()))
            ends.append(len(numbers))
        return np.array(numbers, dtype=np.int64), np.array(ends, dtype=np.int64)

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """Give where the words of each stretch begin, and what is known of them."""
        with _LOCK:
            return np.array(self._ends, dtype=np.int64), np.array(self._rows, dtype=np.int32)


class TextChunks(_Chunks):
    """The words of strings, as `NgramSpace` cuts them."""

    def symbols(self, texts: Iterable[str]) -> Sequences:
        """Give the words of strings in lower case."""
        # A mention that is not there is one word: a key with white space, which no stretch has.
        whole = f" {spaces.NONE}"
        numbers, ends = [], []
        number_of = self.__getitem__
        for text in texts:
            if text == spaces.NONE:
                numbers.append(number_of(whole))
            else:
                numbers.extend(map(number_of, text.split()))
            ends.append(len(numbers))
        chunks, chunk_ends = np.array(numbers, dtype=np.int64), np.array(ends, dtype=np.int64)
        return expand_chunks(chunks, chunk_ends, *self.table())

    def _read(self, chunk: str) -> list[tuple[int]]:
        words = [chunk[1:]] if chunk[0] == " " else spaces.TOKEN.findall(chunk)
        return [(self._numbers.get(word, 0),) for word in words]


class ClassSets(dict[tuple[str, ...], int]):
    """The sets of classes that words have, numbered; 0 is the empty one."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__({(): 0})
        self._numbers = numbers
        self._ends, self._symbols, self._turns = [0], list[tuple[int, int]](), [False]

    def __missing__(self, classes: tuple[str, ...]) -> int:
        get = self._numbers.get
        self._symbols += [(get(name, 0), get(f"~{name}", 0)) for name in classes]
        self._ends.append(len(self._symbols))
        self._turns.append(turns(classes))
        self[classes] = number = len(self)
        return number

    def table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give where each set ends, its symbols as they are and turned, and which sets turn."""
        with _LOCK:
            return (
                np.array(self._ends, dtype=np.int64),
                np.array(self._symbols, dtype=np.uint32).reshape(-1, 2),
                np.array(self._turns, dtype=np.bool_),
            )


class ParsedBatch(NamedTuple):
    """What `parse` tells of units, in numbers.

    Attributes
    ----------
    words : ndarray of int32, of shape (n_words, 4)
        Word, lemma, set of classes, flags.
    ends : ndarray of int64, of shape (n_units,)
    mentions : ndarray of int64, of shape (n_units, 5)
        Holder and target among the words, -1 where they are not; the order.
    """

    words: np.ndarray
    ends: np.ndarray
    mentions: np.ndarray


class ParsedChunks(_Chunks):
    """The words of texts, as `parse` cuts them."""

    def __init__(self, numbers: Numbers, *, is_lexical: bool) -> None:
        super().__init__(numbers)
        self.classes = ClassSets(numbers)
        self._is_lexical = is_lexical

    def parse(self, units: Sequence[Unit]) -> ParsedBatch:
        """Cut units into words and find their mentions among them."""
        chunks, chunk_ends = self.cut(unit.text.replace("’", "'") for unit in units)
        spans = [unit.places for unit in units]
        codes, code_ends = code_points(
            [
                unit.text if holder or target else ""
                for unit, (holder, target) in zip(units, spans, strict=True)
            ]
        )
        edges = [(*(holder or (-1, -1)), *(target or (-1, -1))) for holder, target in spans]
        try:
            places = np.array(edges, dtype=np.int64)
        except OverflowError:
            places = np.array([[max(-_FAR, min(edge, _FAR)) for edge in row] for row in edges])
        starts, rows = self.table()
        rows = rows.reshape(-1, _N_COLUMNS)
        return ParsedBatch(
            *locate_mentions(
                codes,
                code_ends,
                white_space(),
                chunks,
                chunk_ends,
                starts,
                np.ascontiguousarray(rows[:, :4]),
                np.ascontiguousarray(rows[:, 4:]),
                places,
                np.array([bool(unit.target) for unit in units]),
            )
        )

    def _read(self, chunk: str) -> list[tuple[int, ...]]:
        return [self._row(match) for match in parsing.TOKEN.finditer(chunk)]

    def _row(self, match: re.Match[str]) -> tuple[int, ...]:
        written = match.group()
        word = written.lower()
        number = self._numbers.get(word, 0)
        lemma = classes = 0
        if self._is_lexical:
            lemma = self._numbers.get(word_lemma(word), 0)
            classes = self.classes[word_classes(word)]
        flags = (
            IS_NAME * (written[0].isupper() and not written.isupper())
            | IS_NUMBER * word[0].isdigit()
            | ENDS_CLAUSE * (word in CLAUSE_ENDS)
            | IS_LINK * (word in LINKS)
        )
        return (number, lemma, classes, flags, *match.span())


@cache
def white_space() -> np.ndarray:
    """Tell which code points are white space, as far as there are any."""
    return np.array([chr(code).isspace() for code in range(_SPACE_LIMIT)])
