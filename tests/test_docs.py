"""The docs name what is there, and what is there is named in the docs."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from stanceml.cli.commands import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
MARKDOWN = sorted(
    path for path in ROOT.rglob("*.md") if not {".venv", "mlartifacts", "models"} & set(path.parts)
)


def targets() -> dict[str, str]:
    told = subprocess.run(
        ["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return dict(line.split(maxsplit=1) for line in told.splitlines())


def test_make_alone_prints_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(targets()) | {"help"} == set(phony.split())
    assert {"setup", "data", "train", "predict", "ui", "test", "check", "clean"} <= set(targets())


def test_targets_and_commands_that_the_docs_name_exist() -> None:
    known = {command.name for command in app.registered_commands} | {"data"}
    for path in MARKDOWN:
        text = path.read_text()
        for name in re.findall(r"(?:`|^    |^)make ([a-z][a-z-]*)", text, re.MULTILINE):
            if path.name != "CHANGELOG.md":
                assert name in targets(), f"{path}: make {name}"
        for name in re.findall(r"(?:`|^|    )stanceml ([a-z]+)", text, re.MULTILINE):
            assert name in known, f"{path}: stanceml {name}"


@pytest.mark.slow
def test_options_that_the_readme_names_exist(stanceml: Any) -> None:
    commands = [[command.name] for command in app.registered_commands]
    commands += [["data", "build"], ["data", "card"]]
    told = "".join(stanceml(*command, "--help").stdout for command in commands)
    ours = "\n".join(
        line for line in README.splitlines() if not re.match(r"    (mlflow|curl|    -d)", line)
    )
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)):
        assert option in told, option


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", path.read_text()):
        if "://" not in link:
            assert (path.parent / link).exists(), link


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    told = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for requirement in wanted:
        assert re.match(r"[\w-]+", requirement)[0].lower() in told  # type: ignore[index]


def test_pins_name_no_package_index() -> None:
    pins = (ROOT / "requirements.txt").read_text()
    assert "://" not in pins
    assert not re.search(r"^--(?!hash)", pins, re.MULTILINE)
    for name in re.findall(r"^([\w.-]+)==", pins, re.MULTILINE):
        assert name
    assert pins.count("--hash=sha256:") > pins.count("==")


def test_decisions_are_numbered_in_a_row() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").iterdir())
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
