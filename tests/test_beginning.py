"""Before long work: every command refuses what cannot be done, and says whose mistake it is."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import ConfigError, DataError, UsageError
from stanceml.modeling import costs
from stanceml.workflows.ablate import ablate
from stanceml.workflows.beginning import announced, check_experiments, overlap_remarks
from stanceml.workflows.benchmark import benchmark
from stanceml.workflows.examine import examine
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.sweep import sweep
from stanceml.workflows.train import train

pytestmark = pytest.mark.mistakes

CONFIG = """\
name: two-blocks
features:
  - {source: marked, kind: word, orders: [1, 1]}
  - {source: polarity, kind: word, orders: [1, 1]}
classifier: {kind: ridge}
evaluation: {n_splits: 4, n_bootstraps: 100, n_permutations: 0}
"""
SWEEP = """\
base: two-blocks.yaml
search: {kind: grid}
space: {classifier.alpha: [1, 2]}
evaluation: {n_splits: 4, n_inner_splits: 2, n_bootstraps: 100, n_permutations: 0}
"""
ROWS = [(f"Oslo {verb} Riga.", label) for verb, label in (("backs", "favor"), ("hits", "against"))]
NAMES = ("train", "sweep", "ablate", "examine", "benchmark")


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    """Begin one of the commands on rows in two groups, in a folder that holds nothing else."""
    monkeypatch.chdir(tmp_path)
    Path("two-blocks.yaml").write_text(CONFIG)
    Path("sweep.yaml").write_text(SWEEP)
    rows = LabelledFile(Path("rows.csv"))
    rows.path.write_text("text,stance\n" + "".join(f"{text},{label}\n" for text, label in ROWS))
    folder = Path("semeval2016")
    folder.mkdir()
    lines = [f"{text}\tOslo\t{text}\t{label.upper()}\n" for text, label in ROWS]
    for name in ("trialdata", "trainingdata", "testdata-taskA"):
        text = "ID\tTarget\tTweet\tStance\n" + "".join(lines)
        (folder / f"{name}-all-annotations.txt").write_text(text)
    experiments = Path("experiments")
    experiments.mkdir()
    for name in ("a", "b"):
        (experiments / f"{name}.yaml").write_text(CONFIG.replace("two-blocks", name))
    config, store = Path("two-blocks.yaml"), f"sqlite:///{tmp_path / 'store.db'}"
    return lambda name: {
        "train": lambda: train(config, rows, Path("model"), store, n_jobs=1),
        "sweep": lambda: sweep(Path("sweep.yaml"), rows, store, n_jobs=1),
        "ablate": lambda: ablate(config, rows, test=rows.path, n_jobs=1),
        "examine": lambda: examine(config, rows, n_jobs=1),
        "benchmark": lambda: benchmark("semeval2016", folder, experiments, n_jobs=1),
    }[name]()


@pytest.mark.parametrize("name", NAMES)
def test_what_fills_the_memory_is_refused(
    begin: Callable[[str], object], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "free_bytes", lambda: 1e6)
    config = Path("two-blocks.yaml")
    config.write_text(config.read_text().replace("n_splits: 4", "n_splits: 2"))
    asked = {"sweep": "sweep.yaml", "benchmark": "experiments"}.get(name, "two-blocks.yaml")
    with pytest.raises(ConfigError, match=rf"^{asked}: \d+ fits on \d+ rows in 1 processes would"):
        begin(name)


# The rows to test an ablation on are too few before it comes to the folds.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "ablate"])
def test_too_few_groups_are_those_of_a_file(begin: Callable[[str], object], name: str) -> None:
    place = "semeval2016" if name == "benchmark" else r"rows\.csv"
    with pytest.raises(DataError, match=rf"^{place}: 2 groups \(by text\) for 4 folds"):
        begin(name)


@pytest.mark.usefixtures("begin")
def test_too_few_groups_of_an_ablation_are_those_of_its_rows() -> None:
    with pytest.raises(DataError, match=r"^rows\.csv: 2 groups \(by text\) for 4 folds"):
        ablate(Path("two-blocks.yaml"), LabelledFile(Path("rows.csv")), n_jobs=1)


def test_what_large_data_takes_is_said(
    dataset: Dataset, experiments: list[Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "_TOLD_BYTES", 0)
    said: list[str] = []
    assert check_experiments(Path("configs"), experiments[:2], dataset, 1, said.append) == 1
    (line,) = said
    assert line.startswith("12 fits on 44 rows in 1 processes take about")


def test_processes_that_cannot_be_are_no_fault_of_the_config(
    dataset: Dataset, experiments: list[Experiment]
) -> None:
    with pytest.raises(UsageError, match=r"^--jobs 0"):
        check_experiments(Path("configs"), experiments, dataset, 0, print)


def test_work_that_goes_on_is_announced_too() -> None:
    seen: list[tuple[object, ...]] = []
    step = announced(lambda *at: seen.append(at), lambda *at: seen.append(("tell", *at)))
    step(3, 9)
    step(4, 9)
    assert seen == [("tell", 3, 9), (3, 9), (4, 9)]


def test_shared_texts_are_counted_however_they_are_written(dataset: Dataset) -> None:
    texts = [dataset.X["text"].iloc[0].upper() + " !", "Nobody wrote this before."]
    other = SimpleNamespace(X=dataset.X.iloc[:2].assign(text=texts), y=dataset.y.iloc[:2])
    (remark,) = overlap_remarks(dataset, other)  # type: ignore[arg-type]
    assert remark.startswith("1 of 2 test rows")
    assert overlap_remarks(dataset, None) == []
