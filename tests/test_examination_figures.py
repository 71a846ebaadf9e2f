"""The pictures of an examination show its numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.examination.examination import Examination, examine_experiment
from stanceml.reports.examination_figures import learning_curve, slice_chart
from stanceml.reports.figures import reliability_diagram

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> Examination:
    experiment = Experiment.model_validate(
        {
            "name": "words",
            "features": [{"source": "marked", "kind": "word", "orders": (1, 1)}],
            "classifier": {"kind": "ridge"},
            "evaluation": {"n_splits": 3, "n_repeats": 1, "n_bootstraps": 100},
        }
    )
    return examine_experiment(experiment, dataset, n_jobs=1)


def test_every_figure_draws(found: Examination, tmp_path: Path) -> None:
    figures = {
        "curve": learning_curve(found),
        "slices": slice_chart(found),
        "reliability": reliability_diagram(found.reliability),
    }
    for name, figure in figures.items():
        figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 5000


def test_the_curve_bears_its_points(found: Examination) -> None:
    axes = learning_curve(found).axes[0]
    line = next(line for line in axes.lines if line.get_label() == "words")
    assert list(line.get_xdata()) == [point.n_train for point in found.curve]
    assert list(line.get_ydata()) == [point.macro_f1.value for point in found.curve]
    ticks = [text.get_text() for text in axes.get_xticklabels()]
    assert ticks[-1] == f"{found.curve[-1].n_train}\n100%"
    heights = [line.get_ydata()[0] for line in axes.lines if line is not line.axes.lines[0]]
    assert heights == [baseline.other.value for baseline in found.blind.values()]


def test_the_slices_bear_their_rows(found: Examination) -> None:
    axes = slice_chart(found).axes[0]
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert {"all rows (44)", "sentence rows (15)", "targets never seen (29)"} <= set(labels)
    assert labels.count("all rows (44)") == 2  # as usual, and with invented names
    drawn = {float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata())}
    assert found.report.primary.value in drawn
    assert found.unseen["target"].comparison.other.value in drawn
    assert found.unseen["target"].comparison.usual.value in drawn


def test_the_diagram_bears_the_bins(found: Examination) -> None:
    axes = reliability_diagram(found.reliability, "words").axes[0]
    dots = axes.lines[1]
    assert list(dots.get_xdata()) == [part.confidence for part in found.reliability.bins]
    assert list(dots.get_ydata()) == [part.accuracy.value for part in found.reliability.bins]
    assert axes.get_title("left") == "words: 44 rows in 15 groups"
    assert f"{found.reliability.brier.value:.3f}" in axes.texts[0].get_text()


def test_without_baselines_there_are_no_lines(found: Examination) -> None:
    axes = learning_curve(replace(found, blind={})).axes[0]
    assert len(axes.lines) == 1


def test_signs_of_formulas_are_shown_as_they_are(found: Examination, tmp_path: Path) -> None:
    strange = replace(found, data="a$_b$")
    for number, figure in enumerate((learning_curve(strange), slice_chart(strange))):
        figure.savefig(tmp_path / f"{number}.png")
        assert r"a\$_b\$" in figure.axes[0].get_title("left")
