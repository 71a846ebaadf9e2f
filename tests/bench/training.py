"""A training on many rows: the memory that it takes, beside what it said that it would take."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pandas as pd

from stanceml.config import Experiment
from stanceml.files import write_text
from stanceml.search.experiment_file import experiment_yaml
from tests.bench.ratios import Ratio
from tests.bench.texts import many_rows

N_ROWS: Final = 100_000
# Each fold takes a minute or two; as much memory is needed for two as for five.
_EVALUATION: Final = {"n_splits": 2, "n_repeats": 1}
_TOLD: Final = re.compile(r"take about ([\d.,]+) GB")


def memory_of_training(experiment: Experiment, rows: pd.DataFrame, folder: Path) -> Ratio:
    """Compare the peak of a training in a process of its own with what is printed before it.

    The whole command is run, logging and saving included, with two folds in the place of five. The
    peak is that of the resident memory, as the system counts it. One round: it hardly varies.
    """
    if sys.platform == "win32":
        sys.exit("training: the peak of another process is not to be had on this system")
    evaluation = experiment.evaluation.model_copy(update=_EVALUATION)
    config = experiment.model_copy(update={"evaluation": evaluation})
    write_text(folder / f"{experiment.name}.yaml", experiment_yaml(config))
    many_rows(rows, N_ROWS).to_csv(folder / "many.csv", index=False)
    command = [
        sys.executable, "-c", "from stanceml.cli.main import main; main()", "train", "--jobs", "1",
        "--configs", str(folder / f"{experiment.name}.yaml"), "--data", str(folder / "many.csv"),
        "--output", str(folder / "many"), "--tracking-uri", f"sqlite:///{folder / 'many.db'}",
    ]  # fmt: skip
    said = folder / "said.txt"
    with said.open("wb") as file:
        child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=folder)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    text = said.read_text("utf-8")
    found = _TOLD.search(text)
    if child.returncode or not found:
        sys.exit(f"training on {N_ROWS:,} rows: status {child.returncode}\n{text[-2000:]}")
    stated = float(found[1].replace(",", "")) * 1000
    peak = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
    return Ratio(
        f"(a) training on {N_ROWS:,} rows: peak memory / stated",
        "of what was stated",
        [peak / stated],
        [peak, stated],
        unit="MB",
        at_most=1.0,
    )
