"""Benchmarks: which files are read, what is said when one is missing, when labels may be seen."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from stanceml.corpus.benchmarks import BENCHMARKS, held_out, read_training_rows
from stanceml.corpus.units import Unit
from stanceml.exceptions import DataError
from stanceml.stances import STANCES

HEADER = "ID\tTarget\tTweet\tStance\tOpinion towards\tSentiment\n"
TWEETS, MENTIONS = BENCHMARKS["semeval2016"], BENCHMARKS["newsmtsc"]

needs_benchmarks = pytest.mark.skipif(
    "STANCEML_BENCHMARKS" not in os.environ,
    reason="STANCEML_BENCHMARKS names no folder with copies of the public benchmarks",
)


def tweet_files(folder: Path, test_label: str = "AGAINST") -> Path:
    folder.mkdir(exist_ok=True)
    rows = {
        "trialdata": "1\tRoad Pricing\tPay your way. #SemST\tFAVOR\tTARGET\tPOSITIVE\n",
        "trainingdata": "2\tRoad Pricing\tRobbery! #SemST\tAGAINST\tTARGET\tNEGATIVE\n"
        "3\tRoad Pricing\tLunch. #SemST\tNONE\tOTHER\tPOSITIVE\n",
        "testdata-taskA": f"4\tRoad Pricing\tNo tolls. #SemST\t{test_label}\tTARGET\tNEGATIVE\n",
    }
    for name, lines in rows.items():
        (folder / f"{name}-all-annotations.txt").write_text(HEADER + lines)
    return folder


def mention_files(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        row = {"sentence": "Bo left.", "mention": "Bo", "from": 0, "to": 2, "polarity": 0}
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def test_all_training_files_are_read_and_no_other(tmp_path: Path) -> None:
    rows = read_training_rows(TWEETS, tweet_files(tmp_path))
    assert [unit.text for unit in rows.units] == ["Pay your way.", "Robbery!", "Lunch."]
    assert rows.labels == ["favor", "against", "neutral"]
    assert rows.ids == [
        "trialdata-all-annotations:2", "trainingdata-all-annotations:2",
        "trainingdata-all-annotations:3",
    ]  # fmt: skip


def test_the_digest_tells_changed_files(tmp_path: Path) -> None:
    before = read_training_rows(TWEETS, tweet_files(tmp_path)).digest
    assert len(before) == 64
    assert read_training_rows(TWEETS, tmp_path).digest == before
    with (tmp_path / TWEETS.training_files[0]).open("a") as file:
        file.write("9\tRoad Pricing\tMore.\tNONE\tOTHER\tPOSITIVE\n")
    assert read_training_rows(TWEETS, tmp_path).digest != before


def test_a_folder_of_benchmarks_will_do_too(tmp_path: Path) -> None:
    tweet_files(tmp_path / "semeval2016")
    assert read_training_rows(TWEETS, tmp_path) == read_training_rows(
        TWEETS, tmp_path / "semeval2016"
    )


def test_test_files_that_were_kept_back_are_scored_where_they_are(tmp_path: Path) -> None:
    mention_files(tmp_path, "train", "dev_rw", "dev_mt")
    assert [part.part for part in held_out(MENTIONS, tmp_path)] == ["dev_rw", "dev_mt"]
    mention_files(tmp_path, "test_mt")
    assert [part.part for part in held_out(MENTIONS, tmp_path)] == ["dev_rw", "dev_mt", "test_mt"]


@pytest.mark.mistakes
@pytest.mark.parametrize("name", ["train", "dev_rw", "dev_mt"])
def test_a_missing_file_is_named_with_where_to_get_it(tmp_path: Path, name: str) -> None:
    mention_files(tmp_path, *{"train", "dev_rw", "dev_mt"} - {name})
    with pytest.raises(DataError, match=rf"{name}.jsonl: no such file; download NewsMTSC") as error:
        _ = read_training_rows(MENTIONS, tmp_path), held_out(MENTIONS, tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.mistakes
def test_an_unknown_label_is_told_with_its_line(tmp_path: Path) -> None:
    path = tweet_files(tmp_path) / TWEETS.training_files[1]
    path.write_text(path.read_text().replace("NONE", "NOEN"))
    told = r"line 3: unknown label 'NOEN' \(did you mean 'NONE'\?\); expected one of AGAINST, FAVOR"
    with pytest.raises(DataError, match=told):
        read_training_rows(TWEETS, tmp_path)


@pytest.mark.mistakes
def test_finding_the_test_rows_opens_nothing(tmp_path: Path) -> None:
    path = tweet_files(tmp_path) / TWEETS.test_files["test"]
    path.write_bytes(b"\xff no benchmark")
    (part,) = held_out(TWEETS, tmp_path)
    with pytest.raises(DataError, match="line 1: no column"):
        part.judge(lambda units: ["favor" for _ in units])


@pytest.mark.mistakes
def test_labels_are_looked_at_when_the_predictions_are_there(tmp_path: Path) -> None:
    (part,) = held_out(TWEETS, tweet_files(tmp_path, test_label="UNKNOWN"))
    seen: list[Unit] = []

    def predict(units: Iterable[Unit]) -> list[str]:
        seen.extend(units)
        return ["favor"] * len(seen)

    # A label that nothing can be done with does no harm before: nobody has read it yet.
    with pytest.raises(DataError, match="unknown label 'UNKNOWN'"):
        part.judge(predict)
    assert seen == [Unit("No tolls.", target="Road Pricing")]


def test_judging_gives_labels_beside_predictions(tmp_path: Path) -> None:
    (part,) = held_out(TWEETS, tweet_files(tmp_path))
    judged = part.judge(lambda units: ["favor" for _ in units])
    assert (judged.predicted, judged.labels) == (["favor"], ["against"])


def test_too_few_predictions_are_refused(tmp_path: Path) -> None:
    (part,) = held_out(TWEETS, tweet_files(tmp_path))
    with pytest.raises(ValueError, match="0 predictions for 1 rows"):
        part.judge(lambda units: [])


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_speaks_our_labels(name: str) -> None:
    benchmark = BENCHMARKS[name]
    assert benchmark.name == name
    assert sorted(benchmark.labels.values()) == sorted(STANCES)
    assert all(0 < other.score < 1 and other.source for other in benchmark.published)
    known = {*benchmark.test_files, *benchmark.further_test_files}
    assert {other.part for other in benchmark.published} <= known


@needs_benchmarks
@pytest.mark.parametrize(("name", "n_rows"), [("semeval2016", 2914), ("newsmtsc", 8739)])
def test_the_real_training_rows(name: str, n_rows: int) -> None:
    rows = read_training_rows(BENCHMARKS[name], Path(os.environ["STANCEML_BENCHMARKS"]))
    assert len(rows.units) == len(rows.labels) == n_rows
    assert set(rows.labels) == set(STANCES)
    for unit in rows.units:
        assert unit.target
        if unit.target_span:
            assert unit.text[slice(*unit.target_span)] == unit.target
