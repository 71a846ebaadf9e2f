"""What is wrong is said in one line, to whoever is there to read it."""

import os
import sys

import pytest

from stanceml.cli.complaints import complain


def test_one_readable_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("no\nsuch \x1b[31m file")
    assert capsys.readouterr().err == "stanceml: no such \\x1b[31m file\n"


def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    complain("nobody reads this")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as gone:
        monkeypatch.setattr(sys, "stderr", gone)
        complain("the terminal is gone")
        monkeypatch.undo()
        # What could not be written would be tried again when the file is closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)
