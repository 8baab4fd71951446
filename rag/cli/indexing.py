"""What `beleg index` says before, while and after it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from rag.cli.options import open_library, say
from rag.errors import BelegError, NoLibrary, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rag.documents.discovery import Source
    from rag.index.library import Library
    from rag.index.report import Loss, Report


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
    asked = f"remove {loss.gone} of {loss.documents} documents whose files are gone or excluded from {folder}?"
    return click.confirm(asked, default=False, err=True)


def progress(context: click.Context, items: Iterable[Source]) -> Iterable[Source]:
    """Yield the files, and show how far indexing is, until the command has ended, however it does."""
    from tqdm import tqdm

    bar = tqdm(items, desc="indexing", unit="file", file=sys.stderr, leave=False, dynamic_ncols=True)
    context.call_on_close(bar.close)  # before "stopped" is said: it wipes its line
    return bar


def told(report: Report, library: Library) -> str:
    """Return what a person is told of a run at its end."""
    kinds = ("new", "changed", "unchanged", "moved", "removed", "unreadable")
    counts = {name: len(getattr(report, name)) for name in kinds}
    counts["removed"] += len(report.excluded)
    lines = [*_standing(report), *_done(report)]
    if report.patterned:
        lines.append(f"excluded by patterns: {report.patterned:,} files or folders")
    lines.append(", ".join(f"{count} {name}" for name, count in counts.items()))
    lines.append("library: {} documents, {} chunks in {}".format(*library.count(), library.folder))
    return "\n".join(lines)


def news(report: Report, before: Report) -> list[str]:
    """Return what a person is told of a run after another one: a line for each change."""
    from rag.text.sanitize import plain

    lines = [f"{kind}: {plain(name)}" for kind in ("new", "changed") for name in getattr(report, kind)]
    known = set(_standing(before))
    return [*lines, *_done(report), *(line for line in _standing(report) if line not in known)]


def _standing(report: Report) -> list[str]:
    """Return what a run has left undone, and the next one will again if nothing changes."""
    from rag.text.sanitize import plain

    lines = [f"unreadable: {plain(str(path))}: {reason}" for path, reason in report.unreadable]
    lines += [f"gone, but kept: {plain(name)} (`beleg forget` removes it)" for name in report.vanished]
    lines += [f"left out: {plain(name)} (saved by Beleg; name the file itself to index it)" for name in report.own]
    return lines + [_spared(loss) for loss in report.spared]


def _done(report: Report) -> list[str]:
    from rag.text.sanitize import one_line, plain

    lines = [f"moved: {plain(str(before))} -> {plain(str(now))}" for before, now in report.moved]
    lines += [f"removed: {plain(name)} (its file is gone)" for name in report.removed]
    lines += [f"removed: {plain(name)} (it is excluded now)" for name in report.excluded]
    lines += [f"removed: {plain(name)} (another document is of the same file)" for name in report.doubled]
    lines += [_read_as(*doubt) for doubt in report.doubts]
    if omitted := [f"{count:,} {one_line(what)}" for what, count in report.omitted.items()]:
        lines.append(f"left out: {', '.join(omitted)} (`beleg documents --details`)")
    return lines


def watched(paths: Sequence[str]) -> list[Path]:
    """Return the folders that are to be watched. Raises UsageError for a path that is none."""
    from rag.documents.paths import absolute, is_folder, real

    for path in paths:
        if not is_folder(absolute(path)):
            raise UsageError(f"{path} is no folder.", "--watch keeps folders in step; name the one it lies in.")
    return [real(absolute(path)) for path in paths]


def keep_in_step(
    paths: Sequence[str], library: Path, before: Report, run: Callable[[], Report], look: Callable[[], object]
) -> None:
    """Run again whenever files in the folders change, and say what was done, until that is stopped.

    What keeps a run from being done (the disk is full, say) is told, and the next change tries again.
    """
    from rag.index.watch import moments

    say(f"watching {', '.join(paths)} (Ctrl-C stops)")
    for _ in moments(watched(paths), library, look):
        try:
            report = run()
        except BelegError as error:
            say(f"beleg: {error}")
            continue
        for line in news(report, before):
            say(line)
        before = report


def _read_as(name: str, encoding: str, doubts: str) -> str:
    """Return what is said of a text whose encoding is not sure."""
    from rag.text.sanitize import one_line

    return f"{one_line(name)}: read as {one_line(encoding or 'utf-8')}; {one_line(doubts)}"


def _spared(loss: Loss) -> str:
    from rag.text.sanitize import plain

    folder = plain(str(loss.folder))
    if loss.empty:
        why = "has nothing to index (empty, not mounted, or all of it excluded)"
        return f"{folder} {why}: {loss.gone} documents kept (`beleg forget` removes them)"
    return f"{loss.gone} of {loss.documents} documents of {folder} kept (`beleg index --remove-vanished` removes them)"
