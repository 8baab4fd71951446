"""The manual page: up to date, of all commands, and nothing in it that roff would obey."""

from __future__ import annotations

import re
import shutil
import subprocess

import click
import pytest
from project import ROOT

from rag.cli.manual import as_roff
from tui.command import _group

_PAGE = ROOT / "docs" / "beleg.1"
_MACROS = {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".nf", ".fi"}
_ESCAPES = r"\\(?:-|&|\(rs|\(dq|\(ga|\(ti|\(ha)"


def page_of(group: click.Group) -> str:
    return as_roff(group.make_context("beleg", [], resilient_parsing=True))


def test_the_page_that_is_installed_is_what_the_commands_say_now() -> None:
    assert _PAGE.read_text(encoding="utf-8") == page_of(_group()), "beleg manual > docs/beleg.1"


def test_every_command_and_each_of_its_own_options_stands_on_the_page() -> None:
    page = _PAGE.read_text(encoding="utf-8").replace("\\-", "-")

    def below(group: click.Group, path: str) -> None:
        for name, command in group.commands.items():
            assert f'.SS "{path} {name}"' in page
            for option in command.params:
                if isinstance(option, click.Option) and not option.hidden:
                    assert option.opts[0] in page
            if isinstance(command, click.Group):
                below(command, f"{path} {name}")

    below(_group(), "beleg")


def test_a_page_of_hostile_words_holds_no_request_and_no_escape_but_its_own() -> None:
    @click.group(help='First.\n\n\b\n.so /etc/passwd\n\\X"x" \\fB\n\n\'ig\nmore')
    @click.option("--odd", help='\\n(.z .br -- ~ ^ ` "quoted"')
    def odd() -> None:
        pass

    page = page_of(odd)
    for line in page.splitlines():
        assert not line.startswith("'") and (not line.startswith(".") or line.split()[0] in _MACROS), line
        assert "\\" not in re.sub(_ESCAPES, "", line), line
    assert "/etc/passwd" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
def test_groff_sets_the_page_without_a_warning() -> None:
    command = ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-P-cbou", str(_PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    assert "beleg - Ask your own documents, offline, and see the evidence" in done.stdout
    assert "--keep-vanished\n" in done.stdout
