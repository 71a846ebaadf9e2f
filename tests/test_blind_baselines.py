"""What gives labels away is found by the baseline that looks at it, and chance stays chance."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.quality.auditing import Check
from stanceml.quality.blind_baselines import N_STEPS, blind_checks
from stanceml.stances import STANCES

NAMES = ("Lima", "Quito", "Oslo", "Bern", "Accra", "Tunis", "Hanoi", "Riga", "Minsk")
Write = Callable[[np.random.Generator, str], tuple[str, str, str]]


def written(folder: Path, write: Write, n_groups: int = 12) -> Dataset:
    """Sixty rows a class; `write` makes text, holder and target of a label."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(180):
        stance = STANCES[number % 3]
        text, holder, target = write(random, stance)
        rows.append((text, holder, target, stance, number % n_groups, number))
    columns = ["text", "holder", "target", "stance", "document_id", "sentence_id"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "rows.csv", index=False)
    return load_dataset(folder / "rows.csv", min_groups=5)


def upper_ends(dataset: Dataset) -> dict[str, float]:
    checks = [check for check in blind_checks(dataset, 8) if check.bar]
    return {check.name.removeprefix("above chance from "): check.value or 0.0 for check in checks}


def scores(checks: list[Check]) -> dict[str, dict[str, float]]:
    (table,) = (check for check in checks if check.name == "macro-F1 and chance")
    return {row["features"]: row for row in table.details}


def random_pair(random: np.random.Generator) -> tuple[str, str]:
    holder, target = random.choice(NAMES, size=2, replace=False)
    return str(holder), str(target)


def test_names_that_tell_nothing_score_like_chance(tmp_path: Path) -> None:
    def write(random: np.random.Generator, stance: str) -> tuple[str, str, str]:
        holder, target = random_pair(random)
        return f"{holder} {stance} {target}.", holder, target

    found = scores(blind_checks(written(tmp_path, write), 20))
    for row in found.values():
        assert row["from"] < 0
        assert row["p"] > 0.05
    # All sentences are of one length: there is nothing to tell labels apart by.
    assert found["sentence length"]["above chance"] == pytest.approx(0, abs=0.02)


def test_a_target_that_tells_the_label_is_found(tmp_path: Path) -> None:
    def write(random: np.random.Generator, stance: str) -> tuple[str, str, str]:
        holder, _ = random_pair(random)
        target = {"against": "new raid", "favor": "new truce", "neutral": "new visit"}[stance]
        return f"{holder} spoke of the {target}.", holder, target

    checks = blind_checks(written(tmp_path, write), 20)
    found = scores(checks)
    assert found["target"]["macro-F1"] == 1.0
    assert found["target"]["p"] == pytest.approx(1 / 21)
    assert found["holder and target"]["macro-F1"] > 0.95
    assert found["holder"]["from"] < 0
    by_name = {check.name: check for check in checks}
    assert by_name["above chance from target"].passed is False
    words = by_name["words of the target that tell most"].details
    assert {row["word"] for row in words[:3]} == {"raid", "truce", "visit"}
    assert words[0]["share"] == 1.0


def test_length_and_position_that_tell_the_label_are_found(tmp_path: Path) -> None:
    def by_length(random: np.random.Generator, stance: str) -> tuple[str, str, str]:
        holder, target = random_pair(random)
        padding = " and so on" * (3 * STANCES.index(stance))
        return f"{holder} spoke of {target}{padding}.", holder, target

    assert upper_ends(written(tmp_path, by_length))["sentence length"] > 0.5

    def by_order(random: np.random.Generator, stance: str) -> tuple[str, str, str]:
        holder, target = random_pair(random)
        first, last = (target, holder) if stance == "favor" else (holder, target)
        return f"{first} and {last} spoke.", holder, target

    ends = upper_ends(written(tmp_path, by_order))
    assert ends["position"] > 0.15
    assert ends["holder"] < 0.15
    assert ends["sentence length"] < 0.15


def test_few_groups_are_parted_by_sentence_and_every_fold_is_a_step(tmp_path: Path) -> None:
    def write(random: np.random.Generator, stance: str) -> tuple[str, str, str]:
        return f"{stance} words on Oslo.", "", "Oslo"

    data = written(tmp_path, write, n_groups=2)
    data = load_dataset(tmp_path / "rows.csv", group_column="document_id")
    assert data.groups.nunique() == 2
    steps: list[None] = []
    found = scores(blind_checks(data, 5, step=lambda: steps.append(None)))
    assert len(steps) == N_STEPS
    # One target for all rows tells nothing.
    assert found["target"]["from"] <= 0.05


def test_the_result_is_the_same_every_time(dataset: Dataset) -> None:
    assert blind_checks(dataset, 3) == blind_checks(dataset, 3)


def test_too_few_pair_rows_are_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,target,stance\nOslo left.,Oslo,favor\nBern left.,Bern,against\n")
    checks = blind_checks(load_dataset(path))
    assert {check.passed for check in checks} == {None}
    assert "2 pair rows in 2 sentences" in checks[0].remark
