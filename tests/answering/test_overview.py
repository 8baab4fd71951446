"""Held: a question about the library as a whole is answered with what mentions the thing, or with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from library_fixtures import fill

from rag.answering.overview import Overview, _shortened, overview
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.index import hybrid_search
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder

_TEXTS = {
    "ferry.txt": "The ferry to Ardnish\n\nThe ferry leaves at nine. Its master is Ada Crome. Dogs travel free.",
    "faehre.txt": "Die Überfahrt nach Sanddeich\n\nDie Fähre legt um neun Uhr ab. Hunde fahren umsonst mit.",
    "bees.md": "# Bees of the Vell valley\n\nThe keeper owns forty hives. Their honey is sold in June.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("overview")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


def asked(question: str, library: Library, embedder: Embedder) -> Overview | None:
    query = hybrid_search.prepare(question, library, embedder)
    return overview(query, question, library, SqliteStore.of(library), embedder)


def answer(question: str, library: Library, embedder: Embedder) -> Overview:
    found = asked(question, library, embedder)
    assert found is not None
    return found


def said(found: Overview) -> str:
    return " ".join(statement.text for statement in found.statements)


@pytest.mark.parametrize(
    ("question", "words", "quotes"),
    [
        ("How many documents mention the ferry?", "2 of 3 documents mention “the ferry”:", ["ferry", "Fähre"]),
        ("Welche Dokumente erwähnen die Fähre?", "2 von 3 Dokumenten erwähnen", ["ferry", "Fähre"]),
        ("Which documents mention elephants?", "None of the 3 documents mentions “elephants”.", []),
        ("Which documents mention Ada Crome?", "1 of 3 documents mentions", ["Ada Crome"]),
    ],
)
def test_each_document_that_mentions_a_thing_is_shown_with_the_sentence(
    library: Library, embedder: Embedder, question: str, words: str, quotes: list[str]
) -> None:
    found = answer(question, library, embedder)
    assert (found.status, said(found).startswith(words)) == ("about", True)
    assert len(found.quotes) == len(quotes)
    assert all(any(word in quote.text for quote in found.quotes) for word in quotes)


@pytest.mark.parametrize(
    "question", ["What is in here?", "Worum geht es in meinen Dokumenten?", "Summarise everything."]
)
def test_what_there_is_is_shown_by_titles_and_first_sentences(
    library: Library, embedder: Embedder, question: str
) -> None:
    found = answer(question, library, embedder)
    assert {quote.text for quote in found.quotes} == {
        "The ferry leaves at nine.",
        "Die Fähre legt um neun Uhr ab.",
        "The keeper owns forty hives.",
    }
    assert "Bees of the Vell valley" in said(found)


def test_a_summary_is_how_the_document_begins(library: Library, embedder: Embedder) -> None:
    found = answer("Summarise the report on bees.", library, embedder)
    assert [quote.text for quote in found.quotes] == ["The keeper owns forty hives.", "Their honey is sold in June."]
    assert "no summaries" in said(found)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Fasse das Protokoll des Gartenvereins kurz zusammen.", "Sitzung im Mai"),
        ("Fasse das Dokument der Hausverwaltung zusammen.", "Nebenkosten"),
    ],
)
def test_a_document_to_be_summarised_is_found_by_a_name_that_its_text_does_not_hold(
    tmp_path: Path, embedder: Embedder, question: str, title: str
) -> None:
    texts = {
        "protokoll-gartenverein_2024.txt": "Sitzung im Mai\n\nDer Zaun wird im Juni gestrichen.",
        "brief_hausverwaltung.txt": "Nebenkosten\n\nDie Abrechnung kommt im Herbst.",
    }
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, texts, embedder)
        found = answer(question, library, embedder)
    assert said(found).startswith(f"Beleg schreibt keine Zusammenfassungen. So beginnt „{title}“:")


LETTERS = {
    "scan01.txt": "Hausverwaltung Kranz GmbH\nAm Wall 3, Lübeck\n\nHerrn Jonas Weber\n\nIhre Nebenkosten\n\n"
    "Sehr geehrter Herr Weber, die Abrechnung kommt im Herbst.",
    "scan02.txt": "Stadtwerke Lübeck\n\nHerrn Jonas Weber\n\nSehr geehrter Herr Weber, der Zähler wird im Mai "
    f"abgelesen. {'Bitte halten Sie den Keller frei. ' * 30}Die Hausverwaltung hat einen Schlüssel.",
    "scan03.txt": "Marlow Property Management\n\nDear Ms Webb, the rent rises in May. Please tell your bank.",
    "b7.md": "# Wartung\n\nDieses Heft gehört zur Kaffeemaschine Aurora. Der Filter wird jeden Monat gereinigt.",
    "notes-3.txt": "Minutes of the allotment society\n\nPresent: six members. The fence is painted in June.",
}


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Fasse den Brief der Hausverwaltung zusammen.", "Hausverwaltung Kranz GmbH"),
        ("Fasse das Schreiben der Stadtwerke zusammen.", "Stadtwerke Lübeck"),
        ("Fasse die Anleitung der Kaffeemaschine zusammen.", "Dieses Heft gehört zur Kaffeemaschine Aurora."),
        ("Summarise the letter of the property management.", "Marlow Property Management"),
        ("Summarise the manual of the coffee machine.", "Dieses Heft gehört zur Kaffeemaschine Aurora."),
        ("Fasse den Bericht des Kleingartenvereins zusammen.", ""),
        ("Fasse den Brief an Jonas Weber zusammen.", ""),  # there are two
    ],
)
def test_a_document_to_be_summarised_is_found_by_its_first_lines_if_they_are_of_one(
    tmp_path: Path, embedder: Embedder, question: str, begins: str
) -> None:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, LETTERS, embedder)
        found = answer(question, library, embedder)
    assert bool(begins) == ("So beginnt" in said(found) or "begins:" in said(found)), said(found)
    assert not begins or any(begins in " ".join(quote.document.text.split()) for quote in found.quotes[:1]), found


def test_a_document_to_be_summarised_that_there_is_not_is_said_not_to_be_found(
    library: Library, embedder: Embedder
) -> None:
    found = answer("Fasse das Protokoll des Gartenvereins kurz zusammen.", library, embedder)
    assert said(found).startswith("Ich finde kein Dokument „") and "Gartenvereins“." in said(found)
    assert "„des" not in said(found)


@pytest.mark.parametrize(
    ("question", "words"), [("Tschüss!", "Auf Wiedersehen."), ("Bis morgen", "Auf Wiedersehen."), ("Bye", "Goodbye.")]
)
def test_who_leaves_is_told_goodbye(library: Library, embedder: Embedder, question: str, words: str) -> None:
    assert said(answer(question, library, embedder)) == words


@pytest.mark.parametrize(
    ("question", "status"), [("Hello", "about"), ("Danke!", "about"), ("What is 2 + 2?", "not_found")]
)
def test_what_asks_for_no_document_gets_no_quote(
    library: Library, embedder: Embedder, question: str, status: str
) -> None:
    found = answer(question, library, embedder)
    assert (found.status, found.quotes) == (status, ())
    assert said(found)


@pytest.mark.parametrize(
    "question",
    ["When does the ferry leave?", "Who owns the hives?", "Wann legt die Fähre ab?", "How many hives does he own?"],
)
def test_an_ordinary_question_is_left_to_the_quotes(library: Library, embedder: Embedder, question: str) -> None:
    assert asked(question, library, embedder) is None


def test_quotes_are_verbatim_and_cited_in_order(library: Library, embedder: Embedder) -> None:
    found = answer("Which documents mention dogs?", library, embedder)
    assert all(quote.text == quote.document.text[quote.start : quote.end] for quote in found.quotes)
    assert [n for each in found.statements for n in each.citations] == list(range(1, len(found.quotes) + 1))


_FILL = "word " * 100


@pytest.mark.parametrize(
    "text",
    [
        f"Short. {_FILL}and so the wagon came to Ardnish",
        f"Short. {_FILL}{_FILL}Ardnish {_FILL}",
        f"Short. {'x' * 390}-{'x' * 100} Ardnish",
        f"Short. {'word ' * 78}to Ardnish. {_FILL}",
        f"Short. {'x' * 600} Ardnish{'y' * 600}",
    ],
)
def test_an_over_long_quote_is_cut_within_itself_and_keeps_the_word_that_mentions_the_thing(text: str) -> None:
    document = Document("a", "/a", "a", "a", None, "en", text, 0, (0,), "")
    start, mark = text.index(" ") + 1, text.index("Ardnish")
    whole = Quote(document, start, len(text), text[start:], 1.0, ((mark, mark + len("Ardnish")),))
    cut = _shortened(whole)
    assert start <= cut.start < cut.end <= len(text) and len(cut.text) <= 410
    assert cut.marks == whole.marks and cut.text == text[cut.start : cut.end]


def test_where_the_whole_name_is_not_mentioned_that_is_said_and_its_end_is_looked_for(
    library: Library, embedder: Embedder
) -> None:
    found = answer("Which documents mention Otto Crome?", library, embedder)
    assert said(found).startswith("None of the 3 documents mentions “Otto Crome”. 1 of 3 documents mentions “Crome”:")
