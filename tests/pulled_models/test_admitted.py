"""Held with the real models: what a person reads of them, and that one which writes too poorly does not write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running_beleg import beleg

pytestmark = [pytest.mark.pulled, pytest.mark.timeout(900)]
QUESTION = "How many passengers does the ferry carry?"


def test_models_lists_both_with_what_they_are_let_do(larger: Path, smaller: Path, store: Path, cache: Path) -> None:
    done = beleg(store, cache, "models", "--json", BELEG_MODELS=str(store))
    listed = {model["name"]: model for model in json.loads(done.stdout)}
    assert listed["qwen2.5-coder-1.5b"]["tried"]["writes"] and not listed["qwen2.5-coder-0.5b"]["tried"]["writes"]
    for name, file in (("qwen2.5-coder-1.5b", larger), ("qwen2.5-coder-0.5b", smaller)):
        assert Path(listed[name]["path"]) == file and listed[name]["size"] == file.stat().st_size


def test_a_model_that_writes_poorly_is_told_and_the_quotes_stand(
    smaller: Path, library: Path, store: Path, cache: Path, tmp_path: Path
) -> None:
    assert smaller.is_relative_to(store)
    where = {"BELEG_LIBRARY": str(library), "BELEG_MODELS": str(store), "BELEG_STATE": str(tmp_path)}
    composed, quoted = (
        beleg(tmp_path, cache, "ask", "--json", "--mode", mode, "--llm", "qwen2.5-coder-0.5b", QUESTION, **where)
        for mode in ("compose", "quote")
    )
    assert composed.returncode == 0, composed.stderr
    assert json.loads(composed.stdout)["answer"] == json.loads(quoted.stdout)["answer"]
