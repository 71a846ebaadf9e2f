"""An experiment in; the YAML file that it is read from out."""

from typing import Any

import yaml

from stanceml.config import Experiment

__all__ = ["experiment_yaml", "value_text"]


def experiment_yaml(experiment: Experiment) -> str:
    """Write an experiment as a person would: a block of features a line, no defaults.

    Examples
    --------
    >>> experiment = Experiment(
    ...     name="example",
    ...     features=[{"source": "text", "kind": "word", "orders": [1, 2], "weight": 2}],
    ...     classifier={"kind": "ridge", "alpha": 3},
    ... )
    >>> print(experiment_yaml(experiment), end="")
    name: example
    features:
      - {source: text, kind: word, orders: [1, 2], weight: 2.0}
    classifier: {kind: ridge, alpha: 3.0}
    """
    lines = []
    for key, value in experiment.model_dump(mode="json", exclude_defaults=True).items():
        if key == "features":
            lines += ["features:", *(f"  - {value_text(block)}" for block in value)]
        else:
            lines.append(f"{key}: {value_text(value)}")
    return "\n".join(lines) + "\n"


def value_text(value: Any) -> str:
    """Write a value in a line, as it may stand in a YAML file.

    Examples
    --------
    >>> value_text({"kind": "ridge", "class_weight": None}), value_text(0.5)
    ('{kind: ridge, class_weight: null}', '0.5')
    """
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return text.removesuffix("...\n").strip()
