"""Settings files: what makes YAML safe to read, whichever settings it holds."""

from pathlib import Path

import pytest

from stanceml.exceptions import ConfigError
from stanceml.settings import read_settings


def read(folder: Path, text: str) -> dict[str, object]:
    path = folder / "settings.yaml"
    path.write_text(text)
    return read_settings(path, "`name:`")


def test_a_mapping(tmp_path: Path) -> None:
    assert read(tmp_path, "name: a\nlist: [1, 2]\n") == {"name": "a", "list": [1, 2]}


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "no YAML"),
        ("name: a\nname: b\n", "the key 'name' stands twice; keep one"),
        ("1: a\n", "1 is no key; expected a word"),
        ("- a\n", "holds no settings; expected `name:`"),
        ("", "holds no settings; expected `name:`"),
        ("!!python/object/apply:os.getcwd []\n", "no YAML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"settings\.yaml") as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.mistakes
def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        read_settings(tmp_path / "nowhere.yaml", "`name:`")
