"""Commands that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from rag.cli.imported_later import ImportedLater
from rag.cli.main import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_called_what_it_calls_itself(name: str) -> None:
    assert cli.commands[name].name == name


def test_a_command_imports_no_other() -> None:
    program = (
        "import sys\n"
        "from rag.cli.main import COMMANDS, cli\n"
        "modules = {each.module for each in COMMANDS.values()}\n"
        "print(sorted(modules & set(sys.modules)))\n"
        "cli.commands['completion']\n"
        "print(sorted(modules & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["[]", "['rag.cli.completion']"]


def test_a_command_of_one_s_own_can_stand_beside_them_and_be_taken_away() -> None:
    commands = ImportedLater(COMMANDS)
    commands["own"] = own = click.Command("own")
    assert commands["own"] is own and len(commands) == len(COMMANDS) + 1
    del commands["own"]
    assert list(commands) == list(COMMANDS) and "own" not in commands
