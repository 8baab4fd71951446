"""Held: a conversation as HTML, JSON and a file."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transcripts import (
    HOSTILE,
    SYNTAX,
    WHEN,
    answer,
    as_read,
    conversation,
    document,
    hostile,
    passage,
    quote,
    rendered,
    tags,
)

from rag.answering.assistant import Answer
from rag.answering.sentence_selection import Quote
from rag.errors import UsageError
from rag.output.json_record import record
from rag.output.transcript import as_json, html, markdown, write
from rag.text.sanitize import one_line, plain

# --- HTML --------------------------------------------------------------------------------


def page(*answers: Answer) -> Any:
    return lxml.html.document_fromstring(html(conversation(*answers)))


@pytest.mark.parametrize("text", HOSTILE)
def test_in_html_nothing_that_is_said_is_markup(text: str) -> None:
    made = html(hostile(text))
    tree = lxml.html.document_fromstring(made, parser=lxml.html.HTMLParser(huge_tree=True))
    model = lxml.html.document_fromstring(html(hostile("abcdef")))
    assert tags(tree) | {"mark"} == tags(model)
    assert tree.find(".//blockquote").text_content() == as_read(text)
    assert tree.find(".//title").text_content() == one_line(text)
    assert [each.text_content() for each in tree.iter("h1", "h2")] == [one_line(text)] * 3
    assert tree.xpath("//p[@class='text']")[0].text_content() == plain(f"{text} [1]")
    assert {each.get("href") for each in tree.iter("a")} <= {"#source-1-1"}
    attributes = {name for each in tree.iter() if isinstance(each.tag, str) for name in each.attrib}
    assert attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "dir", "id", "href"}


@given(text=SYNTAX | st.text(), span=st.tuples(st.integers(0, 40), st.integers(0, 40)))
@settings(max_examples=100, deadline=None)
def test_in_html_any_quote_with_any_mark_is_the_same_text(text: str, span: tuple[int, int]) -> None:
    quoted = page(answer(quote(text, span), text="x")).find(".//blockquote")
    assert quoted.text_content() == as_read(text)
    if as_read(text) == text:
        assert "".join(each.text_content() for each in quoted.iter("mark")) == text[span[0] : span[1]]


@pytest.mark.parametrize(
    ("asked", "shown"), [(["de"], "de"), (["de", "de", "en"], "de"), (["de", "en"], "en"), (["fr", "fr"], "en")]
)
def test_a_page_is_in_the_language_of_most_of_its_questions(asked: list[str], shown: str) -> None:
    said = [replace(answer(quote("Sie brannte.")), language=language) for language in asked]
    assert page(*said).xpath("/html/@lang") == [shown]


def test_an_answer_carries_the_language_of_what_it_quotes_where_that_is_one() -> None:
    german = answer(quote("Die Mühle brannte 1907."))
    other = quote("It burned.")
    both = answer(german.citations[0].quote, replace(other, document=replace(other.document, language="en")))
    written = replace(german, mode="compose")
    tree = page(german, both, written, answer(text="Nothing was found."))
    assert tree.xpath("//p[@class='text']/@lang") == ["de", *["en"] * 2, "en", "en"]  # the second has two paragraphs


@pytest.mark.usefixtures("in_india")
def test_people_read_the_time_of_their_clock_and_programs_that_of_utc() -> None:
    said = conversation(answer(quote("It burned.")))
    assert "2024-11-24 17:30" in html(said) and "2024-11-24 17:30" in markdown(said)
    assert WHEN in as_json(said) and WHEN not in html(said)


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    tree = page(answer(quote("It burned in 1907.")))
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert not tags(tree) & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not re.search(r"url\(|@import|https?:|\bon\w+=", html(conversation(answer(quote("It burned.")))))


def test_the_page_says_which_language_a_quote_is_in() -> None:
    tree = page(answer(quote("Es brannte 1907.")))
    assert tree.get("lang") == "en"
    assert tree.find(".//blockquote").get("lang") == "de"
    assert tree.find(".//h1").get("lang") == "en"


def test_the_page_is_in_the_language_of_the_conversation_where_that_is_one() -> None:
    german = [replace(answer(quote("Es brannte."), question="Wann?"), language="de") for _ in range(2)]
    tree = page(*german)
    assert tree.get("lang") == "de"
    assert {each.get("lang") for each in tree.iter("section")} == {"de"}  # "Quellen" and the like
    assert tree.find(".//h1").get("lang") is None and {each.get("lang") for each in tree.iter("h2")} == {"de"}
    assert page(german[0], answer(quote("It burned."))).get("lang") == "en"


def test_a_row_of_a_table_is_read_with_its_column_heads_in_html() -> None:
    table = "| Ferry | Built |\n|---|---|\n| Luise | 1928 |\n"
    at = table.index("| Luise")
    row = Quote(document(table), at, len(table) - 1, table[at:-1], 0.9, ((at + 10, at + 14),))
    quoted = page(answer(row)).find(".//blockquote")
    assert quoted.text_content() == "Ferry: Luise · Built: 1928"
    assert [each.text_content() for each in quoted.iter("mark")] == ["1928"]


def test_each_marker_leads_to_its_source_in_its_turn() -> None:
    tree = page(answer(quote("One."), quote("Two.")), answer(quote("Three.")))
    links = [(each.text_content(), each.get("href")) for each in tree.iter("a")]
    assert links == [("[1]", "#source-1-1"), ("[2]", "#source-1-2"), ("[1]", "#source-2-1")]
    for _, target in links:
        (source,) = tree.xpath(f"//*[@id='{target[1:]}']")
        assert source.find("blockquote") is not None
    assert tree.xpath("//*[@id='source-1-2']/blockquote")[0].text_content() == "Two."


def test_each_quote_of_an_answer_is_a_paragraph_and_what_an_llm_wrote_is_one() -> None:
    quotes = answer(quote("It burned in 1907."), quote("Nobody was hurt."))
    apart, together = (
        ["It burned in 1907. [1]", "Nobody was hurt. [2]"],
        ["It burned in 1907. [1] Nobody was hurt. [2]"],
    )
    for said, paragraphs in ((quotes, apart), (replace(quotes, mode="compose"), together)):
        assert [each.text_content() for each in page(said).xpath("//section/p[@class='text']")] == paragraphs
        shown = rendered(markdown(conversation(said))).xpath("//p")
        assert [text for each in shown if (text := each.text_content()) in {*apart, *together}] == paragraphs


def test_what_looks_like_a_marker_in_a_quote_leads_nowhere() -> None:
    said = answer(quote("As [1] and [2] say [1]"), quote("So."))
    said = replace(said, text=said.text + " [7] [1]")
    tree = page(said)
    paragraphs = [each.text_content() for each in tree.xpath("//p[@class='text']")]
    assert paragraphs == ["As [1] and [2] say [1] [1]", "So. [2] [7] [1]"]
    assert [each.text_content() for each in tree.iter("a")] == ["[1]", "[2]"]


def test_a_conversation_in_html_says_what_it_says_in_markdown() -> None:
    found = quote("Es waren\n11.000.", (9, 15), gloss="it were 11.000", date="2024-10")
    first = replace(answer(found, quote("About 9,000.", (6, 11))), figures=((1, "11.000"), (2, "9,000")))
    nothing = replace(
        answer(text="I found no sentence that answers this.", question="And why?", standalone="Why so much?"),
        passages=tuple(map(passage, ["Es waren 11.000.", "b", "c", "d"])),
    )
    both = conversation(first, nothing)
    in_markdown = rendered(markdown(both)).text_content().split()
    in_html = lxml.html.document_fromstring(html(both)).find("body").text_content().split()
    assert in_html == in_markdown


# --- JSON --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_in_json_everything_is_as_it_was(text: str) -> None:
    said = hostile(text)
    made = as_json(said)
    assert json.loads(made) == {
        "conversation": "c1",
        "title": text,
        "turns": [
            {**record("1", said.turns[0].answer), "standalone": f"{text} too", "when": WHEN},
            {**record("2", said.turns[1].answer), "standalone": text, "when": WHEN},
        ],
    }
    assert plain(made) == made


def test_json_is_indented_and_keeps_letters_as_they_are() -> None:
    made = as_json(conversation(answer(quote("Die Mühle – 水車 🙂"))))
    assert '\n  "conversation": "c1",\n' in made
    assert "Die Mühle – 水車 🙂" in made


# --- files -------------------------------------------------------------------------------

SAID = conversation(answer(quote("It burned in 1907.")))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.md", markdown),
        ("a.MARKDOWN", markdown),
        ("a.html", html),
        ("a.htm", html),
        ("a.b.json", as_json),
    ],
)
def test_the_ending_says_how_a_conversation_is_written(tmp_path: Path, name: str, form: Any) -> None:
    write(SAID, tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8") == form(SAID)
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.txt", "a", ".md", "a.md.exe", "md"])
def test_another_ending_is_refused_with_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as raised:
        write(SAID, tmp_path / name)
    assert all(ending in raised.value.remedy for ending in (".md", ".html", ".json"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_overwritten_only_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")
    with pytest.raises(UsageError, match="there already") as raised:
        write(SAID, path)
    assert raised.value.remedy
    assert path.read_text() == "mine"
    write(SAID, path, overwrite=True)
    assert path.read_text(encoding="utf-8") == markdown(SAID)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["none/a.md", "file/a.md", "folder.md", f"{'x' * 300}.md", "a\0b.md", "a\0b/c.md"])
def test_a_file_that_cannot_be_written_is_an_error_with_a_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(UsageError, match="cannot be written") as raised:
        write(SAID, tmp_path / name, overwrite=True)
    assert raised.value.remedy
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder.md"]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write(SAID, tmp_path / "a.md")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.md", "other")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("ending", ["md", "html", "json"])
def test_halves_of_characters_do_not_hinder_writing(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    write(conversation(answer(quote("a \ud83d b"))), path)
    text = path.read_text(encoding="utf-8")
    assert "a \\ud83d b" in text
    if ending == "json":
        assert json.loads(text)["turns"][0]["citations"][0]["quote"] == "a \ud83d b"
