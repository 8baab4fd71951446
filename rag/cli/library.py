"""The commands that look after a library: what is in it, its backup, and whether it is whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag import __version__
from rag.cli.options import UNUSABLE, limit_from, limits, open_library, options, say, settings_from, tags_from
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.index.library import Entry


@click.command()
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
    with open_library(settings_from(context, flags).library) as library:
        choice = chosen(library.entries(), limit)
    for entry in choice.entries:
        if as_json:
            click.echo(json.dumps(asdict(entry), ensure_ascii=False))
        else:
            about = f"{entry.date or '-':10}  {entry.language:2}  {entry.chunks:4} chunks  {entry.indexed[:10]}"
            shown = [plain(entry.name), one_line(entry.title, 80), *([marked(entry.tags)] if entry.tags else [])]
            click.echo("  ".join([about, *shown]))
            if details:
                click.echo("".join(f"            {line}\n" for line in details_of(entry)), nl=False)
    say(", ".join(filter(None, (f"{len(choice.entries)} documents", choice.told))))


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--add", multiple=True, metavar="TAG", help="Give them this tag.")
@click.option("--remove", multiple=True, metavar="TAG", help="Take this tag away.")
@options
@click.pass_context
def tag(
    context: click.Context, /, paths: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...], **flags: Any
) -> None:
    """Give documents tags, or take them away, by file, folder or name.

    Tags that a Markdown file gives itself (`tags:` in its front matter) stay until they are taken out of the file.
    """
    from rag.documents.tags import key

    added, removed = tags_from(add), tags_from(remove)
    if not added and not removed:
        raise UsageError("There is no tag to give or to take away.", "Name it with --add or --remove.")
    if both := {key(name) for name in added} & {key(name) for name in removed}:
        raise UsageError(f"The tag “{min(both)}” is to be given and taken away.", "Name it once.")
    with open_library(settings_from(context, flags).library) as library:
        chosen = _meant(library.entries(), paths)
        count = library.tag([entry.id for entry in chosen], added, removed)
        ids = {entry.id for entry in chosen}
        now = [entry for entry in library.entries() if entry.id in ids]
    say(f"{count} of {len(chosen)} documents changed")
    for entry in now:
        _tell_kept(entry, {key(name) for name in removed})


def _tell_kept(entry: Entry, removed: Collection[str]) -> None:
    """Say which tags, by their keys, a document still has because its file gives them."""
    from rag.documents.tags import key
    from rag.index.metadata_filter import marked
    from rag.text.sanitize import plain

    if stay := [name for name in entry.file_tags if key(name) in removed]:
        say(f"{plain(entry.name)} keeps {marked(stay)}: its front matter says so; take it out there and index it again")


def _meant(entries: Sequence[Entry], paths: Iterable[str]) -> list[Entry]:
    """Return the documents that paths and names mean, each once. Raises UsageError for one that means none."""
    from rag.index.update import matching

    found: dict[str, Entry] = {}
    for path in paths:
        meant = matching(entries, path)
        if not meant:
            raise UsageError(f"No document in the library is {path}.", "`beleg documents` lists them.")
        found |= {entry.id: entry for entry in meant}
    return list(found.values())


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options
@click.pass_context
def forget(context: click.Context, /, paths: tuple[str, ...], **flags: Any) -> None:
    """Remove documents by file, folder or name. The files themselves stay."""
    from rag.text.sanitize import plain

    with open_library(settings_from(context, flags).library) as library:
        for entry in _meant(library.entries(), paths):
            library.remove(entry.id)
            say(f"forgotten: {plain(entry.name)}")


@click.command()
@click.argument("document")
@click.option("--start", type=click.IntRange(0), default=0, help="From this character.")
@click.option("--end", type=click.IntRange(0), help="Up to this character.")
@options
@click.pass_context
def show(context: click.Context, /, document: str, start: int, end: int | None, **flags: Any) -> None:
    """Print a document's text as the library holds it: what offsets count in."""
    from rag.index.update import matching

    with open_library(settings_from(context, flags).library) as library:
        found = matching(library.entries(), document)
        if len(found) != 1:
            raise UsageError(f"{document} stands for {len(found)} documents.", "`beleg documents` lists them.")
        text = library.document(found[0].id).text[start:end]
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options
@click.pass_context
def backup(context: click.Context, /, file: Path, **flags: Any) -> None:
    """Write the library and the conversations to one file; others may go on using them."""
    from rag.maintenance import backup as backups

    folder = settings_from(context, flags).library
    open_library(folder).close()  # one of an older format is brought up to date first
    made = backups.backup(folder, file.expanduser().absolute(), __version__)
    say(f"{made.documents} documents and {made.turns} answers are in {file} ({file.stat().st_size / 1e6:.1f} MB)")


@click.command()
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
    say(f"{made.documents} documents and {made.turns} answers, as of {one_line(made.made, 40)}, are in {folder}")
    if made.before:
        say(f"what was there is kept in {made.before}")


@click.command()
@click.option("--vectors", "embed", is_flag=True, help="Embed every sentence again and compare; takes long.")
@options
@click.pass_context
def check(context: click.Context, /, embed: bool, **flags: Any) -> int:
    """Look whether the library and the conversations are whole; change nothing.

    What is wrong is a line each on standard output, with what to do about it; then the exit code is 4.
    """
    from rag.maintenance.integrity_check import check as looked_at
    from rag.maintenance.integrity_check import vector_findings
    from rag.models.bundled import load_embedder
    from rag.text.sanitize import plain

    settings = settings_from(context, flags)
    found = looked_at(settings.library)
    if embed and not found:
        with open_library(settings.library) as library:
            found = vector_findings(library, load_embedder(settings), _progress(library.count()[0]))
    elif embed:
        say("the vectors are not compared before the rest is mended")
    for finding in found:
        click.echo(f"{plain(finding.what)}. {plain(finding.remedy)}")
    say(f"{len(found)} findings" if found else "all is well")
    return UNUSABLE if found else 0


def _progress(count: int) -> Callable[[str], None]:
    """Return what is told each document's name, and shows on a terminal how far it is."""
    from tqdm import tqdm

    bar = tqdm(total=count, desc="embedding", unit="document", leave=False, dynamic_ncols=True, disable=None)

    def embedded(_: str) -> None:
        bar.update()

    return embedded
