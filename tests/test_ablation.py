"""Ablation agrees with training's own measurement, and what it tells in words is so."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from stanceml.config import EvaluationSettings, Experiment, Features
from stanceml.corpus.datasets import Dataset
from stanceml.examination.ablation import Ablation, HeldOutRows, Slice, Worth, ablate_experiment
from stanceml.examination.comparing import Judge
from stanceml.examination.learning_curve import SHARES
from stanceml.examination.variants import variants
from stanceml.exceptions import visible
from stanceml.modeling.evaluation import cross_validate
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.resampling import Score
from stanceml.reports.ablation import ResultTable, ablation_tables, as_markdown

pytestmark = pytest.mark.slow

BLOCKS = (
    Features(source="marked", kind="word", orders=(1, 2)),
    Features(source="marked", kind="char", orders=(2, 3), min_df=2),
    Features(source="polarity", kind="word", orders=(1, 1)),
)
EXPERIMENT = Experiment(
    name="small",
    features=BLOCKS,
    classifier={"kind": "ridge"},  # type: ignore[arg-type]
    evaluation=EvaluationSettings(n_splits=3, n_repeats=1, n_bootstraps=200, n_permutations=0),
)


def rows_of(dataset: Dataset, rows: np.ndarray) -> Dataset:
    def taken(part: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
        return part.iloc[rows].reset_index(drop=True)

    names = ("X", "y", "groups", "sentences", "ids", "flags")
    return replace(dataset, **{name: taken(getattr(dataset, name)) for name in names})


@pytest.fixture(scope="module")
def train_rows(dataset: Dataset) -> Dataset:
    """Ten sentences of the article."""
    names = dataset.sentences.unique()[:10]
    return rows_of(dataset, np.flatnonzero(dataset.sentences.isin(names)))


@pytest.fixture(scope="module")
def held_out(dataset: Dataset) -> HeldOutRows:
    """Those of the other sentences' rows that take a side."""
    names = dataset.sentences.unique()[10:]
    rows = dataset.sentences.isin(names) & (dataset.y != "neutral")
    of_test = rows_of(dataset, np.flatnonzero(rows))
    by = of_test.is_pair.map({True: "pair", False: "sentence"}).rename("kind")
    return HeldOutRows(replace(of_test, name="others"), ["against", "favor"], by)


@pytest.fixture(scope="module")
def found(train_rows: Dataset, held_out: HeldOutRows) -> Ablation:
    return ablate_experiment(EXPERIMENT, train_rows, held_out, n_jobs=1)


def test_scores_are_those_of_training(found: Ablation, train_rows: Dataset) -> None:
    experiments = [
        EXPERIMENT.model_copy(update={"features": variant.features, "name": str(number)})
        for number, variant in enumerate(found.variants)
    ]
    measured = cross_validate(experiments, train_rows, n_jobs=1)
    for name in ("all", "pair_rows"):
        part = found.cross_validated[name]
        for worth, result in zip(part.worths, measured, strict=True):
            expected = result.report.slices[name]
            assert (part.n_rows, part.n_groups) == (expected.n_rows, expected.n_groups)
            score = expected.scores["macro_f1"]
            ours = worth.macro_f1
            assert (ours.value, ours.low, ours.high) == (score.value, score.low, score.high)


def test_differences_see_the_same_draws(found: Ablation, train_rows: Dataset) -> None:
    classes = train_rows.classes
    truth = np.searchsorted(classes, train_rows.y)
    judge = Judge(truth, train_rows.groups.to_numpy(), classes, 200, EXPERIMENT.random_state)
    variant = next(v for v in found.variants if v.kind == "alone" and "polarity" in v.block)
    pair = [EXPERIMENT, EXPERIMENT.model_copy(update={"features": variant.features})]
    predicted = [
        np.searchsorted(classes, result.predictions["predicted"])[np.newaxis]
        for result in cross_validate(
            [pair[0], pair[1].model_copy(update={"name": "b"})], train_rows, n_jobs=1
        )
    ]
    compared = judge.compare(predicted[0], predicted[1], np.arange(len(truth)))
    ours = found.cross_validated["all"].worths[found.variants.index(variant)].difference
    assert ours is not None
    assert ours.value != 0
    expected = compared.difference
    assert (ours.value, ours.low, ours.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_what_has_all_blocks_differs_in_nothing(found: Ablation) -> None:
    for part in (*found.cross_validated.values(), *found.held_out.slices.values()):  # type: ignore[union-attr]
        missing = [
            (variant.kind, variant.block)
            for variant, worth in zip(found.variants, part.worths, strict=True)
            if worth.difference is None
        ]
        assert missing == [("whole", ""), ("up_to", "polarity-word-1-1")]
        assert part.worths[0].macro_f1 == part.worths[-1].macro_f1


def test_held_out_rows_are_scored_by_models_of_all_others(
    found: Ablation, train_rows: Dataset, held_out: HeldOutRows
) -> None:
    on_test, of_test = found.held_out, held_out.dataset
    assert on_test is not None
    for number, variant in enumerate(found.variants):
        model = build_pipeline(EXPERIMENT.model_copy(update={"features": variant.features}))
        model.fit(train_rows.X, train_rows.y, classifier__groups=train_rows.groups)
        assert on_test.n_elsewhere[number] == (model.predict(of_test.X) == "neutral").sum()
        against, favor, _ = model.predict_proba(of_test.X).T
        chosen = np.where(favor > against, "favor", "against")
        expected = f1_score(of_test.y, chosen, average="macro")
        assert on_test.slices["all"].worths[number].macro_f1.value == pytest.approx(expected)


def test_the_curve_ends_with_the_whole(found: Ablation, train_rows: Dataset) -> None:
    on_test = found.held_out
    assert on_test is not None
    assert [point.share for point in on_test.curve] == list(SHARES)
    last = on_test.curve[-1]
    assert last.macro_f1 == on_test.slices["all"].worths[0].macro_f1
    assert (last.n_sentences, last.n_train) == (10, len(train_rows.y))
    assert last.n_elsewhere == on_test.n_elsewhere[0]
    assert [point.n_train for point in on_test.curve] == sorted(p.n_train for p in on_test.curve)
    assert set(last.by) == {"pair", "sentence"}


def test_held_out_labels_have_no_part_in_anything_but_their_score(
    found: Ablation, train_rows: Dataset, held_out: HeldOutRows
) -> None:
    y = held_out.dataset.y.map({"favor": "against", "against": "favor"})
    turned = replace(held_out, dataset=replace(held_out.dataset, y=y))
    again = ablate_experiment(EXPERIMENT, train_rows, turned, n_jobs=1)
    assert again.cross_validated == found.cross_validated
    assert again.n_ngrams == found.n_ngrams
    assert again.held_out is not None
    assert found.held_out is not None
    assert again.held_out.n_elsewhere == found.held_out.n_elsewhere
    assert again.held_out.slices != found.held_out.slices


def test_without_held_out_rows(found: Ablation, train_rows: Dataset) -> None:
    alone = ablate_experiment(EXPERIMENT, train_rows, n_jobs=1)
    assert alone.held_out is None
    assert alone.cross_validated == found.cross_validated
    assert alone.n_ngrams == found.n_ngrams


def test_ngrams_are_those_of_the_fitted_pipeline(found: Ablation, train_rows: Dataset) -> None:
    for variant, n_ngrams in zip(found.variants, found.n_ngrams, strict=True):
        model = build_pipeline(EXPERIMENT.model_copy(update={"features": variant.features}))
        assert model.named_steps["features"].fit_transform(train_rows.X).shape[1] == n_ngrams


def test_progress_counts_every_fit_once(train_rows: Dataset, held_out: HeldOutRows) -> None:
    told: list[tuple[int, int]] = []
    ablate_experiment(
        EXPERIMENT, train_rows, held_out, n_jobs=1, progress=lambda *now: told.append(now)
    )
    # Of ten variants of three blocks, those up to a block are fitted already: as the first alone,
    # as the whole without the last, and as the whole.
    n_fits = 7 * (3 + 1) + len(SHARES) - 1
    assert told[0] == (0, n_fits)
    assert told[-1] == (n_fits, n_fits)
    steps = [after - before for (before, _), (after, _) in pairwise(told)]
    assert sorted(steps) == [1] * 4 + [7] * 4


def test_tables_name_every_variant_and_number(
    found: Ablation, train_rows: Dataset, held_out: HeldOutRows
) -> None:
    tables = ablation_tables("small", train_rows, held_out, found)
    assert [len(table.columns) for table in tables] == [4, 4, 5, 4, 5, 7]
    whole, without, alone, up_to = tables[0].sections
    assert [len(part) for part in (whole, without, alone, up_to)] == [1, 3, 3, 3]
    assert without[1][0] == "without marked-char-2-3"
    assert alone[1][0] == "marked-char-2-3 alone"
    assert up_to[1][0] == "up to marked-char-2-3"
    score = found.cross_validated["all"].worths[0].macro_f1
    told = f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"
    assert whole[0] == ["whole", f"{found.n_ngrams[0]:,}", told, ""]
    assert "among against and favor only" in tables[2].remark
    assert "by kind" in tables[-1].title
    for table in tables:
        for row in (row for section in table.sections for row in section):
            assert len(row) == len(table.columns)


def score(low: float, high: float) -> Score:
    return Score((low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([(-0.3, -0.1), (-0.1, 0.1), (0.1, 0.2)],
         "The score falls without marked-word-1-2. The score rises without polarity-word-1-1. "
         "(Of 3 intervals, one in twenty misses zero by chance alone.) Leaving out the other 1 "
         "changes nothing that could be told from chance."),
        ([(-0.3, 0.0), (-0.1, 0.1), (0.0, 0.2)],
         "Leaving out any block changes nothing that could be told from chance."),
        ([(-0.3, -0.1)] * 3,
         "The score falls without marked-word-1-2, marked-char-2-3 and polarity-word-1-1. "
         "(Of 3 intervals, one in twenty misses zero by chance alone.)"),
    ],
)  # fmt: skip
def test_the_verdict_is_read_off_the_intervals(
    intervals: list[tuple[float, float]], expected: str, train_rows: Dataset
) -> None:
    tried = variants(BLOCKS)
    differences = [None, *(score(*ends) for ends in intervals), *([score(0, 0)] * 6)]
    worths = [Worth(score(0.4, 0.6), difference) for difference in differences]
    made = Ablation(tried, [1] * len(tried), {"all": Slice(9, 5, worths)}, None)
    (table,) = ablation_tables("small", train_rows, None, made)
    assert table.remark == expected


def test_free_choice_counts_nothing_elsewhere(
    found: Ablation, train_rows: Dataset, held_out: HeldOutRows
) -> None:
    free = replace(held_out, among=train_rows.classes, by=None)
    tables = ablation_tables("small", train_rows, free, found)
    assert [len(table.columns) for table in tables] == [4, 4, 4, 4, 4]
    assert not any("among" in table.remark for table in tables)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])),
                 min_size=3, max_size=3),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_markdown_keeps_cells_apart(rows: list[list[str]]) -> None:
    table = ResultTable("title", ["a", "b", "c"], [rows])
    lines = as_markdown([table], "stanceml ablate x.yaml").split("\n")
    assert lines[0] == "    stanceml ablate x.yaml"
    body = [line for line in lines if line.startswith("|")]
    assert len(body) == len(rows) + 2
    for line, row in zip(body[2:], rows, strict=True):
        cells = re.split(r"(?<!\\)\|", line)[1:-1] if "\\" not in "".join(row) else None
        shown = [visible(" ".join(cell.split())) for cell in row]
        assert cells is None or [re.sub(r"\\(.)", r"\1", cell[1:-1]) for cell in cells] == shown
