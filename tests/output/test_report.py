"""Held: the page of a batch shows what its records say, asks nothing of any other place, and none of it is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from fake_chat import STONE, TROOPS, answer, passages, quote, seed, stone, troops
from hostile_text import HUGE, LINE, dangerous
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report_pages import BROKEN, NOTHING, batch, hostile, judged, parsed, shown, texts

from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.output.json_record import detailed, record
from rag.output.report.page import page
from rag.text.sanitize import one_line, plain

SCRIPT = "<script>alert(1)</script>"


def quoted(text: str, *marks: Any) -> dict[str, Any]:
    """Return the record of an answer that is this text, which begins at 100 of its document, with any marks."""
    document = Document("0", "/mill.txt", "mill.txt", "The mill", None, "en", "x" * 100 + text, 0, (0,), "0")
    whole = Quote(document, 100, 100 + len(text), text, 0.9)
    row = detailed("1", answer("When?", whole, found=passages(seed("rosetta-stone.md"))))
    row["detail"]["citations"][0] |= {"marks": list(marks), "before": "", "after": ""}
    return row


# --- what is shown -----------------------------------------------------------------------


def test_every_answer_stands_in_the_page_with_its_status_in_words() -> None:
    tree = shown(*batch())
    assert texts(tree, "article/h2") == [TROOPS, NOTHING, STONE, BROKEN]
    assert texts(tree, ".badge") == ["≠Sources disagree", "●Answered", "○Not found", "●Answered", "▲Error"]
    assert texts(tree, ".sum") == [
        "4 questions · 2 answered · 1 not found · 1 error · sources disagree in 1",
    ]
    assert texts(tree, ".made") == ["model scripted · embedder scripted · mode quote"]
    assert [each.get("data-status") for each in tree.iter("article")] == ["answered", "not_found", "answered", "error"]


def test_a_quote_stands_in_its_paragraph_with_its_answering_words() -> None:
    row = detailed("1", troops())
    tree = shown(row)
    for block, citation, more in zip(
        tree.iter("blockquote"), row["citations"], row["detail"]["citations"], strict=True
    ):
        assert block.text_content() == more["before"] + citation["quote"] + more["after"]
        assert block.find("mark").text_content() == citation["quote"]
    assert texts(tree, "strong") == ["11.000", "8,000", "rund 8.000"]
    assert texts(tree, ".place")[1].endswith(" · kursk-background.md:1750-1862 · support 0.90")


def test_the_markers_of_an_answer_lead_to_its_quotes() -> None:
    tree = shown(detailed("1", troops()), detailed("2", stone()))
    links = [each for each in tree.iter("a") if each.getparent().get("class") == "answer"]
    assert [each.text for each in links] == ["[1]", "[2]", "[3]", "[1]"]
    for link in links:
        target = tree.get_element_by_id(link.get("href")[1:])
        assert target.tag == "li" and texts(target, "p/b") == [link.text]


def test_each_quote_is_a_paragraph_with_its_marker_and_what_is_written_is_one() -> None:
    said = detailed("1", troops())
    quotes = [f"{each['text']} [{n}]" for n, each in enumerate(said["detail"]["statements"], 1)]
    assert texts(shown(said), ".answer") == [" ".join(quote.split()) for quote in quotes]
    assert texts(shown(said | {"mode": "compose"}), ".answer") == [" ".join(" ".join(quotes).split())]
    assert texts(shown(record("1", troops())), ".answer") == [" ".join(" ".join(quotes).split())]


@pytest.mark.parametrize("old", [False, True])
def test_a_marker_of_no_citation_stays_text(old: bool) -> None:
    document = replace(seed("rosetta-stone.md"), text="See note [1] and [7] of it.")
    said = answer("Which note?", Quote(document, 0, len(document.text), document.text, 0.9))
    tree = shown(record("1", said) if old else detailed("1", said))
    assert texts(tree, ".answer") == ["See note [1] and [7] of it. [1]"]
    links = [each for each in tree.iter("a") if each.getparent().get("class") == "answer"]
    assert [each.text for each in links] == (["[1]", "[1]"] if old else ["[1]"])


def test_sources_that_disagree_are_named_with_their_figures() -> None:
    tree = shown(*batch())
    said = "≠The sources give different figures: 11.000 [1] · 8,000 [2] · rund 8.000 [3]"
    assert texts(tree, ".figures-differ") == [said]
    assert [each.get("data-flags") for each in tree.iter("article")] == ["differ", "", "", ""]


def test_a_gloss_is_called_word_by_word_and_is_no_part_of_the_quote() -> None:
    tree = shown(detailed("1", troops()))
    (gloss,) = tree.find_class("gloss")
    assert gloss.text_content().startswith("word by word: In Kursk stand after") and gloss.get("lang") == "en"


def test_what_was_understood_is_said_where_it_is_not_what_was_asked() -> None:
    other = replace(stone(), standalone="When was the Rosetta Stone found? (Egypt)")
    tree = shown(detailed("1", stone()), detailed("2", other))
    assert texts(tree, ".understood") == [f"Understood as: {other.standalone}"]


def test_where_nothing_is_found_the_nearest_passages_are_called_no_evidence() -> None:
    tree = shown(*batch())
    assert texts(tree, "h3") == ["Sources", "Nächstliegende Passagen (kein Beleg)", "Sources"]
    near = texts(tree, ".passage")
    assert len(near) == 3 and "Rosetta" in near[0]
    assert texts(tree, ".judged") == ["best support 0.21"]


def test_an_error_says_its_reason() -> None:
    tree = shown(*batch())
    assert texts(tree, ".reason") == ["Not answered, for a technical reason: The model cannot be used."]


def test_a_record_without_detail_is_shown_with_what_it_has() -> None:
    rows = [record("1", troops()), record("2", answer(NOTHING))]
    tree = shown(*rows)
    assert [block.text_content() for block in tree.iter("blockquote")] == [
        each["quote"] for each in rows[0]["citations"]
    ]
    assert texts(tree, "strong") == [] and texts(tree, ".figures-differ") == []
    place = rows[1]["passages"][0]
    assert texts(tree, "ul/li")[0] == f"{place['document']}:{place['start']}-{place['end']}"


def test_what_an_evaluation_found_stands_under_the_answer() -> None:
    right = judged(detailed("1", troops()), "11.000", document="kursk-lage.txt", cited_first=1.0, share=0.75)
    wrong = judged(detailed("2", answer(NOTHING)), "Champollion", "Young", cited_first=0, refused=None)
    none = judged(detailed("3", answer(NOTHING)), refused=True)
    tree = shown(right, wrong, none, detailed("4", stone()))
    assert texts(tree, ".judged") == [
        "expected: “11.000” in kursk-lage.txt cited first ✓yes share 0.75",
        "expected: “Champollion” or “Young” cited first ✗no",
        "expected: no answer in the documents refused ✓yes",
    ]
    assert [each.get("data-flags") for each in tree.iter("article")] == ["differ", "wrong", "", ""]
    assert tree.xpath("//input[@name='wrong']")
    assert not shown(*batch()).xpath("//input[@name='wrong']")


def test_texts_carry_their_language() -> None:
    tree = shown(*batch())
    assert [each.get("lang") for each in tree.iterfind(".//article/h2")] == ["en", "de", "en", None]
    assert [each.get("lang") for each in tree.iter("blockquote")] == ["de", "en", "de", "en"]
    spans = [each for said in tree.find_class("answer")[:3] for each in said.iter("span")]
    assert [each.get("lang") for each in spans] == ["de", "de"]  # what is quoted in another language
    assert all(each.get("dir") == "auto" for each in [*tree.iter("blockquote"), *tree.iterfind(".//article/h2")])


def test_a_paragraph_that_is_cut_in_the_record_says_so() -> None:
    text = "Words go on. " * 200 + "It burned in 1907. " + "And on they go. " * 200
    document = replace(seed("rosetta-stone.md"), text=text)
    (block,) = shown(detailed("1", answer("When?", quote(document, "It burned", "1907.", "1907")))).iter("blockquote")
    assert re.match(r"… (Words|go|on\.) ", block.text_content())
    assert re.search(r" (And|on|they|go\.) …$", block.text_content())


def test_lines_stay_lines_where_they_are_a_list() -> None:
    lists = [shown(quoted(text)).find(".//blockquote").get("class") for text in ("- one\n- two", "one\ntwo - three")]
    assert lists == ["lines", None]


def test_documents_to_choose_from_are_those_that_are_cited() -> None:
    tree = shown(*batch())
    options = texts(tree, "option")
    assert options == ["All documents", "kursk-background.md (1)", "kursk-lage.txt (1)", "rosetta-stone.md (1)"]
    assert [each.get("data-documents") for each in tree.iter("article")] == ["0 1", "", "2", ""]


def test_a_page_of_no_answers_says_so() -> None:
    assert texts(shown(), ".empty")[0] == "There are no answers."


# --- marks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ([[113, 117]], ["1907"]),
        ([[113, 9999]], ["1907."]),
        ([[0, 102]], ["It"]),
        ([[113, 117], [100, 102]], ["It", "1907"]),
        ([[100, 109], [103, 112]], ["It burned", " in"]),
        ([[117, 113], [113, 113], [0, 50], [500, 600]], []),
        ([["113", 117], [113], [113, 117, 1], None, 5, "ab", [True, 117], [113.0, 117.0], {}], []),
        ([(113, 117)], ["1907"]),
    ],
)
def test_marks_are_clipped_to_their_quote(marks: list[Any], words: list[str]) -> None:
    tree = shown(quoted("It burned in 1907.", *marks))
    assert [each.text_content() for each in tree.iter("strong")] == words
    assert tree.find(".//mark").text_content() == "It burned in 1907."


@pytest.mark.parametrize("marks", [None, 5, "abc", {}, {"a": 1}])
def test_marks_that_are_no_list_are_none(marks: Any) -> None:
    row = quoted("It burned in 1907.")
    row["detail"]["citations"][0]["marks"] = marks
    assert not list(shown(row).iter("strong"))


@given(
    text=st.text(min_size=1),
    marks=st.lists(st.lists(st.integers(90, 150) | st.none(), min_size=1, max_size=3), max_size=5),
)
@example(text="<b>&amp;</b>\r\n\x1b", marks=[[101, 103], [102, 110]])
@settings(max_examples=100, deadline=None)
def test_any_quote_with_any_marks_is_the_same_text(text: str, marks: list[Any]) -> None:
    (mark,) = shown(quoted(text, *marks)).iter("mark")
    assert mark.text_content() == plain(text)


# --- hostile text --------------------------------------------------------------------------


MARKUP = [
    SCRIPT,
    "</title></style></script></blockquote><!-- <style>*{}",
    "'\"><img src=http://evil.example/x onerror=alert(1)>",
    '" onfocus="alert(1)" autofocus="',
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &#60; &",
    "javascript:alert(1)",
    LINE,
    HUGE,
]


@pytest.mark.parametrize("text", MARKUP)
def test_nothing_that_is_said_is_markup(text: str) -> None:
    plainly = parsed(page(hostile("a"), "a", figures=[("a", "a")]))
    html = page(hostile(text), text, figures=[(text, text)])
    tree = parsed(html)
    assert [each.tag for each in tree.iter()] == [each.tag for each in plainly.iter()]
    assert {name for each in tree.iter() for name in each.attrib} <= {
        name for each in plainly.iter() for name in each.attrib
    }
    assert [each.get("id") for each in tree.iter()] == [each.get("id") for each in plainly.iter()]
    assert not dangerous(html) - {"\n", "\t"}
    line = one_line(text)
    assert texts(tree, "h1") == [line] and texts(tree, "article/h2") == [line] * 3
    assert texts(tree, ".reason")[0].endswith(line)
    assert [each.text_content() for each in tree.iter("mark")] == [plain(text)] * 2
    assert tree.xpath("//option/@data-name") == [line]


def test_halves_of_characters_are_written_out() -> None:
    assert "a \\ud83d b" in page([quoted("a \ud83d b")], "x").encode("utf-8").decode("utf-8")


def test_a_language_that_is_none_is_not_named() -> None:
    row = detailed("1", replace(stone(), language="no language!"))
    row["detail"]["citations"][0]["language"] = None
    assert set(shown(row).xpath("//article//@lang")) == {"en"}  # of the words around the answer
