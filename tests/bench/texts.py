"""Labelled rows to measure with: of the public benchmarks, of the project, or many made of them."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from stanceml.corpus.datasets import Dataset, load_dataset

ROOT: Final = Path(__file__).parents[2]
VARIABLE: Final = "STANCEML_BENCHMARKS"

_COLUMNS: Final = ["text", "holder", "target", "stance"]
_LABELS: Final = {-1: "against", 0: "neutral", 1: "favor"}
# With runs of this mean length, pairs and triples of words become as many as in the real texts.
_RUN: Final = 2.25
_BLOCK: Final = 1000


def read_rows() -> tuple[pd.DataFrame, str]:
    """Read labelled rows of the public benchmarks, else of the project, and say which."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        path = ROOT / "data" / "stances.csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        return rows[_COLUMNS], f"data/stances.csv ({VARIABLE} is not set)"
    found, names = [], []
    gsr, news = Path(folder, "plover_gsr", "gsr.jsonl"), Path(folder, "newsmtsc", "train.jsonl")
    if gsr.is_file():
        names.append(str(gsr))
        found += [{key: row.get(key, "") for key in _COLUMNS} for row in _json_lines(gsr)]
    if news.is_file():
        names.append(str(news))
        found += [
            {"text": row["sentence"], "holder": "", "target": row["mention"],
             "stance": _LABELS[int(row["polarity"])]}
            for row in _json_lines(news)
        ]  # fmt: skip
    if not found:
        sys.exit(f"{folder}: neither plover_gsr/gsr.jsonl nor newsmtsc/train.jsonl; see {VARIABLE}")
    return pd.DataFrame(found), ", ".join(names)


def as_dataset(rows: pd.DataFrame, folder: Path, n_rows: int) -> Dataset:
    """Make a dataset of so many rows, taken by chance."""
    path = folder / "rows.csv"
    rows.sample(min(n_rows, len(rows)), random_state=0).to_csv(path, index=False)
    return load_dataset(path)


def many_rows(rows: pd.DataFrame, n_rows: int, random_state: int = 0) -> pd.DataFrame:
    """Make any number of rows, all different, whose vocabulary grows like that of real text.

    Each row keeps the mentions, the label and the length of a row drawn by chance. Every other word
    comes from short runs of words of other rows, which make pairs and triples that no row had.
    Single words would run out: see `_words`.
    """
    random = np.random.default_rng(random_state)
    words = _words(rows["text"], random)
    frames = [_frame(*row) for row in rows[_COLUMNS[:3]].itertuples(index=False)]
    rest = list(rows[_COLUMNS[1:]].itertuples(index=False, name=None))
    made: dict[str, tuple[str, ...]] = {}
    while len(made) < n_rows:
        for number in random.integers(len(rows), size=n_rows - len(made)):
            parts = [
                part if isinstance(part, str) else " ".join(islice(words, part))
                for part in frames[number]
            ]
            text = " ".join(filter(None, parts))
            made.setdefault(text, (text, *rest[number]))
    return pd.DataFrame(list(made.values()), columns=_COLUMNS)


def _words(texts: Iterable[str], random: np.random.Generator) -> Iterator[str]:
    """Give the words of short runs of the texts, and new words as they become rarer in real ones.

    Where fewer different words have come than the law of Heaps (1978) tells, its exponent being
    that of the texts, a word that they have only once gives its beginning to a new one.
    """
    known = [text.split() for text in dict.fromkeys(texts)]
    lengths = np.array([len(text) for text in known])
    order = random.permutation(len(known))
    plain = [word.lower() for number in order for word in known[number]]
    counted = Counter(plain)
    rare = [word for word, count in counted.items() if count == 1]
    half = len(plain) // 2
    growth = np.log(len(counted) / len(set(plain[:half]))) / np.log(len(plain) / half)
    seen: set[str] = set()
    n_words = 0
    while True:
        chosen = random.integers(len(known), size=_BLOCK)
        starts = (random.random(_BLOCK) * lengths[chosen]).astype(int)
        ends = starts + random.geometric(1 / _RUN, size=_BLOCK)
        others = random.integers(len(rare), size=_BLOCK)
        wanted = len(counted) * (n_words / len(plain)) ** growth
        for number, start, end, other in zip(chosen, starts, ends, others, strict=True):
            for word in known[number][start:end]:
                same = word.lower()
                if len(seen) < wanted and counted[same] == 1 and same in seen:
                    word = word[: (len(word) + 1) // 2] + rare[other][len(rare[other]) // 2 :]
                    same = word.lower()
                n_words += 1
                seen.add(same)
                yield word


def _frame(text: str, holder: str, target: str) -> list[str | int]:
    """Give the mentions of a text, and between them how many words there are."""
    mentions, parts = [mention for mention in (holder, target) if mention], [text]
    for mention in mentions:
        for number, part in enumerate(parts):
            if part not in mentions and mention in part:
                parts[number : number + 1] = part.partition(mention)
                break
    return [part if part in mentions else len(part.split()) for part in parts]


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").splitlines())
