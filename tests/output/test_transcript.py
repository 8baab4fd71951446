"""Held: a conversation in a file says what was said, to the letter, and nothing in it is markup but Beleg's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transcripts import (
    HOSTILE,
    OURS,
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

from rag.answering.sentence_selection import Quote
from rag.output.markdown_text import escaped
from rag.output.transcript import markdown
from rag.text.moments import local
from rag.text.sanitize import one_line, plain
from rag.text.unmarked import unmarked


@pytest.mark.parametrize("preset", ["commonmark", "gfm-like"])
@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_nothing_that_is_said_is_markup(text: str, preset: str) -> None:
    tree = rendered(markdown(hostile(text)), preset)
    assert tags(tree) <= OURS
    assert [each.text_content() for each in tree.iter("h1", "h2")] == [one_line(text)] * 3
    quoted = tree.find(".//blockquote/p")
    assert quoted.text_content() == as_read(text)
    said = {each.text_content() for each in tree.iter("p")}
    line = one_line(text)
    assert {plain(f"{text} [1]"), f"The sources give different figures: {line} [1]"} <= said
    assert f"Understood as: {one_line(text + ' too')}" in said
    assert one_line(f"[1] {text} · {text} · p. 1 · {text}:0-{len(text)}") in said
    assert f"word by word: {line}" in said
    assert one_line(f"Model {text} · embedder {text} · mode quote · {local(WHEN)}") in said
    (near,) = tree.iter("li")
    said = one_line(" · ".join(unmarked(text, 0, len(text))), 100)
    assert near.text_content().split() == [f"mill.txt:0-{len(text)}", *said.split()]


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
    assert (quoted.text_content() if quoted is not None else "") == as_read(text)
    bold = "".join(each.text_content() for each in tree.iterfind(".//blockquote//strong"))
    if as_read(text) == text:
        assert bold in text[span[0] : span[1]]
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
        ("one\ntwo", [(0, 7)], ["one two"]),
        ("Die Müh-\nle brannte", [(4, 11)], ["Mühle"]),
        ("Es brannte[3] nieder", [(3, 20)], ["brannte nieder"]),
        ("水車は1907年", [(3, 7)], ["1907"]),
    ],
)
def test_the_answering_words_are_bold_in_markdown(text: str, marks: list[tuple[int, int]], bold: list[str]) -> None:
    tree = rendered(markdown(conversation(answer(quote(text, *marks)))))
    assert [each.text_content() for each in tree.iterfind(".//blockquote//strong")] == bold


@given(text=SYNTAX | st.text(), preset=st.sampled_from(["commonmark", "gfm-like"]))
@example(text="|a|b|\n|-|-|", preset="gfm-like")
@example(text="a|b\n:-:|-", preset="gfm-like")
@example(text="x\n===", preset="commonmark")
@example(text="x\n-", preset="commonmark")
@example(text="see http://localhost/", preset="gfm-like")
@example(text="me@1.2.3.4", preset="gfm-like")
@example(text="x #", preset="commonmark")
@settings(max_examples=1500, deadline=None)
def test_any_text_is_the_same_text_in_markdown_wherever_it_stands(text: str, preset: str) -> None:
    line = one_line(text)
    blocks = [escaped(plain(text)), *(f"{begin} {escaped(line)}" for begin in ("#", "##", "-", ">"))]
    tree = rendered("\n\n".join(["before", *blocks]), preset)
    assert tags(tree) <= OURS
    found = [tree.find(each) for each in ("p[2]", "h1", "h2", "ul/li", "blockquote")]
    shown = [each.text_content().strip("\n") if each is not None else "" for each in found[1:]]
    assert shown == [line] * 4
    if text:
        assert found[0].text_content() == plain(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("www.commonmark", r"www\.commonmark"),  # a link on GitHub, whatever follows
        ("$x$ and $5", r"\$x$ and $5"),
        ("12:30:45 :smile:", r"12:30:45 \:smile:"),
        ("[!NOTE] [ ]", r"\[!NOTE] [ ]"),
        ("[x] [[page]]", r"\[x] \[\[page]]"),
        ("^[note] 2^8 x^y^z", r"\^[note] 2^8 x\^y^z"),
        ("{{ x }} {% y %} {.class} {z}", r"\{\{ x }} \{% y %} \{.class} {z}"),
        (": a definition", r"\: a definition"),
    ],
)
def test_what_is_markup_elsewhere_only_is_escaped_too(text: str, written: str) -> None:
    assert escaped(text) == written
    assert rendered(written).text_content().strip() == text


@pytest.mark.parametrize(
    "prose",
    [
        "The mill-wheel (of oak) burned down in 1907, she said: „ja“. It's gone; 50 % of it, anyway!",
        "Um 12:30 Uhr waren es 11.000 + 250 = 11.250 (z. B. an der B96): ~5 % mehr, d.h. #2 von 3.",
        "R&D in C# and C++ cost $5 [sic] at 5 * 3 a < b > c; see mill_wheel_2.txt, e.g. {x} | y ^ z",
        "-5 °C am 2024-11-24T12:00:00+00:00 [1] – 水車 “quoted” a/b C:\\temp 3,5 @ home!",
    ],
)
def test_ordinary_prose_has_no_backslash_in_markdown(prose: str) -> None:
    made = markdown(conversation(answer(quote(prose), question=prose)))
    assert f"\n> {prose}\n" in made
    assert made.startswith(f"# {prose}\n")


def test_a_quote_is_one_paragraph_and_a_row_of_a_table_has_its_column_heads() -> None:
    table = "| Ferry | Built |\n|---|---|\n| Luise | 1928 |\n"
    row = Quote(
        document(table), (at := table.index("| Luise")), len(table) - 1, table[at:-1], 0.9, ((at + 10, at + 14),)
    )
    made = markdown(conversation(answer(row, quote("Die Müh-\nle brannte\n\n1907 nieder."))))
    assert "\n\n> Ferry: Luise · Built: **1928**\n\n" in made
    assert "\n\n> Die Mühle brannte 1907 nieder.\n\n" in made


@pytest.mark.usefixtures("in_india")
def test_a_conversation_in_markdown_as_a_whole() -> None:
    found = quote("Es waren\n11.000.", (9, 15), gloss="it were 11.000", date="2024-10")
    other = quote("About 9,000 were spent.", (6, 11), name="a_b.pdf", title="Bridge [2]")
    first = replace(answer(found, other), figures=((1, "11.000"), (2, "9,000")))
    nothing = replace(
        answer(text="I found no sentence that answers this.", question="And why?", standalone="Why so much?"),
        passages=tuple(map(passage, ["Es waren 11.000.", "b", "c", "d"])),
    )
    assert markdown(conversation(first, nothing)) == (
        r"""# How much?

## How much?

Es waren 11.000. [1]

About 9,000 were spent. [2]

The sources give different figures: 11.000 [1] · 9,000 [2]

Sources

**[1]** The mill · 2024-10 · p. 1 · mill.txt:0-16

> Es waren **11.000**.

word by word: it were 11.000

**[2]** Bridge [2] · no date · p. 2 · a_b.pdf:0-23

> About **9,000** were spent.

Model smollm2 · embedder minilm · mode quote · 2024-11-24 17:30

## And why?

Understood as: Why so much?

I found no sentence that answers this.

Nearest passages (not evidence):

- mill.txt:0-16 Es waren 11.000.
- mill.txt:0-1 b
- mill.txt:0-1 c

Model smollm2 · embedder minilm · mode quote · 2024-11-24 17:30

[//]: # (written by Beleg)
"""
    )
