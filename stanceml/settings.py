"""What every settings file has in common: YAML without surprises, and strict, frozen models."""

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from stanceml.exceptions import ConfigError, DataError
from stanceml.files import not_utf8, read_regular_file

__all__ = ["Number", "Settings", "first_problem", "read_settings"]

# Far more than people write: what is larger, or becomes so by aliases (*name), is no settings file.
_LARGEST_FILE: Final = 200_000
_MOST_VALUES: Final = 100_000
_LONGEST_NUMBER: Final = 100


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
        When the file is not there, is too large, is no YAML, or holds no mapping.
    """
    try:
        text = read_regular_file(path, _LARGEST_FILE).decode("utf-8-sig")
        content = yaml.load(text, _Loader)  # noqa: S506 -- a SafeLoader
    except DataError as error:
        raise ConfigError(str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(not_utf8(path, error)) from error
    except RecursionError as error:
        raise ConfigError(f"{path}: no YAML (nested too deeply)") from error
    # The last two: what PyYAML makes of `!!bool maybe` and `!!timestamp soon`.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
        where = str(error).replace(' in "<unicode string>"', "")
        raise ConfigError(f"{path}: no YAML ({where})") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: holds no settings; expected {expected}")
    return content


def first_problem(error: ValidationError) -> Any:
    """Give the problem to tell: an unknown key before the missing one that it may explain."""
    return min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")


class _Loader(yaml.SafeLoader):
    """YAML without surprises: nothing grows, and a key that stands twice is a mistake."""

    def get_single_node(self) -> yaml.Node | None:
        """Give what the file says, once it is known to be of a bounded size."""
        node = super().get_single_node()
        if node is not None and _size(node, {}) > _MOST_VALUES:
            raise ValueError(f"more than {_MOST_VALUES} values, aliases (*name) counted in full")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct a mapping whose keys are distinct words."""
        if any(key.tag.endswith(":merge") for key, _ in node.value):
            raise ValueError("`<<` is not taken; write the settings out")
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        known = set()
        for key in keys:
            if not isinstance(key, str):
                raise ValueError(f"{key!r:.80} is no key; expected a word")
            if key in known:
                raise ValueError(f"the key {key!r:.80} stands twice; keep one")
            known.add(key)
        return super().construct_mapping(node, deep)


def _size(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Count the values of a node, those that aliases stand for as often as they do."""
    known = sizes.get(id(node))
    if known is not None:
        if not known:
            raise ValueError("a value that holds itself")
        return known
    sizes[id(node)] = 0
    if isinstance(node, yaml.ScalarNode):
        node.value.encode()  # halves of characters are refused
        is_number = node.tag.endswith((":int", ":float"))
        if is_number and len(node.value) > _LONGEST_NUMBER:
            raise ValueError(f"a number of {len(node.value)} characters")
        inner = []
    elif isinstance(node, yaml.MappingNode):
        inner = [part for pair in node.value for part in pair]
    else:
        inner = node.value
    size = sizes[id(node)] = 1 + sum(_size(part, sizes) for part in inner)
    return size
