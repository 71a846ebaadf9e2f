"""Candidates: every combination once, each a whole experiment, and no path that leads nowhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.config import Experiment
from stanceml.exceptions import ConfigError
from stanceml.search.candidates import span

WORDS = {"source": "marked", "kind": "word", "orders": [1, 2]}
CHARS = {"source": "marked", "kind": "char", "orders": [2, 5]}
FRAME = {"source": "frame", "kind": "word", "orders": [2, 4]}
TARGET = {"source": "target", "kind": "word", "orders": [1, 2]}

BASE = Experiment.model_validate(
    {"name": "base", "features": [WORDS, CHARS], "classifier": {"kind": "ridge", "alpha": 2}}
)


def sources(experiment: Experiment) -> list[str]:
    return [f"{block.source}-{block.kind}" for block in experiment.features]


@given(
    alphas=st.lists(st.floats(0.001, 1000), min_size=1, max_size=4, unique=True),
    weights=st.lists(st.floats(0.001, 1000), min_size=1, max_size=4, unique=True),
)
def test_every_combination_is_the_base_with_its_values(
    alphas: list[float], weights: list[float]
) -> None:
    found = span(BASE, {"classifier.alpha": alphas, "features.1.weight": weights})
    assert [list(one.settings.values()) for one in found] == [
        [alpha, weight] for alpha in alphas for weight in weights
    ]
    for one in found:
        alpha, weight = one.settings.values()
        assert one.experiment == BASE.model_copy(
            update={
                "classifier": BASE.classifier.model_copy(update={"alpha": alpha}),
                "features": (
                    BASE.features[0],
                    BASE.features[1].model_copy(update={"weight": weight}),
                ),
            }
        )


def test_null_switches_a_block_off() -> None:
    off, on = span(BASE, {"features.1": [None, FRAME]})
    assert sources(off.experiment) == ["marked-word"]
    assert sources(on.experiment) == ["marked-word", "frame-word"]


def test_numbers_behind_the_last_block_add_blocks_in_their_order() -> None:
    space: dict[str, list[Any]] = {"features.3": [None, TARGET], "features.2": [None, FRAME]}
    assert [sources(one.experiment)[2:] for one in span(BASE, space)] == [
        [],
        ["frame-word"],
        ["target-word"],
        ["frame-word", "target-word"],
    ]


def test_more_than_ten_blocks_are_counted_as_numbers() -> None:
    many = BASE.model_copy(update={"features": BASE.features[:1] * 10})
    (one,) = span(many, {"features.10": [FRAME], "features.11": [TARGET], "features.9": [CHARS]})
    assert sources(one.experiment)[8:] == [
        "marked-word",
        "marked-char",
        "frame-word",
        "target-word",
    ]


def test_whole_classifiers_and_whole_features() -> None:
    space: dict[str, list[Any]] = {
        "classifier": [{"kind": "linear_svm", "C": 3}, {"kind": "complement_nb"}],
        "features": [[WORDS], [CHARS]],
    }
    found = [one.experiment for one in span(BASE, space)]
    assert [(one.classifier.kind, sources(one)) for one in found] == [
        ("linear_svm", ["marked-word"]),
        ("linear_svm", ["marked-char"]),
        ("complement_nb", ["marked-word"]),
        ("complement_nb", ["marked-char"]),
    ]


def test_a_member_of_an_average() -> None:
    members = [{"kind": "ridge"}, {"kind": "linear_svm"}]
    base = Experiment.model_validate(
        {"name": "x", "features": [WORDS], "classifier": {"kind": "average", "members": members}}
    )
    found = span(base, {"classifier.members.1.C": [1, 10]})
    assert [one.experiment.classifier.members[1].C for one in found] == [1, 10]  # type: ignore[union-attr]


def test_the_same_experiment_stands_once() -> None:
    either: list[Any] = [None, FRAME]
    found = span(BASE, {"features.2": either, "features.3": either, "classifier.alpha": [1, 1.0]})
    assert [len(one.experiment.features) for one in found] == [2, 3, 4]


MISTAKES: list[tuple[dict[str, list[Any]], str]] = [
    ({"clasifier.alpha": [1]}, "features or classifier (did you mean 'classifier'?)"),
    ({"random_state": [1, 2]}, "space.random_state: expected a path into features or classifier"),
    ({"classifier.alhpa": [1]}, "classifier has no 'alhpa' (did you mean 'alpha'?)"),
    (
        {"classifier.kind": ["ridge"]},
        "expected whole classifiers, as in classifier: [{kind: ridge}",
    ),
    ({"classifier.alpha.log": [1]}, "classifier.alpha is 2.0; nothing is inside"),
    ({"features.2.weight": [1]}, "features has no '2'; expected a number from 0 to 1"),
    ({"features.3": [None]}, "features has no '3'; expected a number from 0 to 2"),
    ({"features.-1": [None]}, "features has no '-1'; expected a number from 0 to 2"),
    ({"features.01": [None]}, "features has no '01'; expected a number from 0 to 2"),
    ({"features.one.weight": [1]}, "features has no 'one'; expected a number from 0 to 1"),
    ({"features.0.wieght": [1]}, "features.0 has no 'wieght' (did you mean 'weight'?)"),
    ({"features.1": [None], "features.1.weight": [1]}, "lies inside features.1"),
    ({"classifier": [{"kind": "ridge"}], "classifier.alpha": [1]}, "lies inside classifier,"),
    (
        {"classifier.alpha": [1, 0]},
        "classifier.alpha=0 makes no valid experiment (classifier.alpha",
    ),
    ({"classifier": [{"kind": "rigde"}]}, "unknown classifier 'rigde' (did you mean 'ridge'?)"),
    ({"features.1": [{"sorce": "text", "kind": "word", "orders": [1, 1]}]}, "unknown key"),
    ({"features": [[TARGET]]}, "never reads the text; it could not be chosen"),
    ({"features.0": [None], "features.1": [None]}, "ridge expects at least one block"),
    ({"classifier.alpha": list(range(1, 10_002))}, "10,001 candidates; expected at most 10,000"),
]


@pytest.mark.mistakes
@pytest.mark.parametrize(("space", "told"), MISTAKES, ids=lambda x: str(x)[:50])
def test_a_mistake_is_told_with_what_is_there(space: dict[str, list[Any]], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        span(BASE, space)
    message = str(caught.value)
    assert told in message
    assert message.startswith("space")
    assert len(message.splitlines()) == 1
