"""Agreement: the measures against libraries, the intervals against draws, the command on files."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import cohen_kappa_score
from typer.testing import CliRunner

from stanceml.cli.agreement import EXAMPLES, agreement
from stanceml.corpus.codings import CodedMention, CodedPair, CodedSentence
from stanceml.corpus.matching import match_sentence
from stanceml.exceptions import DataError, UsageError
from stanceml.modeling.metrics import confusion_counts
from stanceml.modeling.resampling import Score
from stanceml.quality.agreement import Agreement, alpha, kappa, measure_agreement
from stanceml.stances import STANCES
from stanceml.workflows.agreement import (
    DISAGREEMENT_COLUMNS,
    as_json,
    compare,
    write_disagreements,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

labels = st.lists(st.tuples(st.sampled_from(STANCES), st.sampled_from(STANCES)), min_size=1)


def pair(holder: str, target: str, stance: str = "favor", *flags: str) -> CodedPair:
    return CodedPair(CodedMention(holder), CodedMention(target), stance, flags)


def measured(
    stances: Sequence[tuple[str | None, str | None]], ids: Sequence[str] = (), **settings: Any
) -> Agreement:
    """Measure the sentence rows of two coders."""
    sentences = [
        match_sentence(CodedSentence(name, first), CodedSentence(name, second))
        for name, (first, second) in zip(ids or map(str, range(len(stances))), stances, strict=True)
    ]
    return measure_agreement(sentences, **settings)


def random_labels(n: int, seed: int, alike: float = 0.7) -> list[tuple[str, str]]:
    random = np.random.default_rng(seed)
    first, other = random.choice(STANCES, n), random.choice(STANCES, n)
    second = np.where(random.random(n) < alike, first, other)
    return list(zip(first.tolist(), second.tolist(), strict=True))


def by_library(stances: Sequence[tuple[str, str]]) -> tuple[float, float]:
    first, second = zip(*stances, strict=True)
    reliability = krippendorff.alpha(
        reliability_data=[first, second],
        level_of_measurement="nominal",
        value_domain=sorted({*first, *second}),
    )
    return cohen_kappa_score(first, second), reliability


@given(st.lists(labels, min_size=1, max_size=4))
def test_kappa_and_alpha_equal_the_libraries(draws: list[list[tuple[str, str]]]) -> None:
    confusion = []
    for stances in draws:
        first, second = (np.array(side) for side in zip(*stances, strict=True))
        together = np.zeros(len(stances), dtype=int)
        confusion.append(confusion_counts(first, second, STANCES, together)[0])
    kappas, alphas = kappa(np.stack(confusion)), alpha(np.stack(confusion))
    assert kappas.shape == alphas.shape == (len(draws),)
    for stances, ours, other in zip(draws, kappas, alphas, strict=True):
        if len({label for both in stances for label in both}) == 1:
            assert np.isnan([ours, other]).all()
        else:
            assert (ours, other) == pytest.approx(by_library(stances))


def test_alpha_of_a_published_example() -> None:
    # Krippendorff 2011, section B: twelve units, two observers, five values.
    confusion = np.zeros((5, 5))
    for first, second in zip("aabbdcccedda", "babbbccceddd", strict=True):
        confusion["abcde".index(first), "abcde".index(second)] += 1
    assert alpha(confusion) == pytest.approx(0.692, abs=5e-4)


def test_intervals_are_those_of_drawing_sentences() -> None:
    stances = random_labels(60, seed=1)
    rows = measured(stances).sentence_rows
    random = np.random.default_rng(7)
    drawn = np.array(
        [by_library([stances[i] for i in random.integers(0, 60, 60)]) for _ in range(600)]
    )
    assert rows.kappa is not None
    assert rows.alpha is not None
    for score, values, value in zip(
        (rows.kappa, rows.alpha), drawn.T, by_library(stances), strict=True
    ):
        assert score.value == pytest.approx(value)
        assert (score.low, score.high) == pytest.approx(
            np.quantile(values, [0.025, 0.975]), abs=0.04
        )


def test_an_interval_of_agreement_is_that_of_a_binomial() -> None:
    score = measured(
        [("favor", "favor")] * 140 + [("favor", "neutral")] * 60
    ).sentence_rows.agreement
    assert score is not None
    ends = binom(200, 0.7).ppf([0.025, 0.975]) / 200
    assert (score.low, score.high) == pytest.approx(ends, abs=0.006)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    # Half of the labels are copied, the rest falls alike by chance: alpha and kappa are one half.
    covered = 0
    for seed in range(100):
        found = measured(random_labels(80, seed, alike=0.5), n_bootstraps=300).sentence_rows.alpha
        covered += found is not None and found.low <= 0.5 <= found.high
    assert 0.88 <= covered / 100 <= 0.99


def test_documents_are_drawn_where_there_are_five() -> None:
    # Sentences of one document agree all or not at all.
    alike = [("favor", "favor"), ("against", "against")] * 3
    unlike = [("favor", "against"), ("against", "favor")] * 3
    stances = (alike + unlike + alike) * 4
    documents = [f"d{number // 6}-{number % 6:03}" for number in range(len(stances))]
    by_document, by_sentence = measured(stances, documents), measured(stances)
    assert (by_document.unit, by_document.n_units) == ("document", 12)
    assert (by_sentence.unit, by_sentence.n_units, by_sentence.n_documents) == ("sentence", 72, 0)
    widths = []
    for part in (by_document, by_sentence):
        score = part.sentence_rows.alpha
        assert score is not None
        widths.append(score.high - score.low)
    assert widths[0] > 1.5 * widths[1]


def test_four_documents_are_too_few_to_be_drawn() -> None:
    found = measured(random_labels(8, 0), [f"d{number % 4}-{number}" for number in range(8)])
    assert (found.unit, found.n_units, found.n_documents) == ("sentence", 8, 4)


def test_a_named_document_goes_before_the_id() -> None:
    sentences = [
        match_sentence(
            CodedSentence(f"same-{number}", "favor"),
            CodedSentence(f"same-{number}", "favor", document_id=f"d{number % 5}"),
        )
        for number in range(10)
    ]
    found = measure_agreement(sentences, n_bootstraps=10)
    assert (found.unit, found.n_units) == ("document", 5)


def test_long_tables_are_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    stances = random_labels(50, 2)
    whole = measured(stances, n_bootstraps=100)
    monkeypatch.setattr("stanceml.modeling.resampling._BLOCK", 50 * 7)
    assert measured(stances, n_bootstraps=100) == whole


def test_where_both_use_one_label_only_agreement_is_defined() -> None:
    rows = measured([("favor", "favor")] * 6).sentence_rows
    assert (rows.kappa, rows.alpha) == (None, None)
    assert rows.agreement == Score(1.0, 1.0, 1.0)
    assert rows.by_stance["favor"].alpha is None


def test_sentence_rows_that_one_left_out_are_not_compared() -> None:
    found = measured([("favor", "favor"), (None, "favor"), ("favor", None), (None, None)])
    assert (found.n_sentences, found.sentence_rows.n) == (4, 1)
    assert measured([(None, None)]).sentence_rows.agreement is None


def test_one_stance_against_the_rest() -> None:
    stances = random_labels(90, 3)
    rows = measured(stances).sentence_rows
    assert np.array(rows.confusion).sum() == 90
    for stance in STANCES:
        folded = [(str(a == stance), str(b == stance)) for a, b in stances]
        found = rows.by_stance[stance]
        assert found.kappa is not None
        assert found.alpha is not None
        assert (found.kappa.value, found.alpha.value) == pytest.approx(by_library(folded))
        assert found.alpha.low < found.alpha.value < found.alpha.high
        assert found.n_first == sum(a == stance for a, _ in stances)
        assert found.n_second == sum(b == stance for _, b in stances)
        assert found.n_both == sum(a == b == stance for a, b in stances)


def test_pairs_and_flags_are_counted() -> None:
    first = (
        pair("Oslo", "pact", "favor", "act"),
        pair("Riga", "pact", "against", "act", "quote"),
        pair("Bern", "tax", "neutral", "act"),
    )
    second = (
        *(pair("Oslo", "pact"), pair("Riga", "pact", "favor")),
        *(pair("", "tax", "favor"), pair("Oslo", "tax")),
    )
    sentence = match_sentence(CodedSentence("x1", None, first), CodedSentence("x1", None, second))
    found = measure_agreement([sentence])
    counts = found.pairs_found
    assert (counts.n_first, counts.n_second, counts.n_both) == (3, 4, 2)
    scores = (counts.precision, counts.recall, counts.f1)
    assert [score and score.value for score in scores] == pytest.approx([2 / 4, 2 / 3, 4 / 7])
    assert found.pair_stances.n == 2
    assert found.pair_stances.agreement == Score(0.5, 0.5, 0.5)
    assert found.pair_stances.confusion == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert list(found.by_flag) == ["quote", "act"]
    act, quote = found.by_flag["act"], found.by_flag["quote"]
    assert (act.n_first, act.stances.n, quote.n_first, quote.stances.n) == (3, 2, 1, 1)
    assert act.recall == Score(2 / 3, 2 / 3, 2 / 3)
    assert quote.stances.agreement == Score(0.0, 0.0, 0.0)


def test_the_same_draws_give_the_same_intervals() -> None:
    stances = random_labels(40, 4)
    assert measured(stances) == measured(stances)
    assert measured(stances) != measured(stances, random_state=1)


# The workflow and the command: on files.

TEXT = "Oslo praised the fish pact, but Riga called the pact a mistake."
HEAD = "sentence_id,text,holder,holder_start,target,target_start,stance,act\n"
TABLE = (
    f'{HEAD}x1,"{TEXT}",,,,,neutral,\n'
    f'x1,"{TEXT}",Oslo,0,fish pact,17,favor,1\n'
    f'x1,"{TEXT}",Riga,32,pact,48,against,0\n'
    'x2,"=2+3 tons, said Bern.",,,,,neutral,\n'
    'x2,"=2+3 tons, said Bern.",Bern,16,=2+3 tons,0,favor,0\n'
    "x3,Oslo waits.,,,,,neutral,\n"
)
LINES: list[dict[str, Any]] = [
    {
        "id": "x1",
        "stance": "against",
        "pairs": [
            {"holder": "Oslo", "target": "the fish pact", "stance": "favor"},
            {"holder": "Riga", "target": "pact a mistake", "stance": "neutral"},
            {"holder": "", "target": "mistake", "stance": "against"},
        ],
    },
    {"id": "x2", "pairs": []},
    {"id": "x9", "stance": "favor", "pairs": []},
]


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two codings that share two sentences."""
    (tmp_path / "a.csv").write_text(TABLE)
    return tmp_path / "a.csv", write_lines(tmp_path / "b.jsonl", LINES)


def write_lines(path: Path, lines: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def run(*words: object) -> Any:
    app = typer.Typer(rich_markup_mode=None)
    app.command(epilog=EXAMPLES)(agreement)
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(word) for word in words])


def test_words_of_one_are_laid_over_the_spans_of_the_other(two: tuple[Path, Path]) -> None:
    comparison = compare(*two)
    both = comparison.sentences[0].both
    assert [(a.target.words, b.target.words) for a, b in both] == [
        ("fish pact", "the fish pact"),
        # Neither's words are all among the other's: the characters overlap.
        ("pact", "pact a mistake"),
    ]
    assert (comparison.only_first, comparison.only_second) == (1, 1)
    assert comparison.remarks == (
        "only in A: 1 sentence, only in B: 1; in both: 2",
        "1 sentence with a stance as a whole in one coding only: there only the pairs are compared",
    )


def test_mentions_that_are_not_in_the_text_are_said(tmp_path: Path, two: tuple[Path, Path]) -> None:
    lines = [LINES[0] | {"pairs": [{"holder": "OSLO", "target": "fish", "stance": "favor"}]}]
    comparison = compare(two[0], write_lines(tmp_path / "c.jsonl", lines))
    assert (
        "1 mention not to be found in the sentence (first: 'OSLO' in x1)" in comparison.remarks[1]
    )
    assert comparison.agreement.pairs_found.n_both == 1


@pytest.mark.mistakes
def test_sentences_with_another_text_are_left_out(tmp_path: Path, two: tuple[Path, Path]) -> None:
    lines = [LINES[0] | {"text": "Oslo praised the pact."}, LINES[1]]
    comparison = compare(two[0], write_lines(tmp_path / "c.jsonl", lines))
    assert [both.first.sentence_id for both in comparison.sentences] == ["x2"]
    assert "1 sentence left out, whose text is another in B than in A (first: x1)" in (
        comparison.remarks
    )
    with pytest.raises(DataError, match="none of the 1 shared sentences has the same text"):
        compare(two[0], write_lines(tmp_path / "c.jsonl", lines[:1]))


@pytest.mark.mistakes
def test_nothing_to_compare(tmp_path: Path, two: tuple[Path, Path]) -> None:
    with pytest.raises(DataError, match=r"share no sentence \(ids like 'x1' and 'x9'\)"):
        compare(two[0], write_lines(tmp_path / "c.jsonl", LINES[2:]))


def test_disagreements_are_written_to_be_settled(tmp_path: Path, two: tuple[Path, Path]) -> None:
    path = tmp_path / "out" / "settle.csv"
    assert write_disagreements(compare(*two), path, *two) == 4
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == DISAGREEMENT_COLUMNS
    told = [list(row.values()) for row in rows]
    assert told == [
        ["x1", TEXT, "sentence row", "", "", "neutral", "", "", "against", ""],
        ["x1", TEXT, "other stance", *("Riga", "pact", "against"), *("Riga", "pact a mistake"),
         "neutral", ""],
        ["x1", TEXT, "missing in A", "", "", "", "", "mistake", "against", ""],
        ["x2", "'=2+3 tons, said Bern.", "missing in B", "Bern", "'=2+3 tons", "favor", "", "", "",
         ""],
    ]  # fmt: skip


def test_where_nothing_differs_the_file_has_its_columns(
    tmp_path: Path, two: tuple[Path, Path]
) -> None:
    path = tmp_path / "settle.csv"
    assert write_disagreements(compare(two[0], two[0]), path) == 0
    assert path.read_text() == ",".join(DISAGREEMENT_COLUMNS) + "\n"


@pytest.mark.mistakes
def test_neither_codings_nor_settled_rows_are_overwritten(
    tmp_path: Path, two: tuple[Path, Path]
) -> None:
    comparison, path = compare(*two), tmp_path / "settle.csv"
    for source in two:
        with pytest.raises(UsageError, match="is one of the codings"):
            write_disagreements(comparison, source, *two)
    write_disagreements(comparison, path, *two)
    write_disagreements(comparison, path, *two)
    path.write_text(path.read_text().replace("pact a mistake,neutral,", "pact,neutral,against"))
    before = path.read_text()
    with pytest.raises(UsageError, match="holds rows that somebody settled"):
        write_disagreements(comparison, path, *two)
    assert path.read_text() == before


def test_the_command_prints_a_table(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = run(*two, "--disagreements", tmp_path / "settle.csv")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[0] == "only in A: 1 sentence, only in B: 1; in both: 2"
    assert done.stderr.splitlines()[-1].endswith("settle.csv: 4")
    assert "Pairs: A has 3, B 3, both 2." in done.stdout
    assert "0.667 [" in done.stdout
    assert "2,000 draws of 2 sentences (of 1 document: too few" not in done.stdout
    assert "2,000 draws of 2 sentences; of so few, the intervals are too narrow." in done.stdout
    assert (tmp_path / "settle.csv").is_file()


def test_the_command_prints_json(two: tuple[Path, Path]) -> None:
    done = run(*two, "--format", "json")
    found = json.loads(done.stdout)
    assert found == json.loads(json.dumps(as_json(compare(*two))))
    assert (found["unit"], found["n_units"], found["n_bootstraps"]) == ("sentence", 2, 2000)
    assert found["pairs_found"]["f1"].keys() == {"value", "low", "high"}
    assert found["sentence_rows"]["confusion"] == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert found["by_flag"]["act"]["n_first"] == 1
    assert "NaN" not in done.stdout


def test_a_mistake_says_nothing_else(two: tuple[Path, Path]) -> None:
    done = run(*two, "--disagreements", two[0])
    assert isinstance(done.exception, UsageError)
    assert (done.stdout, done.stderr) == ("", "")


SECOND = ROOT / "data" / "annotations" / "second-coding"


def test_the_projects_own_codings_can_be_compared() -> None:
    authored = compare(ROOT / "data" / "stances.csv", SECOND / "authored.jsonl")
    assert authored.only_second == 0
    assert authored.agreement.sentence_rows.n == authored.agreement.n_sentences
    public = compare(SECOND / "plover-first.jsonl", SECOND / "plover-second.jsonl").agreement
    assert (public.pair_stances.n, public.sentence_rows.n, public.unit) == (150, 0, "document")
    # Three pairs of one record, two of two others: they are drawn together.
    assert public.n_units == 146
