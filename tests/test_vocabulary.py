"""N-grams of a sealed space in the bytes that they are kept in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.inference.vocabulary import Vocabulary, in_utf8

# Lone surrogates, NUL, and terms that are alike for longer than they are compared at once.
ngrams = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.text("a\0é\ud800", max_size=12).map(lambda text: 70 * "a" + text),
)


@given(st.sets(ngrams), st.lists(ngrams))
def test_finds_what_a_dictionary_finds(known: set[str], asked: list[str]) -> None:
    terms = sorted(known)
    columns = {term: column for column, term in enumerate(terms)}
    vocabulary = Vocabulary(*in_utf8(terms))
    assert list(vocabulary) == terms
    for ngram in [*asked, *terms]:
        # By bisection first; a dictionary is made on the way.
        assert vocabulary.get(ngram) == columns.get(ngram), ngram


def test_the_first_look_ups_make_no_dictionary() -> None:
    terms = [f"{number:05d}" for number in range(16_000)]
    vocabulary = Vocabulary(*in_utf8(terms))
    assert [vocabulary.get(term) for term in terms[:1000]] == list(range(1000))
    assert vocabulary._columns is None
    assert vocabulary.get("15999") == 15_999
    assert vocabulary._columns is not None


@given(st.lists(ngrams, min_size=2, max_size=8))
def test_takes_no_other_order(terms: list[str]) -> None:
    if terms == sorted(set(terms)):
        assert len(Vocabulary(*in_utf8(terms))) == len(terms)
    else:
        with pytest.raises(ValueError, match="twice" if len(set(terms)) == 1 else "twice|before"):
            Vocabulary(*in_utf8(terms))


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["b", "a"], "'b' before 'a'; expected the order of code points"),
        (["a", "b", "b"], "'b' twice"),
        (["", ""], "'' twice"),
        (["a\0", "a"], "before 'a'"),
        (["a" * 200 + "b", "a" * 200], "before"),
        (["\U0001f600", "\uffff"], "before"),
    ],
)
def test_says_what_is_out_of_order(terms: list[str], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Vocabulary(*in_utf8(terms))


def test_a_character_is_not_cut() -> None:
    terms, _ = in_utf8(["é"])
    with pytest.raises(ValueError, match="ends within a character"):
        Vocabulary(terms, np.array([1, 2]))


def test_empty() -> None:
    vocabulary = Vocabulary(*in_utf8([]))
    assert len(vocabulary) == 0
    assert vocabulary.get("a") is None
