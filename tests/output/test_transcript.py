"""Held: a conversation in a file says what was said, to the letter, and nothing in it is markup but Beleg's own."""

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
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.answering.assistant import Answer, Citation, Timings
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.conversations.store import Conversation, Turn
from rag.documents.chunking import Chunk
from rag.documents.document import Document
from rag.errors import UsageError
from rag.index.hybrid_search import Passage
from rag.output.json_record import record
from rag.output.transcript import as_json, html, markdown, write
from rag.text.sanitize import one_line, plain

WHEN = "2024-11-24T12:00:00+00:00"

HOSTILE = [
    "[/INST]",
    "[red]x[/red]",
    "[a](http://evil)",
    "[a]: http://evil.example",
    "[a][b] and [^1] and ![^1]",
    "<script>alert(1)</script>",
    "</title></blockquote><!-- <style>*{}",
    "# x",
    "#hash ## x ##",
    "1. x",
    "12) x",
    "- x\n- y",
    "+ x\n* y",
    "    code",
    "\tcode\t\tmore",
    "* * *",
    "---",
    "x\n===",
    "x\n---",
    "```\ncode\n```",
    "~~~\ncode",
    "![i](x)",
    "\\",
    "\\\\[a\\](b)\\",
    "http://evil.example",
    "see www.evil.com, https://evil.com/a_b?c=d&e=f, evil.com and me@evil.com",
    "<http://evil.example> <me@evil.com>",
    "a_b_c _d_ __e__",
    "*a* **b** ***c***",
    "~~x~~ ~y~ ^z^ ==w== ++v++ $u$ :smile:",
    "|a|b|\n|-|-|\n|c|d|",
    "a\n:-:\nb",
    "> x",
    "&lt; &amp; &#60; & < >",
    "`a` ``b``",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "left \u202eright\u202c \u2066x\u2069",
    "x" * 10_000,
    "two\n\nparagraphs\n\n\n\nof text",
    "two  \nlines\\\nof text",
    "\n a \n",
    "{{ 7 * 7 }} {% raw %} {.class}",
    "\r\nMühle\u2028水車\ufeff 🙂 שלום\u00a0",
    "'\"><img src=x onerror=alert(1)>",
]


def document(text: str, name: str = "mill.txt", title: str = "The mill", date: str | None = None) -> Document:
    return Document("0", f"/{name}", name, title, date, "de", text, 0, (0,), "0")


def quote(text: str, *marks: tuple[int, int], gloss: str = "", **more: str) -> Quote:
    return Quote(document(text, **more), 0, len(text), text, 0.9, marks, gloss)


def answer(*quotes: Quote, question: str = "How much?", text: str = "", standalone: str = "") -> Answer:
    """An answer in quote mode: a statement of each quote, or of `text`, with its marker."""
    said = [text] if text else [" ".join(each.text.split()) for each in quotes]
    statements = tuple(Statement(words, (n,), True) for n, words in enumerate(said, 1))
    return Answer(
        question=question,
        standalone=standalone or question,
        language="en",
        status="answered" if quotes else "not_found",
        text=" ".join(f"{row.text} [{row.citations[0]}]" for row in statements) if quotes else text,
        statements=statements,
        citations=tuple(Citation(n, each, n) for n, each in enumerate(quotes, 1)),
        passages=(),
        figures=(),
        model="smollm2",
        embedder="minilm",
        mode="quote",
        timings=Timings(0.1, 0.2, 0.3),
    )


def conversation(*answers: Answer) -> Conversation:
    return Conversation("c1", tuple(Turn(each, WHEN) for each in answers))


def passage(text: str) -> Passage:
    source = document(text)
    return Passage(Chunk("0", 0, len(text), text, "", "de"), source, 0.5, 1, ("dense",), ())


def hostile(text: str) -> Conversation:
    """A conversation that says `text` wherever there is a place for text."""
    whole = quote(text, (1, 3), gloss=text, name=text, title=text, date=text)
    first = replace(answer(whole, question=text, text=text, standalone=f"{text} too"), figures=((1, text),))
    first = replace(first, model=text, embedder=text)
    nothing = replace(answer(text=text, question=text), passages=(passage(text),))
    return conversation(first, nothing)


# --- Markdown, rendered ------------------------------------------------------------------


def rendered(text: str, preset: str = "gfm-like") -> Any:
    made = str(MarkdownIt(preset, {"html": True}).render(text))
    made = re.sub(r"<br />\n?", "\n", made)
    return lxml.html.fromstring(f"<div>{made}</div>", parser=lxml.html.HTMLParser(huge_tree=True))


def tags(tree: Any) -> set[str]:
    return {str(each.tag) for each in tree.iter()}


OURS = {"div", "h1", "h2", "p", "blockquote", "strong", "ul", "li"}


@pytest.mark.parametrize("preset", ["commonmark", "gfm-like"])
@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_nothing_that_is_said_is_markup(text: str, preset: str) -> None:
    tree = rendered(markdown(hostile(text)), preset)
    assert tags(tree) <= OURS
    assert [each.text_content() for each in tree.iter("h1", "h2")] == [one_line(text)] * 3
    quoted = tree.find(".//blockquote/p")
    assert quoted.text_content() == plain(text)
    said = {each.text_content() for each in tree.iter("p")}
    line = one_line(text)
    assert {plain(f"{text} [1]"), f"The sources give different figures: {line} [1]"} <= said
    assert f"Understood as: {one_line(text + ' too')}" in said
    assert one_line(f"[1] {text} · {text} · p. 1 · {text}:0-{len(text)}") in said
    assert f"word by word: {line}" in said
    assert one_line(f"Model {text} · embedder {text} · mode quote · {WHEN}") in said
    (near,) = tree.iter("li")
    assert near.text_content() == f"mill.txt:0-{len(text)} {one_line(text, 100)}"


SYNTAX = st.text(st.sampled_from("\\`*_{}[]()#+-.!~|<>&;:=^$\"'@/ \t\nab1é水„“€"), max_size=40)


@given(text=SYNTAX | st.text(), span=st.tuples(st.integers(0, 40), st.integers(0, 40)))
@example(text="a(b)c", span=(1, 4))
@example(text="a„b“c", span=(1, 4))
@example(text="- a", span=(0, 1))
@example(text="1. a", span=(0, 1))
@example(text="a **b** c", span=(2, 7))
@example(text="\n\n", span=(0, 2))
@example(text="a \n b", span=(1, 4))
@settings(max_examples=500, deadline=None)
def test_in_markdown_any_quote_with_any_mark_is_the_same_text(text: str, span: tuple[int, int]) -> None:
    tree = rendered(markdown(conversation(answer(quote(text, span), text="x"))))
    assert tags(tree) <= OURS
    quoted = tree.find(".//blockquote/p")
    assert (quoted.text_content() if quoted is not None else "") == plain(text)
    bold = "".join(each.text_content() for each in tree.iterfind(".//blockquote//strong"))
    assert bold in plain(text)[span[0] : span[1]]
    letters = [sign for sign in text[span[0] : span[1]] if sign.isalnum()]
    assert [sign for sign in bold if sign.isalnum()] == letters


@pytest.mark.parametrize(
    ("text", "marks", "bold"),
    [
        ("It burned in 1907.", [(13, 17)], ["1907"]),
        ("It burned in 1907.", [(13, 18)], ["1907."]),
        ("It cost $5 (five).", [(8, 17)], ["$5 (five)"]),
        ("It cost 5$more", [(8, 10)], ["5"]),
        ("Sie sagt „ja“ dazu", [(9, 13)], ["„ja“"]),
        ("in(1907)x", [(2, 8)], ["1907"]),
        ("one two three", [(0, 3), (8, 13)], ["one", "three"]),
        ("one two three", [(8, 13), (0, 3)], ["one", "three"]),
        ("one two three", [(0, 5), (4, 7)], ["one two"]),
        ("one two three", [(0, 4), (4, 7)], ["one two"]),
        ("one two", [(3, 4)], []),
        ("one two", [(2, 2)], []),
        ("one two", [(0, 7)], ["one two"]),
        ("one\ntwo", [(0, 7)], ["one\ntwo"]),
        ("水車は1907年", [(3, 7)], ["1907"]),
    ],
)
def test_the_answering_words_are_bold_in_markdown(text: str, marks: list[tuple[int, int]], bold: list[str]) -> None:
    tree = rendered(markdown(conversation(answer(quote(text, *marks)))))
    assert [each.text_content() for each in tree.iterfind(".//blockquote//strong")] == bold


def test_ordinary_prose_stays_readable_in_markdown() -> None:
    prose = "The mill-wheel (of oak) burned down in 1907, she said: „ja“. It's gone; 50 % of it, anyway!"
    assert f"\n> {prose}\n" in markdown(conversation(answer(quote(prose))))


def test_a_conversation_in_markdown_as_a_whole() -> None:
    found = quote("Es waren\n11.000.", (9, 15), gloss="it were 11.000", date="2024-10")
    other = quote("About 9,000 were spent.", (6, 11), name="a_b.pdf", title="Bridge [2]")
    first = replace(answer(found, other), figures=((1, "11.000"), (2, "9,000")))
    nothing = replace(
        answer(text="The documents do not say.", question="And why?", standalone="Why so much?"),
        passages=tuple(map(passage, ["Es waren 11.000.", "b", "c", "d"])),
    )
    assert markdown(conversation(first, nothing)) == (
        r"""# How much?

## How much?

Es waren 11\.000. \[1\] About 9,000 were spent. \[2\]

The sources give different figures: 11\.000 \[1\] · 9,000 \[2\]

Sources

**\[1\]** The mill · 2024-10 · p. 1 · mill\.txt\:0-16

> Es waren\
> **11\.000**.

word by word: it were 11\.000

**\[2\]** Bridge \[2\] · no date · p. 2 · a\_b\.pdf\:0-23

> About **9,000** were spent.

Model smollm2 · embedder minilm · mode quote · 2024-11-24T12\:00\:00\+00\:00

## And why?

Understood as: Why so much?

The documents do not say.

Nearest passages (not evidence):

- mill\.txt\:0-16 Es waren 11\.000.
- mill\.txt\:0-1 b
- mill\.txt\:0-1 c

Model smollm2 · embedder minilm · mode quote · 2024-11-24T12\:00\:00\+00\:00
"""
    )


# --- HTML --------------------------------------------------------------------------------


def page(*answers: Answer) -> Any:
    return lxml.html.document_fromstring(html(conversation(*answers)))


@pytest.mark.parametrize("text", HOSTILE)
def test_in_html_nothing_that_is_said_is_markup(text: str) -> None:
    made = html(hostile(text))
    tree = lxml.html.document_fromstring(made, parser=lxml.html.HTMLParser(huge_tree=True))
    model = lxml.html.document_fromstring(html(hostile("abcdef")))
    assert tags(tree) == tags(model) - (set() if len(text) > 1 else {"mark"})
    assert tree.find(".//blockquote").text_content() == plain(text)
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
    assert quoted.text_content() == plain(text)
    assert "".join(each.text_content() for each in quoted.iter("mark")) == plain(text)[span[0] : span[1]]


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
    assert tree.find(".//h2").get("lang") == "en"


def test_each_marker_leads_to_its_source_in_its_turn() -> None:
    tree = page(answer(quote("One."), quote("Two.")), answer(quote("Three.")))
    links = [(each.text_content(), each.get("href")) for each in tree.iter("a")]
    assert links == [("[1]", "#source-1-1"), ("[2]", "#source-1-2"), ("[1]", "#source-2-1")]
    for _, target in links:
        (source,) = tree.xpath(f"//*[@id='{target[1:]}']")
        assert source.find("blockquote") is not None
    assert tree.xpath("//*[@id='source-1-2']/blockquote")[0].text_content() == "Two."


def test_what_looks_like_a_marker_in_a_quote_leads_nowhere() -> None:
    said = answer(quote("As [1] and [2] say [1]"), quote("So."))
    said = replace(said, text=said.text + " [7] [1]")
    tree = page(said)
    assert tree.xpath("//p[@class='text']")[0].text_content() == "As [1] and [2] say [1] [1] So. [2] [7] [1]"
    assert [each.text_content() for each in tree.iter("a")] == ["[1]", "[2]"]


def test_a_conversation_in_html_says_what_it_says_in_markdown() -> None:
    found = quote("Es waren\n11.000.", (9, 15), gloss="it were 11.000", date="2024-10")
    first = replace(answer(found, quote("About 9,000.", (6, 11))), figures=((1, "11.000"), (2, "9,000")))
    nothing = replace(
        answer(text="The documents do not say.", question="And why?", standalone="Why so much?"),
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
