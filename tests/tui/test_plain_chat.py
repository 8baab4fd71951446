"""The chat line by line: a line in is a question, answers go to stdout, narration to stderr."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.conversations.store import Conversations
from rag.index.library import Library

FOUND = "When was the Rosetta Stone found?"
FOLLOW_UP = "Who found it?"
UNKNOWN = "Who composed the opera about whales?"
_MAIN = "import sys; from tui.command import main; sys.exit(main())"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, seed_library: Path) -> Path:
    """A library of the seeds that conversations are saved beside."""
    return Path(shutil.copytree(seed_library, tmp_path_factory.mktemp("plain") / "library"))


def chat(library: Path, cache: Path, typed: str | bytes, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run `beleg chat --plain` with these lines typed; return its exit code, stdout and stderr."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("BELEG_", "PYTHONIOENCODING"))}
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, "chat", "--plain", *arguments],
        input=typed.encode() if isinstance(typed, str) else typed,
        env=clean | {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(library), "BELEG_LANG": "en", **environment},
        capture_output=True,
        timeout=120,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def talk(library: Path, cache: Path) -> tuple[int, str, str]:
    """A question, an empty line, a line of white space, and a question that hangs on the first."""
    return chat(library, cache, f"{FOUND}\n\n   \n{FOLLOW_UP}\n", "--continue")


def test_answers_and_sources_go_to_stdout_and_what_is_done_to_stderr(talk: tuple[int, str, str]) -> None:
    code, out, err = talk
    assert code == 0, err
    first, second = re.split(r"^> Who found it\?$", out, flags=re.MULTILINE)
    assert "French soldiers came across the stone in July 1799" in first and "[1]" in first
    assert re.search(r"^\[1\] The Rosetta Stone: .* rosetta-stone\.md:\d+-\d+$", first, re.MULTILINE)
    assert "July 1799**" in first
    assert "Sources" in first and "Sources" in second
    assert "reading 5 passages" in err and "reading" not in out and "Piped" not in err
    assert "rosetta" not in err.lower()


def test_a_follow_up_is_told_as_it_is_asked(talk: tuple[int, str, str]) -> None:
    _, out, _ = talk
    asked_as = re.findall(r"^asked as: (.*)$", out, re.MULTILINE)
    assert len(asked_as) == 1
    assert asked_as[0] != FOLLOW_UP and "Rosetta Stone" in asked_as[0]


def test_there_are_no_escape_sequences_nor_progress(talk: tuple[int, str, str]) -> None:
    _, out, err = talk
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", out + err)


def test_empty_lines_are_ignored_and_with_continue_each_question_is_saved(
    talk: tuple[int, str, str], library: Path
) -> None:
    assert talk[1].count("Sources") == 2
    saved = Conversations(library)
    conversation = saved.open(str(saved.latest()))
    assert [turn.answer.question for turn in conversation.turns] == [FOUND, FOLLOW_UP]


@pytest.mark.usefixtures("talk")
def test_continue_shows_the_earlier_turns_and_goes_on_in_the_same_conversation(library: Path, cache: Path) -> None:
    saved = Conversations(library)
    before = str(saved.latest())
    code, out, err = chat(library, cache, "Where did they find it?\n", "--continue")
    assert code in (0, 3), err
    answers = [turn.answer for turn in saved.open(before).turns]
    assert saved.latest() == before
    assert [answer.question for answer in answers] == [FOUND, FOLLOW_UP, "Where did they find it?"]
    assert answers[2].standalone != answers[2].question
    at = 0
    for text in (text for answer in answers for text in (answer.question, answer.text)):
        at = out.index(text, at) + len(text)


@pytest.mark.usefixtures("talk")
def test_piped_without_continue_it_is_a_conversation_of_its_own_that_is_not_saved(library: Path, cache: Path) -> None:
    saved = Conversations(library)
    before = (saved.latest(), saved.headings())
    code, out, err = chat(library, cache, f"{FOLLOW_UP}\n")
    assert code in (0, 3), err
    assert "asked as" not in out and FOUND not in out
    assert (saved.latest(), saved.headings()) == before
    assert "Piped questions are saved with --continue only." in err


def test_what_the_documents_do_not_say_exits_3_if_it_was_asked_last(library: Path, cache: Path) -> None:
    code, out, err = chat(library, cache, f"{FOUND}\n{UNKNOWN}\n")
    assert code == 3, err
    assert "I found no sentence that answers this." in out and "not evidence" in out
    code, out, _ = chat(library, cache, f"{UNKNOWN}\n{FOUND}")
    assert code == 0
    assert out.index("I found no sentence that answers this.") < out.index("July 1799")


def test_a_question_that_is_too_long_or_holds_no_word_is_told_and_the_next_is_answered(
    library: Path, cache: Path
) -> None:
    code, out, err = chat(library, cache, f"{'why ' * 750}\n???\n{FOUND}\n")
    assert code == 0
    told = [line for line in err.splitlines() if line.startswith("beleg: ")]
    assert len(told) == 2 and "2000" in told[0] and "empty" in told[1]
    assert "July 1799" in out
    assert out.count("Sources") == 1


def test_a_wrong_question_asked_last_exits_2(library: Path, cache: Path) -> None:
    code, out, _ = chat(library, cache, f"{FOUND}\n???\n")
    assert code == 2
    assert "July 1799" in out


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_line_that_is_not_utf_8_is_no_end_of_the_chat(library: Path, cache: Path, errors: str) -> None:
    typed = b"Who \xff found the stone?\n" + FOUND.encode() + b"\n"
    code, out, err = chat(library, cache, typed, PYTHONIOENCODING=f"utf-8:{errors}")
    assert "Traceback" not in err
    assert code == 0
    assert "July 1799" in out


def test_terminal_escapes_in_a_question_are_shown_and_not_sent(library: Path, cache: Path) -> None:
    code, out, err = chat(library, cache, f"{FOUND} \x1b]0;title\x07 \u202e\n")
    assert code in (0, 3), err
    assert not set("\x1b\x07\u202e") & set(out + err)
    assert "\N{REPLACEMENT CHARACTER}]0;title" in out


def test_what_is_done_is_told_in_german_and_an_english_answer_in_english(library: Path, cache: Path) -> None:
    code, out, err = chat(library, cache, f"{FOUND}\n{FOLLOW_UP}\n???\n", BELEG_LANG="de")
    assert code == 2
    assert out.count("Sources") == 2 and "Quellen" not in out
    assert "asked as: " in out and "gefragt als" not in out
    assert "5 Passagen werden gelesen …" in err and "Eine Zeile ist eine Frage." in err and "reading" not in err
    assert "beleg: Die Frage ist leer. Eine Frage stellen." in err


def test_a_german_answer_stands_among_german_words_in_an_english_chat(library: Path, cache: Path) -> None:
    asked = "Wie viele nordkoreanische Soldaten sind in Kursk?"
    code, out, err = chat(library, cache, f"{asked}\nUnd wer sagte das?\n")
    assert code in (0, 3)
    assert "\nQuellen\n" in out and "S. 1" not in out and "Sources" not in out
    assert "gefragt als: " in out and "asked as" not in out
    assert "reading 5 passages …" in err


def test_nothing_typed_is_no_error(library: Path, cache: Path) -> None:
    code, out, err = chat(library, cache, "")
    assert (code, out) == (0, "")
    assert "Traceback" not in err


@pytest.mark.parametrize("made", [True, False], ids=["empty", "none"])
def test_an_empty_library_exits_4_and_says_what_to_do(tmp_path: Path, cache: Path, made: bool) -> None:
    if made:
        Library(tmp_path / "library", create=True).close()
    code, out, err = chat(tmp_path / "library", cache, f"{FOUND}\n")
    assert (code, out) == (4, "")
    assert "beleg index" in err and "Traceback" not in err


def test_a_model_that_is_not_there_exits_4_where_it_is_to_write(library: Path, cache: Path, tmp_path: Path) -> None:
    code, out, err = chat(library, cache, f"{FOUND}\n", "--mode", "compose", "--llm", str(tmp_path / "none.gguf"))
    assert code == 4
    assert "1799" not in out
    assert "none.gguf" in err and "Traceback" not in err


def test_continue_with_nothing_saved_begins_anew(seed_library: Path, tmp_path: Path, cache: Path) -> None:
    library = Path(shutil.copytree(seed_library, tmp_path / "library"))
    code, out, err = chat(library, cache, f"{FOUND}\n", "--continue")
    assert code == 0, err
    assert "July 1799" in out
    assert len(Conversations(library).headings()) == 1


def test_only_documents_with_the_tags_and_dates_are_asked(seed_library: Path, tmp_path: Path, cache: Path) -> None:
    library = Path(shutil.copytree(seed_library, tmp_path / "library"))
    with Library(library) as opened:
        opened.tag([entry.id for entry in opened.entries() if entry.name.startswith("kursk")], ["war"])
        opened._db.execute("UPDATE documents SET date = NULL WHERE name LIKE 'faehre%'")
    code, out, err = chat(library, cache, f"{FOUND}\n", "--tag", "war", "--since", "2024")
    assert code in (0, 3), err
    assert "rosetta" not in out and "kursk" in out
    code, out, err = chat(library, cache, f"{FOUND}\n", "--since", "2024")
    assert code == 0 and "July 1799" in out and "1 document without a date left out" in err
    code, out, err = chat(library, cache, f"{FOUND}\n", "--tag", "wrok")
    assert (code, out) == (2, "") and "Tags there are: war." in err


def test_a_library_that_is_deleted_ends_the_chat_with_what_to_do_and_nothing_is_made_anew(
    seed_library: Path, tmp_path: Path, cache: Path
) -> None:
    library = Path(shutil.copytree(seed_library, tmp_path / "library"))
    command = [sys.executable, "-c", _MAIN, "--library", str(library), "chat", "--plain", "--continue"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, env=os.environ | {"BELEG_CACHE": str(cache)}, text=True, **pipes) as process:
        assert process.stdin and process.stdout and process.stderr
        print(FOUND, file=process.stdin, flush=True)
        while "[1] The Rosetta Stone" not in process.stdout.readline():
            assert process.poll() is None
        while not Conversations(library).headings():  # it was saved
            assert process.poll() is None
        shutil.rmtree(library)
        out, err = process.communicate(f"{FOUND}\n", timeout=60)
    assert process.returncode == 4 and "is gone" in err and "beleg restore FILE" in err
    assert "July 1799" not in out.partition(f"> {FOUND}")[2] and not library.exists()


def test_a_line_that_begins_with_a_slash_is_never_asked(library: Path, cache: Path) -> None:
    code, out, err = chat(library, cache, f"/quatsch\n/add some/folder\n/home/x/y.pdf\n/\n/help\n{FOUND}\n")
    assert code == 0, err
    assert out.count("Sources") == 1 and "July 1799" in out
    assert "There is no /quatsch. There are: /help · /quit" in err
    assert err.count("There is no /") == 4 and err.count("A line is a question.") == 2


def test_quit_ends_and_what_follows_is_not_asked(library: Path, cache: Path) -> None:
    code, out, _ = chat(library, cache, f"/quit\n{FOUND}\n")
    assert code == 0 and "Sources" not in out
