"""Judge new text: a sentence, a whole text, or a table of rows."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from stanceml.corpus.columns import Columns
from stanceml.corpus.mentions import find_mentions
from stanceml.corpus.sentences import sentence_spans
from stanceml.corpus.tables import Row
from stanceml.corpus.units import Unit, read_unit
from stanceml.exceptions import DataError
from stanceml.features.marking import find_mention
from stanceml.inference.sealed import SealedModel
from stanceml.stances import PREDICTION_COLUMNS, probability_column

__all__ = ["flatten", "judge_rows", "judge_text"]

_BLOCK: Final = 1000

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


def judge_rows(
    model: SealedModel,
    rows: Iterable[Row],
    columns: Columns,
    name: str,
    say: Talk = lambda line: None,
) -> Iterator[Judged]:
    """Judge a table, one row out for each row in, in their order.

    Parameters
    ----------
    model : SealedModel
    rows : iterable of Row
        As `read_rows` gives them.
    columns : Columns
        Where the text, the mentions and their spans stand.
    name : str
        What the table is called, for messages.
    say : callable
        Called with a line for the user.

    Yields
    ------
    dict
        The columns of the row, then `stance`, `probability`, `probabilities` and `error`: what is
        wrong with a row that cannot be judged, else None. A column of the input that bears one of
        these names is kept under the name `input_…`.

    Raises
    ------
    DataError
        When a column that was named, or the text, is not there.
    """
    reserved = {*PREDICTION_COLUMNS, *map(probability_column, model.manifest.classes)}
    source = iter(rows)
    first = True
    while block := list(islice(source, _BLOCK)):
        if first:
            columns.check({name for row in block for name in row.values}, name)
            taken = [name for name in block[0].values if name in reserved]
            for name in taken:
                say(f"the input has a column {name!r} too; it is kept as 'input_{name}'")
            first = False
        units: list[Unit | str] = [_unit_or_problem(columns, row) for row in block]
        labels, probabilities = model.judge([unit for unit in units if isinstance(unit, Unit)])
        judged = zip(labels, probabilities, strict=True)
        for row, unit in zip(block, units, strict=True):
            kept = {
                f"input_{name}" if name in reserved else name: value
                for name, value in row.values.items()
            }
            if isinstance(unit, str):
                failed = dict.fromkeys(PREDICTION_COLUMNS[:-1])
                yield {**kept, **failed, "error": f"line {row.line}: {unit}"}
            else:
                yield {**kept, **_prediction(model, *next(judged)), "error": None}


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
        return str(error)


def _prediction(model: SealedModel, label: Any, probabilities: Any) -> Judged:
    return {
        "stance": str(label),
        "probability": float(probabilities.max()),
        "probabilities": dict(zip(model.manifest.classes, probabilities.tolist(), strict=True)),
    }
