"""Imports without looking for garbage."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from rag.system.importing import many_imports


@pytest.mark.parametrize("collects", [True, False])
def test_what_is_garbage_is_collected_again_once_all_is_imported_if_it_was_before(collects: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with pytest.raises(ImportError), many_imports():
            assert not gc.isenabled()
            raise ImportError
        assert gc.isenabled() == collects
    finally:
        gc.unfreeze()
        (gc.enable if before else gc.disable)()


def test_the_command_collects_no_garbage_until_it_has_been_imported() -> None:
    program = (
        "import gc, sys\n"
        "seen = []\n"
        "gc.callbacks.append(lambda phase, info: seen.append(sorted(sys.modules)))\n"
        "sys.argv = ['beleg', '--version']\n"
        "import tui.entry\n"
        "seen.clear()\n"
        "try:\n"
        "    tui.entry.main()\n"
        "finally:\n"
        "    print(gc.isenabled(), [names for names in seen if 'rag.cli.main' not in names])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "True []", done.stderr
