"""An experiment: a YAML file in, a frozen and validated description out."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from stanceml.exceptions import ConfigError, nearest
from stanceml.files import sha256
from stanceml.settings import Number, Settings, first_problem, read_settings
from stanceml.stances import LONGEST_ORDER, NgramKind, Source, check_space

__all__ = [
    "Average",
    "Classifier",
    "ComplementNaiveBayes",
    "EvaluationSettings",
    "Experiment",
    "Features",
    "LinearSvm",
    "LogisticRegression",
    "MostFrequent",
    "Ridge",
    "Sgd",
    "explain",
    "read_experiment",
    "read_experiments",
]


# About as many rows are predicted, over all repeats, where nothing else is set.
_REPEATED_ROWS = 10_000

Strength = Annotated[float, Number, Field(gt=0, le=1e6)]
Order = Annotated[int, Number, Field(ge=1, le=LONGEST_ORDER)]
ClassWeight = Literal["balanced"] | None


class Features(Settings):
    """One block of TF-IDF features."""

    source: Source
    kind: NgramKind
    orders: tuple[Order, Order]
    min_df: Annotated[int, Number, Field(ge=1)] = 1
    sublinear_tf: bool = True
    weight: Annotated[float, Number, Field(gt=0, le=1000)] = 1.0

    @model_validator(mode="after")
    def _fits_together(self) -> "Features":
        check_space(self.source, self.kind, self.orders)
        return self


class _LinearClassifier(Settings):
    """What the trained linear classifiers have in common.

    `log_count_ratio` scales the features, class by class, by how much more often they occur in it
    than elsewhere (Wang and Manning 2012). `tune_thresholds` adds to each class's score what makes
    macro-F1 highest on held-out rows of the training rows.
    """

    class_weight: ClassWeight = None
    log_count_ratio: bool = False
    tune_thresholds: bool = False


class LogisticRegression(_LinearClassifier):
    """Multinomial logistic regression; a larger `C` regularises less."""

    kind: Literal["logistic_regression"]
    C: Strength = 1.0


class LinearSvm(_LinearClassifier):
    """Linear support vector machine, one label against the rest; a larger `C` regularises less."""

    kind: Literal["linear_svm"]
    C: Strength = 1.0


class Ridge(_LinearClassifier):
    """Least squares on label indicators; a larger `alpha` regularises more."""

    kind: Literal["ridge"]
    alpha: Strength = 1.0


class Sgd(_LinearClassifier):
    """Stochastic gradient descent on the logistic loss; a larger `alpha` regularises more."""

    kind: Literal["sgd"]
    alpha: Strength = 1e-5


class ComplementNaiveBayes(Settings):
    """Complement naive Bayes; a larger `alpha` smooths more."""

    kind: Literal["complement_nb"]
    alpha: Strength = 1.0


class MostFrequent(Settings):
    """Always the most frequent label: what a score has to beat to mean anything."""

    kind: Literal["most_frequent"]


class Average(Settings):
    """The average of several classifiers' scores, each in units of its own spread."""

    kind: Literal["average"]
    members: Annotated[
        tuple[
            Annotated[
                LogisticRegression | LinearSvm | Ridge | Sgd | ComplementNaiveBayes,
                Field(discriminator="kind"),
            ],
            ...,
        ],
        Field(min_length=2, max_length=20),
    ]
    tune_thresholds: bool = False


Classifier = Annotated[
    LogisticRegression | LinearSvm | Ridge | Sgd | ComplementNaiveBayes | MostFrequent | Average,
    Field(discriminator="kind"),
]


class EvaluationSettings(Settings):
    """How an experiment is measured.

    Without `n_repeats`, small data is folded ten times and large data once: with many rows the
    choice of the folds hardly matters.
    """

    n_splits: Annotated[int, Number, Field(ge=2, le=100)] = 5
    n_repeats: Annotated[int, Number, Field(ge=1, le=1000)] | None = None
    n_bootstraps: Annotated[int, Number, Field(ge=100, le=100_000)] = 2000
    n_permutations: Annotated[int, Number, Field(ge=0, le=100_000)] = 200

    def repeats(self, n_rows: int) -> int:
        """Tell how often data of some size is folded."""
        return self.n_repeats or max(1, min(10, _REPEATED_ROWS // n_rows))


class Experiment(Settings):
    """Everything that a person sets about one training."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
    description: str = ""
    features: Annotated[tuple[Features, ...], Field(max_length=50)] = ()
    classifier: Classifier
    evaluation: EvaluationSettings = EvaluationSettings()
    random_state: Annotated[int, Number, Field(ge=0, le=2**31 - 1)] = 0

    @model_validator(mode="after")
    def _features_fit(self) -> "Experiment":
        if (self.classifier.kind == "most_frequent") == bool(self.features):
            expected = "none" if self.features else "at least one block"
            raise ValueError(f"features: {self.classifier.kind} expects {expected}")
        return self

    @property
    def is_baseline(self) -> bool:
        """Whether the experiment never reads the text: it can be compared with, not chosen."""
        return all(block.source in ("holder", "target") for block in self.features)

    @property
    def digest(self) -> str:
        """Fingerprint of the settings: equal for equal settings, however the file is laid out."""
        return sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode())


def read_experiments(path: Path) -> list[Experiment]:
    """Read one experiment file, or every `*.yaml` and `*.yml` of a folder, sorted by file name.

    Raises
    ------
    ConfigError
        When nothing is there, a file is no valid experiment, or two have one name.
    """
    files = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
    if not files:
        raise ConfigError(
            f"{path}: no *.yaml or *.yml in this folder; expected an experiment a file"
        )
    experiments = [read_experiment(file) for file in files]
    names = [experiment.name for experiment in experiments]
    for file, name in zip(files, names, strict=True):
        if names.count(name) > 1:
            raise ConfigError(f"{file}: another experiment is called {name!r} too; rename one")
    return experiments


def read_experiment(path: Path) -> Experiment:
    """Read one experiment file.

    Raises
    ------
    ConfigError
        When the file is not there, no YAML, or not a valid experiment: with the place, the value,
        what was expected, and for an unknown key the nearest known one.
    """
    content = read_settings(path, "`name:`, `features:`, `classifier:`")
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(first_problem(error), content)}") from error


def explain(problem: Any, content: dict[str, Any]) -> str:
    """Say what is wrong with the content of an experiment file: where, what was found."""
    place = list(problem["loc"])
    if place[:1] == ["classifier"]:
        del place[1:2]  # pydantic puts the chosen kind there
    if place[:2] == ["classifier", "members"]:
        del place[3:4]  # and there
    name = ".".join(map(str, place))
    if problem["type"] == "extra_forbidden":
        return f"unknown key {name!r}{nearest(str(place[-1]), _known_keys(place[:-1], content))}"
    if problem["type"] == "union_tag_invalid":
        kind = str(problem["ctx"]["tag"])
        return f"{name}.kind: unknown classifier {kind!r}{nearest(kind, _CLASSIFIERS)}"
    value = content
    for part in place:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return f"{name}: {problem['msg'].lower()}; add it"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{name}: {message}, found {value!r:.80}" if name else message


_CLASSIFIERS = {
    model.model_fields["kind"].annotation.__args__[0]: model  # type: ignore[union-attr]
    for model in (
        LogisticRegression,
        LinearSvm,
        Ridge,
        Sgd,
        ComplementNaiveBayes,
        MostFrequent,
        Average,
    )
}


def _known_keys(place: list[Any], content: dict[str, Any]) -> list[str]:
    model: type[BaseModel] = Experiment
    if place and place[0] == "features":
        model = Features
    elif place and place[0] == "evaluation":
        model = EvaluationSettings
    elif place and place[0] == "classifier":
        chosen: Any = content
        for part in place:
            chosen = chosen[part]
        model = _CLASSIFIERS.get(chosen.get("kind"), MostFrequent)
    return list(model.model_fields)
