"""Models that earlier versions saved: they keep loading, and keep giving the same scores."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stanceml import load_model
from stanceml.exceptions import ModelError
from stanceml.features.attitudes import lexicon_digest
from stanceml.files import sha256
from stanceml.inference.manifest import SCHEMA_VERSION

GOLDEN = Path(__file__).parent / "golden"
# One a schema, as `stanceml train` wrote it, less the pipeline and the card. None of its sources
# depends on the word lists: those may change, and a model of other lists is refused, see below.
FOLDERS = sorted(path for path in GOLDEN.glob("model-*") if path.is_dir())


def expected(folder: Path) -> list[dict[str, Any]]:
    """What the model said when it was saved."""
    lines = folder.with_suffix(".jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def test_the_current_schema_has_its_golden_model() -> None:
    assert GOLDEN / f"model-{SCHEMA_VERSION}" in FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_same_scores_as_ever(folder: Path) -> None:
    model, lines = load_model(folder), expected(folder)
    rows = [line["row"] for line in lines]
    scores, (labels, probabilities) = model.decision_function(rows), model.judge(rows)
    assert np.abs(scores - [line["scores"] for line in lines]).max() < 1e-9
    assert np.abs(probabilities - [line["probabilities"] for line in lines]).max() < 1e-9
    assert labels.tolist() == [line["stance"] for line in lines]
    # The rows tell models apart: each label is given, and hardly two rows score alike.
    assert set(labels) == set(model.classes_)
    assert len(np.unique(scores.round(9), axis=0)) > 0.8 * len(rows)


def _with_lexicon(folder: Path, source: str, lexicon: str | None) -> Path:
    shutil.copytree(GOLDEN / "model-1", folder)
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    facts["spaces"][0] |= {"source": source, "kind": "word", "lexicon": lexicon}
    (folder / "model.json").write_text(json.dumps(facts), encoding="utf-8")
    sums = [f"{sha256(path.read_bytes())}  {path.name}\n" for path in folder.glob("*.*")]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def test_a_model_of_these_word_lists_loads(tmp_path: Path) -> None:
    model = load_model(_with_lexicon(tmp_path / "model", "lemmas", lexicon_digest()))
    assert model.predict(["Malta backs the port."]).shape == (1,)


@pytest.mark.parametrize("lexicon", ["0" * 64, "", None])
def test_a_model_of_other_word_lists_is_refused(tmp_path: Path, lexicon: str | None) -> None:
    # Its n-grams would be cut from other words than those that it was trained on.
    folder = _with_lexicon(tmp_path / "model", "polarity", lexicon)
    with pytest.raises(ModelError, match=r"space 0 \(polarity\).*other word lists.*version that"):
        load_model(folder)


def test_a_fingerprint_of_lists_that_a_space_does_not_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"space 0 \(text\) .*expected None"):
        load_model(_with_lexicon(tmp_path / "model", "text", lexicon_digest()))
