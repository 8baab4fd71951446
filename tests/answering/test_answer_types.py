"""Held: what kind of thing a question asks for is seen in eight languages, and unknown in others."""

from __future__ import annotations

import pytest

from rag.answering.answer_types import answer_type


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did the mill burn?", "time"),
        ("Since when does the bridge stand?", "time"),
        ("In which year was the ferry sold?", "time"),
        ("Wann brannte die Mühle?", "time"),
        ("In welchem Jahr wurde die Fähre verkauft?", "time"),
        ("Um wie viel Uhr fährt die Fähre?", "time"),
        ("How many guests came?", "number"),
        ("How tall is the tower?", "number"),
        ("What percentage of the guests stayed?", "number"),
        ("Wie viele Gäste kamen?", "number"),
        ("Wie hoch ist der Turm?", "number"),
        ("Wieviel kostete die Fähre?", "number"),
        ("Welcher Anteil der Gäste blieb?", "number"),
        ("Was kostet die Überfahrt?", "number"),
        ("Was verdient ein Fährmann?", "number"),
        ("What does the crossing to the island cost?", "number"),
        ("What costs nothing?", "thing"),
        ("Who built the tower?", "person"),
        ("Whose boat sank?", "person"),
        ("Wer baute den Turm?", "person"),
        ("Wem gehört das Boot?", "person"),
        ("Where does the tower stand?", "place"),
        ("In which town does the tower stand?", "place"),
        ("Wo steht der Turm?", "place"),
        ("Woher kam die Fähre?", "place"),
        ("In welcher Stadt steht der Turm?", "place"),
        ("Why did the boat sink?", "thing"),
        ("What did the baker sell?", "thing"),
        ("Warum sank das Boot?", "thing"),
        ("Was verkaufte der Bäcker?", "thing"),
    ],
)
def test_the_kind_of_thing_asked_for_is_seen_in_both_languages(question: str, kind: str) -> None:
    for language in ("de", "en"):  # told apart by few words
        assert answer_type(question, language) == answer_type(question.upper(), language) == kind


@pytest.mark.parametrize(
    "question", ["When the mill burned, what was lost?", "Als die Mühle brannte, was ging verloren?"]
)
def test_a_subordinate_clause_of_time_asks_for_no_time(question: str) -> None:
    assert {answer_type(question, language) for language in ("de", "en")} == {"thing"}


@pytest.mark.parametrize("question", ["What about whales and wholes?", "Was werden Werften wohl tun?"])
def test_a_question_word_inside_another_word_asks_for_nothing(question: str) -> None:
    assert {answer_type(question, language) for language in ("de", "en")} == {"thing"}


@pytest.mark.parametrize(
    ("language", "question", "kind"),
    [
        ("es", "¿Desde cuándo funciona el molino?", "time"),
        ("es", "¿A qué hora cierra la biblioteca?", "time"),
        ("es", "¿En qué año se hundió el barco?", "time"),
        ("es", "¿Cuántas ovejas perdió el pastor?", "number"),
        ("es", "Cuanto mide la torre", "number"),
        ("es", "¿Qué altura tiene la torre?", "number"),
        ("es", "¿Cuál es el precio del billete?", "number"),
        ("es", "¿A quién vendió la finca?", "person"),
        ("es", "¿De dónde viene el agua?", "place"),
        ("es", "¿En qué pueblo nació?", "place"),
        ("es", "¿Por qué se hundió el barco?", "thing"),
        ("es", "¿Qué vendía el panadero?", "thing"),
        ("es", "Cuando ardió el molino, ¿qué se perdió?", "thing"),
        ("fr", "Quand le phare a-t-il été construit ?", "time"),
        ("fr", "À quelle heure ferme la bibliothèque ?", "time"),
        ("fr", "En quelle année le bateau a-t-il coulé ?", "time"),
        ("fr", "Combien de moutons le berger a-t-il perdus ?", "number"),
        ("fr", "Quelle est la hauteur de la tour ?", "number"),
        ("fr", "Quel âge a le meunier ?", "number"),
        ("fr", "Qui a vendu la ferme ?", "person"),
        ("fr", "À qui appartient le bateau ?", "person"),
        ("fr", "D'où vient l'eau ?", "place"),
        ("fr", "Dans quelle ville est-il né ?", "place"),
        ("fr", "Pourquoi le bateau a-t-il coulé ?", "thing"),
        ("fr", "Qu'est-ce qui a détruit la récolte ?", "thing"),
        ("fr", "Quelle est la tour qui penche ?", "thing"),
        ("fr", "Quand le moulin a brûlé, qu'a-t-on perdu ?", "thing"),
        ("it", "Quando è affondata la barca?", "time"),
        ("it", "A che ora chiude la biblioteca?", "time"),
        ("it", "Quante pecore ha perso il pastore?", "number"),
        ("it", "Quant'è alta la torre?", "number"),
        ("it", "Qual è il prezzo del biglietto?", "number"),
        ("it", "A chi ha venduto il podere?", "person"),
        ("it", "Dov'è nato il pittore?", "place"),
        ("it", "Perché è affondata la barca?", "thing"),
        ("it", "Che cosa vendeva il fornaio?", "thing"),
        ("nl", "Wanneer zonk het schip?", "time"),
        ("nl", "Hoe laat sluit de bibliotheek?", "time"),
        ("nl", "Hoeveel schapen verloor de herder?", "number"),
        ("nl", "Hoe hoog is de toren?", "number"),
        ("nl", "Wat kost een kaartje?", "number"),
        ("nl", "Wie verkocht de hoeve?", "person"),
        ("nl", "Waar staat de molen?", "place"),
        ("nl", "Waarom zonk het schip?", "thing"),
        ("nl", "Wat verkocht de bakker?", "thing"),
        ("pl", "Kiedy zatonął statek?", "time"),
        ("pl", "O której zamykają bibliotekę?", "time"),
        ("pl", "W którym roku zbudowano wieżę?", "time"),
        ("pl", "Ile owiec stracił pasterz?", "number"),
        ("pl", "Jak wysoka jest wieża?", "number"),
        ("pl", "Komu sprzedano gospodarstwo?", "person"),
        ("pl", "Skąd pochodzi woda?", "place"),
        ("pl", "Dlaczego statek zatonął?", "thing"),
        ("pt", "Quando afundou o barco?", "time"),
        ("pt", "A que horas fecha a biblioteca?", "time"),
        ("pt", "Quantas ovelhas perdeu o pastor?", "number"),
        ("pt", "Qual é a altura da torre?", "number"),
        ("pt", "A quem foi vendida a quinta?", "person"),
        ("pt", "De onde vem a água?", "place"),
        ("pt", "Porque afundou o barco?", "thing"),
    ],
)
def test_it_is_seen_in_six_more_languages(language: str, question: str, kind: str) -> None:
    assert answer_type(question, language) == kind


def test_one_spelling_asks_for_other_things_in_other_languages() -> None:
    assert answer_type("Wie alt ist die Frau?", "de") == "number"
    assert answer_type("Wie is de burgemeester?", "nl") == "person"
    assert answer_type("Who knows?", "nl") == "thing"


@pytest.mark.parametrize("question", ["Hur många båtar sjönk?", "Wann?", "", "Когда сгорела мельница?"])
def test_where_a_language_has_no_rules_it_is_unknown(question: str) -> None:
    assert {answer_type(question, language) for language in ("sv", "ru", "eu", "")} == {"unknown"}
