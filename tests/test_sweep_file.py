"""Sweep files: what is taken, what is drawn, and what is said of what is not taken."""

from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stanceml.config import read_experiment
from stanceml.exceptions import ConfigError
from stanceml.search.sweep_file import Search, Sweep, read_sweep

CONFIGS = Path(__file__).parents[1] / "configs"

FULL: dict[str, Any] = {
    "name": "full",
    "description": "Every setting.",
    "base": {
        "name": "inner",
        "features": [{"source": "marked", "kind": "word", "orders": [1, 2]}],
        "classifier": {"kind": "ridge", "alpha": 2},
    },
    "search": {"kind": "halving", "n_candidates": 4, "factor": 2, "random_state": 5},
    "space": {"classifier.alpha": [0.3, 1, 3], "features.0.weight": [1, 2]},
    "evaluation": {"n_splits": 4, "n_inner_splits": 2, "n_bootstraps": 100, "n_permutations": 0},
}


def read(folder: Path, content: object) -> Sweep:
    path = folder / "sweep.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return read_sweep(path)


def complaint(folder: Path, content: object) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, content)
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert len(message.splitlines()) == 1
    return message


def changed(place: str, value: object) -> dict[str, Any]:
    content = deepcopy(FULL)
    *outer, last = place.split("/")
    inner: Any = content
    for part in outer:
        inner = inner[part]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return content


@pytest.mark.parametrize("path", sorted((CONFIGS / "sweeps").glob("*.yaml")), ids=lambda p: p.stem)
def test_committed_sweep_reads(path: Path) -> None:
    sweep = read_sweep(path)
    assert sweep.name == path.stem
    assert len(sweep.candidates()) > 1


def test_every_setting_arrives(tmp_path: Path) -> None:
    told = read(tmp_path, FULL).model_dump(mode="json")
    assert told["base"]["classifier"]["alpha"] == 2
    assert {key: value for key, value in told.items() if key != "base"} == {
        key: value for key, value in FULL.items() if key != "base"
    }


def test_a_base_may_be_a_path_from_the_folder_of_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "it.yaml").write_text(yaml.safe_dump(FULL["base"]))
    named = read(tmp_path, changed("base", "experiments/it.yaml"))
    assert named.base == read_experiment(tmp_path / "experiments" / "it.yaml")
    assert named.digest == read(tmp_path, FULL).digest


def test_names_may_be_left_out(tmp_path: Path) -> None:
    content = changed("name", None)
    del content["base"]["name"]
    assert read(tmp_path, content).name == "sweep"


def test_the_digest_is_that_of_the_settings(tmp_path: Path) -> None:
    digest = read(tmp_path, FULL).digest
    assert read(tmp_path, dict(reversed(FULL.items()))).digest == digest
    assert read(tmp_path, changed("search/random_state", 6)).digest != digest
    assert read(tmp_path, changed("base/classifier/alpha", 3)).digest != digest


def test_what_is_drawn_depends_on_the_seed_alone(tmp_path: Path) -> None:
    def drawn(seed: int) -> list[dict[str, Any]]:
        content = changed("search", {"kind": "random", "n_candidates": 4, "random_state": seed})
        return [candidate.settings for candidate in read(tmp_path, content).candidates()]

    whole = read(tmp_path, changed("search", {"kind": "grid"})).candidates()
    order = [candidate.settings for candidate in whole]
    assert len(order) == 6
    assert drawn(1) == drawn(1)
    assert any(drawn(1) != drawn(seed) for seed in range(2, 6))
    for seed in range(5):
        places = [order.index(settings) for settings in drawn(seed)]
        assert len(places) == 4
        assert places == sorted(set(places))


def test_all_are_tried_where_more_are_wanted_than_there_are(tmp_path: Path) -> None:
    content = changed("search", {"kind": "random", "n_candidates": 50})
    assert len(read(tmp_path, content).candidates()) == 6


def test_what_is_not_drawn_is_validated_too(tmp_path: Path) -> None:
    content = changed("space/classifier.alpha", [1, 2, 3, 4, 5, 6, 7, 8, -1])
    content["search"] = {"kind": "random", "n_candidates": 2}
    assert "classifier.alpha=-1" in complaint(tmp_path, content)


@given(
    n_candidates=st.integers(2, 10_000),
    n_groups=st.integers(2, 10_000),
    n_least=st.integers(2, 10),
    factor=st.integers(2, 10),
)
def test_rungs(n_candidates: int, n_groups: int, n_least: int, factor: int) -> None:
    rungs = Search(kind="halving", factor=factor).rungs(n_candidates, n_groups, n_least)
    sizes, shares = zip(*rungs, strict=True)
    assert (sizes[0], shares[-1]) == (n_candidates, 1.0)
    for before, after in pairwise(rungs):
        assert after[0] == -(-before[0] // factor)
        assert after[1] == pytest.approx(factor * before[1])
    if len(rungs) > 1:
        assert shares[0] * n_groups >= n_least - 1e-9
    assert sizes[-1] <= factor or shares[0] * n_groups / factor < n_least


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("serach", {"kind": "grid"}, "unknown key 'serach' (did you mean 'search'?)"),
        ("search/kind", "gird", "search.kind: Input should be 'grid', 'random' or 'halving'"),
        ("search/kind", None, "search.kind: field required; add it"),
        ("search", {"kind": "random"}, "random expects n_candidates"),
        ("search", {"kind": "grid", "n_candidates": 3}, "drop n_candidates, or take kind: random"),
        ("search", {"kind": "grid", "factor": 3}, "grid has no factor; drop it"),
        ("search/n_candidate", 5, "did you mean 'n_candidates'?"),
        ("search/n_candidates", 1, "search.n_candidates: Input should be greater"),
        ("search/factor", True, "search.factor: expected a number, found True"),
        ("search/factor", 1, "search.factor: "),
        ("space", {}, "space: "),
        ("space", [1], "space: "),
        ("space/classifier.alpha", 3, "space.classifier.alpha: expected a list of values, found 3"),
        ("space/classifier.alpha", "1, 3", "space.classifier.alpha: expected a list of values"),
        ("space/classifier.alpha", [], "space.classifier.alpha: "),
        ("space/classifier.alhpa", [1], "did you mean 'alpha'?"),
        ("space/features.1.weight", [1], "features has no '1'; expected a number from 0 to 0"),
        ("evaluation/n_split", 5, "unknown key 'evaluation.n_split' (did you mean 'n_splits'?)"),
        ("evaluation/n_inner_splits", 1, "evaluation.n_inner_splits: "),
        ("name", "Two Words", "name: "),
        ("name", "a" * 46, "name: "),
        ("base", None, "base: field required; add it"),
        ("base", 5, "base: expected an experiment, or the path of one; found 5"),
        ("base", "nowhere.yaml", "nowhere.yaml: no such file"),
        ("base/classifer", {"kind": "ridge"}, "base: unknown key 'classifer'"),
        ("base/classifier/alpha", 0, "base: classifier.alpha: "),
        ("base/features", [], "base: features: ridge expects at least one block"),
    ],
)
def test_a_mistake_is_one_line_that_tells_the_place(
    place: str, value: object, told: str, tmp_path: Path
) -> None:
    assert told in complaint(tmp_path, changed(place, value))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no settings; expected `base:`, `search:`, `space:`"),
        ("- 1\n", "holds no settings"),
        ("base: {\n", "no YAML"),
        ("name: a\nname: b\n", "stands twice"),
    ],
)
def test_files_that_are_none(content: str, told: str, tmp_path: Path) -> None:
    assert told in complaint(tmp_path, content)


@pytest.mark.mistakes
def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_sweep(tmp_path / "nowhere.yaml")
