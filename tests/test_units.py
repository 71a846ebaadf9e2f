"""Units: what one row says, and rows in all the forms in which they come."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.corpus.datasets import unit_frame
from stanceml.corpus.units import LONGEST_TEXT, Unit, read_unit, read_units
from stanceml.exceptions import DataError

TEXT = "NATO backs Kyiv."
VISIBLE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)


@st.composite
def _units(draw: st.DrawFn) -> Unit:
    text = draw(VISIBLE)
    mentions, spans = [], []
    for _ in range(2):
        mention = draw(st.just("") | VISIBLE.map(str.strip))
        bounds = st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True)
        span = draw(st.none() | bounds.map(lambda pair: (min(pair), max(pair))))
        mentions.append(mention)
        spans.append(span if mention else None)
    return Unit(text, *mentions, *spans)


@settings(max_examples=50)
@given(st.lists(_units(), min_size=1, max_size=4))
def test_units_survive_a_data_frame(units: list[Unit]) -> None:
    assert read_units(unit_frame(units)) == units


@given(_units(), st.sampled_from([str, float, np.int64]))
def test_offsets_may_be_strings_and_floats(unit: Unit, number: Any) -> None:
    row: dict[str, object] = {"text": unit.text, "holder": unit.holder, "target": unit.target}
    for name, span in (("holder", unit.holder_span), ("target", unit.target_span)):
        if span:
            row |= {f"{name}_start": number(span[0]), f"{name}_end": number(span[1])}
    assert read_unit(row) == unit


@pytest.mark.parametrize("missing", [None, "", float("nan"), np.nan])
def test_missing_values(missing: object) -> None:
    row = dict.fromkeys(("holder", "target", "holder_start", "target_end"), missing)
    assert read_unit({"text": TEXT, **row}) == Unit(TEXT)


def test_end_follows_from_the_mention() -> None:
    unit = read_unit({"text": TEXT, "holder": "NATO", "holder_start": 0})
    assert unit == Unit(TEXT, "NATO", "", (0, 4))


def test_mention_follows_from_its_span() -> None:
    unit = read_unit({"text": TEXT, "target_start": 11, "target_end": "15"})
    assert unit == Unit(TEXT, target="Kyiv", target_span=(11, 15))


def test_mention_is_stripped_and_text_is_not() -> None:
    assert read_unit({"text": " a ", "target": " b "}) == Unit(" a ", target="b")


def test_pair_has_a_target() -> None:
    assert not Unit(TEXT).is_pair
    assert not Unit(TEXT, holder="NATO").is_pair
    assert Unit(TEXT, target="Kyiv").is_pair


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "blank text"),
        ({"text": " \n"}, "blank text"),
        ({"text": None}, "blank text"),
        ({"text": float("nan")}, "blank text"),
        ({"text": 5}, "text is '5' (int); expected a string"),
        ({"text": ["a"]}, "text is \"['a']\" (list); expected a string"),
        ({"text": TEXT, "target": 5.5}, "target is '5.5' (float); expected a string"),
        ({"text": TEXT, "target_start": "x"}, "target_start is 'x'; expected a whole number"),
        ({"text": TEXT, "target_start": 1.5}, "target_start is '1.5'; expected a whole number"),
        ({"text": TEXT, "holder_end": "inf"}, "holder_end is 'inf'; expected a whole number"),
        ({"text": TEXT, "holder_end": True}, "holder_end is 'True'; expected a whole number"),
        ({"text": TEXT, "target_start": "1_0"}, "target_start is '1_0'; expected a whole number"),
        ({"text": TEXT, "target_start": " 5 "}, "target_start is ' 5 '; expected a whole number"),
        ({"text": TEXT, "target_start": "1e1"}, "target_start is '1e1'; expected a whole number"),
        ({"text": TEXT, "target_start": "٣"}, "target_start is '٣'; expected a whole number"),
        ({"text": TEXT, "target_start": "1" * 401}, f"target_start is '{'1' * 40}'; expected a"),
        ({"text": TEXT, "target_start": int("1" * 401)}, f"target_start is '{'1' * 40}'; expec"),
        ({"text": TEXT, "target_start": 10**5000}, "target_start is 'a number of thousands of"),
        ({"text": 10**5000}, "text is 'a number of thousands of digits' (int)"),
        ({"text": TEXT, "target_start": "-3"}, "target span [-3:-3] lies outside"),
        ({"text": TEXT, "target": "NATO", "target_end": 4}, "target_end is 4 without a target_sta"),
        ({"text": TEXT, "holder_end": "4"}, "holder_end is 4 without a holder_start; expected bo"),
        ({"text": "a" * (LONGEST_TEXT + 1)}, "text has 100001 characters; expected at most 100000"),
        ({"text": TEXT, "target": "a" * (LONGEST_TEXT + 1)}, "target has 100001 characters"),
        ({"text": TEXT, "target_start": 11, "target_end": 17}, "target span [11:17] lies outside"),
        ({"text": TEXT, "target_start": -1, "target_end": 3}, "target span [-1:3] lies outside"),
        ({"text": TEXT, "holder_start": 4, "holder_end": 4}, "holder span [4:4] lies outside"),
        ({"text": TEXT, "holder_start": 4, "holder_end": 2}, "holder span [4:2] lies outside"),
        (
            {"text": TEXT, "holder": "Moscow", "holder_start": 12},
            "holder span [12:18] lies outside",
        ),
    ],
)
def test_row_that_cannot_be_used(row: dict[str, object], said: str) -> None:
    with pytest.raises(DataError) as caught:
        read_unit(row)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value).splitlines()) == 1


def test_rows_may_be_strings_mappings_and_units() -> None:
    rows = ["Moscow waits.", {"text": TEXT, "target": "Kyiv"}, Unit(TEXT, "NATO")]
    assert read_units(iter(rows)) == [
        Unit("Moscow waits."),
        Unit(TEXT, target="Kyiv"),
        Unit(TEXT, "NATO"),
    ]


def test_missing_values_of_a_data_frame() -> None:
    frame = pd.DataFrame(
        {
            "text": [TEXT, "Moscow waits."],
            "target": pd.Series(["Kyiv", pd.NA], dtype="string"),
            "target_start": [11, np.nan],
            "target_end": pd.array([15, None], dtype="Int64"),
        },
        index=[7, 7],
    )
    assert read_units(frame) == [
        Unit(TEXT, target="Kyiv", target_span=(11, 15)),
        Unit("Moscow waits."),
    ]


@pytest.mark.parametrize("rows", [TEXT, {"text": TEXT}])
def test_one_row_is_not_several(rows: object) -> None:
    with pytest.raises(TypeError, match="put the one row into a list"):
        read_units(rows)
