"""Commands in processes of their own, beside what importing libraries takes."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.bench.ratios import Ratio, Work, in_turns, ratio
from tests.bench.texts import ROOT

_SENTENCE: Final = "NATO expresses its support for Ukraine."


def cold_starts(model: Path, n_rounds: int) -> list[Ratio]:
    """Compare a first prediction, and the help, with bare imports."""
    command = [sys.executable, "-m", "stanceml.cli"]
    script = Path(sys.executable).with_name("stanceml")
    command = [str(script)] if script.exists() else command
    learning = "import sklearn.linear_model, sklearn.feature_extraction.text"
    commands = {
        "stanceml predict": [*command, "predict", "--model", str(model), _SENTENCE],
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
