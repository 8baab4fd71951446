"""Held: the words of an answer that answer are its quotes' marked words, or tell what those do; nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_chat import quote, stone, troops
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer import Answer, Citation
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.output.answering_words import answering_spans, statement_lines

TABLE = "| Ferry | Built | Runs |\n|---|---|---|\n| Luise | 1928 | daily |\n"


def document(text: str, language: str = "en") -> Document:
    return Document("0", "/x.md", "x.md", "x", None, language, text, 0, (0,), "0")


def written(answer: Answer, text: str, *citations: int) -> Answer:
    """Return an answer that says this instead, with these citations."""
    return replace(answer, mode="compose", statements=(Statement(text, citations, True),))


def of_row() -> Answer:
    """An answer that is a row of a table, its second cell marked."""
    row = quote(document(TABLE), "| Luise", "daily |", "1928")
    return replace(stone(), statements=(Statement(row.reading.text, (1,), True),), citations=(Citation(1, row, 1),))


def answering(answer: Answer, at: int = 0) -> list[str]:
    statement = answer.statements[at]
    return [statement.text[start:end] for start, end in answering_spans(statement, answer)]


def lines(answer: Answer) -> list[str]:
    statement = answer.statements[0]
    return [statement.text[start:end] for start, end in statement_lines(statement, answer)]


def test_of_a_quote_the_answering_words_are_its_marks() -> None:
    quotes = [quote for citation in troops().citations for quote in [citation.quote]]
    told = tuple(Statement(quote.reading.text, (n,), True) for n, quote in enumerate(quotes, 1))
    answer = replace(troops(), statements=told)
    assert [answering(answer, at) for at in range(3)] == [["11.000"], ["8,000"], ["rund 8.000"]]


@pytest.mark.parametrize(
    ("text", "citations", "words"),
    [
        ("There are 11,000 of them.", (1,), ["11,000"]),
        ("There are eleven thousand of them.", (1,), ["eleven thousand"]),
        ("Some say 11,000, others 8,000.", (1, 2), ["11,000", "8,000"]),
        ("Some say 11,000, others 8,000.", (2,), ["8,000"]),
        ("There are 12,000 of them.", (1, 2), []),
        ("There are 11,000 of them.", (), []),
        ("There are 11,000 of them.", (7,), []),
    ],
)
def test_of_a_written_sentence_they_tell_what_the_marks_of_the_quotes_it_cites_do(
    text: str, citations: tuple[int, ...], words: list[str]
) -> None:
    assert answering(written(troops(), text, *citations)) == words


def test_a_row_of_a_table_is_a_line_a_column_with_the_value_that_answers() -> None:
    assert lines(of_row()) == ["Ferry: Luise", "Built: 1928", "Runs: daily"]
    assert answering(of_row()) == ["1928"]


def test_what_was_written_from_a_row_is_one_line() -> None:
    answer = written(of_row(), "Luise was built in 1928.", 1)
    assert lines(answer) == ["Luise was built in 1928."] and answering(answer) == ["1928"]


@given(st.text(max_size=80), st.lists(st.integers(0, 4), max_size=3))
def test_in_any_statement_they_are_in_order_and_apart(text: str, citations: list[int]) -> None:
    answer = written(troops(), text, *citations)
    ends = [end for span in answering_spans(answer.statements[0], answer) for end in span]
    assert ends == sorted(set(ends)) and all(0 <= end <= len(text) for end in ends)


def test_a_mark_that_reaches_out_of_its_quote_ends_with_it() -> None:
    text = "Before it. The mill burned down in 1907. After it."
    cut = Quote(document(text), 11, 40, text[11:40], 0.9, ((0, 19), (35, 50)))
    answer = replace(stone(), statements=(Statement(cut.text, (1,), True),), citations=(Citation(1, cut, 1),))
    assert answering(answer) == ["The mill", "1907."]
