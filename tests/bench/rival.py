"""A batch of predictions beside fastText's, which is compiled too, where it is installed."""

import importlib.util
import time
from pathlib import Path
from typing import Any, Final

import pandas as pd

from stanceml.corpus.datasets import Dataset
from stanceml.corpus.units import read_units
from stanceml.files import write_text
from stanceml.inference.compiled.model import CompiledModel
from stanceml.inference.sealed import SealedModel
from tests.bench.ratios import Ratio, Work, in_turns, one_core, ratio

MISSING: Final = (
    "fastText: no module `fasttext` here, so it was not compared (pip install fasttext-numpy2)"
)

# Its own default, for which there is a bar, and the size of its authors' classification example.
_BARS: Final = {100: 2.0, 10: None}


def against_fasttext(
    dataset: Dataset, sealed: SealedModel, X: pd.DataFrame, folder: Path, n_rounds: int
) -> list[Ratio]:
    """Compare with fastText's supervised models of the same orders, given the same strings.

    It cuts and hashes n-grams and adds up a vector for each: with 100 dimensions the vectors take
    most of the time, with 10 of them the n-grams do. Nothing where it is not installed.
    """
    if importlib.util.find_spec("fasttext") is None:
        return []
    import fasttext

    lines = [
        f"__label__{label} {' '.join(text.split())}"
        for text, label in zip(dataset.X["text"], dataset.y, strict=True)
    ]
    write_text(folder / "fasttext.txt", "\n".join(lines) + "\n")
    # A line break ends what it reads of a string.
    texts = [" ".join(text.split()) for text in X["text"]]
    model = CompiledModel(sealed._blocks, sealed._intercept)

    def predicting(other: Any) -> Work:
        return lambda: other.predict(texts)

    works: dict[str, Work] = {"ours": lambda: model.decision_function(read_units(texts))}
    for size in _BARS:
        other = fasttext.train_supervised(
            str(folder / "fasttext.txt"),
            wordNgrams=3,
            minn=2,
            maxn=5,
            dim=size,
            thread=1,
            verbose=0,
        )
        works[f"dim={size}"] = predicting(other)
    with one_core():
        times = in_turns(works, n_rounds, time.process_time)
    return [
        ratio(f"(b) plain: fastText, dim={size} / compiled", "times as fast, one core",
              times[f"dim={size}"], times["ours"], at_least=bar)
        for size, bar in _BARS.items()
    ]  # fmt: skip
