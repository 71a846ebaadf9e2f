"""Copies, near copies and templates are found where they are, and only there."""

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.quality.repetition import (
    duplicate_checks,
    overlap_checks,
    similar_pairs,
    template_checks,
)

LONG = (
    "The harbour council of Velsk rejected the ferry treaty after a stormy session on Monday night."
)
OTHER = "Two trawlers were released by the coast guard when their captains had paid the port dues."


def texts(folder: Path, rows: list[tuple[str, str]], name: str = "rows") -> Dataset:
    """Rows of text and document, a sentence each."""
    frame = pd.DataFrame(rows, columns=["text", "document_id"])
    frame["sentence_id"] = [f"s{number}" for number in range(len(frame))]
    frame["stance"] = ["against", "favor"] * (len(frame) // 2) + ["favor"] * (len(frame) % 2)
    path = folder / f"{name}.csv"
    frame.to_csv(path, index=False)
    return load_dataset(path)


def test_exact_copies_differ_in_case_and_punctuation_only(tmp_path: Path) -> None:
    rows = [(LONG, "a"), (LONG.upper(), "b"), (OTHER, "b")]
    exact, across, near = duplicate_checks(texts(tmp_path, rows))
    assert (exact.value, exact.passed) == (1, False)
    assert exact.details[0]["sentences"] == "s0, s1"
    assert exact.details[0]["groups"] == "a, b"
    # They are told once, not as near copies too.
    assert (across.value, near.value) == (0, 0)


def test_near_copies_within_and_across_groups(tmp_path: Path) -> None:
    changed = LONG.replace("Monday", "Tuesday")
    again = OTHER.replace("captains", "owners")
    rows = [(LONG, "a"), (changed, "b"), (OTHER, "b"), (again, "b")]
    exact, across, near = duplicate_checks(texts(tmp_path, rows))
    assert exact.value == 0
    assert [(row["sentence"], row["copy"]) for row in across.details] == [("s0", "s1")]
    assert [(row["sentence"], row["copy"]) for row in near.details] == [("s2", "s3")]
    assert near.value == 1.0
    assert not across.passed
    assert not near.passed


def test_rows_of_one_sentence_are_no_copies(dataset: Dataset) -> None:
    assert [check.value for check in duplicate_checks(dataset)] == [0, 0, 0]


def test_overlap_with_a_test_file(tmp_path: Path) -> None:
    data = texts(tmp_path, [(LONG, "a"), (OTHER, "b")])
    test = texts(
        tmp_path,
        [(LONG.lower(), "x"), (OTHER.replace("Two", "Three"), "y"), ("Nothing alike.", "y")],
        "test",
    )
    exact, near = overlap_checks(data, test)
    assert [(row["sentence"], row["copy"]) for row in exact.details] == [("s0", "s0")]
    assert [(row["sentence"], row["copy"]) for row in near.details] == [("s1", "s1")]
    assert exact.name == "exact copies in test"
    clean = texts(tmp_path, [("Nothing alike.", "y"), ("Bern hopes for rain.", "x")], "clean")
    assert [check.passed for check in overlap_checks(data, clean)] == [True, True]


def test_a_template_is_a_frame_that_more_than_three_others_share(tmp_path: Path) -> None:
    def filled(n: int) -> list[tuple[str, str]]:
        names = ["Russia", "China", "NATO", "Iran", "Japan"][:n]
        return [
            (f"{name} signed the grain accord on {day} March, the harbour office said.", str(day))
            for day, name in enumerate(names, 1)
        ]

    alike, phrases = template_checks(texts(tmp_path, [*filled(4), (OTHER, "x")]))
    assert (alike.value, alike.passed) == (0, True)
    assert phrases.details[0] == {"5-gram": "N signed the grain accord", "sentences": 4}
    assert phrases.value == 4 / 5
    alike, _ = template_checks(texts(tmp_path, [*filled(5), (OTHER, "x")]))
    assert (alike.value, alike.passed) == (5, False)
    assert alike.details[0]["others"] == 4
    assert alike.details[0]["frame"].startswith("N signed the grain accord on # march")


def test_mentions_beyond_the_alias_table_are_hidden(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "text": [f"{name} blocked the canal bill in a vote." for name in ("Olo", "Veshki Pa")],
            "holder": ["Olo", "Veshki Pa"],
            "target": ["canal bill", "canal bill"],
            "stance": ["against", "favor"],
        }
    )
    frame.to_csv(tmp_path / "rows.csv", index=False)
    _, phrases = template_checks(load_dataset(tmp_path / "rows.csv"))
    assert phrases.details[0]["5-gram"] == "N blocked the N in"


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=12),
    st.floats(0.2, 1.0),
)
def test_pairs_are_those_of_the_full_product(rows: list[list[int]], bar: float) -> None:
    matrix = np.array(rows, dtype=float) + np.eye(4)[np.arange(len(rows)) % 4]
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    cosines = matrix @ matrix.T
    first, second, value = similar_pairs(csr_matrix(matrix), csr_matrix(matrix), bar)
    found = dict(zip(zip(first, second, strict=True), value, strict=True))
    for place in np.ndindex(cosines.shape):
        if abs(cosines[place] - bar) > 1e-5:
            assert (place in found) == (cosines[place] > bar)
        if place in found:
            assert abs(found[place] - cosines[place]) < 1e-9


def test_blocks_do_not_matter() -> None:
    random = np.random.default_rng(0)
    matrix = random.random((1203, 3))
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    first, second, _ = similar_pairs(csr_matrix(matrix), csr_matrix(matrix), 0.999)
    assert len(first) == (matrix @ matrix.T >= 0.999 - 1e-6).sum()
    assert {*zip(first, second, strict=True)} == {*zip(second, first, strict=True)}
