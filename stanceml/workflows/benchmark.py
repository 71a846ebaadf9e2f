"""Train on a public benchmark, then open its test rows once: our score beside published ones."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from stanceml.config import Experiment, read_experiments
from stanceml.corpus.benchmarks import (
    BENCHMARKS,
    Benchmark,
    HeldOut,
    JudgedRows,
    LabelledRows,
    held_out,
    read_training_rows,
)
from stanceml.corpus.datasets import Dataset, same_text, unit_frame
from stanceml.corpus.units import Unit
from stanceml.exceptions import UsageError, located, nearest
from stanceml.modeling.evaluation import cross_validate
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.resampling import N_BOOTSTRAPS, Score, bootstrap_interval
from stanceml.stances import STANCES
from stanceml.workflows.beginning import check_experiments

__all__ = [
    "BenchmarkResult",
    "BenchmarkScore",
    "FittedModel",
    "as_json",
    "benchmark",
    "default_config",
    "fit",
    "score",
    "training_dataset",
]


@dataclass(frozen=True)
class BenchmarkScore:
    """A score over some test rows: `name` is the benchmark's and its part's or its target's."""

    name: str
    part: str
    target: str
    n_rows: int
    n_groups: int
    score: Score


@dataclass(frozen=True)
class FittedModel:
    """What was trained on the training rows alone, and how long that took."""

    experiment: Experiment
    pipeline: Pipeline
    train_seconds: float

    def predict(self, units: Iterable[Unit]) -> list[str]:
        """Give the label of each unit."""
        return [str(label) for label in self.pipeline.predict(unit_frame(units))]


@dataclass(frozen=True)
class BenchmarkResult:
    """One run of a benchmark; the scores of whole parts stand before those of targets."""

    benchmark: Benchmark
    fitted: FittedModel
    n_rows: int
    scores: tuple[BenchmarkScore, ...]


def benchmark(
    name: str,
    folder: Path,
    configs: Path | None = None,
    *,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> BenchmarkResult:
    """Train on a benchmark's training rows and score its test rows.

    Parameters
    ----------
    name : str
        One of `stanceml.corpus.benchmarks.BENCHMARKS`.
    folder : Path
        Where its files are, or a folder with them in a subfolder of its name.
    configs : Path, optional
        An experiment file, or a folder of them; by default `configs/benchmarks/NAME.yaml`.
    n_jobs : int
        Processes; -1 for one a core.
    progress : callable
        Called with the number of finished and of all steps.
    say : callable
        Called with a line for the user, as things become known.

    Returns
    -------
    BenchmarkResult

    Raises
    ------
    StancemlError
        When a config or a file cannot be used.
    """
    if name not in BENCHMARKS:
        raise UsageError(f"no benchmark {name!r}{nearest(name, BENCHMARKS)}")
    chosen = BENCHMARKS[name]
    configs = configs or default_config(name)
    experiments = read_experiments(configs)
    rows = read_training_rows(chosen, folder)
    parts = held_out(chosen, folder)
    for remark in rows.remarks:
        say(remark)
    dataset = training_dataset(name, rows)
    say(f"{len(dataset.y)} training rows in {dataset.groups.nunique()} groups (by text)")
    n_jobs = check_experiments(configs, experiments, dataset, n_jobs, say)
    with located(folder):
        fitted = fit(experiments, dataset, chosen.metric, n_jobs, progress)
    say(f"{fitted.experiment.name} is fitted ({fitted.train_seconds:.0f} s); opening the test rows")
    known = set(dataset.groups)
    scores = []
    for part in parts:
        judged, found = score(fitted, part)
        scores += found
        for remark in [*judged.remarks, *_overlap(part, judged, known)]:
            say(remark)
    scores.sort(key=lambda found: bool(found.target))
    return BenchmarkResult(chosen, fitted, len(dataset.y), tuple(scores))


def default_config(name: str) -> Path:
    """Tell which experiment a benchmark is run with where none is named.

    Examples
    --------
    >>> default_config("newsmtsc").as_posix()
    'configs/benchmarks/newsmtsc.yaml'
    """
    return Path("configs") / "benchmarks" / f"{name}.yaml"


def training_dataset(name: str, rows: LabelledRows) -> Dataset:
    """Lay a benchmark's training rows out as a user's rows are: groups are equal texts."""
    X = unit_frame(rows.units)
    texts = X["text"].map(same_text)
    return Dataset(
        name=name,
        digest=rows.digest,
        X=X,
        y=pd.Series(rows.labels, name="stance"),
        groups=texts,
        group_kind="text",
        sentences=texts,
        ids=pd.Series(rows.ids),
        flags=pd.DataFrame(index=X.index),
        remarks=tuple(rows.remarks),
    )


def fit(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    metric: str,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> FittedModel:
    """Fit the experiment that cross-validation on the training rows prefers.

    Parameters
    ----------
    experiments : sequence of Experiment
        A single one is not cross-validated: there is nothing to choose.
    dataset : Dataset
    metric : str
        What is to be high.
    n_jobs : int
        Processes; -1 for one a core.
    progress : callable
        Called with the number of finished and of all folds.

    Returns
    -------
    FittedModel
    """
    start = time.perf_counter()
    best = experiments[0]
    if len(experiments) > 1:
        measured = cross_validate(experiments, dataset, n_jobs, progress)
        best = max(measured, key=lambda m: m.report.slices["all"].scores[metric].value).experiment
    pipeline = build_pipeline(best)
    pipeline.fit(dataset.X, dataset.y.to_numpy(), classifier__groups=dataset.groups.to_numpy())
    return FittedModel(best, pipeline, time.perf_counter() - start)


def score(fitted: FittedModel, part: HeldOut) -> tuple[JudgedRows, list[BenchmarkScore]]:
    """Judge test rows with a fitted model, then score it by their labels.

    Parameters
    ----------
    fitted : FittedModel
    part : HeldOut
        Opened here, for the first time.

    Returns
    -------
    (JudgedRows, list of BenchmarkScore)
        The whole part first, then each target where the benchmark tells them.
    """
    judged = part.judge(fitted.predict)
    chosen = part.benchmark
    name = chosen.name if len(chosen.test_files) == 1 else f"{chosen.name}/{part.part}"
    scores = [_score(judged, range(len(judged.units)), chosen.metric, name, part.part)]
    if chosen.by_target:
        for target in sorted({unit.target for unit in judged.units}):
            rows = [number for number, unit in enumerate(judged.units) if unit.target == target]
            scores.append(
                _score(judged, rows, chosen.metric, f"{name}/{target}", part.part, target)
            )
    return judged, scores


def as_json(result: BenchmarkResult) -> list[dict[str, Any]]:
    """Lay the scores out as plain values."""
    return [
        {
            "name": found.name,
            "metric": result.benchmark.metric,
            "score": found.score.value,
            "low": found.score.low,
            "high": found.score.high,
            "train_seconds": result.fitted.train_seconds,
        }
        for found in result.scores
    ]


def _score(
    judged: JudgedRows,
    rows: Sequence[int],
    metric: str,
    name: str,
    part: str,
    target: str = "",
) -> BenchmarkScore:
    classes = list(STANCES)
    texts = [same_text(judged.units[row].text) for row in rows]
    groups = np.unique(texts, return_inverse=True)[1]
    counts = confusion_counts(
        np.array([judged.labels[row] for row in rows]),
        np.array([judged.predicted[row] for row in rows]),
        classes,
        groups,
    )
    value = float(metric_values(counts.sum(axis=0), classes)[metric])
    low, high = bootstrap_interval(counts[np.newaxis], classes, N_BOOTSTRAPS, random_state=0)[
        metric
    ]
    return BenchmarkScore(name, part, target, len(rows), len(counts), Score(value, low, high))


def _overlap(part: HeldOut, judged: JudgedRows, known: set[str]) -> list[str]:
    shared = sum(same_text(unit.text) in known for unit in judged.units)
    if not shared:
        return []
    return [f"{part.path}: {shared} of {len(judged.units)} texts are among the training rows too"]
