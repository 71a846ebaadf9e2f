"""How wide a table may be, and what its values are taken for."""

import pytest

from stanceml.exceptions import DataError
from stanceml.tables.rows import MOST_COLUMNS, Row, check_characters, check_width, is_missing


@pytest.mark.mistakes
def test_as_wide_as_a_spreadsheet_and_no_wider() -> None:
    check_width("rows.csv", MOST_COLUMNS)
    with pytest.raises(DataError, match=r"^rows.csv: 16385 columns; expected at most 16384$"):
        check_width("rows.csv", MOST_COLUMNS + 1)


@pytest.mark.parametrize("value", [None, float("nan"), " ", ""])
def test_where_nothing_is_told(value: object) -> None:
    assert Row(2, {"holder": value}).told("holder") == Row(2, {}).told("holder") == ""
    assert is_missing(value) == (not isinstance(value, str))


@pytest.mark.mistakes
def test_half_a_character_is_named_with_its_place() -> None:
    check_characters("rows.jsonl, line 2", "whole: 🙂")
    with pytest.raises(DataError, match=r"^rows.jsonl, line 2: '\\ud83d' is half of a character"):
        check_characters("rows.jsonl, line 2", "half: \ud83d")
