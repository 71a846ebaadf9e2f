"""`stanceml ui`: look at the runs in a browser."""

from typing import Annotated

import typer

from stanceml.cli import options

__all__ = ["EXAMPLES", "ui"]

EXAMPLES = "Examples:\n\nstanceml ui\n\nstanceml ui --port 5001"


def ui(
    tracking_uri: options.TrackingUri = None,
    experiment: Annotated[
        str, typer.Option(help="Name of the MLflow experiment: that of the model folder.")
    ] = "stance",
    port: Annotated[
        int | None,
        typer.Option(
            help="Port on 127.0.0.1.  [any free one]", min=1, max=65535, show_default=False
        ),
    ] = None,
) -> None:
    """Start MLflow's pages on this machine and print a link to the runs, sorted by macro-F1."""
    from pathlib import Path

    from stanceml.tracking.store import default_uri
    from stanceml.tracking.ui import serve_ui

    def announce(link: str) -> None:
        options.show(link)
        options.say(
            "The charts show every run of the experiment. To compare two: tick them in the list, "
            "then press Compare. Ctrl-C stops the server."
        )

    serve_ui(tracking_uri or default_uri(Path()), experiment, port, announce)
