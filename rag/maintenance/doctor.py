"""What `beleg doctor` finds about Beleg itself: settings, folders, models, library, conversations, log.

It looks with as little of Beleg as possible, since any part may be what is broken, and it
changes nothing: files are opened for reading only.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.localization import NC_, gettext, number, pgettext
from rag.maintenance import llm_runtime, machine_check, model_check, store_check
from rag.maintenance.findings import Finding, Probe, State
from rag.system import logs
from rag.system.sqlite_files import open_to_read, trouble

if TYPE_CHECKING:
    from rag.settings import Settings

_MEGABYTE = 1 << 20
_ROOM = 500  # megabytes that preparing the models takes
_PATIENCE = 10  # seconds that a writer is waited for
_ERRORS = 5  # of the log that are told
_ERROR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\S*Z \d+ ERROR beleg\.(\w+) (\w+):")
_LOG_END = 200_000  # bytes of a log that are read


def probes(flags: Mapping[str, Any]) -> dict[str, Probe]:
    """Return all there is to look at, with the settings in force, as far as they can be read."""
    found: dict[str, Probe] = {
        NC_("doctor", "versions"): machine_check.versions,
        NC_("doctor", "native code"): machine_check.native_code,
        NC_("doctor", "processor"): machine_check.processor,
        NC_("doctor", "memory"): machine_check.memory,
        NC_("doctor", "settings"): partial(settings_found, flags),
    }
    try:
        from rag.settings import load_what_makes_sense

        settings = load_what_makes_sense(dict(flags))  # which imports what checks them
    except ImportError:  # the probe of the settings tells
        settings = None
    if settings is not None:
        of_settings = {
            NC_("doctor", "folders"): folders,
            NC_("doctor", "models"): model_check.models,
            NC_("doctor", "LLM's runtime"): llm_runtime.how_it_runs,
            NC_("doctor", "trials of models"): model_check.trials,
            NC_("doctor", "library"): library,
            NC_("doctor", "store"): store_check.store,
            NC_("doctor", "conversations"): conversations,
            NC_("doctor", "log"): log,
        }
        found |= {topic: partial(probe, settings) for topic, probe in of_settings.items()}
    return found | {NC_("doctor", "terminal"): machine_check.terminal, NC_("doctor", "signals"): machine_check.signals}


def settings_found(flags: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield every setting, and where it comes from."""
    from rag.settings import NAMES, load_with_origins, settings_file

    import_module("msgspec")  # what checks values: imported where there are any, and its absence is to be told at once
    topic, file = "settings", settings_file()
    there = "{file}" if file.is_file() else gettext("{file} (there is none)")
    yield Finding(topic, gettext("file"), there.format(file=file))
    settings, origins = load_with_origins(dict(flags))
    for name in NAMES:
        said = pgettext("setting", "{value} ({origin})") if name in origins else gettext("{value} (default)")
        origin = gettext(origins[name]) if name in origins else ""
        yield Finding(topic, name, said.format(value=getattr(settings, name), origin=origin))


def folders(settings: Settings) -> Iterator[Finding]:
    """Yield where things are kept, whether that can be written to, and how much room there is."""
    for name in ("library", "cache", "models", "state", "logs"):
        folder: Path = getattr(settings, name)
        try:
            there = next(path for path in (folder, *folder.parents) if path.exists())
        except PermissionError:
            remedy = gettext(
                "See that you may look into the folders above it, or set another one ({variable})."
            ).format(variable=f"BELEG_{name.upper()}")
            value = gettext("{folder}, which may not be looked at").format(folder=folder)
            yield Finding("folders", name, value, "broken", remedy)
            continue
        free = shutil.disk_usage(there).free // _MEGABYTE
        value = gettext("{folder}, {n} MB free").format(folder=folder, n=number(free))
        yield Finding("folders", name, value, *_of_folder(there, f"BELEG_{name.upper()}", free))


def _of_folder(there: Path, variable: str, free: int) -> tuple[State, str]:
    if not there.is_dir():
        return "broken", gettext("{path} is no folder: move it away, or set another one ({variable}).").format(
            path=there, variable=variable
        )
    if not os.access(there, os.W_OK | os.X_OK):
        return "notice", gettext("It can only be read: to write, set another one ({variable}).").format(
            variable=variable
        )
    return ("notice", gettext("Make room on that disk.")) if free < _ROOM else ("fine", "")


def library(settings: Settings) -> Iterator[Finding]:
    """Yield what state the library is in."""
    from rag.index.library import FILE
    from rag.index.schema import FORMAT

    file = settings.library / FILE
    if not file.is_file():
        none = gettext("there is none in {folder}").format(folder=settings.library)
        yield Finding("library", gettext("file"), none, "notice", gettext("Make one: beleg index FOLDER"))
        return
    yield _file("library", file)
    with _opened(file) as db:
        if not _filled(db):
            remedy = gettext("Fill it: beleg index FOLDER")
            yield Finding("library", pgettext("doctor", "content"), gettext("made, not yet filled"), "notice", remedy)
            return
        facts = dict(db.execute("SELECT key, value FROM meta"))
        yield Finding(
            "library", pgettext("doctor", "format"), str(facts.get("format")), *_of_format(facts.get("format"), FORMAT)
        )
        for table in (NC_("doctor", "documents"), NC_("doctor", "chunks"), NC_("doctor", "sentences")):
            (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
            yield Finding("library", pgettext("doctor", table), number(count))
        yield from _sound("library", db)
    yield from _embedder(settings, facts)


def _of_format(found: object, present: int) -> tuple[State, str]:
    if not str(found).isdecimal():
        return "broken", gettext("That is no library of Beleg's: move the file away, and index anew.")
    if int(str(found)) > present:
        return "broken", gettext("This Beleg reads format {format}: install the one that made the library.").format(
            format=present
        )
    if int(str(found)) == present:
        return "fine", ""
    return "notice", gettext("Beleg brings it up to date when it opens it.")


def _embedder(settings: Settings, facts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whether the library was made with the embedder in force."""
    from rag.models import bundled
    from rag.models.embedder import prepared_folder

    name = facts.get("embedder_name", gettext("none"))
    if isinstance(settings.embedder, str):
        said = gettext("{name}; in force is {embedder}, a server, which was not asked")
        yield Finding("library", pgettext("doctor", "embedder"), said.format(name=name, embedder=settings.embedder))
        return
    made_with = facts.get("embedder", "")
    folder = settings.embedder or bundled.package_folder(bundled.EMBEDDER_PACKAGE) / "model"
    prepared = prepared_folder(folder, settings.cache)
    if not made_with or prepared is None or prepared.name == made_with:
        known = prepared and made_with
        said = gettext("{name}, the one in force") if known else gettext("{name}, not known before the first use")
        yield Finding("library", pgettext("doctor", "embedder"), said.format(name=name))
        return
    remedy = gettext("Name it with --embedder, or rebuild: {command}").format(
        command=f"beleg --library '{settings.library}' index --rebuild"
    )
    value = gettext("{name}, not the one in force").format(name=name)
    yield Finding("library", pgettext("doctor", "embedder"), value, "broken", remedy)


def conversations(settings: Settings) -> Iterator[Finding]:
    """Yield what state the saved conversations are in."""
    from rag.conversations.store import FILE

    file = settings.library / FILE
    if not file.is_file():
        yield Finding("conversations", gettext("file"), gettext("none yet"))
        return
    yield _file("conversations", file)
    with _opened(file) as db:
        if not _filled(db):
            yield Finding("conversations", pgettext("doctor", "content"), gettext("made, not yet filled"))
            return
        (turns,) = db.execute("SELECT count(*) FROM turns").fetchone()
        yield Finding("conversations", gettext("answers saved"), number(turns))
        yield from _sound("conversations", db)


def _file(topic: str, file: Path) -> Finding:
    return Finding(topic, gettext("file"), f"{file}, {number(file.stat().st_size // _MEGABYTE)} MB", *_of_file(file))


def _of_file(file: Path) -> tuple[State, str]:
    if not os.access(file, os.R_OK):
        return "broken", gettext("It is not yours to read.")
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return "notice", gettext("It can be read and asked, but nothing can be added.")
    if os.name == "posix" and file.stat().st_mode & 0o077 and file.parent.stat().st_mode & 0o011:
        return "notice", gettext("Others on this machine may open it: {command}").format(command=f"chmod 600 '{file}'")
    return "fine", ""


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for reading only. Raises LibraryUnusable, for what goes wrong within too."""
    try:
        db, _ = open_to_read(file, _PATIENCE)
        with closing(db):
            yield db
    except sqlite3.Error as error:
        raise trouble(error, str(file)) from error


def _filled(db: sqlite3.Connection) -> bool:
    """Whether there are tables; a process that is killed as it makes a file leaves one without."""
    return db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None


def _sound(topic: str, db: sqlite3.Connection) -> Iterator[Finding]:
    found = [row[0] for row in db.execute("PRAGMA quick_check(1)")]
    sound = found == ["ok"]
    remedy = "" if sound else gettext("`beleg check` says what is damaged, `beleg restore FILE` brings back a backup.")
    yield Finding(
        topic, gettext("integrity"), "ok" if sound else gettext("damaged"), "fine" if sound else "broken", remedy
    )


def log(settings: Settings) -> Iterator[Finding]:
    """Yield where the log is, and the times and types of the last errors in it."""
    file, faults = settings.logs / logs.FILE, settings.logs / logs.FAULTS
    if settings.log == "off":
        remedy = gettext('Set log = "on", so that there is something to report.')
        yield Finding("log", gettext("file"), gettext("switched off"), "notice", remedy)
    else:
        about = gettext("{file} with questions and names of documents") if settings.log == "full" else "{file}"
        value = about.format(file=file) + ("" if file.is_file() else " " + gettext("(nothing yet)"))
        yield Finding("log", gettext("file"), value)
    for when, where, kind in _last_errors(file):
        yield Finding("log", when, gettext("{error} in {place}").format(error=kind, place=where))
    if faults.is_file() and faults.stat().st_size:
        text = faults.read_text(encoding="utf-8", errors="replace")
        when = datetime.fromtimestamp(faults.stat().st_mtime, UTC).isoformat(timespec="seconds")
        count = max(1, text.count("Fatal Python error"))
        value = gettext("{n}, the last one {when}, in {file}").format(n=count, when=when, file=faults)
        remedy = gettext("Report them with that file and what is printed here; then remove it.")
        yield Finding("log", gettext("faults in native code"), value, "notice", remedy)


def _last_errors(file: Path) -> list[tuple[str, str, str]]:
    """Return time, place and type of the last errors; what else a log holds is not looked at."""
    if not file.is_file():
        return []
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _LOG_END))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    return [(match[1], match[2], match[3]) for line in lines if (match := _ERROR.match(line))][-_ERRORS:]
