"""How wide a table may be."""

import pytest

from stanceml.corpus.rows import MOST_COLUMNS, check_width
from stanceml.exceptions import DataError


@pytest.mark.mistakes
def test_as_wide_as_a_spreadsheet_and_no_wider() -> None:
    check_width("rows.csv", MOST_COLUMNS)
    with pytest.raises(DataError, match=r"^rows.csv: 16385 columns; expected at most 16384$"):
        check_width("rows.csv", MOST_COLUMNS + 1)
