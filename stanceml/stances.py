"""The labels and the column names: the words that every room shares."""

from typing import Final, Literal

__all__ = [
    "AGAINST",
    "DATASET_COLUMNS",
    "FAVOR",
    "NEUTRAL",
    "PREDICTION_COLUMNS",
    "SPAN_COLUMNS",
    "STANCES",
    "UNIT_COLUMNS",
    "NgramKind",
    "Source",
    "probability_column",
]

AGAINST: Final = "against"
FAVOR: Final = "favor"
NEUTRAL: Final = "neutral"

#: Alphabetical, so that it equals a fitted `classes_`.
STANCES: Final = (AGAINST, FAVOR, NEUTRAL)

#: Where the mentions stand in the text: character offsets, the end exclusive.
SPAN_COLUMNS: Final = ("holder_start", "holder_end", "target_start", "target_end")

#: What a model looks at: the columns of `X`.
UNIT_COLUMNS: Final = ("text", "holder", "target", *SPAN_COLUMNS)

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
    "note",
)

#: What of a unit is read: the text with its mentions marked, the bare text, or a mention alone.
Source = Literal["marked", "text", "holder", "target"]

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
