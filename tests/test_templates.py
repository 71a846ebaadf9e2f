"""Frames hide names and numbers and nothing else; repeated phrases are counted by frame."""

from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.templates import masked_frame, repeated_ngrams


def test_names_of_the_alias_table_and_given_spans_are_hidden() -> None:
    text = "Paris told the Velsk militia on 3 March that 1,200.5 tonnes were enough."
    start = text.index("Velsk")
    frame = masked_frame(text, [(start, start + len("Velsk militia"))])
    assert frame == "N told the N on # march that # tonnes were enough"


def test_sentences_that_differ_in_names_and_numbers_have_one_frame() -> None:
    frames = {
        masked_frame(f"{holder} condemned {target} on {day} May.")
        for holder, target, day in (("Russia", "NATO", 4), ("China", "the EU", 17))
    }
    assert frames == {"N condemned N on # may", "N condemned the N on # may"}


def test_spans_that_overlap_are_one_name() -> None:
    text = "the envoy of Oslea waits"
    assert masked_frame(text, [(4, 18), (13, 18), (13, 18)]) == "the N waits"


def test_a_letter_n_in_the_text_is_no_name() -> None:
    assert masked_frame("Camp N was closed.") == "camp n was closed"


def test_what_has_no_words_is_left_as_it_is() -> None:
    assert masked_frame("…!") == "…!"


@given(st.text(), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=4))
def test_any_text_has_a_frame_without_digits(text: str, places: list[tuple[int, int]]) -> None:
    frame = masked_frame(text, [(start, start + length) for start, length in places])
    assert frame or not text
    if frame != text:
        assert not any("0" <= char <= "9" for char in frame)
        assert frame == " ".join(frame.split())


def test_a_phrase_counts_once_for_each_frame() -> None:
    frames = ["a b a b a b", "a b c", "c a b"]
    assert repeated_ngrams(frames, order=2, n=2) == [("a b", 3)]
    assert repeated_ngrams(["a b c d"], order=2) == []
