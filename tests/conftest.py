"""What several tests need: quick experiments, and one real training that they share."""

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from stanceml.config import EvaluationSettings, Experiment, read_experiments
from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.exceptions import DataError
from stanceml.tables.rows import Row
from stanceml.tables.tables import read_rows
from stanceml.tracking.store import URI_VARIABLE, import_mlflow
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.train import TrainingResult, train

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "data" / "stances.csv"

settings.register_profile("stanceml", deadline=None, derandomize=True)
settings.load_profile("stanceml")

QUICK = EvaluationSettings(n_splits=3, n_repeats=2, n_bootstraps=100, n_permutations=4)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever the person who runs the tests has set, no test writes into their store.
    monkeypatch.delenv(URI_VARIABLE, raising=False)


@pytest.fixture(scope="session")
def seed_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows of the seed article alone: small enough to train on again and again."""
    path = tmp_path_factory.mktemp("seed") / "stances.csv"
    with CORPUS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["origin"] == "seed"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def dataset(seed_rows: Path) -> Dataset:
    """The rows of the seed article."""
    return load_dataset(seed_rows, min_groups=5)


@pytest.fixture(scope="session")
def experiments() -> list[Experiment]:
    """Every experiment of the project, measured quickly."""
    found = read_experiments(ROOT / "configs")
    return [experiment.model_copy(update={"evaluation": QUICK}) for experiment in found]


@pytest.fixture(scope="session")
def quick_configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two experiments that train in a moment."""
    folder = tmp_path_factory.mktemp("configs")
    measured = "evaluation: {n_splits: 3, n_repeats: 1, n_bootstraps: 100, n_permutations: 2}\n"
    for name in ("ridge", "most-frequent"):
        text = (ROOT / "configs" / f"{name}.yaml").read_text()
        (folder / f"{name}.yaml").write_text(text + measured)
    return folder


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database: copying it takes a moment, making it seconds."""
    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    import_mlflow().MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def store_uri(store_template: Path, tmp_path: Path) -> str:
    """The address of an empty MLflow database of one's own."""
    shutil.copy(store_template, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


@pytest.fixture(scope="session")
def project(
    tmp_path_factory: pytest.TempPathFactory,
    store_template: Path,
    quick_configs: Path,
    seed_rows: Path,
) -> tuple[Path, TrainingResult]:
    """A folder in which two experiments were trained, and what that gave."""
    folder = tmp_path_factory.mktemp("project with spaces ✓")
    shutil.copy(store_template, folder / "mlflow.db")
    result = train(
        quick_configs,
        LabelledFile(seed_rows),
        folder / "models" / "stance",
        f"sqlite:///{folder / 'mlflow.db'}",
        folder=folder,
        n_jobs=1,
    )
    return folder, result


@pytest.fixture(scope="session")
def model_folder(project: tuple[Path, TrainingResult]) -> Path:
    """A trained and saved model. Not to be changed: copy it."""
    return project[1].model_folder


@pytest.fixture(scope="session")
def read_table() -> Callable[[Path, str | bytes, str], list[Row]]:
    """Write a table of some format and read it back."""

    def read(path: Path, content: str | bytes, format: str) -> list[Row]:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_rows(path, format))

    return read


@pytest.fixture(scope="session")
def complaint(
    read_table: Callable[[Path, str | bytes, str], list[Row]],
) -> Callable[[Path, str | bytes, str], str]:
    """Write a table that cannot be read, and give the one line that says so behind its name."""

    def told(path: Path, content: str | bytes, format: str) -> str:
        with pytest.raises(DataError) as caught:
            read_table(path, content, format)
        message = str(caught.value)
        assert message.startswith(str(path))
        assert len(message.splitlines()) == 1
        return message.removeprefix(str(path))

    return told


@pytest.fixture
def stanceml(tmp_path: Path) -> Run:
    """Run the command line as a user does, in a folder of one's own."""

    def run(*words: str | Path, cwd: Path = tmp_path, **settings: object) -> object:
        command = [sys.executable, "-m", "stanceml.cli", *map(str, words)]
        settings = {"capture_output": True, "text": True, "timeout": 300} | settings
        return subprocess.run(command, cwd=cwd, check=False, **settings)  # type: ignore[call-overload]

    return run  # type: ignore[return-value]


@pytest.fixture(scope="session", autouse=True)
def _as_on_a_terminal() -> None:
    # A shell's background jobs ignore Ctrl-C, and hand that on to their children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Tables of child processes are as wide as the tests expect.
    os.environ.setdefault("COLUMNS", "120")
