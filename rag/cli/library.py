"""The commands that look after a library: what is in it, its backup, and whether it is whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag import __version__
from rag.cli import completing
from rag.cli.help import Command
from rag.cli.options import (
    UNUSABLE,
    limit_from,
    limits,
    open_in_step,
    open_library,
    options,
    say,
    settings_from,
    tags_from,
)
from rag.errors import UsageError
from rag.localization import gettext, ngettext, number

if TYPE_CHECKING:
    from rag.index.library import Entry

_CHUNKS = 11  # columns, of "   1 chunk" and "1234 chunks"


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all that is known.")
@click.option("--details", is_flag=True, help="Say of each what was left out of it, and how its file was read.")
@limits
@options
@click.pass_context
def documents(context: click.Context, /, as_json: bool, details: bool, **flags: Any) -> None:
    """List the documents in the library, with their dates and tags."""
    from dataclasses import asdict

    from rag.index.metadata_filter import chosen, marked
    from rag.output.document_details import details_of
    from rag.text.sanitize import one_line, plain

    limit = limit_from(flags)
    with open_in_step(settings_from(context, flags), context.obj) as library:
        choice = chosen(library.entries(), limit)
    for entry in choice.entries:
        if as_json:
            click.echo(json.dumps(asdict(entry), ensure_ascii=False))
        else:
            chunks = ngettext("{n} chunk", "{n} chunks", entry.chunks).format(n=f"{entry.chunks:4}").ljust(_CHUNKS)
            about = f"{entry.date or '-':10}  {entry.language:2}  {chunks}  {entry.indexed[:10]}"
            shown = [plain(entry.name), one_line(entry.title, 80), *([marked(entry.tags)] if entry.tags else [])]
            click.echo("  ".join([about, *shown]))
            if details:
                click.echo("".join(f"            {line}\n" for line in details_of(entry)), nl=False)
    say(", ".join(filter(None, (_documents(len(choice.entries)), choice.told))))


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=completing.documents)
@click.option("--add", multiple=True, metavar="TAG", help="Give them this tag.", shell_complete=completing.tag)
@click.option("--remove", multiple=True, metavar="TAG", help="Take this tag away.", shell_complete=completing.tag)
@options
@click.pass_context
def tag(
    context: click.Context, /, paths: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...], **flags: Any
) -> None:
    """Give documents tags, or take them away, by file, folder or name.

    Tags that a Markdown file gives itself (`tags:` in its front matter) stay until they are taken out of the file.
    """
    from rag.documents.tags import key
    from rag.index.stores import Sharing

    added, removed = tags_from(add), tags_from(remove)
    if not added and not removed:
        raise UsageError(
            gettext("There is no tag to give or to take away."), gettext("Name it with --add or --remove.")
        )
    if both := {key(name) for name in added} & {key(name) for name in removed}:
        reason = gettext("The tag “{tag}” is to be given and taken away.").format(tag=min(both))
        raise UsageError(reason, gettext("Name it once."))
    settings = settings_from(context, flags)
    with open_in_step(settings, context.obj) as library:
        chosen = _meant(library.entries(), paths)
        count = library.tag([entry.id for entry in chosen], added, removed)
        with closing(Sharing(settings)) as sharing:
            sharing.follow(library, context.obj.check)
        ids = {entry.id for entry in chosen}
        now = [entry for entry in library.entries() if entry.id in ids]
    said = ngettext("{count} of {n} document changed", "{count} of {n} documents changed", len(chosen))
    say(said.format(count=count, n=len(chosen)))
    for entry in now:
        _tell_kept(entry, {key(name) for name in removed})


def _tell_kept(entry: Entry, removed: Collection[str]) -> None:
    """Say which tags, by their keys, a document still has because its file gives them."""
    from rag.documents.tags import key
    from rag.index.metadata_filter import marked
    from rag.text.sanitize import plain

    if stay := [name for name in entry.file_tags if key(name) in removed]:
        said = gettext("{name} keeps {tags}: its front matter says so; take it out there and index it again")
        say(said.format(name=plain(entry.name), tags=marked(stay)))


def _meant(entries: Sequence[Entry], paths: Iterable[str]) -> list[Entry]:
    """Return the documents that paths and names mean, each once. Raises UsageError for one that means none."""
    from rag.index.update import matching

    found: dict[str, Entry] = {}
    for path in paths:
        meant = matching(entries, path)
        if not meant:
            raise UsageError(gettext("No document in the library is {path}.").format(path=path), _listed())
        found |= {entry.id: entry for entry in meant}
    return list(found.values())


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=completing.documents)
@options
@click.pass_context
def forget(context: click.Context, /, paths: tuple[str, ...], **flags: Any) -> None:
    """Remove documents by file, folder or name. The files themselves stay."""
    from rag.index.stores import send
    from rag.text.sanitize import plain

    settings = settings_from(context, flags)
    with open_in_step(settings, context.obj) as library:
        for entry in _meant(library.entries(), paths):
            library.remove(entry.id)
            say(gettext("forgotten: {name}").format(name=plain(entry.name)))
        send(library, settings, context.obj.check)


@click.command(cls=Command)
@click.argument("document", shell_complete=completing.document)
@click.option("--start", type=click.IntRange(0), default=0, help="From this character.")
@click.option("--end", type=click.IntRange(0), help="Up to this character.")
@options
@click.pass_context
def show(context: click.Context, /, document: str, start: int, end: int | None, **flags: Any) -> None:
    """Print a document's text as the library holds it: what offsets count in."""
    from rag.index.update import matching

    with open_in_step(settings_from(context, flags), context.obj) as library:
        found = matching(library.entries(), document)
        if len(found) != 1:
            reason = ngettext("{name} stands for {n} document.", "{name} stands for {n} documents.", len(found))
            raise UsageError(reason.format(name=document, n=len(found)), _listed())
        text = library.document(found[0].id).text[start:end]
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@options
@click.pass_context
def backup(context: click.Context, /, file: Path, **flags: Any) -> None:
    """Write the library and the conversations to one file; others may go on using them."""
    from rag.maintenance import backup as backups

    folder = settings_from(context, flags).library
    open_library(folder).close()  # one of an older format is brought up to date first
    made = backups.backup(folder, file.expanduser().absolute(), __version__)
    said = gettext("{documents} and {answers} are in {file} ({size} MB)")
    said = said.format(
        documents=_documents(made.documents),
        answers=_answers(made.turns),
        file=file,
        size=number(file.stat().st_size / 1e6, 1),
    )
    say(said)


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Let the library that is there give way; it is kept beside.")
@options
@click.pass_context
def restore(context: click.Context, /, file: Path, replace: bool, **flags: Any) -> None:
    """Bring back the library and the conversations from a backup, once all of it was checked."""
    from rag.maintenance import backup as backups
    from rag.text.sanitize import one_line

    folder = settings_from(context, flags).library
    made = backups.restore(file.expanduser().absolute(), folder, __version__, replace=replace)
    said = gettext("{documents} and {answers}, as of {moment}, are in {folder}")
    counts = {"documents": _documents(made.documents), "answers": _answers(made.turns)}
    say(said.format(**counts, moment=one_line(made.made, 40), folder=folder))
    if made.before:
        say(gettext("what was there is kept in {place}").format(place=made.before))


@click.command(cls=Command)
@click.option("--vectors", "embed", is_flag=True, help="Embed every sentence again and compare; takes long.")
@options
@click.pass_context
def check(context: click.Context, /, embed: bool, **flags: Any) -> int:
    """Look whether the library and the conversations are whole; change nothing.

    What is wrong is a line each on standard output, with what to do about it; then the exit code is 4.
    """
    from rag.maintenance.findings import examined
    from rag.maintenance.integrity_check import Fault, vector_findings
    from rag.maintenance.integrity_check import check as looked_at
    from rag.maintenance.store_check import store as store_state
    from rag.models.bundled import load_embedder
    from rag.text.sanitize import plain

    settings = settings_from(context, flags)
    found = looked_at(settings.library)
    if embed and not found:
        with open_library(settings.library) as library:
            found = vector_findings(library, load_embedder(settings), _progress(library.count()[0]))
    elif embed:
        say(gettext("the vectors are not compared before the rest is mended"))
    for state in examined({"store": partial(store_state, settings)}) if not found else ():
        if state.remedy:
            found.append(Fault(state.value, state.remedy))
        else:
            say(gettext("store: {state}").format(state=plain(state.value)))
    for finding in found:
        click.echo(f"{plain(finding.what)}. {plain(finding.remedy)}")
    findings = ngettext("{n} finding", "{n} findings", len(found)).format(n=len(found))
    say(findings if found else gettext("all is well"))
    return UNUSABLE if found else 0


def _documents(count: int) -> str:
    return ngettext("{n} document", "{n} documents", count).format(n=count)


def _answers(count: int) -> str:
    return ngettext("{n} answer", "{n} answers", count).format(n=count)


def _listed() -> str:
    return gettext("`beleg documents` lists them.")


def _progress(count: int) -> Callable[[str], None]:
    """Return what is told each document's name, and shows on a terminal how far it is."""
    from tqdm import tqdm

    bar = tqdm(
        total=count, desc=gettext("embedding"), unit=gettext("document"), leave=False, dynamic_ncols=True, disable=None
    )

    def embedded(_: str) -> None:
        bar.update()

    return embedded
