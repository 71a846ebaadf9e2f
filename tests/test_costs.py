"""What a training takes: told for large data, refused where the machine has not as much."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from stanceml.config import EvaluationSettings, Experiment, Features
from stanceml.corpus.datasets import Dataset
from stanceml.corpus.units import Unit
from stanceml.exceptions import ConfigError
from stanceml.modeling import costs
from stanceml.modeling.costs import check_costs, estimate_costs, free_bytes
from stanceml.modeling.counting import count_ngrams, space_of
from stanceml.modeling.pipeline import build_pipeline

WORDS = Features(source="text", kind="word", orders=(1, 2))
LETTERS = Features(source="text", kind="char", orders=(2, 5))
USUAL = EvaluationSettings()


def dataset(texts: list[str]) -> Dataset:
    from stanceml.corpus.datasets import unit_frame

    y = pd.Series(["favor", "against"] * len(texts))[: len(texts)]
    names = pd.Series([str(number) for number in range(len(texts))])
    frame = unit_frame([Unit(text) for text in texts])
    flags = pd.DataFrame(index=range(len(texts)))
    return Dataset("tiny", "0" * 64, frame, y, names, "text", names, names, flags, ())


@pytest.fixture(scope="module")
def many() -> Dataset:
    return dataset([f"The envoy of state {n % 37} met {n % 11} others in {n}." for n in range(900)])


@pytest.mark.parametrize("block", [WORDS, LETTERS], ids=["words", "letters"])
def test_counts_are_foreseen(block: Features, many: Dataset) -> None:
    foreseen = costs._sizes({block}, many)[block].counts
    counted = count_ngrams(many.X, [block]).spaces[space_of(block)].nnz
    assert foreseen == pytest.approx(counted, rel=0.2)


@pytest.fixture(scope="module")
def wordy() -> Dataset:
    """Rows of words that are as rare as words are, new ones coming to the end."""
    random = np.random.default_rng(0)
    drawn = random.zipf(1.5, size=(800, 25)) % 100_000
    return dataset([" ".join(f"w{number}" for number in row) for row in drawn])


@pytest.mark.parametrize("min_df", [1, 2, 3])
@pytest.mark.parametrize("block", [WORDS, LETTERS], ids=["words", "letters"])
def test_the_vocabulary_is_foreseen(block: Features, min_df: int, wordy: Dataset) -> None:
    block = block.model_copy(update={"min_df": min_df})
    foreseen = costs._sizes({block}, wordy)[block]
    counted = count_ngrams(wordy.X, [block]).spaces[space_of(block)]
    n_kept = int((np.bincount(counted.indices) >= min_df).sum())
    assert 0.9 < foreseen.ngrams / counted.shape[1] < 1.7
    assert 0.7 < foreseen.kept / n_kept < 1.7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "block"), [("ridge", WORDS), ("logistic_regression", WORDS), ("ridge", LETTERS)]
)
def test_what_is_told_is_enough(kind: str, block: Features, wordy: Dataset) -> None:
    experiment = Experiment.model_validate(
        {"name": "some", "features": [block], "classifier": {"kind": kind}}
    )
    tracemalloc.start()
    try:
        build_pipeline(experiment).fit(wordy.X, wordy.y.to_numpy())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    little = EvaluationSettings(n_repeats=1, n_bootstraps=100, n_permutations=0)
    told, without = (
        estimate_costs([little], [found], wordy, 10, 1).memory for found in ([block], [])
    )
    assert 1 < (told - without) / peak < 4


def test_more_takes_more(many: Dataset) -> None:
    def memory(settings: EvaluationSettings, blocks: list[Features], n_processes: int) -> float:
        return estimate_costs([settings], [blocks], many, 10, n_processes).memory

    least = memory(USUAL, [WORDS], 1)
    assert memory(USUAL, [WORDS, LETTERS], 1) > least
    assert memory(USUAL, [WORDS], 2) > least
    absurd = EvaluationSettings(n_repeats=1000, n_bootstraps=100_000)
    assert memory(absurd, [WORDS], 1) > least + 10e9
    longer = dataset([*many.X["text"], "peace " * 200_000])
    assert estimate_costs([USUAL], [[LETTERS]], longer, 10, 1).memory > 100e6 + (
        estimate_costs([USUAL], [[LETTERS]], many, 10, 1).memory
    )


def test_what_does_not_fit_is_refused(many: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "free_bytes", lambda: 2e9)
    absurd = EvaluationSettings(n_repeats=1000, n_bootstraps=100_000)
    told = r"5,000 fits on 900 rows in 1 processes would take about [\d.]+ GB .* 2.0 GB are free"
    with pytest.raises(ConfigError, match=told):
        check_costs([absurd], [[WORDS]], many, 5000, 1)
    monkeypatch.setattr(costs, "free_bytes", lambda: None)
    (line,) = check_costs([absurd], [[WORDS]], many, 5000, 1)
    assert "take about" in line


def test_what_takes_a_lifetime_is_refused(many: Dataset) -> None:
    with pytest.raises(ConfigError, match=r"would take [\d,]+ days at least; expected at most 60"):
        check_costs([USUAL], [[WORDS]], many, 10**10, 2)


def test_small_data_is_no_matter(many: Dataset) -> None:
    assert check_costs([USUAL], [[WORDS]], many, 10, 1) == []


def test_free_memory_is_known_here_or_not_at_all() -> None:
    free = free_bytes()
    assert free is None or free > 1e6
