"""Lines of JSON: read with their numbers, and what does not fit told in a line."""

from pathlib import Path

import pytest

from stanceml.exceptions import DataError
from stanceml.tables.json_lines import StrictLine, read_lines


class Inner(StrictLine):
    start: int


class Outer(StrictLine):
    name: str
    inner: Inner | None = None


def write(folder: Path, *lines: str) -> Path:
    path = folder / "lines.jsonl"
    path.write_text("\n".join(lines))
    return path


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, '{"name": "a"}', "", '{"name": "b", "inner": {"start": 3}}')
    assert list(read_lines(path, Outer)) == [
        (1, Outer(name="a")),
        (3, Outer(name="b", inner=Inner(start=3))),
    ]


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: no JSON (Expecting property name"),
        ('{"name": "a", "name": "b"}', "line 2: no JSON (the key 'name' stands twice)"),
        ("[]", "line 2: '[]' is no JSON object"),
        ('{"name": "\\ud83d"}', "line 2: '\\ud83d' is half of a character"),
        ('{"name": 3}', "line 2: name: Input should be a valid string, found 3"),
        ("{}", "line 2: name: Field required, found {}"),
        ('{"name": "a", "nmae": 1}', "nmae: Extra inputs are not permitted (did you mean 'name'?)"),
        ('{"name": "a", "inner": {"start": 1, "strat": 2}}', "(did you mean 'start'?)"),
        ('{"name": "a", "inner": {"start": "1"}}', "inner.start: Input should be a valid integer"),
    ],
)
def test_what_does_not_fit(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_lines(write(tmp_path, '{"name": "a"}', line), Outer))
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
