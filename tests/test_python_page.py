"""`docs/python.md`: every example runs as it stands, and prints what stands below it; `import rag` stays cheap."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT

import rag

_EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
_PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("embedder")
def test_every_example_of_the_page_prints_what_stands_below_it(tmp_path: Path, cache: Path) -> None:
    examples = _EXAMPLE.findall(_PAGE)
    assert len(examples) == _PAGE.count("```python") >= 5
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    environment = clean | {"BELEG_CACHE": str(cache), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    for code, printed in examples:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        assert done.stdout == printed


@pytest.mark.parametrize("name", rag.__all__)
def test_a_name_of_the_package_is_that_of_the_module_that_defines_it(name: str) -> None:
    made = getattr(rag, name)
    assert (made.__module__, made.__name__) == (rag._DEFINED_IN[name], name)


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        _ = rag.Nonsense


def test_importing_the_package_imports_no_other_module_of_it() -> None:
    code = "import sys, rag; print([name for name in sys.modules if name.startswith('rag.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
