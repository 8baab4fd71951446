"""Text as the chat shows it: Markdown that means nothing but our links, and quotes in their surroundings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it.token import Token
from textual.content import Content

from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.text.sanitize import one_line, plain
from tui.text import escaped, in_place, local, markdown, safe, surroundings
from tui.widgets.turn import _parser

HOSTILE = [
    "[/INST]",
    "[red]x[/red]",
    "[link=file:///etc/passwd]x[/link]",
    "[@click=app.quit]x[/]",
    "[a](http://evil.example)",
    "[a]: http://evil.example",
    "[1](1)",
    "<http://evil.example>",
    "http://evil.example and www.evil.example and mail@evil.example",
    "![i](x)",
    "<script>alert(1)</script>",
    "<b>x</b> <!-- x --> <?x?> <![CDATA[x]]>",
    "&amp; &#65; &lt;",
    "# x",
    "x\n===",
    "1. x",
    "1) x",
    "- x",
    "* x",
    "+ x",
    "> x",
    "| a | b |\n|---|---|\n| c | d |",
    "~~x~~ ~x~ ==x==",
    "*x* **x** _x_ __x__ ***x***",
    "`x` ``x`` ```\nx\n```",
    "---",
    "    x = 1",
    "a  \nb",
    "a\\\nb",
    "back\\slash \\[ \\\\ end\\",
    ":smile: $x$ \\(x\\) {x} {{x}} %x% @x",
    "\x1b[31mred\x1b[0m \x1b]52;c;eA==\x07",
    "\u202etxet \u2066x\u2069",
]
MEANT = "[]()<>!#*_`~\\&;:/@=-+.|{}^$\"'1a \n\t\r\x00\x1b\u202e\u00a0\u3000ä字"
hostile = st.text(st.sampled_from(MEANT) | st.characters(codec="utf-8"), max_size=60) | st.sampled_from(HOSTILE)


def tokens(source: str) -> list[Token]:
    """Return what the chat's parser makes of Markdown, blocks and what is in them."""
    return [part for block in _parser().parse(source) for part in [block, *(block.children or [])]]


def written(source: str) -> str:
    """Return the characters that are shown of Markdown."""
    return "".join(token.content for token in tokens(source) if token.type == "text")


def links(source: str) -> list[tuple[str, str]]:
    """Return the links in Markdown: where to, and their text."""
    found = []
    parts = tokens(source)
    for at, token in enumerate(parts):
        if token.type == "link_open":
            found.append((str(token.attrs["href"]), parts[at + 1].content))
    return found


def kinds(source: str) -> set[str]:
    return {token.type for token in tokens(source)}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_character_for_character(text: str) -> None:
    assert written(escaped(text)) == one_line(text)
    assert kinds(escaped(text)) == {"paragraph_open", "inline", "text", "paragraph_close"}


@settings(deadline=None, max_examples=500)
@given(hostile)
def test_any_text_is_shown_character_for_character(text: str) -> None:
    assume(one_line(text))
    assert written(escaped(text)) == one_line(text)
    assert kinds(escaped(text)) == {"paragraph_open", "inline", "text", "paragraph_close"}


def test_the_parser_would_show_hostile_texts_as_something_else_if_they_were_not_escaped() -> None:
    changed = [text for text in HOSTILE if written(text) != one_line(text)]
    assert {"[a](http://evil.example)", "# x", "1. x", "- x", "![i](x)", "&amp; &#65; &lt;"} <= set(changed)


def test_an_address_is_no_link_even_where_it_was_not_escaped() -> None:
    assert links("http://evil.example www.evil.example mail@evil.example") == []


def test_a_statement_s_citations_are_links_to_their_numbers() -> None:
    source = markdown([Statement("The mill burned down.", (1, 3), True)], joined=False)
    assert links(source) == [("1", "[1]"), ("3", "[3]")]
    assert written(source) == "The mill burned down. [1] [3]"


@pytest.mark.parametrize("text", ["See [1].", "[1]", "[1](1)", "[\\[1\\]](<1>)", "[1]: 1", "x [1] [2]"])
def test_a_marker_in_a_statement_s_own_words_is_no_link(text: str) -> None:
    assert links(markdown([Statement(text, (), True)], joined=True)) == []
    assert links(markdown([Statement(text, (2,), True)], joined=True)) == [("2", "[2]")]


@settings(deadline=None)
@given(st.lists(st.tuples(hostile, st.lists(st.integers(1, 12), max_size=3)), min_size=1, max_size=4), st.booleans())
def test_only_citations_become_links_whatever_the_statements_hold(
    rows: list[tuple[str, list[int]]], joined: bool
) -> None:
    assume(all(one_line(text) for text, _ in rows))
    source = markdown([Statement(text, tuple(cited), True) for text, cited in rows], joined)
    assert links(source) == [(str(n), f"[{n}]") for _, cited in rows for n in cited]
    said = [one_line(text) + "".join(f" [{n}]" for n in cited) for text, cited in rows]
    assert written(source) == (" " if joined else "").join(said)


def test_statements_are_a_paragraph_each_or_one_together() -> None:
    rows = [Statement("One.", (1,), True), Statement("Two.", (2,), True)]
    assert [token.type for token in tokens(markdown(rows, joined=False))].count("paragraph_open") == 2
    assert [token.type for token in tokens(markdown(rows, joined=True))].count("paragraph_open") == 1


# --- a quote in its place ----------------------------------------------------------------

FIVE = ["The first was one.", "The second was two.", "The third was three.", "The fourth was four.", "The fifth left."]


def document(text: str, body: int = 0) -> Document:
    return Document("id", "/x.txt", "x.txt", "x", None, "en", text, body, (0,), "0")


def quote(text: str, words: str, marked: str = "", body: int = 0) -> Quote:
    at = text.index(words)
    left = text.index(marked, at)
    marks = ((left, left + len(marked)),) if marked else ()
    return Quote(document(text, body), at, at + len(words), words, 0.9, marks)


def around(found: Quote, sentences: int) -> str:
    start, end = surroundings(found, sentences)
    return found.document.text[start:end]


@pytest.mark.parametrize(
    ("words", "sentences", "shown"),
    [
        ("third was", 0, FIVE[2:3]),
        ("third was", 1, FIVE[1:4]),
        ("third was", 2, FIVE),
        ("third was", 9, FIVE),
        ("The first", 0, FIVE[:1]),
        ("The first", 1, FIVE[:2]),
        ("The fifth left.", 0, FIVE[4:]),
        ("The fifth left.", 1, FIVE[3:]),
        ("two. The third", 0, FIVE[1:3]),
        ("two. The third", 1, FIVE[:4]),
    ],
)
def test_a_quote_is_shown_with_the_rest_of_its_sentence_and_those_beside_it(
    words: str, sentences: int, shown: list[str]
) -> None:
    assert around(quote(" ".join(FIVE), words), sentences) == " ".join(shown)


def test_a_date_line_before_the_body_is_no_part_of_the_surroundings() -> None:
    text = "date 2024-10-31 " + " ".join(FIVE)
    assert around(quote(text, "The first", body=16), 4) == " ".join(FIVE)


def test_a_sentence_cut_by_the_reach_is_left_out_rather_than_shown_in_part() -> None:
    long = "The one before goes on " + "and on " * 200 + "until it ends."
    text = f"{long} {FIVE[0]} {long}"
    assert around(quote(text, "The first"), 1) == FIVE[0]


def test_a_quote_in_a_sentence_longer_than_the_reach_is_shown_at_least() -> None:
    text = "It goes on " + "and on " * 500 + "here is the middle " + "and on " * 500 + "to its end."
    assert around(quote(text, "here is the middle"), 0) == "here is the middle"


def highlighted(content: Content, style: str) -> list[str]:
    return [content.plain[span.start : span.end] for span in content.spans if style in str(span.style)]


@pytest.mark.parametrize("words", ["The first", "The third was three.", "fifth left."])
def test_the_quote_and_its_mark_are_highlighted_wherever_the_quote_stands(words: str) -> None:
    found = quote(" ".join(FIVE), words, words[4:])
    for sentences in (0, 1, 4):
        content = in_place(found, *surroundings(found, sentences))
        assert highlighted(content, "on $primary 30%") == [words]
        assert highlighted(content, "bold underline") == [words[4:]]


def test_what_is_no_evidence_is_shown_without_highlight() -> None:
    found = quote(" ".join(FIVE), "The third", "third")
    start, end = surroundings(found, 1)
    content = in_place(found, start, end, evidence=False)
    assert (content.plain, content.spans) == (" ".join(FIVE[1:4]), [])


@pytest.mark.parametrize("mark", [(0, 9), (19, 29), (43, 57), (70, 78)])
def test_a_mark_is_highlighted_only_as_far_as_it_is_in_the_quote(mark: tuple[int, int]) -> None:
    text = " ".join(FIVE)
    start, end = 24, 50
    found = Quote(document(text), start, end, text[start:end], 0.9, (mark,))
    inside = text[max(mark[0], start) : min(mark[1], end)]
    for left in (0, 10, start):
        content = in_place(found, left, len(text))
        assert highlighted(content, "bold underline") == ([inside] if inside else [])


def test_lines_of_a_paragraph_are_one_and_paragraphs_and_tables_stay() -> None:
    text = "one\ntwo\n\nthree\n | a | b |\n| c | d |\n- e"
    content = in_place(quote(text, "three"), 0, len(text))
    assert [line.strip() for line in content.plain.split("\n")] == ["one two", "three", "| a | b |", "| c | d |", "- e"]


@st.composite
def quoted(draw: st.DrawFn) -> tuple[Quote, int, int]:
    """A quote with a mark in a hostile text, and a span around it."""
    letters = st.sampled_from(MEANT + "\n\n. ") | st.characters(codec="utf-8")
    before, words, after = (draw(st.text(letters, min_size=least, max_size=40)) for least in (0, 1, 0))
    text = before + words + after
    start, end = len(before), len(before) + len(words)
    left = draw(st.integers(start, end))
    right = draw(st.integers(left, end))
    marks = ((left, right),) if left < right else ()
    found = Quote(document(text), start, end, words, 0.9, marks)
    return found, draw(st.integers(0, start)), draw(st.integers(end, len(text)))


def shown(characters: str) -> str:
    """Return characters without those that are white space on the screen."""
    return "".join(plain(characters).split())


@settings(deadline=None, max_examples=400)
@given(quoted())
def test_a_text_in_place_keeps_every_offset(found: tuple[Quote, int, int]) -> None:
    quote_, start, end = found
    content = in_place(quote_, start, end)
    text = quote_.document.text
    assert len(content.plain) == end - start
    assert [*map(shown, content.plain)] == [*map(shown, text[start:end])]
    assert highlighted(content, "on $primary 30%") == [content.plain[quote_.start - start : quote_.end - start]]
    marked = [content.plain[left - start : right - start] for left, right in quote_.marks]
    assert highlighted(content, "bold underline") == marked


def sentences_of(draw: st.DrawFn) -> Iterator[str]:
    for _ in range(draw(st.integers(1, 30))):
        yield draw(st.sampled_from(FIVE)) + draw(st.sampled_from([" ", "\n", "\n\n", "  "]))


@st.composite
def somewhere(draw: st.DrawFn) -> tuple[Quote, int]:
    """A quote anywhere in a text of sentences, and how many sentences are wanted beside it."""
    text = "".join(sentences_of(draw))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, min(len(text), start + 400)))
    return Quote(document(text), start, end, text[start:end], 0.9), draw(st.integers(0, 5))


@settings(deadline=None, max_examples=200)
@given(somewhere())
def test_surroundings_hold_the_quote_and_grow_with_the_sentences(found: tuple[Quote, int]) -> None:
    quote_, sentences = found
    start, end = surroundings(quote_, sentences)
    wider = surroundings(quote_, sentences + 1)
    assert 0 <= start <= quote_.start < quote_.end <= end <= len(quote_.document.text)
    assert wider[0] <= start and end <= wider[1]
    before, after = quote_.document.text[start : quote_.start], quote_.document.text[quote_.end : end]
    assert before.count(".") <= sentences and after.count(".") <= sentences + 1


@settings(deadline=None)
@given(hostile)
def test_safe_text_keeps_its_lines_and_loses_its_controls(text: str) -> None:
    content = safe(text)
    assert content.plain == plain(text).replace("\t", "    ")
    assert content.spans == []


def test_a_moment_is_told_as_the_clock_here_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Etc/GMT-2")
    time.tzset()
    try:
        assert local("2026-01-31T23:30:00+00:00") == "2026-02-01 01:30"
    finally:
        monkeypatch.undo()
        time.tzset()
