"""Altered rows: the names are gone, the spans are right, the rest stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.corpus.mentions import find_mentions
from stanceml.corpus.units import Unit
from stanceml.examination.alterations import (
    entity_key,
    invented_names,
    masked,
    named_in_sentences,
    reversed_rows,
    swapped,
)

NAMES = ["Brado", "Kellum", "Sivast", "Tronix", "Muvel", "Garrond"]
words = st.lists(
    st.sampled_from(
        ["Moscow", "Kyiv", "NATO", "Russia's", "rejects", "talks", "ß", "’", "a truce"]
    ),
    min_size=1,
    max_size=9,
)


@st.composite
def units(draw: st.DrawFn) -> Unit:
    """Draw a text with holder and target anywhere in it, or outside it."""
    text = " ".join(draw(words))
    mentions = []
    for absent in ("Ruritania", "the envoy"):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        inside = text[start:end].strip() == text[start:end] and draw(st.booleans())
        mentions.append((text[start:end], (start, end)) if inside else (absent, None))
    (holder, holder_span), (target, target_span) = mentions
    return Unit(text, holder, target, holder_span, target_span)


@given(units(), st.integers(0, 50))
def test_spans_spell_the_new_names(unit: Unit, seed: int) -> None:
    hidden = masked(unit, NAMES, np.random.default_rng(seed))
    for name, span in (
        (hidden.holder, hidden.holder_span),
        (hidden.target, hidden.target_span),
    ):
        assert name in NAMES
        assert span is None or hidden.text[slice(*span)] == name
    assert (hidden.holder_span is None) == (unit.holder_span is None)
    assert not [m for m in find_mentions(hidden.text) if m.kind != "issue"]


@settings(max_examples=30)
@given(units(), st.integers(0, 50))
def test_the_same_draw_gives_the_same_names(unit: Unit, seed: int) -> None:
    first, second = (masked(unit, NAMES, np.random.default_rng(seed)) for _ in range(2))
    assert first == second


def test_what_is_one_actor_stays_one() -> None:
    text = "The Kremlin, Moscow said, backs Kyiv's plan; Kyiv's plan stands."
    unit = Unit(text, "Kremlin", "Kyiv's plan", (4, 11), (32, 43))
    hidden = masked(unit, NAMES, np.random.default_rng(0))
    holder, target = hidden.holder, hidden.target
    assert hidden.text == f"The {holder}, {holder} said, backs {target}; {target} stands."
    assert holder != target


def test_a_sentence_row_loses_its_names_too() -> None:
    hidden = masked(Unit("NATO told us to wait."), NAMES, np.random.default_rng(0))
    assert hidden.text.endswith(" told us to wait.")
    assert hidden.text.split()[0] in NAMES
    assert (hidden.holder, hidden.target) == ("", "")


def test_a_pronoun_is_not_taken_for_a_country() -> None:
    hidden = masked(Unit("US officials told us.", "US"), NAMES, np.random.default_rng(0))
    assert hidden.text.endswith(" officials told us.")


def test_more_actors_than_names() -> None:
    text = "Russia, China, Japan, India, Cuba, Iran, Mali and Peru met."
    hidden = masked(Unit(text), NAMES[:2], np.random.default_rng(0))
    assert not find_mentions(hidden.text)


@pytest.mark.parametrize(
    ("mention", "key"),
    [
        ("Moscow", "Russia"),
        ("the Kremlin", "Russia"),
        ("Russian troops", "Russia"),
        ("The Truce", "truce"),
        ("U.S. sanctions on Iran", "u s sanctions on iran"),
        ("", ""),
    ],
)
def test_entities(mention: str, key: str) -> None:
    assert entity_key(mention) == key


def test_what_a_sentence_names() -> None:
    pair = Unit("Critics of Moscow reject the pact.", holder="Critics", target="pact")
    assert named_in_sentences([pair, Unit(pair.text)], ["s", "s"])["s"] >= {
        "Russia",
        "critics",
        "pact",
    }


@given(units())
def test_swapping_twice_is_nothing(unit: Unit) -> None:
    assert swapped(swapped(unit)) == unit
    assert swapped(unit).text == unit.text
    assert (swapped(unit).holder, swapped(unit).holder_span) == (unit.target, unit.target_span)


def test_both_ways_by_any_name() -> None:
    units = [
        Unit("t", "Moscow", "Kyiv"),
        Unit("t", "Kyiv", "the Kremlin"),
        Unit("t", "Kyiv", "Kyiv"),
        Unit("t"),
        Unit("t", "", "Moscow"),
    ]
    assert reversed_rows(units, ["s"] * 5).tolist() == [1, 0, -1, -1, -1]


def test_invented_names_are_in_no_text() -> None:
    texts = ["bado kellum", "Tronix"]
    first = invented_names(texts, 30, random_state=1)
    again = invented_names([*texts, f"x{first[0].upper()}y"], 30, random_state=1)
    assert len(set(first)) == 30
    assert first[0] not in again
    assert set(first[1:]) <= set(again)
