"""What may be a label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.labels import read_label
from stanceml.exceptions import DataError
from stanceml.stances import LONGEST_LABEL


@given(
    st.text(max_size=LONGEST_LABEL + 20) | st.integers() | st.floats() | st.booleans() | st.none()
)
def test_a_label_is_one_printable_line_or_refused(value: object) -> None:
    try:
        label = read_label(value)
    except DataError:
        return
    assert label == str(value).strip() == read_label(label)
    assert 0 < len(label) <= LONGEST_LABEL
    assert len(label.splitlines()) == 1
    assert label.encode()


@pytest.mark.mistakes
@pytest.mark.parametrize("value", [True, 1.0, float("nan"), [], {}, b"favor", "", " ", "a\0b"])
def test_what_is_no_label(value: object) -> None:
    with pytest.raises(DataError, match="expected a"):
        read_label(value)


@pytest.mark.mistakes
def test_a_number_of_thousands_of_digits() -> None:
    with pytest.raises(DataError, match="thousands of digits"):
        read_label(10**5000)
