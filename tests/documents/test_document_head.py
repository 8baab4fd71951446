"""Held: a text's own first lines say of which day it is and what it is called; what only looks so is left alone."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import docx
import pytest
from document_files import make_docx

from rag.documents.document import read

PROSE = "Der Steg am Bach ist alt und wackelt. Niemand geht gern darüber."


def _read(text: str, ending: str = ".txt") -> tuple[str | None, str]:
    document = read(Path(f"a{ending}"), raw=text.encode())
    return document.date, document.title


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Rechnungsdatum: 14. Mai 2024", "2024-05-14"),
        ("Datum: 16. März 2024", "2024-03-16"),
        ("Date: 3 May 2024", "2024-05-03"),
        ("Stand: 01.02.2025", "2025-02-01"),
        ("**Datum:** Samstag, 16. März 2024, 19:00 Uhr", "2024-03-16"),
        ("- Ausgestellt am: 3. Mai 2024", "2024-05-03"),
        ("Issued: May 3rd, 2024", "2024-05-03"),
        ("Datum\t16.03.2024", "2024-03-16"),
        ("Druckdatum     16.03.24", "2024-03-16"),
        ("Lübeck, den 3. Oktober 2023", "2023-10-03"),
        ("Lübeck den 3. Oktober 2023", "2023-10-03"),
        ("Frankfurt am Main, 03.10.2023", "2023-10-03"),
        ("New York, January 12, 2024", "2024-01-12"),
        ("12 January 2024", "2024-01-12"),
        ("Gültig bis: 3.5.2026", None),
        ("Valid from: 3 May 2026", "2026-05-03"),  # its versions differ in that
        ("Valid from 3 May 2024", "2024-05-03"),
        ("Valid from 3 May 2024 to 2 May 2025", "2024-05-03"),
        ("Gültig ab 3. Mai 2024. Alle Preise in Euro.", "2024-05-03"),
        ("Die Satzung gilt ab dem 3. Mai 2024 für alle", None),
        ("Valid until 3 May 2024", None),
        ("Open from 3 May 2024", None),
        ("To: Ms Ada Kern, 9 Quay Lane. Date of invoice: 3 May 2024. Due by 2 June 2024.", "2024-05-03"),
        ("Date: 3 May 2024. Present: Ada Kern, Tom Bell.", "2024-05-03"),
        ("Kunde: Herr Kern, Hafenweg 17, 23552 Lübeck Rechnungsdatum: 3. Mai 2024", "2024-05-03"),
        ("Am Montag sagte er es Frau Kern und mir, und zwar am Dienstag: 3. Mai 2024", None),
        ("Tuesday 7 May 2024, 19:30, Town Hall", "2024-05-07"),
        ("Lakeside Rowing Club, 14 February 2026, 19:00, boathouse", "2026-02-14"),
        ("Kleingartenverein Sonnenhang, 7. Mai 2024, 19 Uhr, Vereinsheim", "2024-05-07"),
        ("Garden Club, 7 May 2024, Town Hall", "2024-05-07"),
        ("Tuesday 7 May 2024, 7.30 pm, back room of the Swan", "2024-05-07"),
        ("7 May 2024, 19:30: Ada Kern resigned", None),
        ("7 May 2024, 19:30, Ada Kern resigned and left the hall", None),
        ("Ada Kern, 7 May 2024, resigned", None),
        ("Next meeting, 7 May 2024, 19:30, boathouse", None),
        ("Tuesday 7 May 2024", "2024-05-07"),
        ("Dienstag 7. Mai 2024", "2024-05-07"),
        ("7 May 2024, Ada Kern resigned", None),
        ("3. Mai 2024 Lübeck Markt", None),
        ("Abgabe: bis 3.5.2026", None),
        ("Zeitraum: 3. Mai 2024 bis 5. Mai 2024", None),
        ("Hin und zurück: 3. Mai 2024, 5. Mai 2024", None),
        ("Termin: 3. Mai 2024 mit allen Kindern", None),
        ("Stand: Mai 2024", None),
        ("Date: 03/05/2024", None),  # who knows
        ("Gegründet: 3. Mai 1945", None),
        ("Er ging im Streit, 3. Mai 2024", None),
        ("Rechnung 12 zum Auftrag 7 aus Lübeck, 3. Mai 2024", None),
        ("| Datum | 3. Mai 2024 |", None),
    ],
)
def test_a_line_near_the_head_that_is_only_a_date_and_its_label_or_place_dates_the_text(
    line: str, date: str | None
) -> None:
    for ending in (".txt", ".md"):
        assert _read(f"Der Steg\n\n{line}\n\n{PROSE}", ending)[0] == date, ending


def test_of_several_dated_lines_the_first_holds_unless_one_is_labelled_date_alone() -> None:
    invoice = "Rechnung\nRechnungsdatum: 14.05.2024\nLieferdatum: 10.05.2024\nFällig am: 28.05.2024\n\n"
    assert _read(invoice + PROSE)[0] == "2024-05-14"
    letter = "Ulm\nIhr Schreiben vom: 12.09.2023\nUnser Zeichen: ab\nDatum: 03.10.2023\n\n"
    assert _read(letter + PROSE)[0] == "2023-10-03"


def test_an_own_day_goes_before_that_from_which_a_text_holds() -> None:
    assert _read(f"Preisliste\nGültig ab 1. März 2024\nStand: 12. Januar 2024\n\n{PROSE}")[0] == "2024-01-12"


def test_a_calendar_has_no_date() -> None:
    days = "".join(f"{name}: {day}. Mai 2025\n" for day, name in enumerate(("Konzert", "Ausflug", "Wahl", "Fest"), 3))
    assert _read(f"Kalender\n{days}\n{PROSE}")[0] is None


def test_a_dated_line_far_below_code_and_a_day_in_prose_date_nothing() -> None:
    assert _read(f"Der Steg\n\n{PROSE * 12}\n\nDatum: 16. März 2024\n")[0] is None
    assert _read("Der Steg\n" + "Er ist alt.\n" * 15 + "Datum: 16. März 2024\n")[0] is None
    assert _read(f"# Der Steg\n\n```\nDatum: 16. März 2024\n```\n\n{PROSE}", ".md")[0] is None
    assert _read(f"Der Steg\n\nDatum: Am 16. März 2024 brach er.\n\n{PROSE}")[0] is None


def test_what_front_matter_says_goes_before_the_lines() -> None:
    assert _read(f"---\ndate: 2024-11\n---\n# Der Steg\n\nDatum: 16. März 2024\n\n{PROSE}", ".md")[0] == "2024-11"


def test_what_a_word_file_says_of_itself_goes_before_the_day_it_was_changed() -> None:
    word = docx.Document(io.BytesIO(make_docx("# Der Steg", "Datum: 16. März 2024", PROSE)))
    word.core_properties.modified, word.core_properties.comments = datetime(2025, 1, 2), ""
    stream = io.BytesIO()
    word.save(stream)
    document = read(Path("a.docx"), raw=stream.getvalue())
    assert (document.date, document.title) == ("2024-03-16", "Der Steg")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Lübeck, den 3. Oktober 2023\n\nKündigung der Wohnung\n\n", "Kündigung der Wohnung"),
        ("Bad Oldesloe, den 03.10.2023\nKündigung der Wohnung\n\n", "Kündigung der Wohnung"),
        ("London, 3 May 2024\n\nDear Ms Kern,\n\n", "Dear Ms Kern…"),
        ("Datum: 2. März 2024\n\nSitzung des Vorstands\n\n", "Sitzung des Vorstands"),
        ("3. Oktober 2023\n\nAm Bach\n\n", "Am Bach"),
        ("Minutes, 12 May 2024\n\nPresent were all.\n\n", "Minutes, 12 May 2024"),  # no place
        ("Sitzung am 3. März 2025\n\n", "Sitzung am 3. März 2025"),
        ("Lübeck, den 3. Oktober 2023", "Lübeck, den 3. Oktober 2023"),  # there is nothing else
    ],
)
def test_a_line_of_place_and_day_is_no_title(text: str, title: str) -> None:
    more = PROSE if text.endswith("\n") else ""
    assert _read(text + more)[1] == title


def test_a_heading_of_place_and_day_is_no_title_and_one_of_a_diary_is() -> None:
    assert _read(f"# Lübeck, den 3. Oktober 2023\n\nKündigung\n\n{PROSE}", ".md")[1] == "Kündigung"
    assert _read(f"# 3. Oktober 2023\n\n{PROSE}", ".md")[1] == "3. Oktober 2023"


LONG = "Protokoll der Vorstandssitzung des Kleingartenvereins Abendrot"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{LONG}\nDatum: 2. März 2024\nAnwesend: Kern, Maurer\n\n", LONG),
        (f"{LONG}\r\nOrt: Vereinsheim\r\n\r\n", LONG),
        (f"{LONG}\nAnwesend waren alle.\n\n", f"{LONG}…"),
        ("Richtlinie für die\nVergabe der Gärten\n\n", "Richtlinie für die Vergabe der Gärten"),
        ("Ein alter Steg\nam Bach\n\n", "Ein alter Steg am Bach"),
        ("|Ort|Ab|\n|-|-|\n|Ulm|8:10|\n\n", "a"),
        ("\ufeff| Ort | Ab |\n| - | - |\n| Ulm | 8:10 |\n\n", "a"),
        ("### Der Steg ###\n\n", "Der Steg"),
        ("**Der Steg**\n\n", "Der Steg"),
        ("Ulm, den 3. Mai 2023\n\n|Ort|Ab|\n|-|-|\n|Ulm|8:10|\n\n", "Der Steg am Bach ist alt und wackelt…"),
    ],
)
def test_a_title_ends_with_its_line_and_has_no_signs_of_markup(text: str, title: str) -> None:
    assert _read(text + PROSE)[1] == title
