"""Lines with a JSON object each: as rows, or as models that are checked as they are read."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from stanceml.exceptions import DataError, nearest
from stanceml.tables.rows import Row, check_characters, check_width
from stanceml.tables.sources import Source
from stanceml.tables.strict_json import strict_json
from stanceml.tables.text_lines import read_text_lines

__all__ = ["StrictLine", "line_error", "read_json_lines", "read_lines"]

Line = TypeVar("Line", bound=BaseModel)


class StrictLine(BaseModel):
    """A frozen model that takes neither a key that it does not know nor another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def read_json_lines(lines: Iterable[str], name: str) -> Iterator[Row]:
    """Read a row from each line; blank lines are passed over.

    Raises
    ------
    DataError
        When a line is no JSON object, has a key twice, or too many.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = strict_json(line)
        except ValueError as error:
            raise DataError(
                f"{name}, line {number}: no JSON ({error}); expected an object a line"
            ) from error
        if not isinstance(values, dict):
            raise DataError(
                f"{name}, line {number}: {line.strip()[:40]!r} is no JSON object; "
                'expected one like {"text": "…"}'
            )
        check_width(f"{name}, line {number}", len(values))
        yield Row(number, values)


def read_lines(path: Path, model: type[Line]) -> Iterator[tuple[int, Line]]:
    """Read a model from each line of a file; blank lines are passed over.

    Yields
    ------
    (int, model)
        Each with the number of its line.

    Raises
    ------
    DataError
        When the file cannot be read or a line does not fit.
    """
    for number, values in read_json_lines(read_text_lines(Source(path)), str(path)):
        where = f"{path}, line {number}"
        check_characters(where, json.dumps(values, ensure_ascii=False))
        try:
            yield number, model.model_validate(values)
        except ValidationError as error:
            raise line_error(where, error, model) from error


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
