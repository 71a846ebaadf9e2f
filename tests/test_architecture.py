"""What keeps the house in order, beside the contracts that `make check` holds."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "stanceml").rglob("*.py"))
HEAVY = (
    "numba",
    "sklearn",
    "pandas",
    "scipy",
    "mlflow",
    "matplotlib",
    "joblib",
    "rich",
    "pyarrow",
    "yaml",
)


def imported_by(*words: str) -> set[str]:
    """Run a command line and list the packages that it imported."""
    code = (
        "import sys; from stanceml.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    status = end.code\n"
        "print('\\0' + ' '.join({name.partition('.')[0] for name in sys.modules}))\n"
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("\0")[2].split())


def test_help_starts_light() -> None:
    assert not imported_by("--help") & {*HEAVY, "numpy"}


def test_prediction_starts_light(model_folder: Path) -> None:
    words = ("predict", "NATO backs Kyiv.", "--format", "jsonl", "--model", str(model_folder))
    assert not imported_by(*words) & set(HEAVY)


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys, stanceml; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_reads_in_one_sitting(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(source))


def test_every_module_has_its_tests() -> None:
    # Rooms' doors, and what is tested where it is used: by the command line, by runs, by training.
    elsewhere = {
        "__init__", "__main__", "main", "options", "data", "train", "predict", "evaluate",
        "labelled", "manifest", "sealed", "served_model", "pipeline", "stances", "build_dataset",
    }  # fmt: skip
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    # What makes up the compiled scores is tested by what they are, in one file.
    modules = {path.stem for path in MODULES if path.parent.name != "compiled"}
    assert modules - elsewhere - tested == set()
