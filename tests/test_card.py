"""The model card says what the manifest says, and no more."""

from pathlib import Path

from stanceml import load_model
from stanceml.reports.card import model_card, size_remark
from stanceml.workflows.train import TrainingResult


def test_the_card_beside_a_model_is_the_manifests(model_folder: Path) -> None:
    manifest = load_model(model_folder).manifest
    card = (model_folder / "README.md").read_text()
    assert card == model_card(manifest)
    score = manifest.report["slices"]["all"]["scores"]["macro_f1"]
    assert f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]" in card
    assert manifest.data.digest[:12] in card
    assert "no estimate of how common a stance is" in card


def test_the_remark_on_size_tells_the_interval(project: tuple[Path, TrainingResult]) -> None:
    report = project[1].best.measured.report
    low, high = report.primary.low, report.primary.high
    remark = size_remark(report.as_dict())
    assert "44 rows in 15 groups (by sentence_id)" in remark
    assert f"{high - low:.3f} wide, {low:.3f} to {high:.3f}" in remark


def test_names_with_signs_of_markdown_are_shown_as_they_are(model_folder: Path) -> None:
    manifest = load_model(model_folder).manifest
    data = manifest.data.model_copy(update={"name": "a`b|<i>", "group_kind": "day\u202e"})
    strange = manifest.model_copy(
        update={"name": "[me](x) $y$", "classes": ["<b>pro</b>", "a|b"], "data": data}
    )
    card = model_card(strange)
    assert card.startswith("# \\[me\\](x) \\$y\\$\n")
    assert "Labels `<b>pro</b>`, `a|b`" in card
    assert "`` a`b|<i> ``" in card
    assert "\u202e" not in card
    assert "`day∅`" in card
