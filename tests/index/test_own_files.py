"""Held: what Beleg wrote itself becomes no evidence, unless a person names the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcripts import answer, conversation, quote

from rag.cli.indexing import told
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.output.markdown_sheet import as_markdown
from rag.output.transcript import write


@pytest.mark.parametrize("name", ["talk.md", "talk.html"])
def test_a_saved_conversation_in_a_folder_is_left_out_and_told_and_named_itself_it_is_read(
    tmp_path: Path, embedder: Embedder, name: str
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "mill.txt").write_text("The mill burned down in 1907.", encoding="utf-8")
    write(conversation(answer(quote("It burned in 1907."))), folder / name)
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(folder)], library, embedder)
        assert (report.new, report.own) == (["mill.txt"], [name])
        assert f"left out: {name} (saved by Beleg" in told(report, library)
        assert index([str(folder / name)], library, embedder).new == [name]
        assert index([str(folder)], library, embedder).unchanged == ["mill.txt", name]


def test_a_sheet_of_answers_is_left_out_and_what_speaks_of_beleg_is_not(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "sheet.md").write_text(as_markdown([], "Answers"), encoding="utf-8")
    (tmp_path / "about.md").write_text("[//]: # (written by Beleg) is a mark. It was made in 2024.", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(tmp_path)], library, embedder)
        assert (report.new, report.own) == (["about.md"], ["sheet.md"])
