"""Public benchmarks: their training rows, their test rows kept closed, and published results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from stanceml.corpus.benchmark_files import FileRows, read_mentions, read_tweets
from stanceml.corpus.units import Unit
from stanceml.exceptions import DataError, nearest
from stanceml.files import read_bytes, sha256
from stanceml.stances import AGAINST, FAVOR, NEUTRAL

__all__ = [
    "BENCHMARKS",
    "Benchmark",
    "HeldOut",
    "JudgedRows",
    "LabelledRows",
    "Published",
    "held_out",
    "read_training_rows",
]


class Published(NamedTuple):
    """A result that others published: of which test rows, how high, and where."""

    system: str
    part: str
    score: float
    source: str


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Attributes
    ----------
    name, title : str
    metric : str
        What it is scored by: a key of `stanceml.modeling.metrics.metric_values`.
    by_target : bool
        Whether the score is told of each target too.
    labels : dict of str to str
        The files' labels, and ours.
    training_files : tuple of str
        All of them are trained on.
    test_files : dict of str to str
        Part to file.
    further_test_files : dict of str to str
        Parts that are scored where their files are there.
    download : str
        Where the files are to be had.
    read : callable
        Path to rows whose labels nobody has looked at.
    published : tuple of Published
    """

    name: str
    title: str
    metric: str
    by_target: bool
    labels: dict[str, str]
    training_files: tuple[str, ...]
    test_files: dict[str, str]
    further_test_files: dict[str, str]
    download: str
    read: Callable[[Path], FileRows]
    published: tuple[Published, ...]

    def label(self, path: Path, line: int, label: str) -> str:
        """Translate a label of the files.

        Raises
        ------
        DataError
            When the benchmark does not know it.

        Examples
        --------
        >>> BENCHMARKS["newsmtsc"].label(Path("train.jsonl"), 1, "-1")
        'against'
        """
        if label not in self.labels:
            raise DataError(
                f"{path}, line {line}: unknown label {label!r}{nearest(label, self.labels)}; "
                f"expected one of {', '.join(self.labels)}"
            )
        return self.labels[label]


class LabelledRows(NamedTuple):
    """Rows with their labels, what each is called, and what a user should know of the files."""

    units: list[Unit]
    labels: list[str]
    ids: list[str]
    digest: str
    remarks: list[str]


class JudgedRows(NamedTuple):
    """Rows, what was predicted for them, and then their labels."""

    units: list[Unit]
    predicted: list[str]
    labels: list[str]
    remarks: list[str]


@dataclass(frozen=True)
class HeldOut:
    """Test rows that nobody has looked at: where they are, not what they say."""

    part: str
    path: Path
    benchmark: Benchmark

    def judge(self, predict: Callable[[list[Unit]], Iterable[str]]) -> JudgedRows:
        """Open the file, have its units judged, and only then look at its labels.

        There is no other way to the labels: who wants them brings the predictions first.

        Parameters
        ----------
        predict : callable
            Units to labels, one for each.

        Returns
        -------
        JudgedRows

        Raises
        ------
        DataError
            When the file cannot be used.
        """
        raw = self.benchmark.read(self.path)
        units = [row.unit for row in raw.rows]
        predicted = [str(label) for label in predict(units)]
        if len(predicted) != len(units):
            raise ValueError(
                f"{len(predicted)} predictions for {len(units)} rows; expected one each"
            )
        labels = [self.benchmark.label(self.path, row.line, row.label) for row in raw.rows]
        return JudgedRows(units, predicted, labels, raw.remarks)


def read_training_rows(benchmark: Benchmark, folder: Path) -> LabelledRows:
    """Read all rows of a benchmark that may be trained on.

    Parameters
    ----------
    benchmark : Benchmark
    folder : Path
        Where its files are, or a folder of benchmarks with its name as a subfolder.

    Returns
    -------
    LabelledRows

    Raises
    ------
    DataError
        When a file is missing or cannot be used.
    """
    rows = LabelledRows([], [], [], "", [])
    digests = []
    for name in benchmark.training_files:
        path = _present(benchmark, folder, name)
        raw = benchmark.read(path)
        rows.units.extend(row.unit for row in raw.rows)
        rows.labels.extend(benchmark.label(path, row.line, row.label) for row in raw.rows)
        rows.ids.extend(f"{path.stem}:{row.line}" for row in raw.rows)
        rows.remarks.extend(raw.remarks)
        digests.append(sha256(read_bytes(path)))
    return rows._replace(digest=sha256("".join(digests).encode()))


def held_out(benchmark: Benchmark, folder: Path) -> list[HeldOut]:
    """Find the test rows of a benchmark, without opening their files.

    Raises
    ------
    DataError
        When a file is missing.
    """
    files = {part: _present(benchmark, folder, name) for part, name in benchmark.test_files.items()}
    for part, name in benchmark.further_test_files.items():
        path = _folder(benchmark, folder) / name
        if path.is_file():
            files[part] = path
    return [HeldOut(part, path, benchmark) for part, path in files.items()]


def _folder(benchmark: Benchmark, folder: Path) -> Path:
    own = folder / benchmark.name
    return own if own.is_dir() else folder


def _present(benchmark: Benchmark, folder: Path, name: str) -> Path:
    path = _folder(benchmark, folder) / name
    if not path.is_file():
        raise DataError(f"{path}: no such file; {benchmark.download}, and put it there")
    return path


_TASK: Final = "Mohammad et al., SemEval 2016, task 6"
_TWEETEVAL: Final = "Barbieri et al., TweetEval, EMNLP 2020"
_NEWSMTSC: Final = "Hamborg and Donnay, NewsMTSC, EACL 2021"

#: The benchmarks by their names.
BENCHMARKS: Final = {
    "semeval2016": Benchmark(
        name="semeval2016",
        title="SemEval-2016 task 6 A, tweets towards five targets",
        metric="favor_against_f1",
        by_target=True,
        labels={"AGAINST": AGAINST, "FAVOR": FAVOR, "NONE": NEUTRAL},
        training_files=("trialdata-all-annotations.txt", "trainingdata-all-annotations.txt"),
        test_files={"test": "testdata-taskA-all-annotations.txt"},
        further_test_files={},
        download=(
            "download the SemEval-2016 stance dataset with all annotations from "
            "saifmohammad.com/WebPages/StanceDataset.htm"
        ),
        read=read_tweets,
        published=(
            Published("TimeLMs", "test", 0.729, "Loureiro et al., ACL 2022"),
            Published("BERTweet", "test", 0.712, "leaderboard of TweetEval"),
            Published(
                "SVM, n-grams and embeddings", "test", 0.703, "Mohammad et al., ACM TOIT 2017"
            ),
            Published("SVM, word and character n-grams", "test", 0.690, _TASK),
            Published("RoBERTa base", "test", 0.680, _TWEETEVAL),
            Published("winner of the task (MITRE)", "test", 0.678, _TASK),
            Published("SVM", "test", 0.673, _TWEETEVAL),
            Published("fastText", "test", 0.654, _TWEETEVAL),
            Published("most frequent label of each target", "test", 0.652, _TASK),
        ),
    ),
    "newsmtsc": Benchmark(
        name="newsmtsc",
        title="NewsMTSC, mentions in news sentences",
        metric="macro_f1",
        by_target=False,
        labels={"-1": AGAINST, "0": NEUTRAL, "1": FAVOR},
        training_files=("train.jsonl",),
        test_files={"dev_rw": "dev_rw.jsonl", "dev_mt": "dev_mt.jsonl"},
        further_test_files={"test_rw": "test_rw.jsonl", "test_mt": "test_mt.jsonl"},
        download="download NewsMTSC from huggingface.co/datasets/fhamborg/news_sentiment_newsmtsc",
        read=read_mentions,
        published=(
            Published("GRU-TSC", "test_rw", 0.831, _NEWSMTSC),
            Published("BERT", "test_rw", 0.801, _NEWSMTSC),
        ),
    ),
}
