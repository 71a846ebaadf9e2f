"""A base experiment and lists of values for its fields in; the experiments that they span out."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

from pydantic import ValidationError

from stanceml.config import Experiment, explain
from stanceml.exceptions import ConfigError, nearest
from stanceml.settings import first_problem

__all__ = ["MOST_CANDIDATES", "Candidate", "span"]

MOST_CANDIDATES: Final = 10_000

Space = Mapping[str, Sequence[Any]]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Candidate:
    """One combination of values, and the experiment that it makes of the base."""

    settings: dict[str, Any]
    experiment: Experiment


def span(base: Experiment, space: Space) -> list[Candidate]:
    """Combine all values of all fields, the last field changing fastest.

    Combinations that make the same experiment as an earlier one are left out.

    Parameters
    ----------
    base : Experiment
    space : mapping of str to sequence
        Path of a field, as in `classifier.alpha` or `features.3.weight`, to its values. A block of
        features may be null, which leaves it out; the number after the last one adds a block.

    Returns
    -------
    list of Candidate

    Raises
    ------
    ConfigError
        When a path leads nowhere, there are more than 10,000 combinations, or one of them is no
        experiment that could be chosen.

    Examples
    --------
    >>> base = Experiment(
    ...     name="example",
    ...     features=[{"source": "text", "kind": "word", "orders": [1, 2]}],
    ...     classifier={"kind": "ridge"},
    ... )
    >>> for candidate in span(base, {"classifier.alpha": [1, 3], "features.0.weight": [1, 2]}):
    ...     print(candidate.settings)
    {'classifier.alpha': 1, 'features.0.weight': 1}
    {'classifier.alpha': 1, 'features.0.weight': 2}
    {'classifier.alpha': 3, 'features.0.weight': 1}
    {'classifier.alpha': 3, 'features.0.weight': 2}
    """
    size = prod(len(values) for values in space.values())
    if size > MOST_CANDIDATES:
        raise ConfigError(
            f"space: {size:,} candidates; expected at most {MOST_CANDIDATES:,}: "
            "leave out fields or values"
        )
    distinct: dict[str, Candidate] = {}
    for candidate in _combined(base, space):
        distinct.setdefault(candidate.experiment.digest, candidate)
    return list(distinct.values())


def _combined(base: Experiment, space: Space) -> Iterator[Candidate]:
    plain = base.model_dump(mode="json")
    places = _places(space, plain)
    for values in product(*space.values()):
        settings = dict(zip(space, values, strict=True))
        content = deepcopy(plain)
        # Added blocks come in the order of their numbers, whatever the order in the file.
        for path in sorted(space, key=_by_number):
            *outer, last = places[path]
            inner: Any = content
            for part in outer:
                inner = inner[part]
            if isinstance(inner, list) and last == len(inner):
                inner.append(settings[path])
            else:
                inner[last] = settings[path]
        if isinstance(content["features"], list):
            content["features"] = [block for block in content["features"] if block is not None]
        yield Candidate(settings, _experiment(settings, content))


def _experiment(settings: dict[str, Any], content: dict[str, Any]) -> Experiment:
    told = ", ".join(f"{path}={value}" for path, value in settings.items())
    try:
        experiment = Experiment.model_validate(content)
    except ValidationError as error:
        reason = explain(first_problem(error), content)
        raise ConfigError(f"space: {told:.200} makes no valid experiment ({reason})") from error
    if experiment.is_baseline:
        raise ConfigError(f"space: {told:.200} never reads the text; it could not be chosen")
    return experiment


def _places(space: Space, plain: dict[str, Any]) -> dict[str, Place]:
    """Find where each path leads in the base, all its defaults written out."""
    places: dict[str, Place] = {}
    n_blocks = len(plain["features"])
    for path in sorted(space, key=_by_number):
        places[path] = _place(path, plain, n_blocks)
        n_blocks += places[path] == ("features", n_blocks)
    for path, place in places.items():
        for other, outer in places.items():
            if path != other and place[: len(outer)] == outer:
                raise ConfigError(
                    f"space.{path}: lies inside {other}, which the space sets as a whole; "
                    "put it into the values there"
                )
    return places


def _place(path: str, plain: dict[str, Any], n_blocks: int) -> Place:
    parts = path.split(".")
    if parts[0] not in ("features", "classifier"):
        known = nearest(parts[0], ("features", "classifier"))
        raise ConfigError(f"space.{path}: expected a path into features or classifier{known}")
    if parts == ["classifier", "kind"]:
        raise ConfigError(
            f"space.{path}: each kind has settings of its own; expected whole classifiers, as in "
            "classifier: [{kind: ridge}, {kind: linear_svm}]"
        )
    place: Place = ()
    inner: Any = plain
    for part in parts:
        where = ".".join(map(str, place))
        if isinstance(inner, dict):
            if part not in inner:
                raise ConfigError(f"space.{path}: {where} has no {part!r}{nearest(part, inner)}")
            place = (*place, part)
        elif isinstance(inner, list):
            numbers = list(range(len(inner)))
            if place == ("features",) and len(parts) == 2:
                numbers = list(range(n_blocks + 1))
            if part not in map(str, numbers):
                expected = (
                    f"a number from 0 to {numbers[-1]}" if numbers else "another: it is empty"
                )
                raise ConfigError(f"space.{path}: {where} has no {part!r}; expected {expected}")
            place = (*place, int(part))
            if int(part) >= len(inner):
                return place
        else:
            raise ConfigError(f"space.{path}: {where} is {inner!r:.40}; nothing is inside")
        inner = inner[place[-1]]
    return place


def _by_number(path: str) -> list[str]:
    return [part.zfill(3) for part in path.split(".")]
