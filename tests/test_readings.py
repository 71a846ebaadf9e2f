"""Readings: what each of them sees of a sentence, and that they answer for the pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.units import Unit
from stanceml.features.parsing import parse
from stanceml.features.readings import LEXICAL, READINGS

TEXT = "Ankara praised Cairo, but the mediators in Doha did not condemn the 12 strikes."
FORWARD = Unit(TEXT, "Ankara", "Cairo")
BACKWARD = Unit(TEXT, "mediators", "Cairo")
WHOLE = Unit(TEXT)

UNITS = st.builds(
    Unit,
    st.text(min_size=1, max_size=60).filter(str.strip),
    st.text(max_size=8).map(str.strip),
    st.text(max_size=8).map(str.strip),
)


def read(name: str, unit: Unit) -> list[str]:
    return READINGS[name](parse(unit))


def test_masked_hides_the_mentions() -> None:
    assert read("masked", FORWARD)[:5] == ["H", "praised", "T", ",", "but"]
    assert read("masked", WHOLE)[:3] == ["ankara", "praised", "cairo"]


def test_nameless_hides_names_and_numbers() -> None:
    words = read("nameless", FORWARD)
    assert "doha" not in words
    assert {"N", "#", "H", "T", "mediators"} <= set(words)
    # The first word of a sentence has a capital anyhow.
    assert read("nameless", WHOLE)[0] == "ankara"


def test_lemmas() -> None:
    assert {"praise", "condemn", "strike"} <= set(read("lemmas", WHOLE))


def test_regions_say_where() -> None:
    assert read("regions", FORWARD)[:3] == [
        "holder-target1|ankara",
        "holder-target2|praised",
        "holder-target3|cairo",
    ]
    assert read("regions", BACKWARD)[1] == "target-holder0|praised"


def test_between() -> None:
    assert read("between", FORWARD) == ["H", "praised", "T"]
    assert read("between", BACKWARD) == ["T", ",", "but", "the", "H"]
    assert read("between", Unit(TEXT, target="Cairo")) == read("between", WHOLE) == []


def test_sides_of_a_mention() -> None:
    seen = ["<ankara", "<praised", "_", ">,", ">but", ">the", ">mediators"]
    assert read("around_target", FORWARD) == seen
    assert read("around_holder", FORWARD)[0] == "_"
    assert read("clause", FORWARD) == ["<ankara", "<praised", "_"]
    assert read("around_target", WHOLE) == read("clause", WHOLE) == []


def test_polarity_by_stretch_side_and_distance() -> None:
    seen = read("polarity", FORWARD)
    assert {"favor", "holder-target2|favor", "<1|favor"} <= set(seen)
    # "did not condemn": the strikes stand too far behind the negation to be turned.
    assert "~against" in seen
    assert seen.count("against") == 1
    assert not any("|<" in name or name.startswith(("<", ">")) for name in read("polarity", WHOLE))


def test_frame_is_the_skeleton() -> None:
    assert read("frame", FORWARD)[:3] == ["H", "favor", "T"]
    assert "mediators" not in read("frame", FORWARD)


def test_layout() -> None:
    assert read("layout", FORWARD) == ["holder-target", "holder-target|1"]
    assert read("layout", BACKWARD) == ["target-holder", "target-holder|2"]
    assert read("layout", WHOLE) == ["whole"]


def test_another_pair_of_the_sentence_reads_otherwise() -> None:
    # What looks at the target alone is the same for every holder.
    for name in set(READINGS) - {"around_target", "clause"}:
        assert read(name, FORWARD) != read(name, BACKWARD), name


@pytest.mark.parametrize("name", sorted(READINGS))
@given(unit=UNITS)
def test_any_text_will_do(name: str, unit: Unit) -> None:
    words = read(name, unit)
    assert all(isinstance(word, str) and word for word in words)


def test_what_depends_on_the_word_lists_is_known() -> None:
    assert set(READINGS) >= LEXICAL
