"""Held: --help is in the interface's language, wherever the line asks for it, and as well set as in English."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from rag.cli.help import messages
from rag.cli.main import main
from rag.evaluation.model_trial.report import _heads
from rag.localization import gettext
from tui.command import _group


def contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command and of each below it."""
    yield context
    if isinstance(context.command, click.Group):
        for name, command in context.command.commands.items():
            yield from contexts(command.context_class(command, info_name=name, parent=context, resilient_parsing=True))


def all_contexts(columns: int = 80) -> list[click.Context]:
    root = _group().make_context("beleg", [], resilient_parsing=True, terminal_width=columns - 2)
    return list(contexts(root))


def pages(columns: int = 80) -> dict[str, str]:
    return {context.command_path: context.get_help() for context in all_contexts(columns)}


@pytest.mark.usefixtures("german")
def test_no_page_of_the_german_help_has_english_in_it() -> None:
    root, *_ = all_contexts()
    said = [(line, gettext(message)) for message in messages(root) for line in message.splitlines() if " " in line]
    sentences = [line for line, german in said if line not in german]
    shown = pages(100_000)  # where no line ends within a sentence
    assert len(shown) > 25 and len(sentences) > 100
    assert [(path, each) for path, page in shown.items() for each in sentences if each in page] == []


@pytest.mark.usefixtures("german")
def test_no_line_of_the_german_help_is_longer_than_a_terminal_of_80_columns_is_wide() -> None:
    assert [line for page in pages().values() for line in page.splitlines() if len(line) > 79] == []


@pytest.mark.usefixtures("language")
def test_the_columns_of_a_trial_are_explained_in_the_help_by_the_names_that_they_have() -> None:
    page = pages(100_000)["beleg models try"]
    heads = [head for head, _ in _heads()]
    assert [head for head in heads[2:] if f"\n  {head} " not in page] == []


@pytest.mark.usefixtures("german")
def test_the_list_of_commands_says_in_german_what_each_does_without_being_cut() -> None:
    shown = pages()["beleg"]
    assert "  index       Dateien, Ordner und Muster einlesen oder aktualisieren.\n" in shown
    assert "..." not in shown.partition("Befehle:\n")[2].partition("\n\n")[0]


def test_the_english_help_is_what_click_makes_of_it() -> None:
    for context in all_contexts():
        assert context.get_help() == context.command.get_help(click.Context(**_as_is(context)))
        assert context.get_usage() == context.command.get_usage(click.Context(**_as_is(context)))


def _as_is(context: click.Context) -> dict[str, object]:
    """Return what makes a context of click's own of one of ours."""
    return {
        "command": context.command,
        "info_name": context.info_name,
        "parent": context.parent,
        "terminal_width": context.terminal_width,
        "help_option_names": context.help_option_names,
    }


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    "line",
    ["--lang de --help", "--help --lang de", "--help --lang=de", "--lang en -h --lang de"],
)
def test_the_language_that_the_line_asks_for_is_the_help_s_wherever_it_stands(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ([], ["models", "pull"]):
        assert main([*command, *line.split()]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(" ".join(["Aufruf: beleg", *command, "[OPTIONEN]"]))
        assert "\nOptionen:\n" in shown and "Diese Hilfe zeigen und enden." in shown


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(("language", "begin"), [("de_DE.UTF-8", "Aufruf: "), ("en_GB.UTF-8", "Usage: ")])
def test_without_it_the_help_is_in_the_language_of_the_environment(
    language: str, begin: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("BELEG_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", language)
    assert main(["index", "--help"]) == 0
    assert capsys.readouterr().out.startswith(begin)


@pytest.mark.usefixtures("german")
def test_what_a_shell_shows_beside_a_command_that_it_completes_is_english_in_any_language() -> None:
    index = _group().commands["index"]
    assert index.get_short_help_str(80) == "Add files, folders and globs, or bring them up to date."
