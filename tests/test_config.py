"""Experiment files: what is taken, and what is said of what is not."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.config import (
    Average,
    EvaluationSettings,
    Experiment,
    read_experiment,
    read_experiments,
)
from stanceml.exceptions import ConfigError

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("*.yaml"))

FULL: dict[str, Any] = {
    "name": "full",
    "description": "Every setting.",
    "features": [
        {
            "source": "marked",
            "kind": "word",
            "orders": [1, 2],
            "min_df": 2,
            "sublinear_tf": False,
            "weight": 2.0,
        },
        {"source": "text", "kind": "char", "orders": [2, 5]},
    ],
    "classifier": {
        "kind": "logistic_regression",
        "C": 10,
        "class_weight": "balanced",
        "log_count_ratio": True,
        "tune_thresholds": True,
    },
    "evaluation": {"n_splits": 3, "n_repeats": 2, "n_bootstraps": 100, "n_permutations": 0},
    "random_state": 7,
}

Path_ = tuple[str | int, ...]


def _changed(place: Path_, value: object) -> dict[str, Any]:
    content = deepcopy(FULL)
    inner: Any = content
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    return content


def _renamed(place: Path_, name: str) -> dict[str, Any]:
    content = deepcopy(FULL)
    inner: Any = content
    for part in place[:-1]:
        inner = inner[part]
    inner[name] = inner.pop(place[-1])
    return content


def _read(folder: Path, content: object) -> Experiment:
    path = folder / "experiment.yaml"
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    path.write_text(text, encoding="utf-8")
    return read_experiment(path)


def _complaint(folder: Path, content: object) -> str:
    with pytest.raises(ConfigError) as caught:
        _read(folder, content)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'experiment.yaml'}: ")
    assert len(message.splitlines()) == 1
    return message.removeprefix(f"{folder / 'experiment.yaml'}: ")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("configs")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_committed_experiment_reads(path: Path) -> None:
    assert read_experiment(path).name == path.stem


def test_committed_folder_reads_sorted_and_can_choose() -> None:
    experiments = read_experiments(CONFIGS[0].parent)
    assert [experiment.name for experiment in experiments] == [path.stem for path in CONFIGS]
    assert {experiment.name for experiment in experiments if experiment.is_baseline} == {
        "holder-only",
        "most-frequent",
        "target-only",
    }


def test_one_file_is_a_list_of_one(tmp_path: Path) -> None:
    experiment = _read(tmp_path, FULL)
    assert read_experiments(tmp_path / "experiment.yaml") == [experiment]


def test_every_setting_arrives(tmp_path: Path) -> None:
    read = _read(tmp_path, FULL).model_dump(mode="json")
    assert read["features"][0] == FULL["features"][0]
    assert read["features"][1] == FULL["features"][1] | {
        "min_df": 1,
        "sublinear_tf": True,
        "weight": 1.0,
    }
    assert {key: read[key] for key in FULL if key != "features"} == {
        key: value for key, value in FULL.items() if key != "features"
    }


def test_experiment_is_frozen(tmp_path: Path) -> None:
    experiment = _read(tmp_path, FULL)
    with pytest.raises(ValueError, match="frozen"):
        experiment.random_state = 8  # type: ignore[misc]


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("description",), "descripton"),
        (("evaluation",), "evalution"),
        (("random_state",), "random_sate"),
        (("features", 0, "min_df"), "mindf"),
        (("features", 0, "sublinear_tf"), "sublinear"),
        (("classifier", "C"), "c"),
        (("classifier", "class_weight"), "class_wieght"),
        (("evaluation", "n_splits"), "n_split"),
        (("evaluation", "n_bootstraps"), "bootstraps"),
    ],
)
def test_unknown_key_names_the_nearest(tmp_path: Path, place: Path_, wrong: str) -> None:
    message = _complaint(tmp_path, _renamed(place, wrong))
    name = ".".join(map(str, (*place[:-1], wrong)))
    assert message.startswith(f"unknown key {name!r}")
    assert re.search(rf"did you mean {place[-1]!r}|known: (.*, )?{place[-1]}\b", message)


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("name",), "nmae"),
        (("features",), "feautres"),
        (("classifier",), "classifer"),
        (("features", 1, "source"), "sorce"),
        (("features", 1, "orders"), "order"),
    ],
)
def test_misspelled_required_key_is_named_too(tmp_path: Path, place: Path_, wrong: str) -> None:
    message = _complaint(tmp_path, _renamed(place, wrong))
    assert wrong in message
    assert str(place[-1]) in message


@pytest.mark.mistakes
@pytest.mark.parametrize("place", [(), ("classifier",), ("evaluation",), ("features", 0)])
def test_unknown_key_may_be_called_like_a_classifier(tmp_path: Path, place: Path_) -> None:
    message = _complaint(tmp_path, _changed((*place, "ridge"), 1))
    name = ".".join(map(str, (*place, "ridge")))
    assert message.startswith(f"unknown key {name!r}")


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("name",), 5),
        (("name",), "Two Words"),
        (("name",), ""),
        (("name",), "a" * 51),
        (("name",), "../up"),
        (("description",), ["a"]),
        (("features",), 5),
        (("features", 0), "word"),
        (("features", 0, "source"), "sentence"),
        (("features", 0, "kind"), "wrod"),
        (("features", 0, "orders"), 2),
        (("features", 0, "orders"), [1]),
        (("features", 0, "orders"), [1, 2, 3]),
        (("features", 0, "orders"), [2, 1]),
        (("features", 0, "orders"), [0, 1]),
        (("features", 0, "orders"), [1, 11]),
        (("features", 0, "orders"), [1.5, 2]),
        (("features", 0, "min_df"), 0),
        (("features", 0, "sublinear_tf"), "perhaps"),
        (("features",), [FULL["features"][0]] * 51),
        (("classifier",), "ridge"),
        (("classifier",), ["ridge"]),
        (("classifier",), {"C": 1}),
        (("classifier", "C"), 0),
        (("classifier", "C"), -1),
        (("classifier", "C"), 1e7),
        (("classifier", "C"), float("nan")),
        (("classifier", "C"), float("inf")),
        (("classifier", "C"), "much"),
        (("classifier", "C"), [1]),
        (("classifier", "C"), True),
        (("classifier", "class_weight"), "equal"),
        (("evaluation",), 5),
        (("evaluation", "n_splits"), 1),
        (("evaluation", "n_splits"), 101),
        (("evaluation", "n_splits"), 2.5),
        (("evaluation", "n_repeats"), 0),
        (("evaluation", "n_bootstraps"), 99),
        (("evaluation", "n_permutations"), -1),
        (("random_state",), -1),
        (("random_state",), 2**31),
        (("random_state",), "x"),
        (("random_state",), True),
    ],
)
def test_wrong_value_is_named_with_its_place(tmp_path: Path, place: Path_, value: object) -> None:
    message = _complaint(tmp_path, _changed(place, value))
    # A wrong order of two is told of the block that holds it.
    assert message.startswith(".".join(map(str, place[:2])))


@pytest.mark.mistakes
@pytest.mark.parametrize("key", ["name", "classifier"])
def test_missing_key_is_named(tmp_path: Path, key: str) -> None:
    content = {name: value for name, value in FULL.items() if name != key}
    assert _complaint(tmp_path, content) == f"{key}: field required; add it"


@pytest.mark.mistakes
def test_unknown_classifier_names_the_nearest(tmp_path: Path) -> None:
    message = _complaint(tmp_path, _changed(("classifier", "kind"), "rigde"))
    assert message == "classifier.kind: unknown classifier 'rigde' (did you mean 'ridge'?)"


@pytest.mark.mistakes
def test_setting_of_another_classifier_is_unknown(tmp_path: Path) -> None:
    message = _complaint(tmp_path, _changed(("classifier",), {"kind": "ridge", "C": 1}))
    assert message == (
        "unknown key 'classifier.C' "
        "(known: alpha, class_weight, kind, log_count_ratio, tune_thresholds)"
    )


@pytest.mark.mistakes
def test_most_frequent_takes_no_features(tmp_path: Path) -> None:
    content = _changed(("classifier",), {"kind": "most_frequent"})
    assert _complaint(tmp_path, content) == "features: most_frequent expects none"


@pytest.mark.mistakes
def test_other_classifiers_need_features(tmp_path: Path) -> None:
    message = _complaint(tmp_path, _changed(("features",), []))
    assert message == "features: logistic_regression expects at least one block"


@pytest.mark.mistakes
@pytest.mark.parametrize("text", ["", "# nothing\n", "- name: a\n", "a word\n", "5\n"])
def test_file_without_settings(tmp_path: Path, text: str) -> None:
    assert _complaint(tmp_path, text).startswith("holds no settings")


@pytest.mark.mistakes
@pytest.mark.parametrize(
    "text",
    ["name: [a\n", "name: a\nb\nc: d\n", "\tname: a", "name: \x00", "? [a]\n: b\n", "[" * 1000],
)
def test_broken_yaml(tmp_path: Path, text: str) -> None:
    assert _complaint(tmp_path, text).startswith("no YAML (")


@pytest.mark.mistakes
@pytest.mark.parametrize("value", ["2024-02-30", "9" * 5000])
def test_value_that_yaml_cannot_make(tmp_path: Path, value: str) -> None:
    _complaint(tmp_path, f"{yaml.safe_dump(_renamed(('name',), 'was'))}name: {value}\n")


@pytest.mark.mistakes
def test_key_that_is_no_string(tmp_path: Path) -> None:
    assert "5" in _complaint(tmp_path, _changed((5,), "x"))


@pytest.mark.mistakes
def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "gone.yaml"
    for read in (read_experiment, read_experiments):
        with pytest.raises(ConfigError, match=r"gone\.yaml: no such file"):
            read(path)


@pytest.mark.mistakes
def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: a\ndescription: K\xf6ln\n")
    with pytest.raises(ConfigError, match=r"latin\.yaml: not UTF-8"):
        read_experiment(path)


@pytest.mark.mistakes
def test_folder_without_experiments(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ConfigError, match=r"no \*\.yaml or \*\.yml in this folder"):
        read_experiments(tmp_path)


def test_both_endings_of_yaml_are_read(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yml"):
        text = f"name: {name[0]}\nclassifier: {{kind: most_frequent}}\n"
        (tmp_path / name).write_text(text)
    assert [experiment.name for experiment in read_experiments(tmp_path)] == ["a", "b"]


@pytest.mark.mistakes
def test_two_experiments_of_one_name(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        content = _changed(("name",), "other" if name == "a" else "same")
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError, match=r"^.*/b\.yaml: another experiment is called 'same'.*$"):
        read_experiments(tmp_path)


def _shuffled(content: Any, data: st.DataObject) -> Any:
    if isinstance(content, dict):
        order = data.draw(st.permutations(list(content)))
        return {key: _shuffled(content[key], data) for key in order}
    return [_shuffled(item, data) for item in content] if isinstance(content, list) else content


@settings(max_examples=20)
@given(data=st.data())
def test_digest_ignores_the_layout(scratch: Path, data: st.DataObject) -> None:
    text = yaml.safe_dump(
        _shuffled(FULL, data),
        sort_keys=False,
        default_flow_style=data.draw(st.sampled_from([True, False, None])),
        indent=data.draw(st.integers(2, 8)),
        width=data.draw(st.integers(20, 200)),
    )
    expected = _read(scratch, FULL).digest
    assert re.fullmatch("[0-9a-f]{64}", expected)
    assert _read(scratch, f"# a remark\n{text}").digest == expected


def test_digest_ignores_defaults_that_are_written_out(tmp_path: Path) -> None:
    written = _changed(("features", 1, "min_df"), 1)
    assert _read(tmp_path, written).digest == _read(tmp_path, FULL).digest


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("name",), "other"),
        (("features", 0, "source"), "text"),
        (("features", 0, "orders"), [1, 3]),
        (("features", 0, "min_df"), 3),
        (("features", 0, "sublinear_tf"), True),
        (("classifier", "C"), 10.5),
        (("classifier", "class_weight"), None),
        (("classifier",), {"kind": "linear_svm", "C": 10, "class_weight": "balanced"}),
        (("evaluation", "n_repeats"), 3),
        (("random_state",), 8),
    ],
)
def test_digest_changes_with_a_setting(tmp_path: Path, place: Path_, value: object) -> None:
    assert _read(tmp_path, _changed(place, value)).digest != _read(tmp_path, FULL).digest


@pytest.mark.parametrize(
    ("sources", "baseline"),
    [(["holder"], True), (["holder", "target"], True), (["holder", "text"], False)],
)
def test_baseline_never_reads_the_text(tmp_path: Path, sources: list[str], baseline: bool) -> None:
    blocks = [{"source": source, "kind": "word", "orders": [1, 1]} for source in sources]
    assert _read(tmp_path, _changed(("features",), blocks)).is_baseline is baseline


@pytest.mark.mistakes
def test_a_list_of_words_has_no_characters(tmp_path: Path) -> None:
    changed = _changed(("features", 0), {"source": "frame", "kind": "char", "orders": [1, 2]})
    assert "source 'frame' is a list of words; expected kind: word" in _complaint(tmp_path, changed)


@pytest.mark.mistakes
def test_an_average_has_members(tmp_path: Path) -> None:
    members = [{"kind": "ridge"}, {"kind": "linear_svm", "C": 0.1}]
    experiment = _read(tmp_path, _changed(("classifier",), {"kind": "average", "members": members}))
    assert isinstance(experiment.classifier, Average)
    assert [member.kind for member in experiment.classifier.members] == ["ridge", "linear_svm"]
    wrong = _changed(("classifier",), {"kind": "average", "members": members[:1]})
    assert "classifier.members" in _complaint(tmp_path, wrong)


@pytest.mark.parametrize(("n_rows", "repeats"), [(44, 10), (2_500, 4), (50_000, 1)])
def test_small_data_is_folded_often(n_rows: int, repeats: int) -> None:
    assert EvaluationSettings().repeats(n_rows) == repeats
    assert EvaluationSettings(n_repeats=3).repeats(n_rows) == 3
