"""Text as the chat shows it: nothing in it means anything but our links, and quotes in their surroundings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from fake_chat import flat
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.text.sanitize import one_line, plain
from tui.text import above, cited, in_place, safe, statement, surroundings

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


def links(content: Content) -> list[tuple[str, str]]:
    """Return the links in content: what they do, and their text."""
    spans = [(span, span.style.meta) for span in content.spans if not isinstance(span.style, str)]
    return [(meta["@click"], content.plain[span.start : span.end]) for span, meta in spans]


@settings(deadline=None, max_examples=500)
@given(hostile)
def test_any_statement_is_shown_character_for_character_on_one_line_and_is_no_link(text: str) -> None:
    content = statement(text)
    assert one_line(content.plain) == one_line(text) and "\n" not in content.plain
    assert content.spans == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_statement_is_shown_character_for_character(text: str) -> None:
    assert (one_line(statement(text).plain), statement(text).spans) == (one_line(text), [])


def test_citations_are_links_to_their_sources() -> None:
    content = cited((1, 13))
    assert content.plain == " [1] [13]"
    assert links(content) == [("source(1)", "[1]"), ("source(13)", "[13]")]


def test_a_marker_in_a_statement_s_own_words_is_no_link() -> None:
    assert links(Content.assemble(statement("See [1]."), cited((2,)))) == [("source(2)", "[2]")]


@settings(deadline=None)
@given(hostile, st.data())
def test_the_words_that_answer_look_so_and_no_others(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    spans = [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False)]
    content = statement(text, spans)
    looks = [content.plain[span.start : span.end] for span in content.spans]
    assert [flat(look) for look in looks] == [flat(plain(text[start:end])) for start, end in spans]
    assert flat(content.plain.replace(" ", "")) == flat(plain(text)).replace(" ", "")


def test_of_a_row_each_cell_is_a_line_and_a_mark_over_two_is_marked_in_both() -> None:
    content = statement("Ferry: Luise · Built: 1928", [(7, 19)], [(0, 12), (15, 26)])
    assert content.plain == "Ferry: Luise\nBuilt: 1928"
    assert highlighted(content, "bold underline") == ["Luise", "Buil"]


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


def test_lines_of_a_paragraph_are_one_and_paragraphs_tables_and_items_stay() -> None:
    text = "one\ntwo\n\nthree\n | a | b |\n|---|:-:|\n| c | d |\n- e\n  f"
    content = in_place(quote(text, "three"), 0, len(text))
    assert content.plain.split("\n") == ["one two", "three", "a · b", "c · d", "- e", "f"]


BUS = """# Bus 64

## Saturday
The first bus leaves at 07:42,
the last one at 19:42.

| Stop | Zone |
|---|---|
| Ilkley | 2 |
"""


def test_a_quote_below_a_heading_is_shown_without_signs_of_markup_and_marked_where_it_answers() -> None:
    found = quote(BUS, "The first bus leaves at 07:42,\nthe last one at 19:42.", "19:42")
    content = in_place(found, 0, len(BUS))
    said = "The first bus leaves at 07:42, the last one at 19:42."
    assert content.plain.split("\n") == ["Bus 64", "Saturday", said, "Stop · Zone", "Ilkley · 2"]
    assert highlighted(content, "on $primary 30%") == [said]
    assert highlighted(content, "bold underline") == ["19:42"]
    assert above(found, 0) == "Bus 64\nSaturday\n"
    assert above(found, found.start) == ""


def test_a_heading_that_no_sign_marks_is_a_line_too() -> None:
    text = "Saturday\nThe first bus leaves at seven in the morning, and the last one of them all at eight.\n\nAll year."
    assert in_place(quote(text, "All year."), 0, len(text)).plain.split("\n")[0] == "Saturday"


TABLE = """Ferries run.

| Ferry | Built |
|---|---|
| Luise | 1928 |
| Rosa | 1951 |
| Kormoran | 1974 |

All year."""
ROWS = ["Ferry: Luise · Built: 1928", "Ferry: Rosa\nBuilt: 1951", "Ferry: Kormoran · Built: 1974"]


@pytest.mark.parametrize(("sentences", "lines"), [(0, ROWS[1:2]), (1, ROWS), (4, ["Ferries run.", *ROWS, "All year."])])
def test_a_row_of_a_table_is_a_line_a_column_with_other_rows_beside_it(sentences: int, lines: list[str]) -> None:
    found = quote(TABLE, "| Rosa | 1951 |", "1951")
    start, end = surroundings(found, sentences)
    content = in_place(found, start, end)
    assert content.plain == "\n".join(lines)
    assert highlighted(content, "on $primary 30%") == [ROWS[1]]
    assert highlighted(content, "bold underline") == ["1951"]
    assert content.plain.startswith(above(found, start) + ROWS[1])


def test_a_row_that_is_no_evidence_is_shown_without_highlight() -> None:
    found = quote(TABLE, "| Rosa | 1951 |", "1951")
    content = in_place(found, found.start, found.end, evidence=False)
    assert (content.plain, content.spans) == ("Ferry: Rosa\nBuilt: 1951", [])


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
def test_a_text_in_place_loses_signs_of_markup_alone_and_highlights_what_is_quoted(
    found: tuple[Quote, int, int],
) -> None:
    quote_, start, end = found
    content, text = in_place(quote_, start, end), quote_.document.text
    read, told = Counter(seen(text[start:end])), Counter(shown(content.plain))
    assert set(read - told) <= SIGNS and set(told - read) <= {"·", "\N{REPLACEMENT CHARACTER}"}
    highlight = Counter(shown("".join(highlighted(content, "on $primary 30%"))))
    assert set(Counter(seen(quote_.text)) - highlight) <= SIGNS
    assert highlight <= Counter(shown(quote_.text))
    marked = Counter(shown("".join(highlighted(content, "bold underline"))))
    assert marked <= Counter(shown("".join(text[left:right] for left, right in quote_.marks)))


SIGNS = set("#|-:=*_`~")  # of markup


def seen(characters: str) -> str:
    """Return characters that are no white space, as they are shown."""
    return shown("".join(each for each in characters if not each.isspace()))


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
