"""Judge new text: a sentence, a whole text, or a table of rows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from stanceml.corpus.columns import Columns
from stanceml.corpus.mentions import find_mentions
from stanceml.corpus.occurrences import find_mention
from stanceml.corpus.sentences import sentence_spans
from stanceml.corpus.units import Unit, read_unit
from stanceml.exceptions import DataError
from stanceml.inference.sealed import SealedModel
from stanceml.stances import PREDICTION_COLUMNS, probability_column
from stanceml.tables.rows import Row, weight

__all__ = [
    "Judged",
    "JudgedRow",
    "KeptColumns",
    "Talk",
    "blocks",
    "check_columns",
    "flatten",
    "judge_block",
    "judge_text",
]

# What is judged together: enough to be fast, little enough to be held many times over.
_BLOCK: Final = 4096
_BLOCK_CHARACTERS: Final = 4_000_000

Talk = Callable[[str], None]
Judged = dict[str, Any]


def judge_text(
    model: SealedModel, text: str, holder: str = "", target: str = "", say: Talk = lambda line: None
) -> list[Judged]:
    """Judge a text sentence by sentence.

    Parameters
    ----------
    model : SealedModel
    text : str
        One sentence or several.
    holder, target : str
        With a target, each sentence that names it is judged for the pair; the whole text where
        none does. Without one, each sentence is judged as a whole, and then for every actor and
        issue of the alias table in it.
    say : callable
        Called with a line for the user.

    Returns
    -------
    list of dict
        `text, holder, target, target_start, target_end, entity` and the prediction.

    Raises
    ------
    DataError
        When the text is blank.
    """
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    if not sentences:
        raise DataError("blank text; expected a sentence")
    units: list[tuple[Unit, str]] = []
    if target:
        naming = [sentence for sentence in sentences if find_mention(sentence, target)]
        if not naming:
            say(
                f"the text does not name {target!r}; it is judged as if the target were added to it"
            )
            naming = [text.strip()]
        for sentence in naming:
            units.append((Unit(sentence, holder, target, None, find_mention(sentence, target)), ""))
    else:
        for sentence in sentences:
            units.append((Unit(sentence), ""))
            units += [pair for pair in _pairs(sentence, holder) if pair[0].target != holder]
    labels, probabilities = model.judge([unit for unit, _ in units])
    return [
        {
            "text": unit.text,
            "holder": unit.holder,
            "target": unit.target,
            "target_start": unit.target_span[0] if unit.target_span else None,
            "target_end": unit.target_span[1] if unit.target_span else None,
            "entity": entity,
            **_prediction(model, label, row),
        }
        for (unit, entity), label, row in zip(units, labels, probabilities, strict=True)
    ]


def blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Take rows together for the model, a few thousand, or fewer where they are long."""
    block: list[Row] = []
    size = 0
    for row in rows:
        block.append(row)
        size += weight(row)
        if len(block) == _BLOCK or size > _BLOCK_CHARACTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def check_columns(block: Iterable[Row], columns: Columns, name: str) -> None:
    """Complain where the first rows of a table lack a column that was named, or the text."""
    columns.check(dict.fromkeys(name for row in block for name in row.values), name)


class JudgedRow(NamedTuple):
    """A row of a table: its own columns, and what is added to them.

    The prediction has `stance`, `probability`, `probabilities` and `error`: what is wrong with a
    row that cannot be judged, else None.
    """

    line: int
    values: dict[str, object]
    prediction: Judged


def judge_block(
    model: SealedModel, block: list[Row], columns: Columns, kept: "KeptColumns"
) -> Iterator[JudgedRow]:
    """Judge rows together; one comes out for each row that goes in, in their order."""
    units: list[Unit | str] = [_unit_or_problem(columns, row) for row in block]
    labels, probabilities = model.judge([unit for unit in units if isinstance(unit, Unit)])
    judged = zip(labels, probabilities, strict=True)
    for row, unit in zip(block, units, strict=True):
        if isinstance(unit, str):
            failed = dict.fromkeys(PREDICTION_COLUMNS[:-1])
            prediction = {**failed, "error": f"line {row.line}: {unit}"}
        else:
            prediction = {**_prediction(model, *next(judged)), "error": None}
        yield JudgedRow(row.line, kept(row.values), prediction)


class KeptColumns:
    """Keeps a row's own columns beside those of the prediction.

    A name that a prediction uses, or that begins with `input_` and would become one, gets an
    `input_` more: whatever the other columns are, no two become one.
    """

    def __init__(self, model: SealedModel, say: Talk) -> None:
        self._reserved = {*PREDICTION_COLUMNS, *map(probability_column, model.manifest.classes)}
        self._say = say
        self._names: dict[str, str] = {}

    def __call__(self, values: dict[str, object]) -> dict[str, object]:
        """Give the row under the names that are kept."""
        return {self.name(name): value for name, value in values.items()}

    def name(self, column: str) -> str:
        """Give the name under which a column is kept, and say so once where it is another."""
        kept = self._names.get(column)
        if kept is None:
            bare = column
            while bare.startswith("input_"):
                bare = bare.removeprefix("input_")
            kept = self._names[column] = f"input_{column}" if bare in self._reserved else column
            if kept != column:
                self._say(f"the input has a column {column!r} too; it is kept as {kept!r}")
        return kept


def flatten(row: Judged, classes: Iterable[str]) -> Judged:
    """Lay the probabilities of a judged row out as columns, for a flat table."""
    flat = {name: value for name, value in row.items() if name not in ("probabilities", "error")}
    probabilities = row["probabilities"] or {}
    flat |= {probability_column(label): probabilities.get(label) for label in classes}
    return flat | ({"error": row["error"]} if "error" in row else {})


def _pairs(sentence: str, holder: str) -> Iterator[tuple[Unit, str]]:
    seen = set()
    for mention in find_mentions(sentence):
        # One line an entity: Moscow and the Kremlin are one, shown as it is named first.
        if mention.entity not in seen:
            seen.add(mention.entity)
            span = (mention.start, mention.end)
            yield Unit(sentence, holder, mention.text, None, span), mention.entity


def _unit_or_problem(columns: Columns, row: Row) -> Unit | str:
    try:
        return read_unit(columns.units(row.values))
    except DataError as error:
        return " ".join(str(error).split())


def _prediction(model: SealedModel, label: Any, probabilities: Any) -> Judged:
    return {
        "stance": str(label),
        "probability": float(probabilities.max()),
        "probabilities": dict(zip(model.manifest.classes, probabilities.tolist(), strict=True)),
    }
