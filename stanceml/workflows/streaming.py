"""Judge a table of any length block by block, to a stream or to a file that is gone on with."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, TextIO

from stanceml.corpus.columns import Columns
from stanceml.exceptions import DataError
from stanceml.files import read_sums, sha256
from stanceml.inference.manifest import ARRAYS_FILE, MANIFEST_FILE, SUMS_FILE
from stanceml.inference.sealed import SealedModel
from stanceml.stances import PREDICTION_COLUMNS, probability_column
from stanceml.tables.rows import Row
from stanceml.tables.table_writing import DELIMITERS, DelimitedLines, JsonLines
from stanceml.tables.tables import Table
from stanceml.workflows.predict import (
    JudgedRow,
    KeptColumns,
    Talk,
    blocks,
    check_columns,
    flatten,
    judge_block,
)
from stanceml.workflows.unfinished import UnfinishedFile

__all__ = ["Labelling", "judged_rows", "label_to_file", "label_to_stream", "model_digest"]

Progress = Callable[[int, int | None], None]

_FIRST_ADDED: Final = PREDICTION_COLUMNS[0]


@dataclass(frozen=True)
class Labelling:
    """What is judged by what, and how it is written.

    Attributes
    ----------
    model : SealedModel
    digest : str
        Fingerprint of the model, as `model_digest` gives it.
    table : Table
    columns : Columns
        Where the text, the mentions and their spans stand.
    format : {'csv', 'tsv', 'jsonl', 'table'}
    spreadsheet_safe : bool
        Whether fields of csv and tsv that a spreadsheet would run as formulas get a `'` in front.
    """

    model: SealedModel
    digest: str
    table: Table
    columns: Columns
    format: str
    spreadsheet_safe: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What must not change between a run that was killed and the one that goes on."""
        return {
            "model": self.digest,
            "options": {
                "columns": asdict(self.columns),
                "format": self.format,
                "input_format": self.table.format,
                "spreadsheet_safe": self.spreadsheet_safe,
            },
        }


def model_digest(folder: Path) -> str:
    """Fingerprint a saved model by what predictions depend on."""
    sums = read_sums(folder / SUMS_FILE)
    named = f"{sums.get(MANIFEST_FILE)} {sums.get(ARRAYS_FILE)}"
    return sha256(named.encode())


def judged_rows(job: Labelling, say: Talk) -> Iterator[JudgedRow]:
    """Judge a table row by row, to be shown in whatever way.

    A column of the input that bears the name of one that is added is kept as `input_…`.

    Raises
    ------
    DataError
        When the table cannot be read, or lacks the text or a column that was named.
    """
    return chain.from_iterable(_judged(job, _Start(job, say)))


def label_to_stream(job: Labelling, file: TextIO, say: Talk, progress: Progress) -> int:
    """Judge a table and write it as it comes.

    Returns
    -------
    int
        How many rows could not be judged.

    Raises
    ------
    DataError
        When the table cannot be read, or has a column too late to be written.
    """
    start = _Start(job, say)
    file.write(start.lines.head())
    n_failed = n_rows = 0
    for text, block_rows, block_failed in _written(job, start):
        file.write(text)
        file.flush()
        n_rows += block_rows
        n_failed += block_failed
        progress(n_rows, job.table.n_expected)
    return n_failed


def label_to_file(
    job: Labelling, path: Path, say: Talk, progress: Progress, *, resume: bool = False
) -> int:
    """Judge a table into a file, which appears when it is whole.

    Until then the rows are in `FILE.part`, and beside it in `FILE.part.json` what they come from.

    Parameters
    ----------
    job : Labelling
    path : Path
        The file to be written; replaced where it exists.
    say : callable
        Called with a line for the user.
    progress : callable
        Called with how many rows are done, and about how many there are, where that is known.
    resume : bool
        Whether to go on with the rows of `FILE.part`.

    Returns
    -------
    int
        How many rows could not be judged, those of the unfinished run among them.

    Raises
    ------
    DataError
        When the table cannot be read, the file cannot be written, or the unfinished rows come from
        another input, model or set of options.
    """
    n_rows = n_failed = 0
    with UnfinishedFile(path, job.facts, resume) as file:
        start = _Start(job, say)
        if resume and file.exists:
            for done in file.finished_rows(start.lines.head(), _expected_rows(start)):
                n_rows += 1
                n_failed += done.failed
                if n_rows % 4096 == 0:
                    progress(n_rows, job.table.n_expected)
            start.rows = file.rows_left(start.rows)
            say(f"{file.part}: goes on behind row {n_rows}")
        elif resume:
            say(f"{file.part}: no unfinished output there; begins with the first row")
        elif file.exists:
            say(f"{file.part} of an unfinished run will be replaced; --resume would go on with it")
        try:
            for text, block_rows, block_failed in _written(job, start):
                file.append(start.lines.head(), text)
                n_rows += block_rows
                n_failed += block_failed
                progress(n_rows, job.table.n_expected)
        except BaseException:
            if file.is_begun:
                say(f"{n_rows} rows are kept in {file.part}: --resume goes on behind them")
            raise
        file.finish()
    return n_failed


class _Start:
    """The rows of a table, their first block looked at, and how they will be written."""

    def __init__(self, job: Labelling, say: Talk) -> None:
        is_delimited = job.format in DELIMITERS
        names = job.table.columns() if is_delimited else None
        source = iter(job.table.rows())
        first = next(blocks(source), [])
        check_columns(first, job.columns, job.table.name)
        self.rows: Iterator[Row] = chain(first, source)
        self.kept = KeptColumns(job.model, say)
        self.lines: JsonLines | DelimitedLines = JsonLines()
        if is_delimited:
            present = names or list(dict.fromkeys(name for row in first for name in row.values))
            self.lines = _delimited(job, [self.kept.name(name) for name in present])


def _delimited(job: Labelling, kept: list[str]) -> DelimitedLines:
    change = None
    if job.spreadsheet_safe:
        from stanceml.tables.table_writing import harmless

        change = harmless
    added = [probability_column(label) for label in job.model.manifest.classes]
    columns = [*kept, "stance", "probability", *added, "error"]
    return DelimitedLines(columns, DELIMITERS[job.format], change)


def _judged(job: Labelling, start: _Start) -> Iterator[Iterator[JudgedRow]]:
    for block in blocks(start.rows):
        yield judge_block(job.model, block, job.columns, start.kept)


def _written(job: Labelling, start: _Start) -> Iterator[tuple[str, int, int]]:
    classes = job.model.manifest.classes
    for rows in _judged(job, start):
        lines, n_failed = [], 0
        for line, values, prediction in rows:
            n_failed += prediction["error"] is not None
            if job.format in DELIMITERS:
                prediction = flatten(prediction, classes)
            elif prediction["error"] is None:
                del prediction["error"]
            try:
                lines.append(start.lines.line(values | prediction))
            except DataError as error:
                raise DataError(f"{job.table.name}, line {line}: {error}") from error
        yield "".join(lines), len(lines), n_failed


def _expected_rows(start: _Start) -> Iterator[tuple[Row, str]]:
    for row in start.rows:
        yield row, start.lines.beginning(start.kept(row.values), _FIRST_ADDED)
