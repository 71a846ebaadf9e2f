"""Checks of units, spans, labels and size on rows whose faults are known."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.quality.auditing import (
    Check,
    interval_checks,
    judged,
    label_checks,
    span_checks,
    unit_checks,
)


def rows_of(folder: Path, rows: Sequence[dict[str, object]]) -> Dataset:
    path = folder / "rows.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return load_dataset(path, min_groups=5)


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


@pytest.mark.parametrize(
    ("value", "low", "high", "bar", "passed"),
    [
        (3, None, 3, "at most 3", True),
        (4, None, 3, "at most 3", False),
        (1800, 1800, None, "at least 1,800", True),
        (0.1, 0.2, 0.3, "at least 0.2, at most 0.3", False),
        (None, 0.2, None, "at least 0.2", None),
        (7, None, None, "", None),
    ],
)
def test_a_value_is_held_against_its_bar(
    value: float | None, low: float | None, high: float | None, bar: str, passed: bool | None
) -> None:
    check = judged("size", "x", value, low=low, high=high)
    assert (check.bar, check.passed) == (bar, passed)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_share_passes_at_its_bar_and_above(value: float, low: float) -> None:
    assert judged("shares", "x", value, low=low, is_share=True).passed is (value >= low)


def test_units_with_two_labels_and_units_that_repeat(tmp_path: Path) -> None:
    text = "Rome thanked Oslo and Rome left."
    rows = [
        {"id": "a", "text": text, "holder": "Rome", "holder_start": 0, "stance": "favor"},
        {"id": "b", "text": text, "holder": "Rome", "holder_start": 0, "stance": "against"},
        {"id": "c", "text": text, "holder": "Rome", "holder_start": 22, "stance": "favor"},
        {"id": "d", "text": "Bern waits.", "holder": "", "stance": "neutral"},
        {"id": "e", "text": "Bern waits.", "holder": "", "stance": "neutral"},
        {"id": "f", "text": "Bern waits.", "holder": "Bern", "stance": "neutral"},
    ]
    checks = by_name(unit_checks(rows_of(tmp_path, rows)))
    two, twice = checks["units with two labels"], checks["units that repeat"]
    assert [row["rows"] for row in two.details] == ["a, b"]
    assert two.details[0]["labels"] == "favor, against"
    assert [row["rows"] for row in twice.details] == ["d, e"]
    assert (two.passed, twice.passed) == (False, False)


def test_clean_units_pass(dataset: Dataset) -> None:
    assert [check.passed for check in [*unit_checks(dataset), *span_checks(dataset)]] == [True] * 4


def test_spans_and_mentions_that_do_not_fit_the_text(tmp_path: Path) -> None:
    text = "Lima accused Quito of lying."
    rows = [
        {"id": "a", "text": text, "target": "Quito", "target_start": 12, "stance": "against"},
        {"id": "b", "text": text, "target": "Quito", "target_start": 13, "stance": "against"},
        {"id": "c", "text": text, "target": "quito", "stance": "against"},
        {"id": "d", "text": text, "target": "Bogota", "stance": "neutral"},
        {"id": "e", "text": text, "target": "Qui", "stance": "neutral"},
    ]
    misspelt, absent = span_checks(rows_of(tmp_path, rows))
    assert [(row["row"], row["span"]) for row in misspelt.details] == [("a", " Quit")]
    assert [row["row"] for row in absent.details] == ["d", "e"]


def test_one_sided_holders_need_many_rows_and_one_label(tmp_path: Path) -> None:
    def rows(holder: str, against: int, favor: int) -> list[dict[str, object]]:
        labels = ["against"] * against + ["favor"] * favor
        return [
            {
                "text": f"{holder} met Oslo, {n}.",
                "holder": holder,
                "target": "Oslo",
                "stance": label,
            }
            for n, label in enumerate(labels)
        ]

    data = rows_of(
        tmp_path, [*rows("Rome", 17, 3), *rows("Bern", 16, 4), *rows("Lima", 19, 0)]
    )  # fmt: skip
    checks = by_name(label_checks(data))
    holders = checks["one-sided holders"]
    assert holders.value == 1
    assert holders.remark.endswith(": Rome")
    assert holders.details[1] == {"holder": "Rome", "rows": 20, "against": 0.85, "favor": 0.15}
    # Of the 59 rows towards Oslo 52 are against.
    assert checks["one-sided targets"].remark.endswith(": Oslo")
    assert holders.passed is None


def test_labels_by_kind_and_by_flag(tmp_path: Path) -> None:
    rows = [
        {"text": "Rome left.", "target": "", "stance": "neutral", "quote": "", "act": ""},
        {"text": "Rome left.", "target": "Rome", "stance": "favor", "quote": 1, "act": 0},
        {"text": "Bern left.", "target": "Bern", "stance": "against", "quote": 1, "act": 0},
        {"text": "Lima left.", "target": "Lima", "stance": "against", "quote": 0, "act": 0},
    ]
    checks = by_name(label_checks(rows_of(tmp_path, rows)))
    kinds = {row["of"]: row for row in checks["labels by kind of row"].details}
    assert kinds["sentence rows"] == {
        "of": "sentence rows", "rows": 1, "against": 0.0, "favor": 0.0, "neutral": 1.0,
    }  # fmt: skip
    flags = checks["labels of pair rows by flag"].details
    # A flag that no row bears tells nothing.
    assert [(row["of"], row["rows"], row["favor"]) for row in flags] == [
        ("quote", 2, 0.5),
        ("not quote", 1, 0.0),
    ]


def test_rows_without_targets_have_no_tables_of_names(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"text": "Rome left.", "stance": "favor"}, {"text": "Bern left.", "stance": "against"},
    ]  # fmt: skip
    assert list(by_name(label_checks(rows_of(tmp_path, rows)))) == ["labels by kind of row"]


def test_the_expected_interval_narrows_with_the_number_of_rows(tmp_path: Path) -> None:
    def width(n_rows: int) -> float:
        rows: list[dict[str, object]] = [
            {"text": f"Rome left on day {n}.", "stance": ("against", "favor", "neutral")[n % 3]}
            for n in range(n_rows)
        ]
        (check,) = interval_checks(rows_of(tmp_path, rows))
        assert check.value is not None
        return check.value

    # Four times as many rows, half the width; of 200 rows that are right three times in four the
    # normal interval is 2 x 1.96 x sqrt(.75 x .25 / 200) = .120 wide.
    narrow, wide = width(800), width(200)
    assert wide == pytest.approx(0.12, rel=0.15)
    assert wide / narrow == pytest.approx(2, rel=0.15)


def test_pair_rows_have_an_interval_of_their_own(dataset: Dataset) -> None:
    whole, pairs = interval_checks(dataset)
    assert whole.value is not None
    assert pairs.value is not None
    assert pairs.value > whole.value
    assert "29 rows" in pairs.remark
