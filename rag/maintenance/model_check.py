"""What `beleg doctor` finds about models: whether they are there, are what they should be, are prepared, and can run.

Files are opened for reading only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import BelegError
from rag.localization import gettext, number, pgettext
from rag.maintenance.findings import Finding, State

if TYPE_CHECKING:
    from rag.settings import Settings

_MEGABYTE = 1 << 20


def models(settings: Settings) -> Iterator[Finding]:
    """Yield whether the models are there, are what they should be, and are prepared."""
    yield from _embedder(settings)
    yield from _llm(settings)
    yield from _reader(settings)


def _embedder(settings: Settings) -> Iterator[Finding]:
    """Yield whether the embedder is there, is what it should be, and is prepared. A server is not asked."""
    from rag.models import bundled
    from rag.models.embedder import prepared_folder
    from rag.system.digests import sha256

    if isinstance(settings.embedder, str):
        yield Finding("models", pgettext("doctor", "embedder"), _not_asked(settings.embedder))
        return
    embedder = settings.embedder or bundled.package_folder(bundled.EMBEDDER_PACKAGE) / "model"
    for name, wanted in ({} if settings.embedder else bundled.EMBEDDER_SHA256).items():
        yield _checked(pgettext("doctor", "embedder"), embedder / name, sha256(embedder / name) == wanted)
    if not (embedder / "modules.json").is_file() and not (embedder / "config.json").is_file():
        remedy = gettext("Name the folder that the model was saved to.")
        value = gettext("{folder} holds no model").format(folder=embedder)
        yield Finding("models", pgettext("doctor", "embedder"), value, "broken", remedy)
    else:
        prepared = prepared_folder(embedder, settings.cache)
        value = prepared.name if prepared else gettext("not yet: on first use, 40 s")
        yield Finding("models", gettext("embedder prepared"), value)


def _llm(settings: Settings) -> Iterator[Finding]:
    """Yield whether the LLM is there and what it should be. A server is not asked."""
    from rag.models import bundled
    from rag.models.pulled import llm_path
    from rag.settings import SERVER
    from rag.system.digests import sha256

    if settings.llm is None:
        llm = bundled.package_folder(bundled.LLM_PACKAGE) / bundled.LLM_FILE
        yield _checked("LLM", llm, sha256(llm) == bundled.LLM_SHA256)
        prepared_llms = list((settings.cache / "llms").glob(f"{llm.stem}-*.gguf"))
        value = gettext("yes") if prepared_llms else gettext("not yet: on first use, in compose mode")
        yield Finding("models", gettext("LLM prepared"), value)
        return
    if settings.llm.startswith(SERVER):
        yield Finding("models", "LLM", _not_asked(settings.llm))
        return
    try:
        llm, wanted = llm_path(settings.llm, settings.models)
    except BelegError as error:
        yield Finding("models", "LLM", error.reason, _where_it_writes(settings), error.remedy)
        return
    if not llm.is_file():
        remedy = gettext("Name a .gguf file with --llm, or none: only compose mode uses it.")
        value = gettext("there is no file {file}").format(file=llm)
        yield Finding("models", "LLM", value, _where_it_writes(settings), remedy)
    elif wanted and sha256(llm) != wanted:
        remedy = gettext("Pull it anew: beleg models remove {model}, then beleg models pull {model}").format(
            model=settings.llm
        )
        value = gettext("{file} is not what was pulled").format(file=llm)
        yield Finding("models", "LLM", value, _where_it_writes(settings), remedy)
    else:
        yield Finding("models", "LLM", f"{llm}, {number(llm.stat().st_size // _MEGABYTE)} MB, sha256 {sha256(llm)}")


def _not_asked(server: str) -> str:
    return gettext("{server}, a server, which was not asked").format(server=server)


def _where_it_writes(settings: Settings) -> State:
    """Return how bad an LLM is that cannot be used: quotes are chosen without one."""
    return "broken" if settings.mode == "compose" else "notice"


def _reader(settings: Settings) -> Iterator[Finding]:
    """Yield whether our own reader is what it should be, or what became of the one that the settings name."""
    from rag.models import bundled
    from rag.models.reader.calibration import UNFIT
    from rag.models.reader.foreign_export import kind_of
    from rag.models.reader.foreign_preparation import prepared_reader
    from rag.models.reader.foreign_reader import read_manifest
    from rag.system.digests import sha256

    folder = settings.reader
    if folder is None:
        file = bundled.READER_FILE
        right = file.is_file() and sha256(file) == bundled.READER_SHA256
        yield _checked(pgettext("doctor", "reader"), file, right)
        return
    try:
        value = gettext("{folder}, which reads {what}").format(folder=folder, what=kind_of(folder))
        yield Finding("models", pgettext("doctor", "reader"), value)
        if (prepared := prepared_reader(folder, settings.cache)) is None:
            later = gettext("not yet: on first use, a minute or more")
            yield Finding("models", gettext("reader prepared"), later)
            return
        found = read_manifest(prepared)
    except (BelegError, OSError) as error:
        value = gettext("{folder} cannot be used: {error}").format(folder=folder, error=error)
        yield Finding("models", pgettext("doctor", "reader"), value, "broken", gettext("Name another (--reader)."))
        return
    unfit = found.auc < UNFIT
    remedy = gettext("It cannot tell sentences that answer from others: use another one.") if unfit else ""
    said = gettext("{name}, AUC {auc} on the questions it was calibrated with")
    value = said.format(name=prepared.name, auc=number(found.auc, 2))
    yield Finding("models", gettext("reader prepared"), value, "notice" if unfit else "fine", remedy)


def _checked(name: str, file: Path, right: bool) -> Finding:
    if right:
        return Finding("models", name, gettext("{file}, sha256 as it should be").format(file=file))
    remedy = gettext("Reinstall the package it came with.")
    value = gettext("{file} is not the file it should be").format(file=file)
    return Finding("models", name, value, "broken", remedy)


def trials(settings: Settings) -> Iterator[Finding]:
    """Yield the verdicts of trials: how each model is run here."""
    from rag.models.bundled import LLM_FILE
    from rag.models.trial import way
    from rag.models.trial_verdicts import verdicts

    in_use = _name_of_llm(settings)
    for verdict in verdicts(settings.cache):
        name = Path(verdict.key.model.rsplit(" ", 2)[0]).name
        tried = "; ".join(
            f"{way(attempt.runtime, gettext)}: {gettext(attempt.outcome)}" for attempt in verdict.attempts
        )
        if verdict.runtime is None:
            in_force = name == in_use if settings.llm else name.startswith(Path(LLM_FILE).stem)
            remedy = gettext("Use another model. To have it tried again, delete {folder}.").format(
                folder=settings.cache / "trials"
            )
            state = _where_it_writes(settings) if in_force else "notice"
            value = gettext("cannot be run ({ways})").format(ways=tried)
            yield Finding("trials of models", name, value, state, remedy)
        else:
            run = way(verdict.runtime, gettext)
            if not verdict.exact:
                run = gettext("{way}, not the same to the bit beside other texts").format(way=run)
            value = f"{run} ({tried}), {verdict.made[:10]}"
            yield Finding("trials of models", name, value)


def _name_of_llm(settings: Settings) -> str:
    """Return the name of the LLM's file; "" where none is named, or it has none."""
    from rag.models.pulled import llm_path

    try:
        return llm_path(settings.llm, settings.models)[0].name if settings.llm else ""
    except BelegError:
        return ""
