"""`stanceml data`: build the dataset, write its card."""

from pathlib import Path
from typing import Annotated

import typer

from stanceml.cli.options import say, show

__all__ = ["app", "build", "card"]

app = typer.Typer(
    help="Build the labelled dataset out of documents and annotations, and write its card.",
    epilog="Examples:\n\nstanceml data build\n\nstanceml data card",
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
    show(str(built.path))
    say(
        f"{facts['rows']} rows in {facts['sentences']} sentences of {facts['documents']} "
        f"document(s); sentence rows {_counts(facts['sentence_rows'])}, pair rows "
        f"{_counts(facts['pair_rows'])}; facts in {built.manifest_path}"
    )


def _counts(by_stance: object) -> str:
    assert isinstance(by_stance, dict)  # noqa: S101 -- for the type checker
    return ", ".join(f"{count} {stance}" for stance, count in by_stance.items())


@app.command(epilog="Examples:\n\nstanceml data card\n\nstanceml data card --folder path/to/data")
def card(
    folder: Annotated[Path, typer.Option(help="Holds the dataset; the card is its README.md.")] = (
        Path("data")
    ),
) -> None:
    """Write the data card: how the data was made, counts, agreement, limits, checksums."""
    from stanceml.workflows.data_card import write_data_card

    show(str(write_data_card(folder)))
