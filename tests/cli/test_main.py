"""The command: what it prints where, its exit codes, and the record that scripts read."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from running_beleg import beleg

QUESTION = "When did the mill at Oberwiesen burn down?"
TEXT = """date 1907-05 The mill at Oberwiesen burned down on 4 May 1907. Nobody was hurt.

The miller, Karl Lohse, rebuilt it within two years for 12,000 marks. A newspaper put the cost at 15,000 marks.

Since 1952 the mill has been a museum. It is open from April to October, on Sundays only.
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A folder with articles, and a library made of them by the command."""
    folder = tmp_path_factory.mktemp("place")
    articles = folder / "articles"
    articles.mkdir()
    (articles / "mill.txt").write_text(TEXT, encoding="utf-8")
    (articles / "bruecke.md").write_text(
        "# Die Brücke\n\nDie Brücke über die Wiese wurde am 3. März 1911 eröffnet. Sie kostete 80.000 Mark.\n\n"
        "## Später\n\nIm Jahr 1945 wurde sie gesprengt. Der Neubau stammt von Ingenieurin Dr. Ilse Brandt.\n",
        encoding="utf-8",
    )
    assert beleg(folder, cache, "index", "articles").returncode == 0
    return folder


def test_an_answer_goes_to_stdout_with_its_sources_and_exits_0(place: Path, cache: Path) -> None:
    done = beleg(place, cache, "ask", QUESTION)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The mill at Oberwiesen burned down on 4 May 1907. [1]")
    assert "Sources" in done.stdout and "mill.txt:13-62" in done.stdout and "1907-05" in done.stdout
    assert "4 May 1907**." in done.stdout


def test_words_without_quotation_marks_are_one_question(place: Path, cache: Path) -> None:
    asked = beleg(place, cache, "ask", "--json", *QUESTION.split())
    assert json.loads(asked.stdout)["question"] == QUESTION
    assert (
        asked.stdout.partition('"timings"')[0]
        == beleg(place, cache, "ask", "--json", QUESTION).stdout.partition('"timings"')[0]
    )
    found = beleg(place, cache, "search", "mill", "museum", "-k", "1")
    assert found.returncode == 0 and "museum" in found.stdout and "in English" in found.stderr
    assert beleg(place, cache, "ask").returncode == 2


def test_ocr_without_a_program_for_it_is_told_before_anything_is_done(place: Path, cache: Path, tmp_path: Path) -> None:
    done = beleg(place, cache, "index", "--ocr", "articles", PATH=str(tmp_path))
    assert done.returncode == 4
    assert "--ocr needs the program tesseract or ocrmypdf, and neither is installed. Install" in done.stderr


def test_what_the_documents_do_not_say_exits_3(place: Path, cache: Path) -> None:
    done = beleg(place, cache, "ask", "Who composed the opera about whales?")
    assert done.returncode == 3
    assert done.stdout.startswith("I found no sentence that answers this.")
    assert "not evidence" in done.stdout


def test_the_json_record_keeps_its_contract(place: Path, cache: Path) -> None:
    done = beleg(place, cache, "ask", "--json", QUESTION)
    record: dict[str, Any] = json.loads(done.stdout)
    assert list(record) == [
        *("id", "question", "status", "answer", "citations", "passages"),
        *("model", "embedder", "mode", "care", "timings", "error"),
    ]
    assert record["status"] == "answered" and record["mode"] == "quote" and record["error"] is None
    first = record["citations"][0]
    assert list(first) == [
        *(
            "n",
            "document",
            "title",
            "date",
            "page",
            "start",
            "end",
            "quote",
            "reading",
            "support",
            "gloss",
            "also_in",
            "older_than",
            "context",
        ),
    ]
    assert TEXT[first["start"] : first["end"]] == first["quote"] and first["document"] == "mill.txt"
    assert 0 <= first["support"] <= 1 and first["page"] == 1
    assert set(record["passages"][0]) == {"document", "start", "end", "score", "by", "also_in", "older_than"}
    assert set(record["timings"]) == {"search_s", "first_token_s", "total_s"}


def test_a_batch_writes_a_record_a_line_in_order(place: Path, cache: Path) -> None:
    rows = [
        {"id": "b", "question": QUESTION},
        {"id": "a", "question": "Wann wurde die Brücke eröffnet?"},
        {"question": "Who composed the opera about whales?"},
    ]
    (place / "questions.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    done = beleg(place, cache, "batch", "questions.jsonl", "-o", "answers.jsonl")
    assert done.returncode == 3 and done.stdout == ""
    answers = [json.loads(line) for line in (place / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in answers] == ["b", "a", "3"]
    assert [row["status"] for row in answers] == ["answered", "answered", "not_found"]
    assert "3. März 1911" in answers[1]["answer"]


def test_the_same_question_gives_the_same_answer_alone_and_in_a_batch(place: Path, cache: Path) -> None:
    (place / "one.jsonl").write_text(json.dumps({"id": "1", "question": QUESTION}), encoding="utf-8")
    batch = json.loads(beleg(place, cache, "batch", "one.jsonl").stdout)
    alone = json.loads(beleg(place, cache, "ask", "--json", QUESTION).stdout)
    assert {**batch, "timings": 0} == {**alone, "timings": 0}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "line 1"),
        ('{"id": "1"}', "no question"),
        ("[1, 2]", "not a JSON object"),
        ('{"question": 5}', "not text"),
        ('{"id": "x", "question": "a?"}\n{"id": "x", "question": "b?"}', "line 2"),
        ('{"id": {}, "question": "a?"}', "the id"),
        ("[" * 100_000, "line 1"),
    ],
)
def test_a_bad_question_file_is_a_usage_error_that_names_the_line(
    place: Path, cache: Path, line: str, said: str
) -> None:
    (place / "bad.jsonl").write_text(line, encoding="utf-8")
    done = beleg(place, cache, "batch", "bad.jsonl", "-o", "never.jsonl")
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert not (place / "never.jsonl").exists()


def test_search_shows_passages_with_score_place_and_retrievers(place: Path, cache: Path) -> None:
    done = beleg(place, cache, "search", "--json", "Was kostete die Brücke?")
    first = json.loads(done.stdout.splitlines()[0])
    assert done.returncode == 0 and first["document"] == "bruecke.md" and "80.000 Mark" in first["text"]
    assert first["by"] == ["dense", "lexical"] and 0 < first["score"] <= 1
    assert "bruecke.md:0-" in beleg(place, cache, "search", "Was kostete die Brücke?").stdout


def test_search_takes_the_questions_that_ask_takes_and_finds_the_passages_that_it_finds(
    place: Path, cache: Path
) -> None:
    found = [json.loads(line) for line in beleg(place, cache, "search", "--json", f" {QUESTION}\n").stdout.splitlines()]
    asked = json.loads(beleg(place, cache, "ask", "--json", QUESTION).stdout)
    assert asked["passages"] and [{key: row[key] for key in asked["passages"][0]} for row in found] == asked["passages"]
    for question in ("???", "why " * 501):
        done = beleg(place, cache, "search", question)
        assert done.returncode == 2 and done.stderr == beleg(place, cache, "ask", question).stderr


def test_documents_are_listed_shown_and_forgotten(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.txt").write_text("The mill burned down.\r\nÄ", encoding="utf-8", newline="")
    (tmp_path / "b.txt").write_text("The bridge stands.", encoding="utf-8")
    assert "2 new" in beleg(tmp_path, cache, "index", "a.txt", "b.txt").stderr
    assert "2 unchanged" in beleg(tmp_path, cache, "index", "*.txt").stderr
    listed = [json.loads(line) for line in beleg(tmp_path, cache, "documents", "--json").stdout.splitlines()]
    assert [entry["name"] for entry in listed] == ["a.txt", "b.txt"]
    assert beleg(tmp_path, cache, "show", "a.txt", "--start", "4", "--end", "8").stdout == "mill"
    assert beleg(tmp_path, cache, "forget", "a.txt").returncode == 0
    assert beleg(tmp_path, cache, "documents").stdout.count("\n") == 1
    assert beleg(tmp_path, cache, "forget", "a.txt").returncode == 2
    assert (tmp_path / "a.txt").exists()


def test_unreadable_files_are_named_and_the_rest_goes_on(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "good.txt").write_text("The mill burned down.", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj")
    done = beleg(tmp_path, cache, "index", ".")
    assert done.returncode == 5
    assert beleg(tmp_path, cache, "index", "binary.txt", "cut.pdf").returncode == 4
    assert "binary.txt: it is binary" in done.stderr and "cut.pdf: the PDF is damaged" in done.stderr
    assert "1 new" in done.stderr and "2 unreadable" in done.stderr


def test_more_than_half_of_a_folder_is_removed_by_a_script_only_where_it_is_told_to(
    tmp_path: Path, cache: Path
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for name in "abc":
        (articles / f"{name}.txt").write_text(f"The mill {name} burned down.", encoding="utf-8")
    beleg(tmp_path, cache, "index", "articles")
    (articles / "a.txt").unlink()
    (articles / "b.txt").unlink()
    done = beleg(tmp_path, cache, "index", "articles")
    assert done.returncode == 0 and "gone, but kept: a.txt" in done.stderr and "gone, but kept: b.txt" in done.stderr
    assert f"2 of 3 documents of {articles} kept (`beleg index --remove-vanished` removes them)" in done.stderr
    assert beleg(tmp_path, cache, "index", "articles", "--remove-vanished", "--keep-vanished").returncode == 2
    assert "2 removed" in beleg(tmp_path, cache, "index", "articles", "--remove-vanished").stderr


@pytest.mark.parametrize(("typed", "left"), [("\n", 3), ("y\n", 1)])
def test_more_than_half_of_a_folder_is_asked_for_on_a_terminal(
    tmp_path: Path, cache: Path, typed: str, left: int
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for name in "abc":
        (articles / f"{name}.txt").write_text(f"The mill {name} burned down.", encoding="utf-8")
    beleg(tmp_path, cache, "index", "articles")
    (articles / "a.txt").unlink()
    (articles / "b.txt").unlink()
    said = on_terminal(tmp_path, cache, typed, "index", "articles")
    assert f"remove 2 of 3 documents whose files are gone or excluded from {articles}? [y/N]" in " ".join(said.split())
    assert beleg(tmp_path, cache, "documents").stdout.count("\n") == left


def on_terminal(folder: Path, cache: Path, typed: str, *arguments: str) -> str:
    """Run the command on a terminal of its own, wide enough, and type; return what it shows."""
    leader, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 400, 0, 0))
    environment = os.environ | {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(folder / "library")}
    command = [sys.executable, "-m", "rag", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    ) as running:
        os.close(terminal)
        os.write(leader, typed.encode())
        shown = b""
        with suppress(OSError):  # what the end of a terminal's other side is
            while part := os.read(leader, 4096):
                shown += part
        running.wait(200)
    os.close(leader)
    return shown.decode()


def test_a_folder_that_is_gone_is_named_and_what_else_is_named_is_indexed(tmp_path: Path, cache: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    (usb / "a.txt").write_text("The mill burned down.", encoding="utf-8")
    (tmp_path / "note.txt").write_text("The bridge stands.", encoding="utf-8")
    beleg(tmp_path, cache, "index", "usb")
    (usb / "a.txt").rename(tmp_path / "a.away")
    usb.rmdir()
    done = beleg(tmp_path, cache, "index", "usb", "note.txt")
    assert done.returncode == 5 and "1 new" in done.stderr and "0 removed" in done.stderr
    assert f"unreadable: {usb}: it is gone, or not mounted; its document stays" in done.stderr
    assert beleg(tmp_path, cache, "index", "usb").returncode == 4
    assert beleg(tmp_path, cache, "documents").stdout.count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", "?"], 2, "empty"),
        (["ask"], 2, "QUESTION"),
        (["ask", "x" * 3000], 2, "2000"),
        (["index"], 2, "Nothing to index"),
        (["index", "no-such-folder"], 2, "no-such-folder"),
        (["--mode", "sing", "ask", "x"], 2, "sing"),
        (["nonsense"], 2, "nonsense"),
        (["batch", "no-such.jsonl"], 2, "no-such.jsonl"),
        (["--library", "nowhere", "ask", "Who?"], 4, "beleg index"),
        (["ask", "Who?", "--mode", "compose", "--llm", "missing.gguf"], 4, "missing.gguf"),
        (["ask", "Who?", "--reader", "missing"], 4, "missing"),
        (["ask", "Who?", "--mode", "compose", "--llm", "articles/mill.txt"], 4, "not a GGUF"),
        (["ask", "Who?", "--embedder", "articles"], 4, "articles"),
    ],
)
def test_each_kind_of_failure_has_its_exit_code_and_says_what(
    place: Path, cache: Path, arguments: list[str], code: int, said: str
) -> None:
    done = beleg(place, cache, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_an_llm_that_is_named_for_quotes_is_told_to_be_for_composing_and_need_not_be_there(
    place: Path, cache: Path
) -> None:
    plain = beleg(place, cache, "ask", QUESTION)
    named = beleg(place, cache, "--llm", "missing.gguf", "ask", QUESTION)
    assert (named.returncode, named.stdout) == (plain.returncode, plain.stdout) and "1907" in named.stdout
    assert "quotes are chosen without an LLM" in named.stderr and "--llm" not in plain.stderr
    by_setting = beleg(place, cache, "ask", QUESTION, BELEG_LLM="missing.gguf")
    assert (by_setting.returncode, by_setting.stdout, by_setting.stderr) == (0, plain.stdout, plain.stderr)


def test_flags_may_stand_before_or_after_the_command(place: Path, cache: Path) -> None:
    library = str(place / "library")
    before = beleg(place, cache, "--library", library, "documents", BELEG_LIBRARY="elsewhere")
    after = beleg(place, cache, "documents", "--library", library, BELEG_LIBRARY="elsewhere")
    assert before.stdout == after.stdout != ""


def test_the_help_holds_the_table_of_exit_codes(place: Path, cache: Path) -> None:
    done = beleg(place, cache, "--help")
    assert done.returncode == 0
    for code in ("0 ", "2 ", "3 ", "4 ", "5 "):
        assert f"\n    {code}" in done.stdout


def test_compose_answers_with_proven_citations_only(place: Path, cache: Path) -> None:
    record = json.loads(beleg(place, cache, "ask", "--json", "--mode", "compose", QUESTION).stdout)
    assert record["mode"] == "compose" and record["status"] == "answered"
    numbered = {citation["n"] for citation in record["citations"]}
    assert numbered == set(range(1, len(numbered) + 1))
    assert all(f"[{n}]" in record["answer"] for n in numbered)
    texts = {"mill.txt": TEXT, "bruecke.md": (place / "articles" / "bruecke.md").read_text(encoding="utf-8")}
    assert all(texts[c["document"]][c["start"] : c["end"]] == c["quote"] for c in record["citations"])


def test_hostile_text_reaches_the_terminal_as_text(tmp_path: Path, cache: Path) -> None:
    words = "The harbour master of Lund is \x1b[31mAda\u202e Berg\x9b2J, said the [red]council[/red]."
    (tmp_path / "evil.md").write_text(words, encoding="utf-8")
    beleg(tmp_path, cache, "index", "evil.md")
    done = beleg(tmp_path, cache, "ask", "Who is the harbour master of Lund?")
    assert done.returncode == 0 and "[red]council[/red]" in done.stdout
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.stdout)
