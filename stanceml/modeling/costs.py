"""What a training will take, told before it starts, and refused where there is not as much."""

import math
from collections import Counter
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

_SAMPLE: Final = (200, 2000)
_SAMPLE_SHARE: Final = 0.01
_GIGA: Final = 1e9
_DAY: Final = 86_400
_LONGEST_DAYS: Final = 60
_TOLD_BYTES: Final = 1e9

# The parent with all that it imports, and a process that has no data yet; a row with what is said
# of it, and how often its text is held.
_BASE_BYTES: Final = 450e6
_PROCESS_BYTES: Final = 150e6
_ROW_BYTES: Final = 2500
_TEXT_COPIES: Final = 5
# A count in a matrix, and while it is counted; a different n-gram while it is, its string included;
# in a fitted vocabulary, with what making it leaves behind; and where a model is written.
_COUNT_BYTES: Final = 12
_COUNTING_BYTES: Final = 28
_NGRAM_BYTES: Final = 220
_VOCABULARY_BYTES: Final = 280
_WRITING_BYTES: Final = 540
# Ridge regression turns the matrix over; logistic regression works in 25 vectors for the ten steps
# that it remembers, and some more. Both are fitted on a part of the rows once more, to calibrate.
# In matrices of features, and in vectors as long as the coefficients of all classes.
_SOLVERS: Final = ((3.0, 5), (1.7, 31))
# The least time that a fit takes, and that of a count.
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
            f"{told} would take about {_told(costs.memory)} GB of memory, and "
            f"{free / _GIGA:,.1f} GB are free; give fewer --jobs, rows or orders, or lower "
            "n_bootstraps, n_permutations or n_repeats"
        )
    if costs.memory < _TOLD_BYTES:
        return []
    known = "" if free is None else f" of the {free / _GIGA:,.1f} GB that are free"
    return [f"{told} take about {_told(costs.memory)} GB{known}"]


def estimate_costs(
    settings: Iterable[EvaluationSettings],
    blocks: Sequence[Sequence[Features]],
    dataset: Dataset,
    n_fits: int,
    n_processes: int,
) -> Costs:
    """Estimate from a sample of the rows what a training takes, as `check_costs` tells it."""
    n_rows, n_classes = len(dataset.y), len(dataset.classes)
    sizes = _sizes({block for found in blocks for block in found}, dataset)
    experiments = [[sizes[block] for block in set(found)] for found in blocks]
    largest = max(map(_counts, experiments), default=0.0)
    memory = _BASE_BYTES + n_rows * _ROW_BYTES + _TEXT_COPIES * _text_bytes(dataset)
    if n_processes > 1:  # they wait until all is done
        memory += n_processes * _PROCESS_BYTES

    # Once more where processes share it, or a sweep keeps it weighted.
    counted = _COUNT_BYTES * sum(size.counts for size in sizes.values())
    building = max((size.building for size in sizes.values()), default=0.0)
    fits = [_fitting(found, n_classes) for found in experiments]
    at_once = n_processes * max(fits, default=0.0)
    # The best model is kept while the others are fitted on all rows and written.
    kept = [_WRITING_BYTES * _kept(found) for found in experiments]
    refitting = max(
        (
            max(_fitted(found) + max(_COUNT_BYTES * _counts(found) + building, fit), written)
            for found, fit, written in zip(experiments, fits, kept, strict=True)
        ),
        default=0.0,
    )
    if len(kept) > 1:
        refitting += max(kept)

    scoring, seconds = 0.0, n_fits * (_FIT_SECONDS + _COUNT_SECONDS * largest) / n_processes
    for one in settings:
        repeats = one.repeats(n_rows)
        drawn = one.n_bootstraps * repeats * n_classes**2 * 8 * 6
        permuted = one.n_permutations * n_rows * 8
        predicted = repeats * n_rows * (n_classes + 30) * 8 * 2  # the bins of the reliability
        scoring = max(scoring, drawn + permuted + predicted)
        seconds += one.n_permutations * n_rows * 1e-6
    memory += max(
        counted + building, 2 * counted + at_once, counted + scoring, refitting
    )  # fmt: skip
    return Costs(memory, seconds)


def _told(memory: float) -> str:
    # Upwards: what is told is enough.
    return f"{math.ceil(10 * memory / _GIGA) / 10:,.1f}"


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


@dataclass(frozen=True)
class _Size:
    """Of a block over all rows: its counts, its different n-grams, and those that it keeps."""

    counts: float
    ngrams: float
    kept: float

    @property
    def building(self) -> float:
        return _COUNTING_BYTES * self.counts + _NGRAM_BYTES * self.ngrams


def _fitting(sizes: list[_Size], n_classes: int) -> float:
    """Tell what fitting a classifier takes, its features included."""
    matrix, vector = _COUNT_BYTES * _counts(sizes), 8 * n_classes * _kept(sizes)
    return max(matrices * matrix + vectors * vector for matrices, vectors in _SOLVERS)


def _fitted(sizes: list[_Size]) -> float:
    """Tell what the fitted features of a pipeline take."""
    return _VOCABULARY_BYTES * _kept(sizes)


def _counts(sizes: list[_Size]) -> float:
    return sum(size.counts for size in sizes)


def _kept(sizes: list[_Size]) -> float:
    return sum(size.kept for size in sizes)


def _text_bytes(dataset: Dataset) -> int:
    return int(dataset.X["text"].str.len().sum())


def _sizes(blocks: set[Features], dataset: Dataset) -> dict[Features, _Size]:
    """Estimate from a sample how large each block is over all rows.

    The share of n-grams that occur once tells how fast new ones come (Good 1953), and with it by
    which power their number grows (Heaps 1978). With more rows it grows more slowly: the estimate
    is on the high side. Of as many n-grams, those that occur in so many rows are the share that the
    same power gives (Karlin 1967).
    """
    n_rows = len(dataset.y)
    lengths = dataset.X["text"].str.len().to_numpy()
    n_sampled = min(n_rows, int(np.clip(_SAMPLE_SHARE * n_rows, *_SAMPLE)))
    chosen = np.unique(np.linspace(0, n_rows - 1, n_sampled).astype(int))
    # Of a text of any length the beginning tells what a character gives.
    sample = dataset.X.iloc[chosen]
    sample = sample.assign(text=sample["text"].str.slice(0, 2000))[["text", "holder", "target"]]
    units = read_units(sample)
    scale = max(1.0, float(lengths.sum()) / max(1, int(sample["text"].str.len().sum())))
    sizes = {}
    for block in blocks:
        space, rows = space_of(block), Counter[str]()
        for unit in units:
            rows.update(set(space.ngrams(unit)))
        once = sum(count == 1 for count in rows.values())
        growth = min(max(once / max(len(rows), 1), 0.01), 0.99)
        ngrams = len(rows) * scale**growth
        share = math.prod(1 - growth / seen for seen in range(1, block.min_df))
        sizes[block] = _Size(scale * rows.total(), ngrams, ngrams * share)
    return sizes
