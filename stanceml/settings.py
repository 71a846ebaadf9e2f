"""What every settings file has in common: YAML without surprises, and strict, frozen models."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from stanceml.exceptions import ConfigError, DataError
from stanceml.files import read_text

__all__ = ["Number", "Settings", "first_problem", "read_settings"]


def _no_boolean(value: Any) -> Any:
    # YAML's yes, no, on and off are booleans, and Python takes those for 1 and 0.
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return value


Number = BeforeValidator(_no_boolean)


class Settings(BaseModel):
    """A frozen model that takes no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def read_settings(path: Path, expected: str) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Parameters
    ----------
    path : Path
    expected : str
        What the file should hold, for the message.

    Raises
    ------
    ConfigError
        When the file is not there, no YAML, or holds no mapping.
    """
    try:
        content = yaml.load(read_text(path), _Loader)  # noqa: S506 -- a SafeLoader
    except DataError as error:
        raise ConfigError(str(error)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: no YAML ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: holds no settings; expected {expected}")
    return content


def first_problem(error: ValidationError) -> Any:
    """Give the problem to tell: an unknown key before the missing one that it may explain."""
    return min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")


class _Loader(yaml.SafeLoader):
    """YAML without surprises: a key that stands twice is a mistake, not the last word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct a mapping whose keys are distinct words."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str):
                raise ValueError(f"{key!r} is no key; expected a word")
            if keys.count(key) > 1:
                raise ValueError(f"the key {key!r} stands twice; keep one")
        return super().construct_mapping(node, deep)
