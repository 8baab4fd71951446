"""Tags and dates on the command line: given, taken away, and what is asked, searched and listed by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_assistant import Told

from rag.cli.main import main

TEXTS = {
    "mill.md": "---\ndate: 1907-05-04\ntags: [chronicle]\n---\nThe mill at Oberwiesen burned down on 4 May 1907.",
    "rumour.txt": "date 1931-02 The mill at Oberwiesen burned down on 5 June 1908.",
    "undated.txt": "The mill at Oberwiesen burned down on 6 July 1909.",
}
QUESTION = "When did the mill at Oberwiesen burn down?"


class Desk:
    """A folder to run commands in, and what they say."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        code = main(arguments)
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        return code

    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def tags(self) -> dict[str, list[str]]:
        assert self("documents", "--json") == 0
        return {str(row["name"]): row["tags"] for row in self.rows()}  # type: ignore[misc]


@pytest.fixture
def beleg(
    tmp_path: Path, embedder: object, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """A desk with three texts in a library that say different things."""
    assert embedder
    (tmp_path / "notes").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "notes" / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELEG_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("BELEG_CACHE", str(cache))
    desk = Desk(tmp_path, capsys)
    assert desk("index", "notes") == 0
    return desk


def test_tags_are_given_to_files_that_are_indexed_unchanged_or_not_and_are_listed(beleg: Desk) -> None:
    (beleg.folder / "notes" / "new.txt").write_text("The brook ran dry.", encoding="utf-8")
    assert beleg("index", "notes", "--tag", "Work", "--tag", "#machine learning") == 0
    assert beleg.tags() == {
        "mill.md": ["chronicle", "machine learning", "Work"],
        **{name: ["machine learning", "Work"] for name in ("new.txt", "rumour.txt", "undated.txt")},
    }
    assert next(row for row in beleg.rows() if row["name"] == "mill.md")["file_tags"] == ["chronicle"]
    assert beleg("documents") == 0
    assert '#chronicle #"machine learning" #Work\n' in beleg.out
    assert beleg("index", "notes") == 0 and beleg.tags()["new.txt"] == ["machine learning", "Work"]


def test_tags_are_given_and_taken_away_by_file_folder_or_name(beleg: Desk) -> None:
    assert beleg("tag", "notes", "--add", "work", "--add", "draft") == 0
    assert "3 of 3 documents changed" in beleg.err and beleg.out == ""
    assert beleg("tag", "rumour.txt", "notes/undated.txt", "--remove", "DRAFT", "--add", "home") == 0
    assert beleg.tags() == {
        "mill.md": ["chronicle", "draft", "work"],
        "rumour.txt": ["home", "work"],
        "undated.txt": ["home", "work"],
    }


def test_a_tag_that_the_file_gives_stays_and_that_is_said(beleg: Desk) -> None:
    assert beleg("tag", "notes", "--remove", "Chronicle") == 0
    assert "0 of 3 documents changed" in beleg.err
    assert "mill.md keeps #chronicle: its front matter says so" in beleg.err
    (beleg.folder / "notes" / "mill.md").write_text(TEXTS["mill.md"].replace("chronicle", "fire"), encoding="utf-8")
    assert beleg("index", "notes", "--tag", "kept") == 0
    assert beleg.tags()["mill.md"] == ["fire", "kept"]


def test_documents_are_listed_by_tag_and_date(beleg: Desk) -> None:
    assert beleg("documents", "--tag", "chronicle") == 0
    assert "mill.md" in beleg.out and "rumour" not in beleg.out and "1 document\n" in beleg.err
    assert beleg("documents", "--since", "1908", "--json") == 0
    assert [row["name"] for row in beleg.rows()] == ["rumour.txt"]
    assert "1 document, 1 document without a date left out" in beleg.err
    assert beleg("documents", "--until", "1907") == 0 and "mill.md" in beleg.out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--tag", "chronicle"], "4 May 1907"),
        (["--since", "1908", "--until", "1931-02"], "5 June 1908"),
        (["--tag", "plain", "--tag", "sure"], "6 July 1909"),
    ],
)
def test_only_the_documents_that_are_let_through_are_asked(beleg: Desk, flags: list[str], said: str) -> None:
    assert beleg("tag", "notes/undated.txt", "--add", "plain", "--add", "sure") == 0
    assert beleg("tag", "notes/rumour.txt", "--add", "plain") == 0
    assert beleg("ask", "--json", QUESTION, *flags) == 0
    (record,) = beleg.rows()
    assert said in str(record["answer"]) and {row["document"] for row in record["passages"]} == {  # type: ignore[attr-defined]
        row["document"]
        for row in record["citations"]  # type: ignore[attr-defined]
    }
    assert ("1 document without a date left out" in beleg.err) == ("--since" in flags)


def test_only_the_documents_that_are_let_through_are_searched(beleg: Desk) -> None:
    assert beleg("search", "--json", "mill", "--since", "1908") == 0
    assert {row["document"] for row in beleg.rows()} == {"rumour.txt"}
    assert "1 document without a date left out" in beleg.err


@pytest.mark.parametrize("command", [["ask", QUESTION], ["search", QUESTION], ["documents"]])
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--tag", "chronical"], "No document has the tag “chronical”. Tags there are: chronicle."),
        (["--tag", "chronicle", "--since", "1908"], "No document is #chronicle since:1908. Tags there are: chronicle."),
        (["--since", "1908-13"], "“1908-13” is no date: write 2024, 2024-06 or 2024-06-30."),
        (["--since", "1908", "--until", "1907"], "Since 1908 is after until 1907."),
        (["--tag", "x" * 65], "is longer than 64 characters."),
        (["--tag", ""], "A tag is empty."),
    ],
)
def test_what_lets_nothing_through_or_makes_no_sense_exits_2(
    beleg: Desk, command: list[str], flags: list[str], said: str
) -> None:
    assert beleg(*command, *flags) == 2 and said in beleg.err and beleg.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tag", "notes"], "no tag to give or to take away"),
        (["tag", "notes", "--add", "a", "--remove", "A"], "is to be given and taken away"),
        (["tag", "nothing", "--add", "a"], "No document in the library is nothing"),
        (["tag", "notes", "--add", "a\x1bb"], "control character"),
        (["index", "--rebuild", "--tag", "a"], "There are no files to tag"),
        (["index", "notes", "--tag", "x" * 65], "longer than 64"),
    ],
)
def test_what_cannot_be_tagged_exits_2_and_changes_nothing(beleg: Desk, arguments: list[str], said: str) -> None:
    assert beleg(*arguments) == 2 and said in beleg.err and "\x1b" not in beleg.err
    assert beleg.tags() == {"mill.md": ["chronicle"], "rumour.txt": [], "undated.txt": []}


# --- a batch -------------------------------------------------------------------------------


@pytest.fixture
def shelf(beleg: Desk, told: list[Told]) -> list[Told]:
    """Tagged documents, a file of questions, and the assistants that are asked."""
    assert beleg("tag", "notes/undated.txt", "notes/rumour.txt", "--add", "work") == 0
    rows = ({"question": "Who?"}, {"question": "When?", "tags": ["chronicle"]}, {"question": "Why?", "since": 1900})
    (beleg.folder / "q.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return told


def limited_to(desk: Desk, told: Told) -> dict[str, set[str]]:
    """Return the names of the documents that each question was asked of."""
    assert desk("documents", "--json") == 0
    names = {row["id"]: str(row["name"]) for row in desk.rows()}
    return {asked.split()[0]: {names[identity] for identity in asked.split()[1:]} for asked in told.looked_up}


def test_a_batch_asks_what_its_options_and_its_rows_let_through(beleg: Desk, shelf: list[Told]) -> None:
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl") == 0
    assert limited_to(beleg, shelf[-1]) == {
        "Who?": set(),
        "When?": {"mill.md"},
        "Why?": {"mill.md", "rumour.txt"},
    }
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--tag", "work", "--until", "1931") == 5
    assert "1 document without a date left out" in beleg.err
    assert limited_to(beleg, shelf[-1]) == {"Who?": {"rumour.txt"}, "Why?": {"rumour.txt"}}
    lines = [json.loads(line) for line in (beleg.folder / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["status"] for line in lines] == ["answered", "error", "answered"]
    assert "No document is #chronicle #work until:1931." in lines[1]["error"]


def test_a_batch_that_lets_nothing_through_asks_nothing(beleg: Desk, shelf: list[Told]) -> None:
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--tag", "wrok") == 2
    assert "Tags there are: chronicle, work." in beleg.err and shelf[-1].groups == []
    assert not list(beleg.folder.glob("a.jsonl*"))


@pytest.mark.usefixtures("shelf")
def test_a_batch_goes_on_under_the_same_tags_and_dates_only(beleg: Desk) -> None:
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--tag", "work", "--stop-after", "1") == 130
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--resume") == 2
    assert "the choice of documents was #work and is all" in beleg.err
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--resume", "--tag", "WORK", "--since", "1900") == 2
    assert "was #work and is #work since:1900" in beleg.err
    questions = (beleg.folder / "q.jsonl").read_text(encoding="utf-8")
    (beleg.folder / "q.jsonl").write_text(questions.replace("1900", "1901"), encoding="utf-8")
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--resume", "--tag", "work") == 2
    assert "the tags and dates of single questions have changed" in beleg.err
    (beleg.folder / "q.jsonl").write_text(questions, encoding="utf-8")
    assert beleg("batch", "q.jsonl", "-o", "a.jsonl", "--resume", "--tag", "WORK") == 5
    assert len((beleg.folder / "a.jsonl").read_text(encoding="utf-8").splitlines()) == 3


def test_a_row_that_says_no_date_is_named_by_its_line_and_the_rest_is_asked(beleg: Desk, shelf: list[Told]) -> None:
    (beleg.folder / "q.csv").write_text("question,tags,since\nWho?,work,soon\nWhy?,work|Work,1931\n", encoding="utf-8")
    assert beleg("batch", "q.csv", "-o", "a.jsonl") == 5
    assert "skipped: q.csv, line 2: “soon” is no date: write 2024, 2024-06 or 2024-06-30" in beleg.err
    assert limited_to(beleg, shelf[-1]) == {"Why?": {"rumour.txt"}}
