"""What stands where the conversation will be: how to begin, and what could be asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from rag.localization import gettext
from rag.text.sanitize import one_line, plain
from tui.key_names import named
from tui.seed_articles import seeds
from tui.text import link

if TYPE_CHECKING:
    from rag.models.catalogue import CatalogueModel


_NARROWEST = 10  # columns that a question is wrapped to


class Welcome(Static):
    """Shows how to ask, or with an empty library how to add documents."""

    def __init__(self) -> None:
        super().__init__(Content(_how_to_ask()), id="welcome")
        self._suggested: tuple[str, ...] = ()
        self._around = Content(_how_to_ask()), Content()  # what stands before them, and after

    def show(
        self,
        folder: Path,
        *,
        empty: bool,
        writer: CatalogueModel | None,
        about: str = "",
        suggested: Sequence[str] = (),
    ) -> None:
        """Say how to ask; with an empty library, how to add documents, and offer those that come with Beleg.

        A `writer` is an LLM that is offered; `about` says which documents there are. Of `suggested` questions each
        is asked by a key, or a click.
        """
        shown = Content(_how_to_begin(folder) if empty else _how_to_ask())
        if about and not empty:
            lists = gettext("/docs lists them, or ask: What documents do I have?")
            shown = Content.assemble(shown, f"\n\n{about}\n{lists}")
        self._suggested = () if empty else tuple(suggested)
        offer = ""
        if writer is not None:
            from rag.models.offer import size_of

            offer = gettext("ctrl+g pulls an LLM that writes answers: {name}, {size}")
            offer = "\n\n" + offer.format(name=writer.name, size=size_of(writer))
        self._around = shown, Content(offer)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        before, after = self._around
        width = self.size.width or self.app.size.width
        asked = [_to_be_asked(n, question, width) for n, question in enumerate(self._suggested, 1)]
        title = ["\n\n", gettext("They answer, for example:")] if asked else []
        self.update(Content.assemble(before, *title, *asked, after))


def _how_to_ask() -> str:
    return gettext(
        "Ask your documents. Every answer shows the exact words it rests on.\n\n"
        "Enter asks · alt+1 opens the first source, Enter then the document there\n"
        "ctrl+l documents · ctrl+o earlier conversations · f1 all keys"
    )


def _how_to_begin(folder: Path) -> str:
    told = gettext(
        "The library is empty.\n\n"
        "ctrl+l adds files and folders (pdf docx odt xlsx eml html txt …),\n"
        "or in a shell: beleg index FOLDER"
    )
    seeded = gettext("ctrl+t tries it with the articles that come with Beleg")
    place = gettext("The library is in {folder}").format(folder=plain(str(folder)))
    return "\n".join([told, *([seeded] if seeds() is not None else []), "", place])


def _to_be_asked(n: int, question: str, width: int) -> Content:
    """Return a question and its key; the lines it takes in so many columns are below each other."""
    key = named(f"alt+{n}") + "  "
    lines = wrap(one_line(question, 120), max(_NARROWEST, width - len(key))) or [""]
    parts: list[Content | str] = []
    for at, line in enumerate(lines):
        parts += [f"\n{' ' * len(key) if at else key}", link(line, f"screen.source({n})")]
    return Content.assemble(*parts)
