"""The model that a run logs: MLflow runs this file to load it, and nothing is unpickled.

Rows come as a data frame with the column `text` and, for pairs, `holder`, `target` and their spans;
labels and probabilities go out as a data frame, equal to those of `stanceml predict`.
"""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.models import set_model

from stanceml.inference.sealed import load_model
from stanceml.stances import probability_column


class ServedModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """A sealed model behind MLflow's pyfunc interface."""

    def load_context(self, context: Any) -> None:
        """Read the sealed model out of the run's artifacts."""
        self.model = load_model(Path(context.artifacts["model"]))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Judge every row."""
        labels, probabilities = self.model.judge(model_input)
        judged = pd.DataFrame({"stance": labels, "probability": probabilities.max(axis=1)})
        for number, label in enumerate(self.model.classes_):
            judged[probability_column(str(label))] = probabilities[:, number]
        return judged.set_axis(model_input.index)


set_model(ServedModel())
