"""Figures show what was measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from stanceml.reports.figures import (
    class_bars,
    confusion_matrix,
    leaderboard_chart,
    ngram_chart,
    readable,
)
from stanceml.workflows.train import TrainingResult


def test_every_figure_draws(project: tuple[Path, TrainingResult], tmp_path: Path) -> None:
    measured = [item.measured for item in project[1].experiments]
    rows = [
        {"stance": "favor", "rank": 1, "space": "s", "ngram": "$x_ \ufdd0", "weight": 0.5},
        {"stance": "against", "rank": 1, "space": "s", "ngram": "no", "weight": 0.25},
    ]
    figures = {
        "matrix": confusion_matrix(measured[0].report),
        "bars": class_bars(measured[0].report),
        "board": leaderboard_chart(measured),
        "ngrams": ngram_chart(rows),
    }
    for name, figure in figures.items():
        assert figure is not None
        figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 5000


def test_the_matrix_bears_the_counts(project: tuple[Path, TrainingResult]) -> None:
    report = project[1].best.measured.report
    axes = confusion_matrix(report).axes[0]
    told = [float(text.get_text()) for text in axes.texts]
    assert told == pytest.approx(
        [count for row in report.slices["all"].confusion for count in row], abs=0.05
    )


def test_labels_are_no_formulas(project: tuple[Path, TrainingResult], tmp_path: Path) -> None:
    report = project[1].best.measured.report
    labels = ["$5 to $", "a\u202eb", "^{\\frac$x"]
    scores = report.slices["all"].scores
    renamed = {
        f"{metric}_{label}": scores[f"{metric}_favor"]
        for metric in ("precision", "recall", "f1")
        for label in labels
    }
    part = replace(report.slices["all"], scores=scores | renamed)
    strange = replace(report, classes=labels, slices=report.slices | {"all": part})
    for draw in (confusion_matrix, class_bars):
        figure = draw(strange)
        figure.savefig(tmp_path / "figure.png")
        told = [label.get_text() for label in figure.axes[0].get_xticklabels()]
        assert told == [r"\$5 to \$", "a∅b", r"^{\frac\$x"]


def test_a_model_without_ngrams_has_no_chart() -> None:
    assert ngram_chart([]) is None


def test_ngrams_are_readable() -> None:
    assert readable("for \ufdd2") == "for ⟨target"
    assert readable("\ufdd4") == "∅"
    assert readable("a$b") == "a$b"
