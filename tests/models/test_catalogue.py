"""Held: the catalogue's facts make sense, and what makes none is said with its place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rag.errors import ModelUnavailable
from rag.models.catalogue import FILE, catalogue, is_inside, read_catalogue


def test_every_model_says_what_it_is_and_where_it_can_be_had() -> None:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["model"]
    assert len(catalogue()) == len(rows) > 10
    assert {model.role for model in catalogue().values()} == {"llm", "embedder", "reader"}
    for model in catalogue().values():
        assert model.hub is not None
        if model.hub.verified:
            assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in model.hub.files.values())
        assert model.memory > model.size, model.name


GOOD = """
format = 1
[[model]]
name = "small"
title = "Small"
role = "llm"
languages = ["en"]
licence = "MIT"
size = 10
context = 512
memory = 20
run = false
[model.hub]
repo = "owner/name"
revision = "main"
verified = true
[model.hub.files]
"small.gguf" = "%s"
""" % ("a" * 64)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('name = "small"', 'name = "Small Model"', "no name"),
        ('name = "small"', "", "KeyError"),
        ('role = "llm"', 'role = "writer"', "no role"),
        ("size = 10", 'size = "10"', "size"),
        ("size = 10", "size = -1", "size"),
        ("size = 10", "size = true", "size"),
        ("run = false", "run = 0", "run"),
        ('languages = ["en"]', "languages = []", "languages"),
        ("run = false", "run = false\ncolour = 'red'", "colour"),
        ('repo = "owner/name"', 'repo = "name"', "repository"),
        ('repo = "owner/name"', 'repo = "../name"', "repository"),
        ("verified = true", "verified = false", "verified"),
        ("small.gguf", "../small.gguf", "no file's name"),
        ("a" * 64, "a" * 63, "sha256"),
        ("format = 1", "format = 9", "format 9"),
        ("format = 1", "format =", "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(before: str, after: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert list(read_catalogue(file)) == ["small"]
    assert before in GOOD
    file.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=said) as caught:
        read_catalogue(file)
    assert str(file) in caught.value.reason and caught.value.remedy


@pytest.mark.parametrize("name", ["a.json", "1_Pooling/config.json"])
def test_a_name_inside_a_folder_is_taken(name: str) -> None:
    assert is_inside(name)


@pytest.mark.parametrize("name", ["", "..", "../a", "/a", "a/../b", "a//b", "a/", "./a", ".a", "a\\b", "C:a", "a\x00"])
def test_a_name_that_leads_out_of_a_folder_or_hides_is_not(name: str) -> None:
    assert not is_inside(name)
