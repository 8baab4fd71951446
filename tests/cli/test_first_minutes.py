"""Held: who has no LLM that writes well is told once how to have one, and the demo goes on where it cannot be had."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from model_wheels import only_from
from project import ROOT
from running_beleg import beleg
from small_hub import SmallHub, serving

from rag.models.offer import WRITER

OFFER = f"beleg models pull {WRITER} && beleg models use {WRITER} (1.1 GB)"
CONTENT = b"GGUF" + bytes(range(256)) * 40
UNREACHED = {"HF_HUB_OFFLINE": "1"}


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Path:
    (tmp_path / "mill.txt").write_text("The mill at the brook burned down in 1907.", encoding="utf-8")
    assert beleg(tmp_path, cache, "index", "mill.txt").returncode == 0
    return tmp_path


def test_composing_with_the_embedded_llm_tells_once_how_to_have_a_better_one(home: Path, cache: Path) -> None:
    question, models = "When did the mill burn down?", str(home / "models")
    done = beleg(home, cache, "ask", "--mode", "compose", question, BELEG_MODELS=models)
    assert done.returncode == 0 and "1907" in done.stdout and done.stderr.count(OFFER) == 1, done.stderr
    assert OFFER not in done.stdout and not (home / "models").exists()
    assert "models pull" not in beleg(home, cache, "ask", question, BELEG_MODELS=models).stderr
    named = beleg(home, cache, "ask", "--mode", "compose", "--llm", "missing.gguf", question, BELEG_MODELS=models)
    assert named.returncode == 4 and "models pull" not in named.stderr


def test_an_offer_is_a_command_with_its_size_and_nothing_where_an_llm_is_named(home: Path, cache: Path) -> None:
    models = str(home / "models")
    done = beleg(home, cache, "models", "offer", BELEG_MODELS=models)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.rstrip().endswith(OFFER)
    named = beleg(home, cache, "models", "offer", BELEG_MODELS=models, BELEG_LLM="mine.gguf")
    assert (named.returncode, named.stdout) == (0, "")


def test_a_quiet_pull_says_what_it_pulls_once_and_where_it_fails_why_in_a_line(home: Path, cache: Path) -> None:
    away = {**UNREACHED, **only_from(home), "BELEG_MODELS": str(home / "models")}
    done = beleg(home, cache, "models", "pull", "--quiet", WRITER, **away)
    said = done.stderr.splitlines()
    assert done.returncode == 4 and len(said) == 2, said
    assert "pulling" in said[0] and "1,117 MB" in said[0] and said[1].startswith("beleg: pip cannot bring")


def test_a_quiet_pull_of_what_is_here_says_nothing_but_never_hides_what_was_not_known(home: Path, cache: Path) -> None:
    with serving(SmallHub({"owner/repo/small.gguf": CONTENT})) as hub:
        more = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "", "HF_TOKEN": "", "BELEG_MODELS": str(home / "models")}
        arguments = ("models", "pull", "-q", "hf:owner/repo/small.gguf")
        assert "was not known before" in beleg(home, cache, *arguments, **more).stderr
        again = beleg(home, cache, *arguments, **more)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def made(*arguments: str) -> list[str]:
    """Return the commands that make would run, without those that install."""
    done = subprocess.run(
        ["make", "-n", *arguments, "VENV=tools"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "WRITER"))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if "bin/beleg" in line]


def test_the_demo_ends_with_an_offer_and_pulls_nothing_by_itself() -> None:
    index, ask, offer = made("demo")
    assert "index seeds/" in index and "--mode quote" in ask
    assert offer.endswith("models offer") and "BELEG_MODELS" not in offer


def test_the_demo_pulls_an_llm_that_is_named_into_its_own_folder_and_lets_it_write() -> None:
    _, ask, pull, compose, offer = made("demo", f"WRITER={WRITER}")
    assert "BELEG_MODELS=.beleg/models" in pull and f"models pull --quiet {WRITER} &&" in pull
    assert "BELEG_MODELS=.beleg/models" in compose and f"--mode compose --llm {WRITER} " in compose
    assert compose.endswith("|| true") and ask.split("quote")[1] in compose
    assert offer.endswith("models offer")
