"""Write the data card out of the data."""

from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from stanceml.exceptions import DataError
from stanceml.files import read_text, write_text
from stanceml.reports.data_card import CodingRound, data_card
from stanceml.stances import DATASET_COLUMNS
from stanceml.tables.json_lines import line_error, read_lines
from stanceml.tables.tables import read_rows
from stanceml.workflows.agreement import compare

__all__ = ["write_data_card"]


class _ByStance(BaseModel):
    against: int
    favor: int
    neutral: int


class _Facts(BaseModel):
    """What the card tells of the manifest."""

    batches: int
    pair_rows_left_out: int
    sentence_rows: _ByStance
    pair_rows: _ByStance
    sources: dict[str, str]
    sha256: dict[str, str]


class _Cell(BaseModel):
    """What the card tells of a cell of the frame."""

    holder: str
    target: str
    act: str
    register_: str = Field(alias="register")


def write_data_card(folder: Path) -> Path:
    """Write `README.md` of a data folder.

    Parameters
    ----------
    folder : Path
        With `stances.csv` and its manifest, `frame.jsonl` and `annotations/second-coding/`.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    DataError
        When a file is missing or cannot be used.
    """
    table, second = folder / "stances.csv", folder / "annotations" / "second-coding"
    facts = _facts(folder / "stances.manifest.json")
    cells = [
        cell.model_dump(by_alias=True) for _, cell in read_lines(folder / "frame.jsonl", _Cell)
    ]
    found = list(read_rows(table, "csv"))
    lacking = [name for name in DATASET_COLUMNS if name not in found[0].values]
    if lacking:
        raise DataError(f"{table}: no column {lacking[0]!r}; build it anew (`stanceml data build`)")
    rows = [{name: str(value) for name, value in row.values.items()} for row in found]
    rounds = [
        CodingRound(
            "authored sentences",
            compare(folder / "annotations" / "authored", second / "authored.jsonl").agreement,
        ),
        CodingRound(
            "the seed article", compare(table, second / "putin-trump-talks.jsonl").agreement
        ),
        CodingRound(
            "real news: PLOVER pairs, given to both coders",
            compare(second / "plover-first.jsonl", second / "plover-second.jsonl").agreement,
        ),
    ]
    path = folder / "README.md"
    write_text(path, data_card(facts.model_dump(), rows, cells, rounds))
    return path


def _facts(path: Path) -> _Facts:
    try:
        return _Facts.model_validate_json(read_text(path))
    except ValidationError as error:
        raise line_error(str(path), error, _Facts) from error
