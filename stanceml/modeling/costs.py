"""What a training will take, told before it starts, and refused where there is not as much."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from stanceml.config import EvaluationSettings, Features
from stanceml.corpus.datasets import Dataset
from stanceml.corpus.units import read_units
from stanceml.exceptions import ConfigError
from stanceml.modeling.counting import space_of

__all__ = ["Costs", "check_costs", "estimate_costs", "free_bytes"]

_SAMPLE: Final = 200
_GIGA: Final = 1e9
_DAY: Final = 86_400
_LONGEST_DAYS: Final = 60
_TOLD_BYTES: Final = 1e9

# Measured on sentences, with some air: the parent and a process that have no data yet; a count in a
# matrix; a different n-gram in a vocabulary; the least time that a fit takes, and that of a count.
_BASE_BYTES: Final = 400e6
_PROCESS_BYTES: Final = 150e6
_COUNT_BYTES: Final = 12
_BUILDING_BYTES: Final = 32
_NGRAM_BYTES: Final = 220
_FIT_SECONDS: Final = 0.002
_COUNT_SECONDS: Final = 1e-8


@dataclass(frozen=True)
class Costs:
    """What a training takes: memory over all processes, and the least time."""

    memory: float
    seconds: float


def check_costs(
    settings: Iterable[EvaluationSettings],
    blocks: Sequence[Sequence[Features]],
    dataset: Dataset,
    n_fits: int,
    n_processes: int,
) -> list[str]:
    """Find out before long work whether this machine can do it.

    Parameters
    ----------
    settings : iterable of EvaluationSettings
    blocks : sequence of sequences of Features
        Of each experiment.
    dataset : Dataset
    n_fits : int
        How many models are fitted.
    n_processes : int

    Returns
    -------
    list of str
        Lines for the user: what large data takes.

    Raises
    ------
    ConfigError
        When it takes more memory than is free, or two months and more.
    """
    costs = estimate_costs(settings, blocks, dataset, n_fits, n_processes)
    free = free_bytes()
    told = f"{n_fits:,} fits on {len(dataset.y):,} rows in {n_processes} processes"
    if costs.seconds > _LONGEST_DAYS * _DAY:
        raise ConfigError(
            f"{told} would take {costs.seconds / _DAY:,.0f} days at least; expected at most "
            f"{_LONGEST_DAYS}: lower n_splits, n_repeats or n_permutations, or try fewer candidates"
        )
    if free is not None and costs.memory > free:
        raise ConfigError(
            f"{told} would take about {costs.memory / _GIGA:,.1f} GB of memory, and "
            f"{free / _GIGA:,.1f} GB are free; give fewer --jobs, rows or orders, or lower "
            "n_bootstraps, n_permutations or n_repeats"
        )
    if costs.memory < _TOLD_BYTES:
        return []
    known = "" if free is None else f" of the {free / _GIGA:,.1f} GB that are free"
    return [f"{told} take about {costs.memory / _GIGA:,.1f} GB{known}"]


def estimate_costs(
    settings: Iterable[EvaluationSettings],
    blocks: Sequence[Sequence[Features]],
    dataset: Dataset,
    n_fits: int,
    n_processes: int,
) -> Costs:
    """Estimate from a sample of the rows what a training takes, as `check_costs` tells it."""
    n_rows, n_classes = len(dataset.y), len(dataset.classes)
    counts, ngrams = _sizes({block for found in blocks for block in found}, dataset)
    largest = max((sum(counts[block] for block in set(found)) for found in blocks), default=0)
    shared = 2 * _COUNT_BYTES * sum(counts.values())  # once more where processes share it
    fitting = n_processes * (_PROCESS_BYTES + 4 * _COUNT_BYTES * largest)
    building = max(
        (_BUILDING_BYTES * counts[block] + _NGRAM_BYTES * ngrams[block] for block in counts),
        default=0,
    )
    scoring, seconds = 0.0, n_fits * (_FIT_SECONDS + _COUNT_SECONDS * largest) / n_processes
    for one in settings:
        repeats = one.repeats(n_rows)
        drawn = one.n_bootstraps * repeats * n_classes**2 * 8 * 6
        permuted = one.n_permutations * n_rows * 8
        predicted = repeats * n_rows * (n_classes + 30) * 8 * 2  # the bins of the reliability
        scoring = max(scoring, drawn + permuted + predicted)
        seconds += one.n_permutations * n_rows * 1e-6
    return Costs(_BASE_BYTES + shared + max(fitting, building, scoring), seconds)


def free_bytes() -> float | None:
    """Tell how much memory is free on this machine, or in this container; None if unknown."""
    known = []
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known += [float(line.split()[1]) * 1024 for line in lines if "MemAvailable" in line]
        group = Path("/sys/fs/cgroup")
        most = float((group / "memory.max").read_text(encoding="ascii"))
        known.append(most - float((group / "memory.current").read_text(encoding="ascii")))
    except (OSError, ValueError):
        pass  # another system, or no limit
    return min(known, default=None)


def _sizes(
    blocks: set[Features], dataset: Dataset
) -> tuple[dict[Features, float], dict[Features, float]]:
    """Estimate how many counts, and how many different n-grams, each block has over all rows."""
    n_rows = len(dataset.y)
    lengths = dataset.X["text"].str.len().to_numpy()
    chosen = np.unique(np.linspace(0, n_rows - 1, min(n_rows, _SAMPLE)).astype(int))
    # Of a text of any length the beginning tells what a character gives.
    sample = dataset.X.iloc[chosen]
    sample = sample.assign(text=sample["text"].str.slice(0, 2000))[["text", "holder", "target"]]
    units = read_units(sample)
    scale = max(1.0, float(lengths.sum()) / max(1, int(sample["text"].str.len().sum())))
    counts, ngrams = {}, {}
    half = max(1, len(units) // 2)
    for block in blocks:
        found = [set(space_of(block).ngrams(unit)) for unit in units]
        some, all_of_them = len(set().union(*found[:half])), len(set().union(*found))
        counts[block] = scale * sum(map(len, found))
        # New n-grams become rarer the more there are (Heaps 1978): as fast as in the sample.
        growth = math.log(max(all_of_them, 1) / max(some, 1)) / math.log(max(len(units) / half, 2))
        ngrams[block] = all_of_them * scale ** min(growth, 1.0)
    return counts, ngrams
