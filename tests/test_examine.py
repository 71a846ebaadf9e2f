"""`stanceml examine`: prints, writes whole folders, and tells mistakes before any work."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from stanceml.cli.examine import EXAMPLES, examine
from stanceml.examination.examination import Examination
from stanceml.exceptions import ConfigError, DataError, StancemlError, UsageError
from stanceml.workflows import examine as workflow
from stanceml.workflows.labelled import LabelledFile

pytestmark = pytest.mark.slow

FILES = ["learning_curve.png", "reliability.png", "report.json", "slices.png"]

CONFIG = """
name: words
features:
  - {source: marked, kind: word, orders: [1, 1]}
classifier: {kind: ridge}
evaluation: {n_splits: 3, n_repeats: 1, n_bootstraps: 100, n_permutations: 0}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "words.yaml"
    path.write_text(CONFIG)
    return path


def call(*words: str | Path) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(epilog=EXAMPLES)(examine)
    return CliRunner().invoke(app, [*map(str, words)], env={"COLUMNS": "120"})


@pytest.fixture
def done_before(
    config: Path, seed_rows: Path, monkeypatch: pytest.MonkeyPatch, kept: list[Examination]
) -> None:
    """Examine once, and give that to every test of what becomes of it."""
    if not kept:
        kept.append(workflow.examine(config, LabelledFile(seed_rows), n_jobs=1))
    monkeypatch.setattr(workflow, "examine_experiment", lambda *_: kept[0])


@pytest.fixture(scope="module")
def kept() -> list[Examination]:
    return []


@pytest.fixture
def no_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no mistake be told after long work."""

    def worked(*_: object, **__: object) -> None:
        raise AssertionError("work was begun")

    monkeypatch.setattr(workflow, "examine_experiment", worked)


def test_help_has_a_sentence_and_two_examples() -> None:
    told = call("--help").stdout
    assert told.strip().split("\n\n")[1].strip().endswith(".")
    assert told.split("Examples:")[1].count("stanceml examine") == 2


def test_table_and_folder(config: Path, seed_rows: Path, tmp_path: Path) -> None:
    output = tmp_path / "found" / "words"
    done = call(config, "--data", seed_rows, "--jobs", "1", "-o", output)
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in output.iterdir()) == FILES
    report = json.loads((output / "report.json").read_text())
    score = report["report"]["slices"]["all"]["scores"]["macro_f1"]
    assert f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]" in done.stdout
    for title in (
        "targets never seen",
        "section: body",
        "answers that change",
        "holder only",
        "100%, 29 rows",
        "expected calibration error",
        "90% covered wanted",
    ):
        assert title in done.stdout
    assert "Thresholds and quantiles are chosen on these very rows" in done.stdout
    assert "44 rows in 15 groups (by sentence_id)" in done.stderr
    assert f"three figures are in {output}" in done.stderr


@pytest.mark.usefixtures("done_before")
def test_json_alone_goes_to_stdout(config: Path, seed_rows: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    done = call(config, "--data", seed_rows, "--jobs", "1", "--format", "json")
    plain = json.loads(done.stdout)
    assert plain["experiment"] == "words"
    assert plain["data"] == seed_rows.stem
    assert set(tmp_path.iterdir()) == before


@pytest.mark.usefixtures("done_before")
def test_an_older_examination_is_replaced(config: Path, seed_rows: Path, tmp_path: Path) -> None:
    output = tmp_path / "found"
    output.mkdir()
    for name in ("learning_curve.png", "old.txt"):
        (output / name).write_text("old")
    workflow.examine(config, LabelledFile(seed_rows), output, n_jobs=1)
    assert sorted(path.name for path in output.iterdir()) == FILES


@pytest.mark.mistakes
@pytest.mark.usefixtures("no_fits")
def test_a_folder_with_other_things_is_kept(config: Path, seed_rows: Path, tmp_path: Path) -> None:
    output = tmp_path / "thesis"
    output.mkdir()
    (output / "report.json").write_text("mine")
    with pytest.raises(DataError, match="holds other files"):
        workflow.examine(config, LabelledFile(seed_rows), output)
    assert (output / "report.json").read_text() == "mine"


@pytest.mark.mistakes
@pytest.mark.usefixtures("done_before")
def test_nothing_is_left_where_work_fails(
    config: Path, seed_rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise DataError("no figure today")

    monkeypatch.setattr(workflow, "slice_chart", fails)
    before = set(tmp_path.iterdir())
    with pytest.raises(DataError, match="no figure today"):
        workflow.examine(config, LabelledFile(seed_rows), tmp_path / "found", n_jobs=1)
    assert set(tmp_path.iterdir()) == before


MISTAKES: list[tuple[list[str], type[StancemlError], str]] = [
    (["none.yaml"], ConfigError, "none.yaml: no such file"),
    ([".", "--data", "ROWS"], ConfigError, "is a folder; expected a file"),
    (["wrong.yaml"], ConfigError, "did you mean 'classifier'"),
    (["words.yaml", "--data", "none.csv"], DataError, "none.csv: no such file"),
    (["words.yaml", "--data", "ROWS", "--label-column", "x"], DataError, "no column 'x'"),
    (["words.yaml", "--data", "few.csv"], DataError, "2 groups .* for 3 folds"),
    (["words.yaml", "--data", "ROWS", "--jobs", "0"], UsageError, "--jobs 0"),
    (["words.yaml", "--data", "ROWS", "-o", "words.yaml"], DataError, "it is a file"),
    (["words.yaml", "--data", "ROWS", "--label-map", "x"], UsageError, "expected OLD=NEW"),
]


@pytest.mark.mistakes
@pytest.mark.parametrize(("words", "kind", "told"), MISTAKES, ids=lambda x: str(x)[:50])
def test_a_mistake_is_told_in_a_line(
    words: list[str],
    kind: type[StancemlError],
    told: str,
    config: Path,
    seed_rows: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(config.parent)
    Path("wrong.yaml").write_text(CONFIG.replace("classifier", "clasifier"))
    Path("few.csv").write_text("text,stance\nNATO backs Kyiv.,favor\nMoscow objects.,against\n")
    before = sorted(Path().iterdir())
    done = call(*(str(seed_rows) if word == "ROWS" else word for word in words))
    assert isinstance(done.exception, kind)
    message = str(done.exception)
    assert "\n" not in message
    with pytest.raises(StancemlError, match=told):
        raise done.exception
    assert done.stdout == ""
    assert sorted(Path().iterdir()) == before


def test_wrong_usage() -> None:
    assert call().exit_code == 2
    assert call("words.yaml", "--format", "xml").exit_code == 2
