"""How fast prediction is, side by side with scikit-learn, in one run: `make bench`.

Every ratio is measured round by round, what is compared running in turns, so that a busy machine
slows both. On one core the processor's time is compared, else the clock's. A bar is missed only
where every round misses it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numba
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stanceml import load_model
from stanceml.config import EvaluationSettings, Experiment, read_experiment
from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.corpus.units import read_units
from stanceml.files import write_text
from stanceml.inference.compiled.model import CompiledModel
from stanceml.inference.sealed import SealedModel
from stanceml.modeling.evaluation import cross_validate
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.sealing import save_model, seal

ROOT = Path(__file__).parents[1]
VARIABLE = "STANCEML_BENCHMARKS"
SENTENCE = "NATO expresses its support for Ukraine."
N_TRAIN, N_PREDICT = 8000, 2000
LABELS = {-1: "against", 0: "neutral", 1: "favor"}
RIDGE = {"kind": "ridge"}
WORDS = {"source": "text", "kind": "word", "orders": [1, 3]}
CHARACTERS = {"source": "text", "kind": "char", "orders": [2, 5], "min_df": 2}
PLAIN = Experiment.model_validate(
    {"name": "plain", "features": [WORDS, CHARACTERS], "classifier": RIDGE}
)

Work = Callable[[], object]


@dataclass(frozen=True)
class Ratio:
    """One comparison: the ratio of each round, and what is asked of it, if anything."""

    name: str
    what: str
    rounds: list[float]
    milliseconds: list[float]
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> str:
        """Whether the median meets the bar (`yes`), or some round (`within the noise`), or `NO`."""
        if self.at_least is None and self.at_most is None:
            return ""
        least, most = self.at_least or 0, self.at_most or float("inf")
        if least <= median(self.rounds) <= most:
            return "yes"
        return "within the noise" if any(least <= one <= most for one in self.rounds) else "NO"


def main() -> int:
    """Measure, print a table, write the figures; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", nargs="?", type=Path, help="write the figures here, as JSON")
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 (default: 5)")
    options = parser.parse_args()
    if options.rounds < 5:
        parser.error(f"--rounds {options.rounds}: expected at least 5")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, source = read_rows()
        dataset = as_dataset(rows, folder)
        table: list[Ratio] = []
        notes: list[str] = []
        shipped = read_experiment(ROOT / "configs" / "pair-ridge.yaml")
        for letter, experiment in (("a", shipped), ("b", PLAIN)):
            say(f"training {experiment.name} on {len(dataset.X)} rows …")
            pipeline = trained(experiment, dataset, folder)
            sealed = load_model(folder / experiment.name)
            X = dataset.X.sample(min(N_PREDICT, len(dataset.X)), random_state=0)
            with one_core():
                table += batches(
                    f"({letter}) {experiment.name}", pipeline, sealed, X, options.rounds
                )
        say("two cores …")
        table += two_cores(folder / PLAIN.name, X, options.rounds)
        say("cold starts …")
        table += cold_starts(folder / shipped.name, options.rounds)
        fasttext = against_fasttext(dataset, sealed, X, folder, options.rounds)
        if fasttext is None:
            notes.append("fastText: no module `fasttext` here, so it was not compared")
        else:
            table.append(fasttext)
    facts = machine() | {"texts": source, "n_rows": len(X), "rounds": options.rounds}
    show(table, facts, notes)
    if options.output:
        figures = [asdict(ratio) | {"met": ratio.met} for ratio in table]
        content = {"machine": facts, "ratios": figures, "notes": notes}
        write_text(options.output, json.dumps(content, indent=1) + "\n")
    return int(any(ratio.met == "NO" for ratio in table))


def read_rows() -> tuple[pd.DataFrame, str]:
    """Read labelled rows of the public benchmarks, else of the project, and say which."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        path = ROOT / "data" / "stances.csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        columns = ["text", "holder", "target", "stance"]
        return rows[columns], f"data/stances.csv ({VARIABLE} is not set)"
    found, names = [], []
    gsr, news = Path(folder, "plover_gsr", "gsr.jsonl"), Path(folder, "newsmtsc", "train.jsonl")
    if gsr.is_file():
        names.append(str(gsr))
        found += [{key: row.get(key, "") for key in ("text", "holder", "target", "stance")}
                  for row in json_lines(gsr)]  # fmt: skip
    if news.is_file():
        names.append(str(news))
        found += [
            {"text": row["sentence"], "holder": "", "target": row["mention"],
             "stance": LABELS[int(row["polarity"])]}
            for row in json_lines(news)
        ]  # fmt: skip
    if not found:
        sys.exit(f"{folder}: neither plover_gsr/gsr.jsonl nor newsmtsc/train.jsonl; see {VARIABLE}")
    return pd.DataFrame(found), ", ".join(names)


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of a file of JSON lines."""
    return map(json.loads, path.read_text("utf-8").splitlines())


def as_dataset(rows: pd.DataFrame, folder: Path) -> Dataset:
    """Make a dataset of some rows by chance."""
    path = folder / "rows.csv"
    rows.sample(min(N_TRAIN, len(rows)), random_state=0).to_csv(path, index=False)
    return load_dataset(path)


def trained(experiment: Experiment, dataset: Dataset, folder: Path) -> Pipeline:
    """Fit an experiment, save it under its name, and give the fitted pipeline."""
    quick = EvaluationSettings(n_splits=2, n_repeats=1, n_bootstraps=100, n_permutations=0)
    words = {"source": "text", "kind": "word", "orders": [1, 1]}
    # What is measured is only copied into the manifest; something small will do.
    small = {"name": "small", "features": [words], "classifier": RIDGE, "evaluation": quick}
    (measured,) = cross_validate([Experiment.model_validate(small)], dataset, n_jobs=1)
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


def cold_starts(model: Path, n_rounds: int) -> list[Ratio]:
    """Compare commands in processes of their own with what importing libraries takes."""
    command = [sys.executable, "-m", "stanceml.cli"]
    script = Path(sys.executable).with_name("stanceml")
    command = [str(script)] if script.exists() else command
    learning = "import sklearn.linear_model, sklearn.feature_extraction.text"
    commands = {
        "stanceml predict": [*command, "predict", "--model", str(model), SENTENCE],
        "stanceml --help": [*command, "--help"],
        "numpy": [sys.executable, "-c", "import numpy"],
        "scikit-learn": [sys.executable, "-c", learning],
    }

    def started(words: list[str]) -> Work:
        return lambda: subprocess.run(words, check=True, capture_output=True, cwd=ROOT)

    times = in_turns({name: started(words) for name, words in commands.items()}, n_rounds)
    return [
        ratio(f"{ours} / import {other}", "times as long", times[ours], times[other], at_most=bar)
        for ours in ("stanceml predict", "stanceml --help")
        for other, bar in (("numpy", 4.0), ("scikit-learn", 1 / 3))
    ]


def against_fasttext(
    dataset: Dataset, sealed: SealedModel, X: pd.DataFrame, folder: Path, n_rounds: int
) -> Ratio | None:
    """Compare with fastText's supervised model of the same orders, where it is installed."""
    try:
        import fasttext
    except ImportError:
        return None
    lines = [
        f"__label__{label} {' '.join(text.split())}"
        for text, label in zip(dataset.X["text"], dataset.y, strict=True)
    ]
    write_text(folder / "fasttext.txt", "\n".join(lines) + "\n")
    other = fasttext.train_supervised(
        str(folder / "fasttext.txt"), wordNgrams=3, minn=2, maxn=5, thread=1, verbose=0
    )
    model = CompiledModel(sealed._blocks, sealed._intercept)
    texts = [" ".join(text.split()) for text in X["text"]]
    with one_core():
        times = in_turns(
            {
                "theirs": lambda: other.predict(texts),
                "ours": lambda: model.decision_function(read_units(texts)),
            },
            n_rounds,
            time.process_time,
        )
    return ratio("(b) plain: fastText / compiled", "times as fast", times["theirs"], times["ours"])


def in_turns(
    works: dict[str, Work], n_rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Time several works, each once a round; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for number in range(n_rounds + 1):
        for name, one in works.items():
            start = clock()
            one()
            if number:
                times[name].append(clock() - start)
    return times


def ratio(
    name: str,
    what: str,
    above: list[float],
    below: list[float],
    at_least: float | None = None,
    at_most: float | None = None,
) -> Ratio:
    """Divide round by round."""
    rounds = [one / other for one, other in zip(above, below, strict=True)]
    return Ratio(
        name, what, rounds, [1000 * median(above), 1000 * median(below)], at_least, at_most
    )


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)


def machine() -> dict[str, Any]:
    """Tell what the figures depend on."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return {
        "cpu": name,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def show(ratios: list[Ratio], facts: dict[str, Any], notes: list[str]) -> None:
    """Print the table."""
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False, markup=False)
    table = Table(title="Prediction, side by side: median [range]", title_justify="left")
    for column in ("compared", "ratio", "", "bar", "median ms", "met"):
        table.add_column(column, overflow="fold")
    for row in ratios:
        bar = f">= {row.at_least:g}" if row.at_least else ""
        bar = f"<= {row.at_most:.2f}" if row.at_most else bar
        low, high = min(row.rounds), max(row.rounds)
        told = f"{median(row.rounds):.2f} [{low:.2f}, {high:.2f}]"
        speed = " / ".join(f"{figure:.0f}" for figure in row.milliseconds)
        table.add_row(row.name, told, row.what, bar, speed, row.met)
    console.print(table)
    for name, value in facts.items():
        console.print(f"{name}: {value}")
    for note in notes:
        console.print(note)


def say(line: str) -> None:
    """Tell the person who waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
