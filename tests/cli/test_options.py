"""Held: narration is a courtesy, and no work depends on it; flags stand before a command's name or after it."""

from __future__ import annotations

import io
import sys
from typing import Any

import click
import pytest

from rag.cli.flags import given
from rag.cli.options import options, say
from rag.settings import load


class Gone(io.StringIO):
    """Standard error whose reader has closed the pipe."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_that_nobody_reads_what_is_told_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    say("3 answers are there already")


def test_that_standard_error_is_closed_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    say("3 answers are there already")


def test_what_is_told_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("3 answers are there already")
    assert capsys.readouterr() == ("", "3 answers are there already\n")


@pytest.mark.parametrize(
    ("arguments", "care"),
    [
        (["ask"], None),
        (["ask", "--careful"], "careful"),
        (["--eager", "ask"], "eager"),
        (["--eager", "ask", "--careful"], "careful"),
        (["--careful", "ask", "--eager"], "eager"),
        (["--careful", "ask", "--balanced"], "balanced"),
    ],
)
def test_how_careful_an_answer_is_stands_before_the_command_or_after_it_which_wins(
    arguments: list[str], care: str | None
) -> None:
    @click.group()
    @options
    def group(**_: Any) -> None:
        pass

    @group.command()
    @options
    @click.pass_context
    def ask(context: click.Context, /, **flags: Any) -> dict[str, Any]:
        return given(context, flags)

    assert group.main(arguments, standalone_mode=False)["care"] == care


def test_a_flag_leads_back_to_the_default_care_where_the_environment_says_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BELEG_CARE", "eager")

    @click.command()
    @options
    @click.pass_context
    def ask(context: click.Context, /, **flags: Any) -> str:
        return load(given(context, flags)).care

    assert ask.main([], standalone_mode=False) == "eager"
    assert ask.main(["--balanced"], standalone_mode=False) == "balanced"
