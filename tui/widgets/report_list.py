"""How a run of indexing went: in a sentence, and as a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from rag.index.report import Report
from rag.localization import gettext, number
from rag.output.omission_words import told, what_was
from rag.text.sanitize import one_line
from tui.messages import IndexEnded

_MOST = 200  # lines of one kind: a list of thousands is nobody's to read


def told_report(event: IndexEnded) -> str:
    """Return what a person is told of an indexing run: how many of each kind."""
    if event.error:
        return one_line(event.error)
    if event.report is None:
        return gettext("Stopped; the documents that were done are in the library.")
    report = event.report
    counts: dict[str, Sequence[object]] = {
        gettext("{n} unreadable"): report.unreadable,
        gettext("{n} new"): report.new,
        gettext("{n} changed"): report.changed,
        gettext("{n} unchanged"): report.unchanged,
        gettext("{n} moved"): report.moved,
        gettext("{n} removed, their files are gone"): report.removed,
        gettext("{n} removed, they are excluded now"): report.excluded,
        gettext("{n} removed, of the same file as others"): report.doubled,
        gettext("{n} gone from the disk but kept"): report.vanished,
        gettext("{n} left out, saved by Beleg"): report.own,
    }
    parts = [what.format(n=number(len(names))) for what, names in counts.items() if names]
    omitted, read = gettext("left out: {n} {what}"), gettext("{name}: read as {encoding}")
    parts += [omitted.format(n=number(n), what=what_was(what)) for what, n in list(report.omitted.items())[:3]]
    parts += [read.format(name=one_line(name), encoding=one_line(how)) for name, how, _ in report.doubts[:3]]
    return ", ".join(parts) or gettext("nothing to index there")


def lines(report: Report) -> list[tuple[str, str]]:
    """Return what to list of a run: a heading ("") or what became of each file, and its name; the worst first."""
    groups: list[tuple[str, list[str]]] = [
        (gettext("Unreadable"), [f"{path.name}: {reason}" for path, reason in report.unreadable]),
        (gettext("New"), report.new),
        (gettext("Changed"), report.changed),
        (gettext("Moved"), [f"{before} → {now}" for before, now in report.moved]),
        (gettext("Removed, the file is gone"), report.removed),
        (gettext("Removed, excluded now"), report.excluded),
        (gettext("Removed, of the same file as another"), report.doubled),
        (gettext("Gone from the disk, kept here"), report.vanished),
        (gettext("Left out, saved by Beleg; added by its own path"), report.own),
        (gettext("Left out"), [f"{name}: {told(omission)}" for name, omission in report.left_out]),
        (gettext("Read as"), [f"{name}: {encoding or 'utf-8'}; {why}" for name, encoding, why in report.doubts]),
    ]
    return [line for what, files in groups for line in _group(what, files)]


def _group(what: str, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    if files:  # one is seen to be one, and counted in the sentence below
        yield "", f"{what}: {number(len(files))}" if len(files) > 1 else what
        yield from ((what, one_line(name)) for name in files[:_MOST])
    if len(files) > _MOST:
        yield what, gettext("and {n} more").format(n=number(len(files) - _MOST))


class ReportList(OptionList):
    """Lists what the last run found new, changed and unreadable, with the reasons."""

    def show(self, report: Report | None) -> None:
        """List a report, or nothing."""
        self.clear_options()
        for kind, text in lines(report) if report is not None else []:
            shown = Content(f"  {text}") if kind else Content(text).stylize("bold")
            self.add_option(Option(shown.stylize("$text-error") if kind == gettext("Unreadable") else shown))
