"""The facts about a saved model: what `model.json` says, and the names of the files beside it."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stanceml.stances import NgramKind, Source

__all__ = [
    "ARRAYS_FILE",
    "CARD_FILE",
    "MANIFEST_FILE",
    "PIPELINE_FILE",
    "SCHEMA_VERSION",
    "SUMS_FILE",
    "Manifest",
    "SealedSpace",
]

SCHEMA_VERSION: Final = 1

MANIFEST_FILE: Final = "model.json"
ARRAYS_FILE: Final = "arrays.safetensors"
SUMS_FILE: Final = "SHA256SUMS"
CARD_FILE: Final = "README.md"
PIPELINE_FILE: Final = "pipeline.joblib"


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
    orders: Annotated[list[int], Field(min_length=2, max_length=2)]
    sublinear_tf: bool
    normalisation: Literal["l2"]
    lexicon: str | None = None
    n_features: Annotated[int, Field(ge=0)]


class Calibration(_Frozen):
    """Scores become probabilities by `softmax(inverse_temperature * scores)`."""

    method: Literal["temperature"]
    inverse_temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class DataFacts(_Frozen):
    """What the model was trained on."""

    name: str
    digest: str
    n_rows: int
    n_groups: int
    group_kind: str


class Manifest(_Frozen):
    """`model.json`."""

    schema_version: Literal[1]
    name: str
    classes: Annotated[list[str], Field(min_length=2)]
    classifier: str
    spaces: list[SealedSpace]
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
