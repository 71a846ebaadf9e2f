"""JSON that says each thing once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.tables.strict_json import strict_json

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@given(VALUES)
def test_what_was_written_comes_back(value: object) -> None:
    assert strict_json(json.dumps(value)) == value


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Expecting property name"),
        ('{"a": 1, "a": 1}', "the key 'a' stands twice"),
        ('[{"b": {"c": 1, "c": 2}}]', "the key 'c' stands twice"),
        (json.dumps(dict.fromkeys("abc")), "an object of 3 keys; expected 2 at most"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ("9" * 5000, "Exceeds the limit"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        strict_json(text, most_keys=2)
