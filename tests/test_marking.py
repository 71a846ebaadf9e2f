"""Marks in the text: they can be taken out again, and stand where the mention stands."""

from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.occurrences import find_mention
from stanceml.corpus.sentences import Span
from stanceml.corpus.units import Unit
from stanceml.features.marking import MARKS, marked_text

HOLDER, HOLDER_END, TARGET, TARGET_END = MARKS
TEXT = st.text(st.characters(exclude_characters="".join(MARKS)), min_size=1, max_size=40)


def _plain(marked: str) -> str:
    return marked.translate(dict.fromkeys(map(ord, MARKS)))


def _between(marked: str, begin: str, end: str) -> str:
    assert marked.count(begin) == marked.count(end) == 1
    return _plain(marked[marked.index(begin) : marked.index(end)])


def _spans(text: str) -> st.SearchStrategy[Span]:
    bounds = st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True)
    return bounds.map(lambda pair: (min(pair), max(pair)))


@given(TEXT, st.data())
def test_marks_stand_at_the_spans_and_can_be_taken_out(text: str, data: st.DataObject) -> None:
    holder, target = data.draw(_spans(text)), data.draw(_spans(text))
    marked = marked_text(Unit(text, "holder", "target", holder, target))
    assert _plain(marked) == text
    assert _between(marked, HOLDER, HOLDER_END) == text[slice(*holder)]
    assert _between(marked, TARGET, TARGET_END) == text[slice(*target)]


@given(TEXT, TEXT, TEXT)
def test_mention_without_a_span_is_marked_where_it_is_found_or_behind(
    text: str, holder: str, target: str
) -> None:
    marked = marked_text(Unit(text, holder, target))
    absent = [name for name in (holder, target) if find_mention(text, name) is None]
    assert _plain(marked) == " ".join([text, *absent])
    for name, begin, end in ((holder, HOLDER, HOLDER_END), (target, TARGET, TARGET_END)):
        span = find_mention(text, name)
        assert _between(marked, begin, end) == (text[slice(*span)] if span else name)


@given(TEXT)
def test_text_without_mentions_is_left_alone(text: str) -> None:
    assert marked_text(Unit(text)) == text


@given(st.text([*MARKS, "a", " "], max_size=12), st.text([*MARKS, "a", " "], max_size=6))
def test_marks_cannot_be_forged(text: str, holder: str) -> None:
    marked = marked_text(Unit(text, holder=holder))
    assert [char for char in marked if char in MARKS] == ([HOLDER, HOLDER_END] if holder else [])


def test_an_end_stands_before_a_beginning() -> None:
    marked = marked_text(Unit("USUK", "US", "UK", (0, 2), (2, 4)))
    assert marked == f"{HOLDER}US{HOLDER_END}{TARGET}UK{TARGET_END}"


def test_span_wins_over_the_name() -> None:
    marked = marked_text(Unit("Kyiv met Kyiv.", target="Kyiv", target_span=(9, 13)))
    assert marked == f"Kyiv met {TARGET}Kyiv{TARGET_END}."


def test_absent_mentions_are_put_behind_holder_first() -> None:
    marked = marked_text(Unit("They met.", "NATO", "Kyiv"))
    assert marked == f"They met. {HOLDER}NATO{HOLDER_END} {TARGET}Kyiv{TARGET_END}"
