"""A unit cut into words: every mention in its place, whatever the text holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.units import Unit
from stanceml.features.parsing import parse

TEXT = "On Monday the Kremlin’s envoy said Russia backs Kyiv, not NATO."


@pytest.mark.parametrize(
    ("holder", "target", "order"),
    [
        ("", "", "whole"),
        ("Kremlin", "", "whole"),
        ("", "Kyiv", "target"),
        ("Paris", "Kyiv", "target"),
        ("Kremlin", "Kyiv", "holder-target"),
        ("NATO", "Kyiv", "target-holder"),
        ("Kremlin", "Paris", "absent"),
    ],
)
def test_order(holder: str, target: str, order: str) -> None:
    assert parse(Unit(TEXT, holder, target)).order == order


def test_places_are_those_of_the_words() -> None:
    parsed = parse(Unit(TEXT, "Kremlin’s envoy", "Kyiv"))
    assert parsed.holder
    assert parsed.target
    assert parsed.words[slice(*parsed.holder)] == ("kremlin", "'s", "envoy")
    assert parsed.words[slice(*parsed.target)] == ("kyiv",)
    assert [word for word, name in zip(parsed.words, parsed.is_name, strict=True) if name] == [
        "monday",
        "kremlin",
        "russia",
        "kyiv",
    ]


def test_a_span_goes_before_a_name() -> None:
    unit = Unit("NATO told NATO.", target="NATO", target_span=(10, 14))
    assert parse(unit).target == (2, 3)


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_places_lie_within(text: str, start: int, end: int) -> None:
    start, end = min(start, len(text)), min(end, len(text))
    span = (start, end) if start < end else None
    parsed = parse(Unit(text, "", "x", None, span))
    assert len(parsed.words) == len(parsed.is_name)
    if parsed.target:
        assert 0 <= parsed.target[0] < parsed.target[1] <= len(parsed.words)
