"""What other programs ask by is imported by nothing but the command, or the module, that is for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_OTHERS = ["mcp", "mcp_types", "starlette", "uvicorn", "langchain_core", "llama_index", "rag.integrations"]
_OTHERS += ["rag.serving.model_context"]


@pytest.mark.usefixtures("embedder")
def test_asking_searching_listing_and_completing_import_nothing_of_it(small_library: Path, cache: Path) -> None:
    code = (
        "import os, sys\n"
        "os.environ['BELEG_CACHE'], os.environ['BELEG_LIBRARY'] = sys.argv[1:3]\n"
        "from tui.command import main\n"
        "for line in (['ask', 'When did the mill burn down?'], ['search', 'mill'], ['documents'], ['manual'],\n"
        "             ['completion', 'bash'], ['mcp', '--help'], ['--help']):\n"
        "    assert main(line) == 0, line\n"
        f"print([name for name in {_OTHERS!r} if name in sys.modules])\n"
    )
    command = [sys.executable, "-c", code, str(cache), str(small_library)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
