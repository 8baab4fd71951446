"""Held: a question that a document poses is no evidence, what answers it below is, and what somebody asked is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from choosing import chosen
from library_fixtures import fill

from rag.answering.asking_sentences import asks
from rag.answering.candidate_sentences import candidates
from rag.answering.query import understood
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

_TEXTS = {
    "werkstatt.txt": """Fragen an die Fahrradwerkstatt Speichenhof

Wie lange dauert eine Durchsicht?
Meist zwei Tage, im April eher eine Woche.

Was kostet die Durchsicht?
Für Erwachsenenräder 45 Euro, für Kinderräder 25 Euro.

Muss ich einen Termin machen?
Ja, am besten telefonisch am Vormittag.

Before you come

Bring the key of your lock.""",
    "allotment.md": """# Allotment Hillside

**Q: How big is a plot?**
A: About 200 square metres, and half that for beginners.

**Q: May I keep hens?**
A: Up to six hens, but no cockerel.""",
    "pool.md": """# Swimming course

## When does the course begin?

On the first Monday after Easter, in the small basin.

## Who teaches it?

A trainer from the lifeguards of Corve.""",
    "nachbarin.txt": """Liebe Frau Ammer,

ab Freitag sind wir zwei Wochen an der Ostsee.

Könnten Sie jeden dritten Tag die Geranien am Küchenfenster gießen?

Herzlichst
Ihre Nachbarin Wilma""",
    "minutes.txt": "The chair opened the meeting. Ms Oduya asked: Who pays for the broken slide? "
    'Mr Falk said, "Shall we sell the old piano to the school?" Nobody answered him.',
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("asking")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Wie lange dauert eine Durchsicht?", "Meist zwei Tage"),
        ("Was kostet die Durchsicht?", "Für Erwachsenenräder 45 Euro"),
        ("How much does a check of a children's bicycle cost?", "Für Erwachsenenräder 45 Euro"),
        ("Braucht man einen Termin?", "Ja, am besten telefonisch"),
        ("How big is a plot?", "A: About 200 square metres"),
        ("Wie viele Hühner darf ich halten?", "A: Up to six hens"),
        ("When does the course begin?", "On the first Monday after Easter"),
        ("Who teaches the course?", "A trainer from the lifeguards"),
        ("Wie oft sollen die Geranien gegossen werden?", "Könnten Sie jeden dritten Tag"),
        ("What did Mr Falk say about the piano?", "Mr Falk said"),
    ],
)
def test_the_line_below_a_question_answers_it_and_not_the_question(
    library: Library, embedder: Embedder, reader: Reader, question: str, first: str
) -> None:
    quotes = chosen(question, library, embedder, reader).quotes
    assert quotes and quotes[0].text.startswith(first)
    for quote in quotes:
        assert all(quote.start <= start < end <= quote.end for start, end in quote.marks)


def test_no_question_of_an_faq_may_be_quoted_and_what_follows_hangs_on_it(library: Library, embedder: Embedder) -> None:
    search, passages = retrieve("Wie lange dauert eine Durchsicht?", library, SqliteStore.of(library), embedder, 8)
    pool = {each.text: each for each in candidates(understood(search), passages)}
    assert not any(text.endswith("?") for text in pool if "Durchsicht" in text)
    below = pool["Meist zwei Tage, im April eher eine Woche."]
    assert below.in_context.startswith("Wie lange dauert eine Durchsicht? Meist")
    assert below.answers == "Wie lange dauert eine Durchsicht?"


def test_what_stands_under_a_heading_answers_no_question_above_it(library: Library, embedder: Embedder) -> None:
    search, passages = retrieve("May I come unannounced?", library, SqliteStore.of(library), embedder, 8)
    pool = {each.text: each.answers for each in candidates(understood(search), passages)}
    assert pool["A trainer from the lifeguards of Corve."] == ""
    assert pool["Bring the key of your lock."] == ""


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Wohin mit dem Altglas?", True),
        ("**3. Is there parking?**", True),
        ("## Qui peut participer ?", True),
        ("Q2: Which bus goes there?", True),
        ("F: Wer darf mit?", True),
        ("Ms Oduya asked: Who pays for it?", False),
        ("„Wer zahlt das?“", False),
        ('Mr Falk said, "Shall we sell it?"', False),
        ("He wondered (why?) and left.", False),
        ("Robert: Wer hat den Schlüssel?", False),
        ("Open the valve.", False),
        ("", False),
        ("?", True),
    ],
)
def test_a_question_is_told_from_one_that_somebody_asked(text: str, is_one: bool) -> None:
    assert asks(text) is is_one
