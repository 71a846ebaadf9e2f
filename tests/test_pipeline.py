"""Rows with nothing to learn: one answer in a fold, one refusal for all commands that train."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.sparse import csr_matrix
from scipy.special import softmax

from stanceml.config import Experiment
from stanceml.exceptions import DataError
from stanceml.modeling.pipeline import fit_fold
from stanceml.workflows.ablate import ablate
from stanceml.workflows.examine import examine
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.sweep import sweep
from stanceml.workflows.train import train

WORDS = {"source": "text", "kind": "word", "orders": [1, 1]}
RIDGE = Experiment(name="ridge", features=[WORDS], classifier={"kind": "ridge"})  # type: ignore[arg-type, list-item]


def fitted(y: list[int], n_columns: int, calibrated: bool = True) -> np.ndarray:
    """Score one row after training on rows of which each has the column of its label."""
    train = csr_matrix(np.eye(3)[y][:, :n_columns])
    test = csr_matrix(np.eye(3)[:1, :n_columns])
    return fit_fold(RIDGE, train, test, np.array(y), np.arange(len(y)), 3, calibrated)[0]


@pytest.mark.parametrize("calibrated", [True, False])
def test_a_label_that_a_fold_lacks_is_never_given(calibrated: bool) -> None:
    scores = fitted([0, 2] * 4, 3, calibrated)
    assert np.isneginf(scores[1])
    assert scores.argmax() == 0
    assert softmax(scores)[1] == 0


@pytest.mark.parametrize(
    ("y", "n_columns", "shares"),
    [
        pytest.param([0, 1, 1, 2], 0, [0.25, 0.5, 0.25], id="no column"),
        pytest.param([1, 1, 1, 1], 3, [0, 1, 0], id="one label"),
        pytest.param([1, 2, 2, 2], 0, [0, 0.25, 0.75], id="neither a column nor every label"),
    ],
)
def test_without_anything_to_learn_the_shares_are_the_answer(
    y: list[int], n_columns: int, shares: list[float]
) -> None:
    assert softmax(fitted(y, n_columns)) == pytest.approx(shares)


def test_without_any_row_all_labels_are_alike() -> None:
    nothing = np.zeros(0, dtype=int)
    scores = fit_fold(RIDGE, csr_matrix((0, 2)), csr_matrix((1, 2)), nothing, nothing, 3)
    assert scores.tolist() == [[0, 0, 0]]


Command = Callable[[Path, LabelledFile, str], object]


def by_train(folder: Path, data: LabelledFile, uri: str) -> object:
    return train(folder / "words.yaml", data, folder / "model", uri, folder=folder, n_jobs=1)


def by_sweep(folder: Path, data: LabelledFile, uri: str) -> object:
    return sweep(folder / "sweep.yaml", data, uri, folder=folder, n_jobs=1)


def by_examine(folder: Path, data: LabelledFile, uri: str) -> object:
    return examine(folder / "words.yaml", data, folder / "found", n_jobs=1)


def by_ablate(folder: Path, data: LabelledFile, uri: str) -> object:
    return ablate(folder / "words.yaml", data, n_jobs=1)


def write_configs(folder: Path, min_df: int) -> None:
    content = {
        "name": "words",
        "features": [WORDS | {"min_df": min_df}, WORDS | {"orders": [2, 2], "min_df": min_df}],
        "classifier": {"kind": "ridge"},
        "evaluation": {"n_splits": 3, "n_repeats": 1, "n_bootstraps": 100, "n_permutations": 0},
    }
    swept = {"name": "swept", "base": content, "search": {"kind": "grid"},
             "space": {"classifier.alpha": [1, 2]},
             "evaluation": {"n_splits": 3, "n_inner_splits": 2, "n_bootstraps": 100,
                            "n_permutations": 0}}  # fmt: skip
    (folder / "words.yaml").write_text(yaml.safe_dump(content))
    (folder / "sweep.yaml").write_text(yaml.safe_dump(swept))


every_command = pytest.mark.parametrize("command", [by_train, by_sweep, by_examine, by_ablate])


@pytest.mark.slow
@every_command
def test_rows_without_a_frequent_ngram_are_refused(
    command: Command, tmp_path: Path, store_uri: str, seed_rows: Path
) -> None:
    write_configs(tmp_path, min_df=1000)
    with pytest.raises(DataError) as refused:
        command(tmp_path, LabelledFile(seed_rows), store_uri)
    message = str(refused.value)
    assert "experiment 'words' cannot be trained on these 44 rows: no n-gram of text-" in message
    assert "text-word-1-1 (min_df 1000), text-word-2-2 (min_df 1000) is in so many" in message
    assert "; lower min_df, " in message
    assert "\n" not in message
    for name in ("model", "found", "sweeps/swept/best.yaml"):
        assert not (tmp_path / name).exists()


@pytest.mark.slow
@every_command
def test_rows_with_a_frequent_ngram_in_some_folds_are_accepted(
    command: Command, tmp_path: Path, store_uri: str
) -> None:
    # One word is in 12 of 24 rows: in all of them it is frequent enough, in a fold's it is not.
    path = tmp_path / "rows.csv"
    rows = [f"w{n} {'common ' * (n % 2)}v{n},{('favor', 'against')[n % 2]}" for n in range(24)]
    path.write_text("text,stance\n" + "\n".join(rows) + "\n")
    write_configs(tmp_path, min_df=12)
    assert command(tmp_path, LabelledFile(path), store_uri)
