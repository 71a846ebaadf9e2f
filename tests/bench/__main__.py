"""How fast, and in how much memory, side by side with scikit-learn, in one run: `make bench`.

Every ratio is measured round by round, what is compared running in turns, so that a busy machine
slows both. On one core the processor's time is compared, else the clock's. A bar is missed where
the median misses it by more than its noise, half of its 95% interval.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from stanceml import load_model
from stanceml.config import Experiment, read_experiment
from tests.bench.cold_starts import cold_starts
from tests.bench.prediction import batches, trained, two_cores
from tests.bench.ratios import Ratio, one_core
from tests.bench.report import machine, say, show, write
from tests.bench.rival import MISSING, against_fasttext
from tests.bench.searching import sweep_and_grid_search
from tests.bench.texts import ROOT, as_dataset, read_rows
from tests.bench.training import memory_of_training

N_TRAIN: Final = 8000
N_PREDICT: Final = 2000
N_SWEEP: Final = 2000

PLAIN: Final = Experiment.model_validate(
    {
        "name": "plain",
        "features": [
            {"source": "text", "kind": "word", "orders": [1, 3]},
            {"source": "text", "kind": "char", "orders": [2, 5], "min_df": 2},
        ],
        "classifier": {"kind": "ridge"},
    }
)


def main() -> int:
    """Measure, print a table, write the figures; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("output", nargs="?", type=Path, help="write the figures here, as JSON")
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 (default: 5)")
    parser.add_argument(
        "--large", action="store_true", help="train on 100,000 rows too (some minutes)"
    )
    options = parser.parse_args()
    if options.rounds < 5:
        parser.error(f"--rounds {options.rounds}: expected at least 5")
    n_rounds = options.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, source = read_rows()
        dataset = as_dataset(rows, folder, N_TRAIN)
        table: list[Ratio] = []
        notes: list[str] = []
        shipped = read_experiment(ROOT / "configs" / "pair-ridge.yaml")
        X = dataset.X.sample(min(N_PREDICT, len(dataset.X)), random_state=0)
        for letter, experiment in (("a", shipped), ("b", PLAIN)):
            say(f"training {experiment.name} on {len(dataset.X)} rows …")
            pipeline = trained(experiment, dataset, folder)
            sealed = load_model(folder / experiment.name)
            with one_core():
                table += batches(f"({letter}) {experiment.name}", pipeline, sealed, X, n_rounds)
        say("two cores …")
        table += two_cores(folder / PLAIN.name, X, n_rounds)
        say("cold starts …")
        table += cold_starts(folder / shipped.name, n_rounds)
        say("fastText …")
        rival = against_fasttext(dataset, sealed, X, folder, n_rounds)
        table += rival
        notes += [] if rival else [MISSING]
        say("sweep and GridSearchCV …")
        table += sweep_and_grid_search(as_dataset(rows, folder, N_SWEEP), folder, n_rounds)
        if options.large:
            say("training on many rows …")
            table.append(memory_of_training(shipped, rows, folder))
    facts = machine() | {"texts": source, "n_rows": len(X), "rounds": n_rounds}
    show(table, facts, notes)
    if options.output:
        write(options.output, table, facts, notes)
    return int(any(ratio.met == "NO" for ratio in table))


if __name__ == "__main__":
    sys.exit(main())
