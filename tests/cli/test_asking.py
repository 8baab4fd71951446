"""`beleg ask`: a question that is piped in, and the forms in which it answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
_QUESTION = "When did the mill burn down?"


@pytest.fixture
def ask(small_library: Path, cache: Path, tmp_path: Path) -> Run:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    environment = clean | {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(small_library), "BELEG_LANG": "en"}

    def run(*arguments: str, piped: bytes = b"", out: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "rag", "ask", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, input=piped, stdout=out, stderr=subprocess.PIPE, timeout=120
        )

    return run


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_a_question_is_read_from_a_pipe_where_the_line_has_none(ask: Run, arguments: tuple[str, ...]) -> None:
    done = ask(*arguments, piped=_QUESTION.encode() + b"\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().startswith("The mill burned down in 1907. [1]")


@pytest.mark.parametrize("piped", [b"", b"\n \n"])
def test_a_pipe_without_a_question_is_told(ask: Run, piped: bytes) -> None:
    done = ask(piped=piped)
    assert done.returncode == 2 and b"There is no question." in done.stderr


def test_what_is_no_text_or_endless_in_a_pipe_is_told_in_words(ask: Run) -> None:
    done = ask(piped=b"\xff\xfe" * 3_000_000)
    assert done.returncode == 2 and b"Traceback" not in done.stderr


def test_without_a_question_and_without_a_pipe_it_says_how_to_ask() -> None:
    code = (
        "import os, pty, sys\n"
        "child, terminal = pty.fork()\n"
        "if not child:\n"
        "    from rag.cli.main import main\n"
        "    os._exit(main(['ask']))\n"
        "said = b''\n"
        "while True:\n"
        "    try:\n"
        "        part = os.read(terminal, 4096)\n"
        "    except OSError:\n"
        "        break\n"
        "    if not part: break\n"
        "    said += part\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("2 ") and "There is no question." in done.stdout, done.stdout + done.stderr


_OPERA = "Who composed the opera about whales?"


def test_each_line_of_a_pipe_is_a_question_that_is_answered_by_itself(ask: Run) -> None:
    piped = f"\ufeff{_QUESTION}\r\n\r\n  {_OPERA}\nWann wurde die Brücke eröffnet?".encode()
    done = ask(piped=piped)
    first, second, third = done.stdout.decode().split("\n> ")
    assert first.startswith(f"> {_QUESTION}\nThe mill burned down in 1907. [1]\n") and "mill.txt:0-29" in first
    assert second.startswith(f"{_OPERA}\nI found no sentence that answers this.\n")
    assert third.startswith("Wann wurde die Brücke eröffnet?\n") and "bridge.txt" in third
    assert done.returncode == 3
    records = [json.loads(line) for line in ask("-", "--json", piped=piped).stdout.splitlines()]
    assert [(each["id"], each["status"]) for each in records] == [
        ("1", "answered"),
        ("2", "not_found"),
        ("3", "answered"),
    ]
    assert [each["question"] for each in records] == [_QUESTION, _OPERA, "Wann wurde die Brücke eröffnet?"]
    page = ask("--format", "markdown", piped=piped).stdout.decode()
    assert page.startswith(f"# 3 questions\n\n## {_QUESTION}\n") and page.count("\n## ") == 3


def test_a_question_of_several_lines_on_the_command_line_is_one(ask: Run) -> None:
    done = ask("When did\nthe mill burn down?", "--json")
    assert len(done.stdout.splitlines()) == 1 and json.loads(done.stdout)["status"] == "answered"


def test_that_the_reader_of_the_answers_has_gone_is_no_error(ask: Run) -> None:
    read, write = os.pipe()
    os.close(read)
    done = ask(_QUESTION, out=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_line_of_a_pipe_that_is_no_question_is_told_before_any_is_answered(ask: Run) -> None:
    done = ask(piped=f"{_QUESTION}\n\n!?\n".encode())
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.decode() == "beleg: line 3: The question is empty. Ask something.\n"


def test_more_than_can_be_meant_for_questions_is_told_with_what_is_for_many(ask: Run) -> None:
    done = ask(piped=b"When did the mill burn down?\n" * 40_000)
    assert done.returncode == 2 and done.stdout == b"" and b"beleg batch -" in done.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_two_forms_that_contradict_each_other_are_refused_by_name(ask: Run, form: str) -> None:
    for arguments in ((_QUESTION, "--json", "--format", form), ("--format", form, _QUESTION, "--json")):
        done = ask(*arguments)
        assert done.returncode == 2 and done.stdout == b""
        assert done.stderr.decode() == (f"beleg: --json and --format {form} contradict each other. Give one of them.\n")


def test_json_by_format_is_the_record_of_the_flag(ask: Run) -> None:
    made = [
        json.loads(ask(_QUESTION, *how).stdout)
        for how in (("--json",), ("--format", "json"), ("--json", "--format", "json"))
    ]
    for each in made:
        del each["timings"]
    assert made[0] == made[1] == made[2] and made[0]["status"] == "answered"


def test_markdown_and_html_hold_the_answer_with_its_quote_and_place(ask: Run) -> None:
    markdown = ask(_QUESTION, "--format", "markdown").stdout.decode()
    assert markdown.startswith(f"# {_QUESTION}\n") and markdown.count(_QUESTION) == 1
    assert "\n> " in markdown and "mill.txt:0-29" in markdown
    page = lxml.html.fromstring(ask(_QUESTION, "--format", "html").stdout.decode())
    assert page.findtext(".//title") == _QUESTION
    assert page.find("body").text_content().count(_QUESTION) == 1
    assert "mill.txt:0-29" in page.text_content() and not page.findall(".//script")


def test_a_refusal_exits_3_in_every_form(ask: Run) -> None:
    for form in ("text", "json", "markdown", "html"):
        assert ask("Who composed the opera about whales?", "--format", form).returncode == 3
