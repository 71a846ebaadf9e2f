"""The subcommands of `stanceml`, and what becomes of their mistakes."""

import os
import sys

import typer

from stanceml.cli import (
    ablate,
    agreement,
    audit,
    benchmark,
    data,
    evaluate,
    examine,
    predict,
    sweep,
    train,
    ui,
)
from stanceml.cli.complaints import complain
from stanceml.exceptions import StancemlError

__all__ = ["app", "run"]

app = typer.Typer(
    name="stanceml",
    help="Stance in diplomatic news: who stands where on what, sentence by sentence.",
    epilog=(
        "Examples:\n\n"
        'stanceml predict "NATO expresses its support for Ukraine." --target Ukraine\n\n'
        "stanceml train --data my.csv --text-column sentence --label-column label -o models/mine"
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data.app, name="data")
app.command("train", epilog=train.EXAMPLES)(train.train)
app.command("sweep", epilog=sweep.EXAMPLES)(sweep.sweep)
app.command("predict", epilog=predict.EXAMPLES)(predict.predict)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command("examine", epilog=examine.EXAMPLES)(examine.examine)
app.command("ablate", epilog=ablate.EXAMPLES)(ablate.ablate)
app.command("benchmark", epilog=benchmark.EXAMPLES)(benchmark.benchmark)
app.command("audit", epilog=audit.EXAMPLES)(audit.audit)
app.command("agreement", epilog=agreement.EXAMPLES)(agreement.agreement)
app.command("ui", epilog=ui.EXAMPLES)(ui.ui)


def run(arguments: list[str]) -> int:
    """Run a command line; tell a mistake in one line, and give the exit status."""
    try:
        status = app(args=arguments, prog_name="stanceml", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except StancemlError as error:
        complain(str(error))
        return error.exit_status
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # typer does not hand out its class
            print(error.format_message(), file=sys.stderr)
            return 2
        complain(f"{error.format_message()} (`stanceml {_command(arguments)}--help` tells more)")
        return 2
    except BrokenPipeError:
        # Whoever read our output has enough. What Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (typer.Abort, EOFError):
        return 1
    except OSError as error:
        complain(f"{error.filename or 'output'}: {error.strerror or error}")
        return 1


def _command(arguments: list[str]) -> str:
    commands = [command.name for command in app.registered_commands]
    known = {*commands, *(group.name for group in app.registered_groups)}
    return f"{arguments[0]} " if arguments and arguments[0] in known else ""
