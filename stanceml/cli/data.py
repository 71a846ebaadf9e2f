"""`stanceml data`: build the dataset."""

from pathlib import Path
from typing import Annotated

import typer

from stanceml.cli.options import say

__all__ = ["app", "build"]

app = typer.Typer(
    help="Build the labelled dataset out of raw documents and stand-off annotations.",
    epilog="Examples:\n\nstanceml data build\n\nstanceml data build --folder path/to/data",
    no_args_is_help=True,
)


@app.command(epilog="Examples:\n\nstanceml data build\n\nstanceml data build --folder path/to/data")
def build(
    folder: Annotated[
        Path, typer.Option(help="Holds raw/ and annotations/; the dataset is written there.")
    ] = Path("data"),
) -> None:
    """Segment the raw documents, join their annotations, and write stances.csv and its manifest."""
    from stanceml.workflows.build import build_dataset

    built = build_dataset(folder)
    facts = built.manifest
    print(built.path)
    say(
        f"{facts['rows']} rows in {facts['sentences']} sentences of {facts['documents']} "
        f"document(s); sentence rows {_counts(facts['sentence_rows'])}, pair rows "
        f"{_counts(facts['pair_rows'])}; facts in {built.manifest_path}"
    )


def _counts(by_stance: object) -> str:
    assert isinstance(by_stance, dict)  # noqa: S101 -- for the type checker
    return ", ".join(f"{count} {stance}" for stance, count in by_stance.items())


@app.callback()
def _group() -> None:
    """Keep `build` a command of its own: a group with one command would swallow its name."""
