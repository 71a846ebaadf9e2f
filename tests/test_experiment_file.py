"""An experiment that was written is the experiment that is read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.config import Experiment, Features, read_experiment
from stanceml.search.experiment_file import experiment_yaml

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("*.yaml"))

BLOCKS = st.builds(
    Features,
    source=st.sampled_from(["marked", "text", "between", "polarity"]),
    kind=st.just("word"),
    orders=st.sampled_from([(1, 1), (1, 3), (2, 4)]),
    min_df=st.integers(1, 5),
    sublinear_tf=st.booleans(),
    weight=st.floats(1e-6, 1000),
)
STRENGTH = st.floats(1e-9, 1e6)
CLASSIFIERS = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["ridge", "sgd"]), "alpha": STRENGTH},
        optional={
            "class_weight": st.sampled_from([None, "balanced"]),
            "tune_thresholds": st.booleans(),
        },
    ),
    st.fixed_dictionaries({"kind": st.just("linear_svm"), "C": STRENGTH}),
    st.just({"kind": "average", "members": [{"kind": "ridge"}, {"kind": "sgd", "alpha": 1e-5}]}),
)
EXPERIMENTS = st.builds(
    Experiment,
    name=st.sampled_from(["no", "on", "1e3", "a-b"]),
    description=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    features=st.lists(BLOCKS, min_size=1, max_size=3).map(tuple),
    classifier=CLASSIFIERS,
    random_state=st.integers(0, 2**31 - 1),
)


@given(experiment=EXPERIMENTS)
def test_what_is_written_is_read_back(
    experiment: Experiment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "experiment.yaml"
    path.write_text(experiment_yaml(experiment), encoding="utf-8")
    assert read_experiment(path) == experiment


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_committed_experiments_too(path: Path, tmp_path: Path) -> None:
    experiment = read_experiment(path)
    (tmp_path / "again.yaml").write_text(experiment_yaml(experiment), encoding="utf-8")
    assert read_experiment(tmp_path / "again.yaml") == experiment


def test_a_block_a_line() -> None:
    blocks = (Features(source="text", kind="word", orders=(1, 2)),) * 2
    experiment = Experiment(name="x", features=blocks, classifier={"kind": "ridge"})  # type: ignore[arg-type]
    assert experiment_yaml(experiment).splitlines() == [
        "name: x",
        "features:",
        "  - {source: text, kind: word, orders: [1, 2]}",
        "  - {source: text, kind: word, orders: [1, 2]}",
        "classifier: {kind: ridge}",
    ]
