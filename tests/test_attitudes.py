"""The word lists: what words do to a stance, and how their forms are found."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.features.attitudes import lexicon_digest, word_classes, word_lemma

TABLE = json.loads(files("stanceml.features").joinpath("attitudes.json").read_text("utf-8"))
SIGNS = {"+", "++", "-", "--"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("condemns", "against"),
        ("vetoed", "against"),
        ("bombing", "against"),
        ("welcomed", "favor"),
        ("backing", "favor"),
        ("supplies", "favor"),
        ("told", "speech"),
        ("met", "contact"),
        ("lifted", "ending"),
        ("never", "negation"),
        ("ratified", "agreement"),
        ("unless", "condition"),
        ("insisted", "demand"),
    ],
)
def test_forms_find_their_class(word: str, expected: str) -> None:
    assert expected in word_classes(word)


@pytest.mark.parametrize("word", ["tuesday", "minister", "geneva", "2019", "", "—", "🕊️"])
def test_plain_words_have_no_class(word: str) -> None:
    assert not set(word_classes(word)) - SIGNS


def test_polarity_is_vaders() -> None:
    assert {"+", "++"} <= set(word_classes("excellent"))
    assert {"-", "--"} <= set(word_classes("murder"))
    assert "--" not in word_classes("criticism")
    assert "-" in word_classes("criticism")


def test_no_word_is_for_and_against() -> None:
    words = {name: set(line.split()) for name, line in TABLE["classes"].items()}
    assert not words["favor"] & words["against"]
    assert all(word == word.lower() and word.isascii() for line in words.values() for word in line)
    assert set(TABLE["irregular"].values())


@given(st.text(max_size=20))
def test_any_word_will_do(word: str) -> None:
    assert isinstance(word_lemma(word), str)
    assert len(word_lemma(word)) <= max(len(word), 12)
    assert all(isinstance(name, str) for name in word_classes(word))


def test_digest_is_a_checksum() -> None:
    assert len(lexicon_digest()) == 64
