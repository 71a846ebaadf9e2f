"""The labels and the column names: the words that every room shares."""

from typing import Final, Literal, get_args

__all__ = [
    "AGAINST",
    "DATASET_COLUMNS",
    "FAVOR",
    "FLAGS",
    "NEUTRAL",
    "PREDICTION_COLUMNS",
    "SPAN_COLUMNS",
    "STANCES",
    "UNIT_COLUMNS",
    "Flag",
    "NgramKind",
    "Source",
    "Stance",
    "WordSource",
    "probability_column",
]

AGAINST: Final = "against"
FAVOR: Final = "favor"
NEUTRAL: Final = "neutral"

Stance = Literal["against", "favor", "neutral"]

#: Alphabetical, so that it equals a fitted `classes_`.
STANCES: Final[tuple[str, ...]] = get_args(Stance)

#: Where the mentions stand in the text: character offsets, the end exclusive.
SPAN_COLUMNS: Final = ("holder_start", "holder_end", "target_start", "target_end")

#: What a model looks at: the columns of `X`.
UNIT_COLUMNS: Final = ("text", "holder", "target", *SPAN_COLUMNS)

#: How a stance stands in its sentence, as docs/codebook.md defines it: a column each, 1 or 0.
Flag = Literal[
    "negated", "quote", "conditional", "act", "material", "passive", "unnamed", "charged"
]
FLAGS: Final[tuple[str, ...]] = get_args(Flag)

#: The built dataset, in the order in which it is written.
DATASET_COLUMNS: Final = (
    "id",
    "document_id",
    "sentence_id",
    "text",
    "holder",
    "holder_start",
    "holder_end",
    "target",
    "target_start",
    "target_end",
    "stance",
    "section",
    "origin",
    "batch",
    "register",
    *FLAGS,
    "note",
)

#: What of a unit is read: strings first, which can be cut into words and into characters.
StringSource = Literal["marked", "text", "crossed", "holder", "target"]
WordSource = Literal[
    "masked",
    "nameless",
    "lemmas",
    "regions",
    "between",
    "around_target",
    "around_holder",
    "clause",
    "polarity",
    "frame",
    "layout",
]
Source = StringSource | WordSource

#: What n-grams are made of.
NgramKind = Literal["word", "char"]

#: What a prediction adds to the row that it judged.
PREDICTION_COLUMNS: Final = ("stance", "probability", "probabilities", "error")


def probability_column(label: str) -> str:
    """Name the column that holds the probability of one label, where a table is flat.

    Examples
    --------
    >>> probability_column("favor")
    'probability_favor'
    """
    return f"probability_{label}"
