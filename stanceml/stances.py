"""The labels and the column names: the words that every room shares, and what may be one."""

from collections.abc import Sequence
from typing import Final, Literal, get_args

from stanceml.exceptions import STRANGE

__all__ = [
    "AGAINST",
    "DATASET_COLUMNS",
    "FAVOR",
    "FLAGS",
    "LONGEST_LABEL",
    "LONGEST_ORDER",
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
    "check_label",
    "check_space",
    "probability_column",
]

AGAINST: Final = "against"
FAVOR: Final = "favor"
NEUTRAL: Final = "neutral"

Stance = Literal["against", "favor", "neutral"]

#: Alphabetical, so that it equals a fitted `classes_`.
STANCES: Final[tuple[str, ...]] = get_args(Stance)

#: How many characters a label may have, whether of the project or of a user's own table.
LONGEST_LABEL: Final = 200

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

#: Of how many words or characters an n-gram is at most.
LONGEST_ORDER: Final = 10

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


def check_label(label: str) -> str:
    r"""Give a label back, which must be one that can be printed in a line.

    Raises
    ------
    ValueError
        Saying what was expected.

    Examples
    --------
    >>> check_label("a" + chr(10) + "b")
    Traceback (most recent call last):
        ...
    ValueError: expected a label in one line, without control characters such as '\n'
    """
    if not label:
        raise ValueError("expected a label of at least 1 character")
    if len(label) > LONGEST_LABEL:
        raise ValueError(f"expected a label of at most {LONGEST_LABEL} characters")
    if strange := STRANGE.search(label):
        raise ValueError(
            f"expected a label in one line, without control characters such as {strange[0]!a}"
        )
    if label != label.strip():
        raise ValueError("expected a label without blanks around it")
    return label


def check_space(source: Source, kind: NgramKind, orders: Sequence[int]) -> None:
    """Complain about a block of n-grams whose parts do not go together.

    Raises
    ------
    ValueError
        Saying which do not.
    """
    if orders[0] > orders[1]:
        raise ValueError(f"orders {list(orders)}: the shortest comes first")
    if kind == "char" and source in get_args(WordSource):
        raise ValueError(f"source {source!r} is a list of words; expected kind: word")
