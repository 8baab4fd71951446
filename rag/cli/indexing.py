"""`beleg index`, and what it says before, while and after it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from rag.cli import completing
from rag.cli.help import Command
from rag.cli.options import (
    ANSWERED,
    FAILED,
    UNUSABLE,
    open_in_step,
    open_library,
    options,
    say,
    settings_from,
    tags_from,
    workers,
)
from rag.errors import BelegError, NoLibrary, UsageError
from rag.localization import gettext, ngettext, number

if TYPE_CHECKING:
    from pathlib import Path

    from rag.documents.discovery import Source
    from rag.index.document_making import Maker
    from rag.index.library import Library
    from rag.index.report import Loss, Report
    from rag.index.rows import EmbedderIdentity
    from rag.settings import Settings


def check_paths(paths: Sequence[str], folder: Path) -> None:
    """Raise UsageError for a path that stands for nothing, and had no documents in the library in `folder`."""
    from rag.documents.discovery import check
    from rag.index.update import places

    def known() -> Collection[Path]:
        with suppress(NoLibrary), open_library(folder) as library:  # then it is made
            return places(library.entries()).values()
        return ()

    for path in paths:
        check(path, known)


def agreed(loss: Loss) -> bool:
    """Ask whether to remove so many documents; where nobody is there to ask, no."""
    from rag.text.sanitize import plain

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    folder = plain(str(loss.folder))
    asked = gettext("remove {n} of {total} documents whose files are gone or excluded from {folder}?")
    asked = asked.format(n=loss.gone, total=loss.documents, folder=folder)
    return click.confirm(asked, default=False, err=True)


def progress(context: click.Context, items: Iterable[Source]) -> Iterable[Source]:
    """Yield the files, and show how far indexing is, until the command has ended, however it does."""
    from tqdm import tqdm

    bar = tqdm(items, desc=gettext("indexing"), unit=gettext("file"), file=sys.stderr, leave=False, dynamic_ncols=True)
    context.call_on_close(bar.close)  # before "stopped" is said: it wipes its line
    return bar


@contextmanager
def made_elsewhere(
    settings: Settings, embedder: EmbedderIdentity, ocr: bool, look: Callable[[], object]
) -> Iterator[Maker | None]:
    """Have workers that make documents at hand, where the settings name some."""
    if settings.workers is None:
        yield None
        return
    from rag.distributed.document_maker import making_elsewhere
    from rag.distributed.workers import connected, parse_workers

    with connected(parse_workers(settings.workers), settings) as workers:
        said = ngettext("{n} worker reads and embeds", "{n} workers read and embed", workers.count)
        say(said.format(n=workers.count))
        pool, maker = making_elsewhere(workers, embedder, ocr, look)
        with pool:
            yield maker


def told(report: Report, library: Library) -> str:
    """Return what a person is told of a run at its end."""
    lines = [*_standing(report), *_done(report)]
    if report.patterned:
        lines.append(gettext("excluded by patterns: {n} files or folders").format(n=number(report.patterned)))
    counts = (
        gettext("{n} new").format(n=len(report.new)),
        gettext("{n} changed").format(n=len(report.changed)),
        gettext("{n} unchanged").format(n=len(report.unchanged)),
        gettext("{n} moved").format(n=len(report.moved)),
        gettext("{n} removed").format(n=len(report.removed) + len(report.excluded)),
        gettext("{n} unreadable").format(n=len(report.unreadable)),
    )
    lines.append(", ".join(counts))
    documents, chunks = library.count()
    said = gettext("library: {documents}, {chunks} in {folder}").format(
        documents=ngettext("{n} document", "{n} documents", documents).format(n=documents),
        chunks=ngettext("{n} chunk", "{n} chunks", chunks).format(n=chunks),
        folder=library.folder,
    )
    return "\n".join([*lines, said])


def news(report: Report, before: Report) -> list[str]:
    """Return what a person is told of a run after another one: a line for each change."""
    from rag.text.sanitize import plain

    lines = [gettext("new: {name}").format(name=plain(name)) for name in report.new]
    lines += [gettext("changed: {name}").format(name=plain(name)) for name in report.changed]
    known = set(_standing(before))
    return [*lines, *_done(report), *(line for line in _standing(report) if line not in known)]


def _standing(report: Report) -> list[str]:
    """Return what a run has left undone, and the next one will again if nothing changes."""
    from rag.text.sanitize import plain

    unreadable = gettext("unreadable: {path}: {reason}")
    lines = [unreadable.format(path=plain(str(path)), reason=reason) for path, reason in report.unreadable]
    kept = gettext("gone, but kept: {name} (`beleg forget` removes it)")
    lines += [kept.format(name=plain(name)) for name in report.vanished]
    own = gettext("left out: {name} (saved by Beleg; name the file itself to index it)")
    lines += [own.format(name=plain(name)) for name in report.own]
    return lines + [_spared(loss) for loss in report.spared]


def _done(report: Report) -> list[str]:
    from rag.output.omission_words import what_was
    from rag.text.sanitize import plain

    moved, gone = gettext("moved: {before} -> {now}"), gettext("removed: {name} (its file is gone)")
    excluded = gettext("removed: {name} (it is excluded now)")
    doubled = gettext("removed: {name} (another document is of the same file)")
    lines = [moved.format(before=plain(str(before)), now=plain(str(now))) for before, now in report.moved]
    lines += [gone.format(name=plain(name)) for name in report.removed]
    lines += [excluded.format(name=plain(name)) for name in report.excluded]
    lines += [doubled.format(name=plain(name)) for name in report.doubled]
    lines += [_read_as(*doubt) for doubt in report.doubts]
    if omitted := [f"{number(count)} {what_was(what)}" for what, count in report.omitted.items()]:
        lines.append(gettext("left out: {what} (`beleg documents --details`)").format(what=", ".join(omitted)))
    return lines


def watched(paths: Sequence[str]) -> list[Path]:
    """Return the folders that are to be watched. Raises UsageError for a path that is none."""
    from rag.documents.paths import absolute, is_folder, real

    for path in paths:
        if not is_folder(absolute(path)):
            raise UsageError(
                gettext("{path} is no folder.").format(path=path),
                gettext("--watch keeps folders in step; name the one it lies in."),
            )
    return [real(absolute(path)) for path in paths]


def keep_in_step(
    paths: Sequence[str],
    library: Path,
    before: Report,
    run: Callable[[], Report],
    look: Callable[[], object],
    send: Callable[[], object] = lambda: None,
) -> None:
    """Run again whenever files in the folders change, say what was done, and `send` it, until that is stopped.

    What keeps a run from being done (the disk is full, say) is told, and the next change tries again.
    """
    from rag.index.watch import moments

    say(gettext("watching {paths} (Ctrl-C stops)").format(paths=", ".join(paths)))
    for _ in moments(watched(paths), library, look):
        try:
            report = run()
        except BelegError as error:
            say(f"beleg: {error}")
            continue
        for line in news(report, before):
            say(line)
        before = report
        try:
            send()
        except BelegError as error:
            say(f"beleg: {error}")


def _read_as(name: str, encoding: str, doubts: str) -> str:
    """Return what is said of a text whose encoding is not sure."""
    from rag.text.sanitize import one_line

    said = gettext("{name}: read as {encoding}; {doubts}")
    return said.format(name=one_line(name), encoding=one_line(encoding or "utf-8"), doubts=one_line(doubts))


def _spared(loss: Loss) -> str:
    from rag.text.sanitize import plain

    folder = plain(str(loss.folder))
    if loss.empty:
        said = gettext(
            "{folder} has nothing to index (empty, not mounted, or all of it excluded): {n} documents kept "
            "(`beleg forget` removes them)"
        )
        return said.format(folder=folder, n=loss.gone)
    said = gettext("{n} of {total} documents of {folder} kept (`beleg index --remove-vanished` removes them)")
    return said.format(n=loss.gone, total=loss.documents, folder=folder)


@click.command(cls=Command)
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=completing.files)
@click.option("--keep-vanished", is_flag=True, help="Keep documents whose file is gone from an indexed folder.")
@click.option(
    "--remove-vanished",
    is_flag=True,
    help="Remove them without asking, even if more than half of a folder's files are gone; never if all are.",
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out files or folders, as a line of .belegignore does."
)
@click.option("--watch", is_flag=True, help="Then go on, and index whatever changes in the folders, until stopped.")
@click.option("--read-all", is_flag=True, help="Read files of the same size and time as before, too.")
@click.option(
    "--ocr", is_flag=True, help="Read pages of PDFs without text by tesseract or ocrmypdf, which must be installed."
)
@click.option(
    "--rebuild", is_flag=True, help="Make the index anew from the texts in the library, for the present embedder."
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    shell_complete=completing.tag,
    help="Give the documents of all these files a tag, of the unchanged ones too; `beleg tag` takes it away.",
)
@workers
@options
@click.pass_context
def index(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    keep_vanished: bool,
    remove_vanished: bool,
    exclude: tuple[str, ...],
    watch: bool,
    read_all: bool,
    ocr: bool,
    rebuild: bool,
    tags: tuple[str, ...],
    **flags: Any,
) -> int:
    """Add files, folders and globs, or bring them up to date.

    Read are txt md html pdf epub docx odt rtf pptx xlsx csv tsv eml.
    Documents whose file is gone from a folder that is named are removed. Where that is more than
    half of the folder's, you are asked, or in a script they are kept. A file that has moved takes
    its document along; one of the size and time that it had is not read again. Links are followed
    to files, to folders only where they are named.

    Hidden files are left out, and what the patterns (as in .gitignore) of a file .belegignore in a
    folder say, or --exclude; documents that were indexed before are removed then. A file that is
    named itself is indexed all the same. A .gitignore is not looked at.

    With --watch it goes on until it is stopped: when files in the folders have changed and then been
    left alone for half a second, it indexes what changed, and says so in a line each.
    """
    if not paths and not rebuild:
        raise UsageError(gettext("Nothing to index."), gettext("Name files or folders: beleg index articles/"))
    if watch and not watched(paths):
        raise UsageError(gettext("There is nothing to watch."), gettext("Name folders: beleg index --watch articles/"))
    if keep_vanished and remove_vanished:
        raise UsageError(
            gettext("--keep-vanished and --remove-vanished contradict each other."), gettext("Give one of them.")
        )
    if tags and not paths:
        raise UsageError(
            gettext("There are no files to tag."), gettext("Name them, or tag what is in the library by `beleg tag`.")
        )
    given = tags_from(tags)
    from rag.documents.ocr import find_ocr
    from rag.index import update as indexing
    from rag.index.stores import renew_store, send
    from rag.models.bundled import load_embedder

    settings = settings_from(context, flags)
    check_paths(paths, settings.library)  # a path that is wrong is said before a model is loaded or a library made
    reader = find_ocr() if ocr else None
    embedder = load_embedder(settings)
    code = ANSWERED
    with open_in_step(settings, context.obj, create=True) as library:
        if rebuild:
            count = indexing.rebuild(
                library, embedder, lambda name: say(gettext("rebuilding {name}").format(name=name))
            )
            said = ngettext("{n} document rebuilt for {embedder}", "{n} documents rebuilt for {embedder}", count)
            say(said.format(n=count, embedder=embedder.name))
        if paths:
            look = context.obj.check
            maker = context.with_resource(made_elsewhere(settings, embedder, ocr, look))
            run = partial(indexing.index, paths, library, embedder, exclude=exclude, tags=given, look=look, ocr=reader)
            run = partial(run, elsewhere=maker)
            report = run(
                partial(progress, context),
                keep_vanished=keep_vanished,
                agreed=(lambda _: True) if remove_vanished else agreed,
                read_all=read_all,
            )
            say(told(report, library))
            if report.unreadable:
                code = FAILED if report.read else UNUSABLE
        renew_store(library, settings, context.obj.check)
        if watch:
            run = partial(run, keep_vanished=keep_vanished, agreed=lambda _: remove_vanished)
            keep_in_step(paths, library.folder, report, run, look, partial(send, library, settings, look))
    return code
