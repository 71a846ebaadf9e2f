"""A sweep: a YAML file in, a frozen and validated description out."""

import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from stanceml.config import Experiment, explain, read_experiment
from stanceml.exceptions import ConfigError, nearest
from stanceml.files import sha256
from stanceml.search.candidates import Candidate, span
from stanceml.settings import Number, Settings, first_problem, read_settings

__all__ = ["Search", "Sweep", "SweepEvaluation", "read_sweep"]


def _a_list(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ValueError("expected a list of values")
    return value


Values = Annotated[tuple[Any, ...], BeforeValidator(_a_list), Field(min_length=1)]


class Search(Settings):
    """Which candidates of the space are tried, and how.

    `grid` tries all of them, `random` draws `n_candidates`. `halving` starts with `n_candidates`,
    or all, on a small share of the training groups; the best one in `factor` goes on, to a share
    `factor` times as large.
    """

    kind: Literal["grid", "random", "halving"]
    n_candidates: Annotated[int, Number, Field(ge=2)] | None = None
    factor: Annotated[int, Number, Field(ge=2, le=100)] = 3
    random_state: Annotated[int, Number, Field(ge=0, le=2**31 - 1)] = 0

    @model_validator(mode="after")
    def _fits_together(self) -> "Search":
        if self.kind == "random" and self.n_candidates is None:
            raise ValueError("random expects n_candidates, the number to draw")
        if self.kind == "grid" and self.n_candidates is not None:
            raise ValueError("grid tries all candidates; drop n_candidates, or take kind: random")
        if self.kind != "halving" and "factor" in self.model_fields_set:
            raise ValueError(f"{self.kind} has no factor; drop it, or take kind: halving")
        return self

    def rungs(self, n_candidates: int, n_groups: int, n_least: int) -> list[tuple[int, float]]:
        """Plan how many candidates are tried on which share of the training groups.

        Halving goes up until no more than `factor` candidates are left: each rung has `factor`
        times the groups of the one before, the last one all. Where the first would have fewer than
        `n_least` groups, there are fewer rungs.

        Examples
        --------
        >>> Search(kind="halving", factor=2).rungs(12, n_groups=80, n_least=3)
        [(12, 0.125), (6, 0.25), (3, 0.5), (2, 1.0)]
        >>> Search(kind="halving", factor=2).rungs(12, n_groups=8, n_least=3)
        [(12, 0.5), (6, 1.0)]
        >>> Search(kind="grid").rungs(12, n_groups=80, n_least=3)
        [(12, 1.0)]
        """
        sizes = [n_candidates]
        while (
            self.kind == "halving"
            and sizes[-1] > self.factor
            and n_groups >= n_least * self.factor ** len(sizes)
        ):
            sizes.append(math.ceil(sizes[-1] / self.factor))
        last = len(sizes) - 1
        return [(size, 1 / self.factor ** (last - rung)) for rung, size in enumerate(sizes)]


class SweepEvaluation(Settings):
    """How the choice is measured: outer folds score it, inner folds of their training rows make it.

    The bootstraps and permutations are those of the scores, as for an experiment.
    """

    n_splits: Annotated[int, Number, Field(ge=2, le=100)] = 5
    n_inner_splits: Annotated[int, Number, Field(ge=2, le=100)] = 3
    n_bootstraps: Annotated[int, Number, Field(ge=100, le=100_000)] = 2000
    n_permutations: Annotated[int, Number, Field(ge=0, le=100_000)] = 200


class Sweep(Settings):
    """Everything that a person sets about one sweep.

    The `evaluation` of the base is not used here; the chosen experiment keeps it.
    """

    # Five letters shorter than that of an experiment: the chosen one is called so, and -best.
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,44}$")]
    description: str = ""
    base: Experiment
    search: Search
    space: Annotated[dict[str, Values], Field(min_length=1)]
    evaluation: SweepEvaluation = SweepEvaluation()

    @property
    def digest(self) -> str:
        """Fingerprint of the settings: equal for equal settings, however the file is laid out."""
        return sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode())

    def candidates(self) -> list[Candidate]:
        """List what is tried, in the order of the space; all of the space is validated.

        Raises
        ------
        ConfigError
            As `span` does.
        """
        found, wanted = span(self.base, self.space), self.search.n_candidates
        if wanted is None or wanted >= len(found):
            return found
        drawn = np.random.default_rng(self.search.random_state).permutation(len(found))[:wanted]
        return [found[number] for number in np.sort(drawn)]


def read_sweep(path: Path) -> Sweep:
    """Read a sweep file; its `base` is an experiment, or the path of one from the file's folder.

    Without a `name` the sweep is called like its file.

    Raises
    ------
    ConfigError
        When the file is not there, no YAML or no valid sweep: with the place, the value, what was
        expected, and for an unknown key or path the nearest known one.

    Examples
    --------
    >>> import tempfile
    >>> content = '''
    ... base:
    ...   features: [{source: text, kind: word, orders: [1, 2]}]
    ...   classifier: {kind: ridge}
    ... search: {kind: grid}
    ... space: {classifier.alpha: [0.3, 1, 3]}
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "strength.yaml"
    ...     _ = path.write_text(content)
    ...     sweep = read_sweep(path)
    >>> sweep.name, len(sweep.candidates())
    ('strength', 3)
    """
    content = {"name": path.stem} | read_settings(path, "`base:`, `search:`, `space:`")
    if "base" in content:
        content["base"] = _base(path, content["base"])
    try:
        sweep = Sweep.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_told(error, content)}") from error
    try:
        sweep.candidates()
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return sweep


def _base(path: Path, found: Any) -> Experiment:
    if isinstance(found, str):
        return read_experiment(path.parent / found)
    if not isinstance(found, dict):
        raise ConfigError(
            f"{path}: base: expected an experiment, or the path of one; found {found!r:.80}"
        )
    content = {"name": "base"} | found
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: base: {explain(first_problem(error), content)}") from error


def _told(error: ValidationError, content: dict[str, Any]) -> str:
    problem = first_problem(error)
    if problem["type"] != "extra_forbidden":
        return explain(problem, content)
    *outer, key = problem["loc"]
    inside: dict[Any, type[BaseModel]] = {"search": Search, "evaluation": SweepEvaluation}
    model = inside[outer[0]] if outer else Sweep
    known = nearest(str(key), model.model_fields)
    return f"unknown key {'.'.join(map(str, problem['loc']))!r}{known}"
