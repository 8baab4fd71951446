"""Models that were pulled: a folder of files for each, and beside it what is known of them.

A folder that is there is whole: it was filled under another name, and checked. What is known of
its files stays when the model is removed, so that another pull must bring the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast, get_args

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.catalogue import NAME, Role, catalogue, is_inside
from rag.settings import SERVER, is_path
from rag.system.atomic_write import write_private
from rag.system.cancellation import CancelToken
from rag.system.digests import known_sha256
from rag.system.locks import preparing

FORMAT = 1
UNFINISHED = ".unfinished"  # what a folder's name ends in until all of it is there
_LONGEST = 1_000_000  # bytes of a record


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file's size (bytes) and sha256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """What is known of a pulled model. `verified`: its weights are those whose sha256 was known before."""

    name: str
    role: Role
    source: str  # "hub:owner/repo" or "packages:first-of-them"
    revision: str
    verified: bool
    when: str  # ISO 8601, UTC
    files: Mapping[str, FileFacts]

    @property
    def size(self) -> int:
        return sum(facts.size for facts in self.files.values())


def folder_of(store: Path, name: str) -> Path:
    """Return where the files of a model lie once it is pulled."""
    return store / name


def path_of(store: Path, model: Pulled) -> Path:
    """Return what the settings name of a pulled model: an LLM's file, else its folder."""
    folder = folder_of(store, model.name)
    return folder / next(iter(model.files)) if model.role == "llm" else folder


def record_of(store: Path, name: str) -> Pulled | None:
    """Return what is known of a model that is or was pulled; None for others. Raises ModelUnavailable."""
    file = store / f"{name}.json"
    try:
        with file.open("rb") as stream:
            facts = json.loads(stream.read(_LONGEST))
        return _read(facts, name)
    except FileNotFoundError:
        return None
    except OSError as error:
        remedy = gettext("See that you have the right to read it and its folder.")
        raise ModelUnavailable(
            gettext("{file} cannot be read: {error}.").format(file=file, error=error.strerror), remedy
        ) from error
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        remedy = gettext("Remove it, and pull the model anew: beleg models pull {name}").format(name=name)
        raise ModelUnavailable(
            gettext("{file} is not what Beleg writes ({kind}).").format(file=file, kind=type(error).__name__), remedy
        ) from error


def _read(facts: Mapping[str, object], name: str) -> Pulled:
    if facts["format"] != FORMAT or facts["name"] != name or facts["role"] not in get_args(Role):
        raise ValueError("another format, name or role")
    rows = facts["files"]
    if not isinstance(rows, dict) or not rows or not all(is_inside(str(file)) for file in rows):
        raise ValueError("no files")
    files = {str(file): FileFacts(int(row["size"]), str(row["sha256"])) for file, row in rows.items()}
    source, revision, when = (str(facts[key]) for key in ("source", "revision", "when"))
    role = cast(Role, facts["role"])
    return Pulled(name, role, source, revision, facts["verified"] is True, when, files)


def write_record(store: Path, model: Pulled) -> None:
    """Keep what is known of a model. Raises OSError."""
    written = json.dumps({"format": FORMAT, **asdict(model)}, indent=1, ensure_ascii=False)
    write_private(store / f"{model.name}.json", written.encode(), durable=True)


def pulled(store: Path) -> list[Pulled]:
    """Return the models that are here, by name. What is no folder of a pulled model is passed over."""
    found = []
    with suppress(OSError):
        for folder in sorted(store.iterdir()):
            if NAME.fullmatch(folder.name) and not folder.name.endswith(UNFINISHED) and folder.is_dir():
                with suppress(ModelUnavailable):
                    if (model := record_of(store, folder.name)) is not None:
                        found.append(model)
    return found


def remove(store: Path, name: str, cancel: CancelToken | None = None) -> int:
    """Delete a pulled model's files, and what an interrupted pull has left; return how many bytes. Raises OSError.

    What is known of its files stays. It is gone at once, under its name, and whole. One that is being pulled is
    waited for. Raises Stopped once `cancel` is cancelled.
    """
    if not store.is_dir():
        return 0
    with preparing(store / f"{name}.lock", gettext("the model {name}").format(name=name), cancel):
        return _remove(store, name)


def _remove(store: Path, name: str) -> int:
    freed = 0
    folder, leaving = folder_of(store, name), folder_of(store, name + UNFINISHED)
    if leaving.is_dir():
        freed += _bytes(leaving)
        shutil.rmtree(leaving)
    if folder.is_dir():
        freed += _bytes(folder)
        folder.rename(leaving)
        shutil.rmtree(leaving)
    return freed


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def llm_path(given: str, store: Path) -> tuple[Path, str]:
    """Return the file of the LLM that the setting `llm` names, and the sha256 it must have; "" where any will do.

    Raises ModelUnavailable for a name of nothing that is here. The file is not looked at.
    """
    if is_path(given):
        return Path(given), ""
    if given.startswith(SERVER):
        raise ModelUnavailable(
            gettext("{given} is a server, and no file.").format(given=given), gettext("Name a .gguf file with --llm.")
        )
    model = _of_name(given, store)
    file = path_of(store, model)
    return file, model.files[file.name].sha256


def llm_file(given: str, store: Path, cache: Path) -> Path:
    """Return the file of the LLM that the setting `llm` names: a path, or a model's name.

    Raises ModelUnavailable for a name of nothing that is here, and for a file that is no longer what was pulled.
    """
    file, sha256 = llm_path(given, store)
    try:
        same = not sha256 or known_sha256(file, cache) == sha256
    except OSError as error:
        remedy = gettext("See that you have the right to read it and its folder.")
        raise ModelUnavailable(
            gettext("{file} cannot be read: {error}.").format(file=file, error=error.strerror), remedy
        ) from error
    if not same:
        remedy = gettext("Pull it anew: beleg models remove {given}, then beleg models pull {given}").format(
            given=given
        )
        raise ModelUnavailable(
            gettext("{file} is not the file that was pulled (its sha256 differs).").format(file=file), remedy
        )
    return file


def _of_name(given: str, store: Path) -> Pulled:
    """Return the pulled LLM of a name. Raises ModelUnavailable."""
    known = catalogue().get(given)
    model = record_of(store, given) if NAME.fullmatch(given) else None
    either = known or model
    if either is not None and either.role != "llm":
        raise ModelUnavailable(
            gettext("{given} is no LLM.").format(given=given),
            gettext("Use it with: beleg models use {given}").format(given=given),
        )
    if model is not None and folder_of(store, given).is_dir():
        return model
    if known is not None:
        size = f"{known.size / 1e6:,.0f} MB"
        raise ModelUnavailable(
            gettext("The model {given} is not on this machine.").format(given=given),
            f"beleg models pull {given} ({size})",
        )
    names = {each.name for each in catalogue().values() if each.role == "llm"}
    names |= {each.name for each in pulled(store) if each.role == "llm"}
    raise ModelUnavailable(
        gettext("There is no LLM of the name {given}.").format(given=given),
        gettext("Name a .gguf file (./{given} where it is one of this folder), or one of {names}.").format(
            given=given, names=", ".join(sorted(names))
        ),
    )
