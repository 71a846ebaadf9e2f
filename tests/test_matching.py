"""Which pairs of two codings are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.codings import CodedMention, CodedPair, CodedSentence
from stanceml.corpus.matching import match_pairs, match_sentence, overlap, with_spans
from stanceml.stances import STANCES

TEXT = "Oslo praised the fish pact, but Riga called the pact a mistake."
MENTIONS = [
    ("pact", "fish pact", 1 / 2),
    ("Fish PACT", "fish pact", 1),
    ("fish pact", "pact on fish", 2 / 3),
    ("fish pact", "peace pact", 0),
    ("pact", "impact", 0),
    ("€", "€", 1),
    ("€", "$", 0),
    ("", "", 1),
    ("", "Oslo", 0),
]


def pair(holder: str, target: str, stance: str = "favor", *flags: str) -> CodedPair:
    return CodedPair(CodedMention(holder), CodedMention(target), stance, flags)


@pytest.mark.parametrize(("first", "second", "expected"), MENTIONS)
def test_overlap_of_words(first: str, second: str, expected: float) -> None:
    assert overlap(CodedMention(first), CodedMention(second)) == pytest.approx(expected)
    # A span on one side only tells nothing.
    assert overlap(CodedMention(first, (0, 4)), CodedMention(second)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [((0, 4), (0, 4), 1), ((0, 4), (2, 6), 1 / 3), ((0, 4), (4, 8), 0), ((0, 9), (3, 6), 1 / 3)],
)
def test_overlap_of_spans(first: tuple[int, int], second: tuple[int, int], expected: float) -> None:
    one, other = CodedMention("pact", first), CodedMention("pact", second)
    assert overlap(one, other) == overlap(other, one) == pytest.approx(expected)


def test_the_greatest_overlap_is_matched_first() -> None:
    first = [pair("Oslo", "pact"), pair("Oslo", "fish pact"), pair("", "tax")]
    second = [pair("Oslo", "fish pact"), pair("Oslo", "fish pact of May"), pair("", "tax")]
    assert match_pairs(first, second) == [(0, 1), (1, 0), (2, 2)]
    assert match_pairs(first, second[:1]) == [(1, 0)]


def test_both_sides_have_to_overlap() -> None:
    assert match_pairs([pair("Oslo", "pact")], [pair("Riga", "pact"), pair("Oslo", "tax")]) == []
    assert match_pairs([pair("", "pact")], [pair("Oslo", "pact")]) == []


pairs = st.lists(
    st.builds(
        pair,
        st.sampled_from(["", "Oslo", "mayor of Oslo", "Riga"]),
        st.sampled_from(["pact", "fish pact", "tax"]),
        st.sampled_from(STANCES),
    ),
    max_size=5,
)


@given(pairs, pairs)
def test_every_pair_is_matched_once_or_left_over(
    first: list[CodedPair], second: list[CodedPair]
) -> None:
    matched = match_sentence(
        CodedSentence("x1", None, tuple(first)), CodedSentence("x1", None, tuple(second))
    )
    assert sorted([*(a for a, _ in matched.both), *matched.only_first]) == sorted(first)
    assert sorted([*(b for _, b in matched.both), *matched.only_second]) == sorted(second)
    for a, b in matched.both:
        assert overlap(a.holder, b.holder) > 0
        assert overlap(a.target, b.target) > 0
    for a in matched.only_first:
        for b in matched.only_second:
            assert not (overlap(a.holder, b.holder) and overlap(a.target, b.target))


@given(pairs, pairs)
def test_stances_do_not_count_for_matching(first: list[CodedPair], second: list[CodedPair]) -> None:
    turned = [other._replace(stance="neutral") for other in second]
    assert match_pairs(first, second) == match_pairs(first, turned)


def test_spans_are_found_in_the_text() -> None:
    sentence = CodedSentence(
        "x1",
        None,
        (
            pair("Oslo", "pact"),
            CodedPair(CodedMention("riga"), CodedMention("pact", nth=2), "favor"),
            CodedPair(CodedMention(""), CodedMention("pact", (17, 26)), "favor"),
        ),
    )
    placed, missing = with_spans(sentence, TEXT)
    mentions = [(p.holder.span, p.target.span) for p in placed.pairs]
    # "pact" stands there twice: which one was meant is not known, so it is compared by its words.
    assert mentions == [((0, 4), None), (None, (48, 52)), (None, (17, 26))]
    assert missing == ["riga"]
