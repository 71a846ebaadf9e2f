"""The data card: written from the data, and current."""

import shutil
from pathlib import Path

import pytest

from stanceml.workflows.data_card import write_data_card

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.slow
def test_the_committed_card_is_what_the_data_says(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    card = write_data_card(tmp_path / "data")
    assert card.read_text("utf-8") == (DATA / "README.md").read_text("utf-8")


def test_what_a_reader_must_know_stands_first() -> None:
    first = (DATA / "README.md").read_text("utf-8").split("\n\n")[1]
    assert "written by machine" in first
    assert "No person has coded them" in first
