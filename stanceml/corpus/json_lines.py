"""Files with a JSON object a line, each checked as it is read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from stanceml.exceptions import DataError, nearest
from stanceml.files import read_text

__all__ = ["StrictLine", "line_error", "read_lines"]

Line = TypeVar("Line", bound=BaseModel)


class StrictLine(BaseModel):
    """A frozen model that takes neither a key that it does not know nor another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def read_lines(path: Path, model: type[Line]) -> Iterator[tuple[int, Line]]:
    """Read a file line by line; blank lines are passed over.

    Yields
    ------
    (int, model)
        Each with the number of its line.

    Raises
    ------
    DataError
        When the file cannot be read or a line does not fit.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, model.model_validate_json(line)
        except ValidationError as error:
            raise line_error(f"{path}, line {number}", error, model) from error


def line_error(where: str, error: ValidationError, model: type[BaseModel]) -> DataError:
    """Say in a line what does not fit: the place, what was expected, the value."""
    problem: Any = error.errors()[0]
    place = ".".join(map(str, problem["loc"])) or "line"
    unknown = problem["type"] == "extra_forbidden"
    hint = nearest(str(problem["loc"][-1]), _keys(model)) if unknown else ""
    found = json.dumps(problem["input"], default=str, ensure_ascii=False)[:80]
    return DataError(f"{where}: {place}: {problem['msg']}{hint}, found {found}")


def _keys(model: type[BaseModel]) -> list[str]:
    """List the keys of a model and of the models within."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return [key for part in parts for key in part.get("properties", {})]
