"""Where a mention stands as a word of its own."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.occurrences import find_mention, occurrences
from stanceml.corpus.sentences import Span

CASED = st.text("aAbBiIsSſéÉ ’.-_1", min_size=1, max_size=12)


def _is_word_char(char: str) -> bool:
    return char.isalnum() or char == "_"


@given(CASED, CASED, CASED)
def test_span_spells_the_mention_up_to_case(before: str, mention: str, after: str) -> None:
    text = before + mention.swapcase() + after
    span = find_mention(text, mention)
    if span is not None:
        start, end = span
        assert text[start:end].casefold() == mention.casefold()
        assert not _is_word_char(text[max(start - 1, 0) : start])
        assert not _is_word_char(text[end : end + 1])


@given(CASED, st.sampled_from([str, str.upper, str.lower]))
def test_word_of_its_own_is_found(mention: str, change: Callable[[str], str]) -> None:
    assert find_mention(f"“{change(mention)}”, they said", mention) == (1, 1 + len(mention))


@pytest.mark.parametrize(
    ("text", "mention", "span"),
    [
        ("The Russians left Russia.", "Russia", (18, 24)),
        ("They told us that the US left.", "US", (22, 24)),
        ("They told us.", "US", (10, 12)),
        ("MOSCOW WAITS", "Moscow", (0, 6)),
        ("Russia’s move", "Russia", (0, 6)),
        ("Russia's move", "Russia", (0, 6)),
        ("The U.S. left.", "U.S.", (4, 8)),
        ("A (b) c", "(b)", (2, 5)),
        ("Kyiv, then Kyiv", "Kyiv", (0, 4)),
        ("pre_NATO NATO2", "NATO", None),
        ("a.b", "a+b", None),
        ("", "NATO", None),
    ],
)
def test_find_mention(text: str, mention: str, span: Span | None) -> None:
    assert find_mention(text, mention) == span


@given(st.text("aA_1.é\u0301²Ⅷ\ud800 ", max_size=12), st.text("aA_1.é²Ⅷ\ud800", max_size=3))
def test_the_places_of_a_pattern(text: str, mention: str) -> None:
    found = re.finditer(rf"(?<!\w){re.escape(mention)}(?!\w)", text)
    assert list(occurrences(text, mention)) == [match.span() for match in found]
