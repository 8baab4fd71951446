"""Held: what is shown is the original, the words that answer are marked, and nothing is shown where none does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering import sentence_selection
from rag.answering.query import understood
from rag.answering.sentence_selection import Quote, Selection
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

TEXTS = {
    "ofen.txt": "Der neue Ofen der Ziegelei spart 40 Prozent Gas. Die Öfen der Nachbarn sind älter. "
    "Am Sonntag besuchte die Bürgermeisterin Karla Ruhn die Ziegelei.",
    "market.txt": "The market hall was painted green. The mayor opened it on 3 May 1998 in front of 600 guests.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("texts")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Library(tmp_path_factory.mktemp("library"), create=True) as library:
        index([str(folder)], library, embedder)
        yield library


def select(question: str, library: Library, embedder: Embedder, reader: Reader) -> list[Quote]:
    return list(chosen(question, library, embedder, reader).quotes)


def chosen(question: str, library: Library, embedder: Embedder, reader: Reader) -> Selection:
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    return sentence_selection.select(sentence_selection.weigh(understood(search), passages, library), reader)


def test_an_english_question_is_answered_by_the_german_sentence_itself(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    quote = select("How much gas does the brickworks' new kiln save?", library, embedder, reader)[0]
    assert quote.text == "Der neue Ofen der Ziegelei spart 40 Prozent Gas."
    assert quote.text == quote.document.text[quote.start : quote.end]
    assert [quote.document.text[start:end] for start, end in quote.marks] == ["40 Prozent"]


def test_a_german_quote_under_an_english_question_carries_its_gloss(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    quote = select("How much gas does the brickworks' new kiln save?", library, embedder, reader)[0]
    assert "40 percent gas" in quote.gloss.lower()
    assert "Ziegelei" not in quote.gloss


@pytest.mark.parametrize(
    "question",
    ["Wie viel Gas spart der neue Ofen?", "Vor wie vielen Gästen öffnete die Bürgermeisterin die Markthalle?"],
)
def test_a_german_reader_gets_no_gloss(question: str, library: Library, embedder: Embedder, reader: Reader) -> None:
    found = select(question, library, embedder, reader)
    assert found and not any(quote.gloss for quote in found)


@pytest.mark.parametrize(
    "question",
    [
        "What did the mayor Karla Ruhn visit?",
        "How much gas does the brickworks' new kiln save?",
        "When did the mayor open the market hall?",
        "Wann wurde die Markthalle eröffnet?",
        "Vor wie vielen Gästen öffnete die Bürgermeisterin die Markthalle?",
    ],
)
def test_marks_always_lie_inside_their_quote(
    question: str, library: Library, embedder: Embedder, reader: Reader
) -> None:
    quotes = select(question, library, embedder, reader)
    assert quotes and all(quote.marks for quote in quotes)
    for quote in quotes:
        assert all(quote.start <= start < end <= quote.end for start, end in quote.marks)


def test_words_that_the_question_holds_in_its_own_language_are_not_marked(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    quote = select("What did the mayor Karla Ruhn visit?", library, embedder, reader)[0]
    marked = " ".join(quote.document.text[start:end] for start, end in quote.marks)
    assert "Bürgermeisterin" not in marked


@pytest.mark.parametrize("question", ["Who composed the opera?", "Wie heißt der Torwart?"])
def test_what_the_documents_do_not_say_gives_no_quote(
    question: str, library: Library, embedder: Embedder, reader: Reader
) -> None:
    assert select(question, library, embedder, reader) == []


def test_a_list_item_without_a_full_stop_is_evidence_and_a_heading_is_not(
    tmp_path: Path, embedder: Embedder, reader: Reader
) -> None:
    items = "- pedestrians 3 crowns\n- cyclists 5 crowns\n"
    fares = f"# Fares of the ferry\n\n## Fares of the ferry for one crossing\n\n{items}"
    (tmp_path / "fares.md").write_text(fares, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "fares.md")], library, embedder)
        found = chosen("What is the fare of the ferry for cyclists?", library, embedder, reader)
    assert [each.option.text for each in found.read] == ["cyclists 5 crowns", "pedestrians 3 crowns"]


@pytest.mark.parametrize(
    ("text", "question", "weighed"),
    [
        (
            "Boat hire\n\nPrices for members\n\n"
            "Rowing boat for an hour: four crowns\nDeposit for each boat: a passport\n\n"
            "The hut is closed in winter.\n",
            "What is the deposit for a boat?",
            {
                "Rowing boat for an hour: four crowns",
                "Deposit for each boat: a passport",
                "The hut is closed in winter.",
            },
        ),
        (
            "Bootsverleih\n\nPreise für Mitglieder\n\n"
            "Ruderboot eine Stunde lang: vier Kronen\nPfand für jedes Boot: ein Ausweis\n\n"
            "Die Hütte ist im Winter geschlossen.\n",
            "Was ist das Pfand für ein Boot?",
            {
                "Ruderboot eine Stunde lang: vier Kronen",
                "Pfand für jedes Boot: ein Ausweis",
                "Die Hütte ist im Winter geschlossen.",
            },
        ),
    ],
)
def test_lines_of_a_form_are_evidence_and_what_chunks_take_for_headings_is_not(
    text: str, question: str, weighed: set[str], tmp_path: Path, embedder: Embedder
) -> None:
    (tmp_path / "hire.txt").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "hire.txt")], library, embedder)
        search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
        pool = sentence_selection.weigh(understood(search), passages, library).pool
    assert {option.text for option in pool} == weighed


def read_by_the_llm(question: str, text: str, tmp_path: Path, embedder: Embedder) -> dict[str, str]:
    """Return what the sentences of a text are weighed as, by what they say."""
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "a.txt")], library, embedder)
        search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
        weighed = sentence_selection.weigh(understood(search), passages, library)
    return {option.text: option.in_context for option in weighed.pool}


def test_a_field_says_what_it_says_of_the_sentence_before_it(tmp_path: Path, embedder: Embedder) -> None:
    text = "Der Hofladen in der Lindenstr. 4 hat neu geöffnet. Verkauf: Mo.-Fr. 8-12 Uhr. Er führt 40 Käse."
    found = read_by_the_llm("Wann hat der Hofladen am Freitag geöffnet?", text, tmp_path, embedder)
    assert found["Verkauf: Montag-Freitag 8-12 Uhr."] == (
        "Der Hofladen in der Lindenstraße 4 hat neu geöffnet. Verkauf: Montag-Freitag 8-12 Uhr."
    )


@pytest.mark.parametrize(
    ("question", "hangs"),
    [
        ("Was kostet die Erneuerung der Orgel?", True),
        ("Wie viele Pfeifen hat die Orgel?", False),  # it has a figure, and no word of the question
        ("Wer erneuert die Orgel?", False),
    ],
)
def test_a_pronoun_with_the_figure_and_a_word_that_are_asked_for_stands_for_what_went_before(
    question: str, hangs: bool, tmp_path: Path, embedder: Embedder
) -> None:
    text = "Die Erneuerung der Orgel beginnt im Mai. Sie wird nach Schätzung des Küsters 64.000 Euro kosten."
    found = read_by_the_llm(question, text, tmp_path, embedder)
    (context,) = (context for said, context in found.items() if said.startswith("Sie wird"))
    assert context.startswith("Die Erneuerung") == hangs


def test_a_line_that_names_the_title_is_no_evidence(tmp_path: Path, embedder: Embedder, reader: Reader) -> None:
    (tmp_path / "b.eml").write_text(
        "From: a@b.example\nSubject: Der Schlüssel\n\nDer Schlüssel liegt bei Frau Nolte.\n", encoding="utf-8"
    )
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "b.eml")], library, embedder)
        found = select("Wo liegt der Schlüssel?", library, embedder, reader)
    assert [quote.text for quote in found][:1] == ["Der Schlüssel liegt bei Frau Nolte."]


def test_a_title_is_no_evidence_however_it_is_spaced_and_a_gloss_has_abbreviations_in_full(
    tmp_path: Path, embedder: Embedder, reader: Reader
) -> None:
    text = "Fähre zur Insel Möhn       gültig ab 1.4.2031\n\nDie Fähre zur Insel fährt Mo.-Fr. um 7 Uhr.\n"
    (tmp_path / "ferry.txt").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "ferry.txt")], library, embedder)
        (quote,) = select("When does the ferry to the island leave?", library, embedder, reader)
    assert quote.text == "Die Fähre zur Insel fährt Mo.-Fr. um 7 Uhr."
    assert "Monday" in quote.gloss and "Friday" in quote.gloss
