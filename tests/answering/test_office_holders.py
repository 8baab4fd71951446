"""Held: who holds an office now answers before who held it, and the other way round where that is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from choosing import chosen
from library_fixtures import fill

from rag.answering.office_wordlists import HOLDS, LEFT, asks_for_now
from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

_TEXTS = {
    "bowls.md": """# Bowls club, minutes of 4 March

The outgoing captain, Leonard Frith, thanked the members. Olive Bassett was elected captain.
The green is closed until May.
""",
    "chor.md": """# Kirchenchor, Sitzung vom 9. Mai

Frau Ingrid Pohl tritt als Chorleiterin zurück. Neuer Chorleiter ist Herr Matthias Grau.
Die Noten sind im Schrank.
""",
    "wardens.csv": "Post,Name,From,To\nWarden,Hugh Carew,2001,2014\nWarden,Sybil Tate,2014,\nCook,Ann Moss,2010,\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("offices")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, _TEXTS, embedder)
        yield library


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is the captain of the bowls club?", "Olive Bassett"),
        ("Who was the captain of the bowls club before?", "Leonard Frith"),
        ("Wer ist der Chorleiter?", "Matthias Grau"),
        ("Wer war früher Chorleiterin?", "Ingrid Pohl"),
        ("Who is the warden?", "Sybil Tate"),
        ("Who was the warden until 2014?", "Hugh Carew"),
    ],
)
def test_the_one_of_the_time_that_is_asked_about_comes_first(
    library: Library, embedder: Embedder, reader: Reader, question: str, name: str
) -> None:
    quotes = chosen(question, library, embedder, reader).quotes
    assert quotes and name in quotes[0].text


@pytest.mark.parametrize(
    "text",
    [
        "Mr Alder resigned from the board in spring.",
        "After ten years she stepped down as head coach.",
        "The previous landlord lives in Spain.",
        "Frau Lenz legte ihr Amt nieder.",
        "Herr Beck schied im Herbst als Trainer aus.",
        "Der frühere Direktor lebt in Bonn.",
        "Der scheidende Vorsitzende dankte allen.",
        "Bis 2015 führte Karl Timm das Haus.",
    ],
)
def test_who_left_an_office_is_told(text: str) -> None:
    assert LEFT.search(text) and not HOLDS.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ms Hale took over as head coach.",
        "Her successor is Brian Yates.",
        "The council appointed Dr Finch director.",
        "Frau Sommer übernahm die Leitung.",
        "Zum Obmann wurde Jens Rode gewählt.",
        "Seit 2015 führt Lisa Timm das Haus.",
        "Der jetzige Direktor heißt Ahrens.",
    ],
)
def test_who_holds_an_office_is_told(text: str) -> None:
    assert HOLDS.search(text) and not LEFT.search(text)


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("Who is the mayor?", True),
        ("Who runs the shop?", True),
        ("Wer leitet die Schule?", True),
        ("Wer ist für die Kasse zuständig?", True),
        ("Who was the mayor?", False),
        ("Who founded the school?", False),
        ("Wer gründete die Schule?", False),
        ("Wer hielt die Rede?", False),
        ("Who is the former mayor?", False),
        ("When is the meeting?", False),
    ],
)
def test_a_question_asks_for_now_by_its_verb(question: str, now: bool) -> None:
    assert asks_for_now(question) is now
