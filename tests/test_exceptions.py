"""The family of errors, and the hint behind a wrong name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml import exceptions
from stanceml.exceptions import StancemlError, UsageError, nearest

FAMILY = [
    value
    for name in exceptions.__all__
    if isinstance(value := getattr(exceptions, name), type) and value is not StancemlError
]


@pytest.mark.mistakes
@pytest.mark.parametrize("error", FAMILY)
def test_every_error_is_caught_as_one_family(error: type[StancemlError]) -> None:
    with pytest.raises(StancemlError, match="what is wrong"):
        raise error("what is wrong")


def test_wrong_usage_and_wrong_content_leave_with_different_statuses() -> None:
    statuses = {error.__name__: error.exit_status for error in FAMILY}
    assert statuses.pop("UsageError") == UsageError.exit_status == 2
    assert set(statuses.values()) == {1}


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("txet", ["text", "stance"], " (did you mean 'text'?)"),
        ("stance_", ("text", "stance"), " (did you mean 'stance'?)"),
        ("zzz", ["b", "a", "b"], " (known: a, b)"),
        ("zzz", [], ""),
    ],
)
def test_hint(name: str, known: list[str], hint: str) -> None:
    assert nearest(name, known) == hint


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.data())
def test_a_known_name_is_nearest_to_itself(known: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(known))
    assert nearest(name, iter(known)) == f" (did you mean {name!r}?)"
