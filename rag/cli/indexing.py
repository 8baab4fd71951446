"""What `beleg index` says before, while and after it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from rag.cli.options import open_library, say
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
