"""Cue lemmas are told by form; a cue is one-sided from the stated share and number of rows on."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.datasets import load_dataset
from stanceml.quality.auditing import Check
from stanceml.quality.cues import cue_checks, cue_lemmas


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("The council vetoes and condemned it.", {"veto", "condemn"}),
        ("A shameful, dangerous, unworkable, divisive move", {
            "shameful", "dangerous", "unworkable", "divisive"}),
        ("an attack on the United Nations", {"attack"}),
        ("Deploring the raid, he left.", {"deplore", "raid"}),
        ("They organised and summarize.", {"organis", "summarize"}),
        ("A table, a red bed and a wing.", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_lemmas(text: str, lemmas: set[str]) -> None:
    assert cue_lemmas(text) >= lemmas
    if not lemmas:
        assert not cue_lemmas(text)


def test_names_within_the_sentence_are_no_cues() -> None:
    assert "welcome" not in cue_lemmas("He lives in Welcome Bay.")
    assert "welcome" in cue_lemmas("Welcome words, the envoy said.")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(lemma == lemma.lower() and lemma for lemma in cue_lemmas(text))


def cues(folder: Path, n_favor: int, n_against: int) -> Check:
    labels = ["favor"] * n_favor + ["against"] * n_against
    frame = pd.DataFrame(
        {
            "text": [
                f"Rome praised Oslo, item {n}, and praised it anew." for n in range(len(labels))
            ],
            "target": "Oslo",
            "stance": labels,
        }
    )
    # Sentence rows are not counted.
    whole = frame.assign(target="", stance="neutral")
    pd.concat([frame, whole]).to_csv(folder / "rows.csv", index=False)
    (check,) = cue_checks(load_dataset(folder / "rows.csv"))
    return check


def test_a_one_sided_cue_is_told(tmp_path: Path) -> None:
    check = cues(tmp_path, 17, 3)
    assert not check.passed
    assert check.details == ({"lemma": "praise", "rows": 20, "label": "favor", "share": 0.85},)


@pytest.mark.parametrize(("n_favor", "n_against"), [(16, 4), (18, 1), (10, 10)])
def test_a_cue_that_is_rare_or_mixed_passes(n_favor: int, n_against: int, tmp_path: Path) -> None:
    assert cues(tmp_path, n_favor, n_against).passed
