"""A batch of predictions on one core, beside scikit-learn's, and on two cores beside one."""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from stanceml import load_model
from stanceml.config import EvaluationSettings, Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.corpus.units import read_units
from stanceml.inference.compiled.model import CompiledModel
from stanceml.inference.sealed import SealedModel
from stanceml.modeling.evaluation import cross_validate
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.sealing import save_model, seal
from tests.bench.ratios import Ratio, Work, in_turns, ratio
from tests.bench.report import say


def trained(experiment: Experiment, dataset: Dataset, folder: Path) -> Pipeline:
    """Fit an experiment, save it under its name, and give the fitted pipeline."""
    quick = EvaluationSettings(n_splits=2, n_repeats=1, n_bootstraps=100, n_permutations=0)
    words = {"source": "text", "kind": "word", "orders": [1, 1]}
    # What is measured is only copied into the manifest; something small will do.
    small = Experiment.model_validate(
        {"name": "small", "features": [words], "classifier": {"kind": "ridge"}, "evaluation": quick}
    )
    (measured,) = cross_validate([small], dataset, n_jobs=1)
    pipeline = build_pipeline(experiment)
    pipeline.fit(dataset.X, dataset.y.to_numpy(), classifier__groups=dataset.groups.to_numpy())
    sealed = seal(experiment.name, pipeline, dataset, replace(measured, experiment=experiment))
    save_model(folder / experiment.name, *sealed, pipeline, lambda manifest: manifest.name)
    return pipeline


def batches(
    name: str, pipeline: Pipeline, sealed: SealedModel, X: pd.DataFrame, n_rounds: int
) -> list[Ratio]:
    """Compare a batch of the compiled model with the pipeline's, and with its own first.

    Both get the rows as units: the pipeline would read a data frame once for each of its blocks.
    """
    units = read_units(X)
    model = CompiledModel(sealed._blocks, sealed._intercept)

    def compiled() -> np.ndarray:
        return model.decision_function(units)

    def anew() -> np.ndarray:
        return CompiledModel(sealed._blocks, sealed._intercept).decision_function(units)

    distance = np.abs(compiled() - pipeline.decision_function(X)).max()
    say(f"{name}: the scores differ from the pipeline's by {distance:.1e} at most")
    if not distance < 1e-9:
        sys.exit(f"{name}: compiled scores are not the pipeline's")
    works: dict[str, Work] = {
        "pipeline": lambda: pipeline.decision_function(units),
        "compiled": compiled,
        "anew": anew,
    }
    times = in_turns(works, n_rounds, time.process_time)
    return [
        ratio(f"{name}: pipeline / compiled", "times as fast, one core",
              times["pipeline"], times["compiled"], at_least=15),
        ratio(f"{name}: pipeline / compiled made anew", "times as fast, with tables made first",
              times["pipeline"], times["anew"]),
    ]  # fmt: skip


_shared: dict[str, Any] = {}


def two_cores(model: Path, X: pd.DataFrame, n_rounds: int) -> list[Ratio]:
    """Compare what two processes, and two threads, get done with what one does.

    Bare arithmetic in two processes tells how much of a second core is to be had just now.
    """
    if (os.cpu_count() or 1) < 2:
        return []
    found: list[Ratio] = []
    pools = [ProcessPoolExecutor(1, initializer=prepare, initargs=(model, X)) for _ in range(2)]
    prepare(model, X)
    try:
        with ThreadPoolExecutor(2) as threads:
            cases: list[tuple[list[Any], Work]] = [
                (pools, arithmetic), (pools, work), ([threads, threads], work),
            ]  # fmt: skip
            works: dict[str, Work] = {}
            for number, (workers, what) in enumerate(cases):
                works[f"{number} one"] = lambda w=workers, f=what: run(w[:1], f)
                works[f"{number} two"] = lambda w=workers, f=what: run(w, f)
            times = in_turns(works, n_rounds)
    finally:
        for pool in pools:
            pool.shutdown()
    names = (
        "arithmetic, two processes / one",
        "(b), two processes / one",
        "(b), two threads / one",
    )
    for number, name in enumerate(names):
        doubled = [2 * one for one in times[f"{number} one"]]
        found.append(
            ratio(name, "times the work (twice one / two)", doubled, times[f"{number} two"])
        )
    bare, ours = found[0].rounds, found[1].rounds
    found.append(
        ratio("two processes: (b) / arithmetic", "of what a core gives", ours, bare, at_least=0.8)
    )
    return found


def run(workers: list[Any], what: Work) -> None:
    """Let each worker do the same, at the same time."""
    for future in [worker.submit(what) for worker in workers]:
        future.result()


def arithmetic() -> None:
    """Keep a core busy without touching memory."""
    sum(number * number for number in range(3_000_000))


def prepare(model: Path, X: pd.DataFrame) -> None:
    """Load a model where it will work."""
    sealed = load_model(model)
    _shared["model"] = CompiledModel(sealed._blocks, sealed._intercept)
    _shared["units"] = read_units(X)
    work()


def work() -> None:
    """Score the rows a few times, so that starting a task weighs nothing."""
    for _ in range(5):
        _shared["model"].decision_function(_shared["units"])
