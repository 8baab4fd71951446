"""The commands that look after a library: what is in it, its backup, and whether it is whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rag import __version__
from rag.cli.options import UNUSABLE, open_library, options, say, settings_from
from rag.errors import UsageError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all that is known.")
@click.option("--details", is_flag=True, help="Say of each what was left out of it, and how its file was read.")
@options
@click.pass_context
def documents(context: click.Context, /, as_json: bool, details: bool, **flags: Any) -> None:
    """List the documents in the library."""
    from dataclasses import asdict

    from rag.output.document_details import details_of
    from rag.text.sanitize import one_line, plain

    with open_library(settings_from(context, flags).library) as library:
        entries = library.entries()
    for entry in entries:
        if as_json:
            click.echo(json.dumps(asdict(entry), ensure_ascii=False))
        else:
            about = f"{entry.date or '-':10}  {entry.language:2}  {entry.chunks:4} chunks  {entry.indexed[:10]}"
            click.echo(f"{about}  {plain(entry.name)}  {one_line(entry.title, 80)}")
            if details:
                click.echo("".join(f"            {line}\n" for line in details_of(entry)), nl=False)
    say(f"{len(entries)} documents")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options
@click.pass_context
def forget(context: click.Context, /, paths: tuple[str, ...], **flags: Any) -> None:
    """Remove documents by file, folder or name. The files themselves stay."""
    from rag.index.update import matching
    from rag.text.sanitize import plain

    with open_library(settings_from(context, flags).library) as library:
        entries = library.entries()
        chosen = {path: matching(entries, path) for path in paths}
        for path, found in chosen.items():
            if not found:
                raise UsageError(f"No document in the library is {path}.", "`beleg documents` lists them.")
        for entry in {entry.id: entry for found in chosen.values() for entry in found}.values():
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
