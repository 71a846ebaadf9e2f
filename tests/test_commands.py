"""The list of commands: called with nothing, each shows what there is, laid out to be read."""

import pytest

from stanceml.cli.commands import app, run


@pytest.mark.parametrize("words", [[], ["data"]])
def test_nothing_asked_shows_the_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert lines[0].startswith("Usage: stanceml")
    assert "Commands:" in lines
    assert len(lines) > 10


def test_every_command_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"\n  {command.name} " in told for command in app.registered_commands)


def test_a_mistake_names_the_commands_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ui", "--prot", "1"]) == 2
    assert "(`stanceml ui --help` tells more)" in capsys.readouterr().err
