"""N-grams: how many, how long, and what they are cut out of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.units import Unit
from stanceml.features.marking import MARKS
from stanceml.features.spaces import NgramSpace
from stanceml.stances import NgramKind, Source

SOURCES: tuple[Source, ...] = ("marked", "text", "holder", "target")
UNITS = st.builds(
    Unit,
    st.text(min_size=1, max_size=30).filter(str.strip),
    st.text(max_size=8).map(str.strip),
    st.text(max_size=8).map(str.strip),
)
ORDERS = st.lists(st.integers(1, 5), min_size=2, max_size=2).map(
    lambda pair: (min(pair), max(pair))
)
HOLDER, HOLDER_END, TARGET, TARGET_END = MARKS


def _expected(length: int, orders: tuple[int, int]) -> int:
    return sum(max(0, length - order + 1) for order in range(orders[0], orders[1] + 1))


@given(UNITS, st.sampled_from(SOURCES), ORDERS)
def test_number_of_character_ngrams(unit: Unit, source: Source, orders: tuple[int, int]) -> None:
    space = NgramSpace(source, "char", orders)
    padded = f" {' '.join(space.read(unit).split())} "
    ngrams = space.ngrams(unit)
    assert len(ngrams) == _expected(len(padded), orders)
    assert all(orders[0] <= len(ngram) <= orders[1] and ngram in padded for ngram in ngrams)
    assert [len(ngram) for ngram in ngrams] == sorted(map(len, ngrams))


@given(UNITS, st.sampled_from(SOURCES), ORDERS)
def test_number_of_word_ngrams(unit: Unit, source: Source, orders: tuple[int, int]) -> None:
    tokens = NgramSpace(source, "word", (1, 1)).ngrams(unit)
    ngrams = NgramSpace(source, "word", orders).ngrams(unit)
    assert len(ngrams) == _expected(len(tokens), orders)
    lengths = [len(ngram.split(" ")) for ngram in ngrams]
    assert lengths == sorted(lengths)
    joined = f" {' '.join(tokens)} "
    assert all(f" {ngram} " in joined for ngram in ngrams)


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=8), ORDERS)
def test_words_of_a_plain_text(words: list[str], orders: tuple[int, int]) -> None:
    unit = Unit(", ".join(words).upper())
    assert NgramSpace("text", "word", (1, 1)).ngrams(unit) == words
    assert len(NgramSpace("text", "word", orders).ngrams(unit)) == _expected(len(words), orders)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The U.S. left!", ["the", "u.s.", "left", "!"]),
        ("Russia’s move", ["russia", "'s", "move"]),
        ("Russia's move", ["russia", "'s", "move"]),
        ("Won't they?", ["won", "'t", "they", "?"]),
        ("80.25 percent", ["80", "25", "percent"]),
        ("“No,” — he said.", ["no", "he", "said"]),
        ("...", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert NgramSpace("text", "word", (1, 1)).ngrams(Unit(text)) == tokens


def test_marked_text_tells_the_mentions_apart() -> None:
    unit = Unit("NATO backs Kyiv.", "NATO", "Kyiv")
    assert NgramSpace("marked", "word", (1, 1)).ngrams(unit) == [
        HOLDER,
        "nato",
        HOLDER_END,
        "backs",
        TARGET,
        "kyiv",
        TARGET_END,
    ]
    assert NgramSpace("text", "word", (1, 1)).ngrams(unit) == ["nato", "backs", "kyiv"]


def test_order_of_ngrams_and_repeats() -> None:
    assert NgramSpace("text", "word", (1, 2)).ngrams(Unit("no no no")) == [
        *["no"] * 3,
        *["no no"] * 2,
    ]
    assert NgramSpace("text", "char", (2, 3)).ngrams(Unit(" A\n\tb ")) == [
        " a",
        "a ",
        " b",
        "b ",
        " a ",
        "a b",
        " b ",
    ]


@pytest.mark.parametrize("kind", ["word", "char"])
@pytest.mark.parametrize("source", ["holder", "target"])
def test_mention_is_read_alone_and_its_absence_is_a_feature(
    source: Source, kind: NgramKind
) -> None:
    space = NgramSpace(source, kind, (1, 1))
    named = Unit("NATO backs Kyiv.", "NATO", "NATO")
    other = Unit("Moscow waits.", "NATO", "NATO")
    assert space.ngrams(named) == space.ngrams(other)
    absence = set(space.ngrams(Unit("NATO backs Kyiv."))) - {" "}
    assert len(absence) == 1
    assert not absence & set(NgramSpace("text", kind, (1, 1)).ngrams(named))


@given(UNITS, UNITS)
def test_a_mention_space_never_reads_the_text(unit: Unit, other: Unit) -> None:
    for source in ("holder", "target"):
        space = NgramSpace(source, "char", (1, 3))
        assert space.ngrams(unit) == space.ngrams(unit._replace(text=other.text))


def test_name() -> None:
    assert NgramSpace("marked", "word", (1, 2)).name == "marked-word-1-2"
