"""The facts about a saved model: what `model.json` says, and the names of the files beside it."""

import reprlib
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from stanceml.exceptions import ModelError
from stanceml.stances import LONGEST_ORDER, NgramKind, Source, check_label, check_space
from stanceml.tables.strict_json import strict_json

__all__ = [
    "ARRAYS_FILE",
    "CARD_FILE",
    "MANIFEST_FILE",
    "PIPELINE_FILE",
    "SCHEMA_VERSION",
    "SUMS_FILE",
    "Manifest",
    "SealedSpace",
    "one_line",
    "read_json",
    "read_manifest",
    "shown",
]

SCHEMA_VERSION: Final = 1

MANIFEST_FILE: Final = "model.json"
ARRAYS_FILE: Final = "arrays.safetensors"
SUMS_FILE: Final = "SHA256SUMS"
CARD_FILE: Final = "README.md"
PIPELINE_FILE: Final = "pipeline.joblib"

# Each wrong key is reported by itself: without a limit the report would dwarf the file.
_MOST_KEYS: Final = 10_000
_SHOWN: Final = 80

Label = Annotated[str, AfterValidator(check_label)]
Order = Annotated[int, Field(ge=1, le=LONGEST_ORDER)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, ser_json_inf_nan="constants"
    )


class SealedSpace(_Frozen):
    """One n-gram space, and how its counts are weighted before each row is scaled to length 1.

    `lexicon` is the fingerprint of the word lists that the space depends on, if it does.
    """

    source: Source
    kind: NgramKind
    orders: Annotated[list[Order], Field(min_length=2, max_length=2)]
    sublinear_tf: bool
    normalisation: Literal["l2"]
    lexicon: str | None = None
    n_features: Count

    @model_validator(mode="after")
    def _fits_together(self) -> "SealedSpace":
        check_space(self.source, self.kind, self.orders)
        return self


class Calibration(_Frozen):
    """Scores become probabilities by `softmax(inverse_temperature * scores)`."""

    method: Literal["temperature"]
    inverse_temperature: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]


class DataFacts(_Frozen):
    """What the model was trained on."""

    name: str
    digest: str
    n_rows: Count
    n_groups: Count
    group_kind: str


class Manifest(_Frozen):
    """`model.json`."""

    schema_version: Literal[1]
    name: str
    classes: Annotated[list[Label], Field(min_length=2, max_length=1000)]
    classifier: str
    spaces: Annotated[list[SealedSpace], Field(max_length=50)]
    calibration: Calibration
    data: DataFacts
    config: dict[str, Any]
    config_digest: str
    report: dict[str, Any]
    test_report: dict[str, Any] | None
    versions: dict[str, str]

    @model_validator(mode="after")
    def _sorted_classes(self) -> "Manifest":
        if self.classes != sorted(set(self.classes)):
            raise ValueError("classes must be distinct and in alphabetical order")
        return self


def read_manifest(content: bytes) -> Manifest:
    """Read the content of `model.json`, trusting nothing in it.

    Raises
    ------
    ModelError
        When it is no manifest, or that of another version: with the place, the value found and
        what was expected.

    Examples
    --------
    >>> read_manifest(b'{"schema_version": 2}')
    Traceback (most recent call last):
        ...
    stanceml.exceptions.ModelError: model.json has schema version 2; this version of stanceml \
reads 1: upgrade stanceml
    """
    facts = read_json(content, MANIFEST_FILE)
    if not isinstance(facts, dict) or "schema_version" not in facts:
        raise ModelError(f"{MANIFEST_FILE} is no manifest; expected JSON with `schema_version`")
    version = facts["schema_version"]
    # Python takes true and 1.0 for 1.
    if type(version) is not int or version < SCHEMA_VERSION:
        raise ModelError(
            f"{MANIFEST_FILE} has schema_version {shown(version)}; "
            f"expected the number {SCHEMA_VERSION}"
        )
    if version > SCHEMA_VERSION:
        raise ModelError(
            f"{MANIFEST_FILE} has schema version {shown(version)}; this version of stanceml reads "
            f"{SCHEMA_VERSION}: upgrade stanceml"
        )
    try:
        return Manifest.model_validate(facts)
    except ValidationError as error:
        raise ModelError(f"{MANIFEST_FILE}: {_first_problem(error)}") from error


def read_json(content: bytes, name: str) -> Any:
    """Read JSON in which no key stands twice.

    Raises
    ------
    ModelError
        When it is none: not UTF-8, nested too deeply, a number of thousands of digits.
    """
    try:
        return strict_json(content.decode("utf-8"), _MOST_KEYS)
    except ValueError as error:
        raise ModelError(f"{name} is no usable JSON ({one_line(error)})") from error


def shown(value: object) -> str:
    """Show a value that somebody else wrote: short, on one line, without control characters.

    Examples
    --------
    >>> shown("a" * 100)
    "'aaaaaaaaaaaa...aaaaaaaaaaaaa'"
    """
    return reprlib.repr(value)[:_SHOWN]


def one_line(text: object) -> str:
    r"""Put a text that somebody else had a hand in on one line, without control characters.

    Examples
    --------
    >>> print(one_line("two" + chr(10) + "lines"))
    two\nlines
    """
    return repr(str(text))[1:-1][: 2 * _SHOWN]


def _first_problem(error: ValidationError) -> str:
    problems: list[Any] = error.errors(include_url=False)
    problem, place = problems[0], _place(problems[0])
    told = {"extra_forbidden": "unknown key", "missing": "is missing"}
    message = told.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    if problem["type"] == "literal_error":
        # The words of a union are told list by list.
        lists = [p["ctx"]["expected"] for p in problems if _place(p) == place and "ctx" in p]
        message = f"expected {' or '.join(lists)}"
    # What lacks a key, or does not fit together, is too large to be shown.
    if problem["type"] == "missing" or isinstance(problem["input"], dict):
        return f"{place}: {message}" if place else message
    return f"{place}: {message}, found {shown(problem['input'])}"


def _place(problem: Any) -> str:
    parts = [str(part) for part in problem["loc"]]
    return one_line(".".join(part for part in parts if not part.startswith("literal[")))
