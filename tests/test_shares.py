"""The corpus's own shares, on a small corpus whose shares are known."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.quality.auditing import Check
from stanceml.quality.shares import share_checks
from stanceml.stances import FLAGS

SAID = ", officials said on Monday."


def corpus(folder: Path, sentences: list[dict[str, Any]]) -> tuple[Dataset, pd.DataFrame]:
    """Rows of sentences, each with `text` and `pairs` of (holder, target, stance, flags)."""
    rows = []
    for number, sentence in enumerate(sentences):
        shared = {
            "sentence_id": f"s{number}",
            "text": sentence["text"],
            "batch": sentence.get("batch", "b1"),
            "register": sentence.get("register", "wire"),
        }
        rows.append({**shared, "stance": "neutral"})
        for holder, target, stance, *flags in sentence["pairs"]:
            spans = {
                f"{role}_start": sentence["text"].index(mention) if mention else None
                for role, mention in (("holder", holder), ("target", target))
            }
            rows.append(
                {
                    **shared,
                    **spans,
                    "holder": holder,
                    "target": target,
                    "stance": stance,
                    **{flag: int(flag in flags) for flag in FLAGS},
                }
            )
    frame = pd.DataFrame(rows)
    frame.to_csv(folder / "rows.csv", index=False)
    return load_dataset(folder / "rows.csv"), frame[["batch", "register"]]


def shares(folder: Path, sentences: list[dict[str, Any]]) -> dict[str, Check]:
    return {check.name: check for check in share_checks(*corpus(folder, sentences))}


def test_stances_and_pairs(tmp_path: Path) -> None:
    found = shares(
        tmp_path,
        [
            {
                "text": "Rome, Bern met.",
                "pairs": [("Rome", "Bern", "favor"), ("Bern", "Rome", "against")],
            },
            {
                "text": "Oslo, Riga met.",
                "pairs": [("Oslo", "Riga", "favor"), ("Riga", "Oslo", "favor")],
            },
            {"text": "Lima waits.", "pairs": []},
            {"text": "Quito left Lima.", "batch": "b2", "pairs": [("Quito", "Lima", "neutral")]},
        ],
    )
    assert found["favor pair rows"].value == 3 / 5
    assert found["favor pair rows"].passed is False
    assert found["favor pair rows"].details == (
        {"batch": "b1", "of": 4, "share": 0.75},
        {"batch": "b2", "of": 1, "share": 0.0},
    )
    assert found["sentences with two pairs or more"].value == 2 / 4
    assert found["of these, with different stances"].value == 1 / 2
    assert found["sentences"].value == 4
    assert found["pair rows"].value == 5


def test_flags_and_what_they_are_parts_of(tmp_path: Path) -> None:
    text = "Oslo was thanked by Rome and Bern."
    found = shares(
        tmp_path,
        [
            {
                "text": text,
                "pairs": [
                    ("Rome", "Oslo", "favor", "act", "material"),
                    ("Bern", "Oslo", "favor", "act", "negated", "passive"),
                    ("", "Oslo", "neutral", "charged"),
                    ("Oslo", "Rome", "neutral", "unnamed", "quote"),
                ],
            }
        ],
    )
    assert {name: found[name].value for name in (
        "act pair rows", "material acts of pair rows", "material acts of acts",
        "charged of neutral pair rows", "negated pair rows", "quote pair rows",
        "conditional pair rows", "unnamed or no holder", "passive, or target before holder",
    )} == {
        "act pair rows": 0.5, "material acts of pair rows": 0.25, "material acts of acts": 0.5,
        "charged of neutral pair rows": 0.5, "negated pair rows": 0.25, "quote pair rows": 0.25,
        "conditional pair rows": 0.0, "unnamed or no holder": 0.5,
        "passive, or target before holder": 0.5,
    }  # fmt: skip


def test_rows_without_a_batch_are_not_counted(tmp_path: Path) -> None:
    pair = ("Rome", "Bern", "favor")
    found = shares(
        tmp_path,
        [
            {"text": "Rome met Bern.", "pairs": [pair]},
            {"text": "Rome left Bern.", "batch": "", "pairs": [pair]},
        ],
    )
    assert found["sentences"].value == 1
    assert found["pair rows"].value == 1


def test_distinct_names_and_registers(tmp_path: Path) -> None:
    registers = ["wire", "headline", "analysis"]
    sentences = [
        {"text": "Rome met Bern; ROME left.", "register": name, "pairs": [("Rome", "Bern", "favor"),
         ("ROME", "Bern", "favor")]} for name in registers
    ]  # fmt: skip
    found = shares(tmp_path, sentences)
    assert found["distinct holders"].value == 1
    assert found["registers of wire, headline, analysis, speech"].value == 3
    assert found["registers of wire, headline, analysis, speech"].passed is False


@pytest.mark.parametrize(
    ("text", "is_attributed"),
    [
        ("Rome left Bern" + SAID, True),
        ('"Rome left Bern," Wang Yi said.', True),
        ("Rome left Bern, the envoy told reporters in Oslo.", True),
        ("Rome left Bern, but said nothing.", False),
        ("Rome left Bern, which said it was sorry.", False),
        ("Officials said that Rome left Bern.", False),
        ("Rome left Bern, and Oslo too.", False),
    ],
)
def test_trailing_attributions(text: str, is_attributed: bool, tmp_path: Path) -> None:
    sentences = [
        {"text": text, "pairs": [("", text.split()[0], "favor")]},
        # A headline is not asked for one.
        {"text": "Rome left Bern" + SAID, "register": "headline", "pairs": []},
    ]
    found = shares(tmp_path, sentences)["trailing attribution, but for headlines"]
    assert found.value == float(is_attributed)


@pytest.mark.parametrize(
    ("text", "has_one"),
    [("Rome paid 3 crowns.", True), ("Rome left in May.", True), ("Rome may leave.", False),
     ("Rome left on Friday.", True), ("Fridays are dull.", False)],
)  # fmt: skip
def test_numbers_and_dates(text: str, has_one: bool, tmp_path: Path) -> None:
    found = shares(tmp_path, [{"text": text, "pairs": [("", text.split()[0], "favor")]}])
    assert found["sentences with a number or date"].value == float(has_one)


def test_a_minimal_set_shares_a_word_that_takes_a_side(tmp_path: Path) -> None:
    def sentence(holder: str, verb: str, target: str, stance: str, batch: str = "b1") -> Any:
        text = f"{holder} {verb} {target}."
        return {"text": text, "batch": batch, "pairs": [(holder, target, stance)]}

    def share(*sentences: Any) -> float | None:
        return shares(tmp_path, list(sentences))["sentences in a minimal set"].value

    praised = sentence("Rome", "praised", "Oslo", "favor")
    assert share(praised, sentence("Bern", "never praised", "Riga", "neutral")) == 1.0
    # Same label, same pair, another word, a word without a side, another batch.
    assert share(praised, sentence("Bern", "praised", "Riga", "favor")) == 0.0
    assert share(praised, sentence("Rome", "never praised", "Oslo", "neutral")) == 0.0
    assert share(praised, sentence("Bern", "condemned", "Riga", "against")) == 0.0
    met = sentence("Bern", "visited", "Riga", "neutral")
    assert share(met, sentence("Rome", "visited", "Oslo", "favor")) == 0.0
    assert share(praised, sentence("Bern", "never praised", "Riga", "neutral", "b2")) == 0.0


def test_words_are_counted(tmp_path: Path) -> None:
    sentences = [
        {"text": "Rome " + "and " * (n - 2) + "left.", "pairs": [("", "Rome", "favor")]}
        for n in (19, 21, 30)
    ]
    assert shares(tmp_path, sentences)["median words"].value == 21
