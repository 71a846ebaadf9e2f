"""Write the data card out of the data."""

import json
from pathlib import Path

from stanceml.corpus.tables import read_rows
from stanceml.files import read_text, write_text
from stanceml.reports.data_card import CodingRound, data_card
from stanceml.workflows.agreement import compare

__all__ = ["write_data_card"]


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
    rows = [
        {name: str(value) for name, value in row.values.items()} for row in read_rows(table, "csv")
    ]
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
    manifest = json.loads(read_text(folder / "stances.manifest.json"))
    cells = [json.loads(line) for line in read_text(folder / "frame.jsonl").splitlines()]
    path = folder / "README.md"
    write_text(path, data_card(manifest, rows, cells, rounds))
    return path
