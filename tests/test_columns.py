"""Which column is which."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.columns import Columns, flags_borne, require
from stanceml.exceptions import DataError
from stanceml.stances import UNIT_COLUMNS
from stanceml.tables.rows import Row

ROLES = [field.name for field in fields(Columns)]


def test_every_column_of_a_unit_can_be_named() -> None:
    assert set(ROLES) == set(UNIT_COLUMNS)


@given(st.dictionaries(st.sampled_from(ROLES), st.integers()))
def test_renamed_columns_give_the_usual_names(values: dict[str, int]) -> None:
    columns = Columns(**{role: f"my {role}" for role in values})
    row: dict[str, object] = {f"my {role}": value for role, value in values.items()}
    assert columns.units(row | {"other": 0}) == values


def test_usual_names_are_taken_where_nothing_is_named() -> None:
    assert Columns().units({"text": "a", "target_end": 3, "stance": "favor"}) == {
        "text": "a",
        "target_end": 3,
    }


def test_named_column_wins_over_the_usual_one() -> None:
    assert Columns(text="body").units({"text": "a", "body": "b"}) == {"text": "b"}


def test_only_the_text_is_needed() -> None:
    Columns().check(["text"], "rows.csv")
    Columns(text="body", holder="who").check(iter(["who", "body"]), "rows.csv")


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("columns", "present", "message"),
    [
        (
            Columns(),
            ["txt", "stance"],
            "rows.csv: no column 'text' (did you mean 'txt'?); name it with --text-column",
        ),
        (
            Columns(text="body"),
            ["text", "bdy"],
            "rows.csv: no column 'body' (did you mean 'bdy'?); name it with --text-column",
        ),
        (
            Columns(target_start="begin"),
            ["text", "zzz"],
            "rows.csv: no column 'begin' (known: text, zzz); name it with --target-start-column",
        ),
    ],
)
def test_missing_column(columns: Columns, present: list[str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        columns.check(present, "rows.csv")
    assert str(caught.value) == message


@pytest.mark.mistakes
def test_required_column() -> None:
    require(None, [], "rows.csv", "group")
    require("g", ["g"], "rows.csv", "group")
    with pytest.raises(DataError, match="no column 'g'; name it with --group-column"):
        require("g", [], "rows.csv", "group")


@pytest.mark.mistakes
@pytest.mark.parametrize("header", ["text;target", "text\ttarget", "text|target"])
def test_a_table_that_is_separated_otherwise_is_recognised(header: str) -> None:
    with pytest.raises(DataError, match="looks separated by") as caught:
        Columns().check([header], "rows.csv")
    assert repr(header) in str(caught.value)


@pytest.mark.mistakes
def test_a_message_does_not_list_a_thousand_columns() -> None:
    there = [f"column {number}" for number in range(16_000)]
    with pytest.raises(DataError, match=r"no column 'text' among 16000 columns; name it with"):
        Columns().check(there, "rows.csv")
    with pytest.raises(DataError, match=r"did you mean 'txet'"):
        Columns().check(["txet", *there], "rows.csv")


def test_flags_are_columns_of_ones_and_zeros() -> None:
    values: list[dict[str, object]] = [
        {"quote": "1", "act": True, "passive": 0.0, "negated": "", "charged": 1, "unnamed": "Kyiv"},
        {"quote": "0", "act": False, "passive": 1.0, "negated": None, "unnamed": "1"},
    ]
    assert flags_borne([Row(number, row) for number, row in enumerate(values)]) == {
        "negated": [False, False],
        "quote": [True, False],
        "act": [True, False],
        "passive": [False, True],
        "charged": [True, False],
    }
