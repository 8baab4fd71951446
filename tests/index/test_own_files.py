"""Held: what Beleg wrote itself becomes no evidence, unless a person names the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcripts import answer, conversation, quote

from rag.cli.indexing import told
from rag.documents.own_files import CSV
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.output.csv_sheet import as_csv
from rag.output.json_record import detailed
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


@pytest.mark.parametrize("saved_by", ["beleg", "a spreadsheet"])
def test_a_table_of_answers_is_left_out_and_holds_nothing_but_its_rows(
    tmp_path: Path, embedder: Embedder, saved_by: str
) -> None:
    table = as_csv([detailed("1", answer(quote("It burned in 1907.")))])
    assert table.startswith("id,question,status,answer,") and table.count("\n") == 2
    again = table if saved_by == "beleg" else "\ufeff" + table.replace("\n", "\r\n")
    (tmp_path / "answers.csv").write_bytes(again.encode())
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(tmp_path)], library, embedder)
        assert (report.new, report.own) == ([], ["answers.csv"])


FOREIGN = {
    "fewer.csv": ",".join(CSV[:-1]),
    "more.csv": ",".join((*CSV, "checked by")),
    "another order.csv": ",".join(CSV[::-1]),
    "survey.csv": "id,question,status,answer",
    "below.csv": "list of\n" + ",".join(CSV),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_another_program_s_table_with_like_columns_is_read(tmp_path: Path, embedder: Embedder, name: str) -> None:
    rows = "\n".join([FOREIGN[name], ",".join(["7", "When did the mill burn?", "open", "In 1907.", *[""] * 14])])
    (tmp_path / name).write_text(rows, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(tmp_path)], library, embedder)
        assert (report.new, report.own) == ([name], [])
