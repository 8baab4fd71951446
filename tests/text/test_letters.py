"""Held: what greets, signs off and addresses in a letter is told by how it stands, in any language; prose is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.letters import letter

PROSE = "the boiler in your kitchen will be looked at on Thursday morning, so please leave the key next door."
GERMAN = "am Donnerstag wird der Kessel in Ihrer Küche geprüft, bitte hinterlegen Sie den Schlüssel nebenan."


def parts(text: str) -> tuple[str, list[str], list[str]] | None:
    found = letter(text, 0)
    if found is None:
        return None
    cut = [[text[start:end] for start, end in spans] for spans in (found.above, found.closings)]
    return text[slice(*found.salutation)], cut[0], cut[1]


@pytest.mark.parametrize(
    ("text", "greeting", "above", "closings"),
    [
        (
            "Brandt & Sohn\nHafenweg 3, 23552 Lübeck\n\nLübeck, 4. Mai 2023\n\nSehr geehrte Frau Thoms,\n\n"
            f"{GERMAN}\n\nMit besten Grüßen\nOle Brandt",
            "Sehr geehrte Frau Thoms,",
            ["Brandt & Sohn", "Hafenweg 3, 23552 Lübeck", "Lübeck, 4. Mai 2023"],
            ["Mit besten Grüßen"],
        ),
        (
            f"Dear Mrs Lowe,\n\nBoiler check\n\n{PROSE}\n\nYours faithfully,\n\nJ. Harker\n\nEnclosed: one form.",
            "Dear Mrs Lowe,",
            [],
            ["Yours faithfully,"],
        ),
        (f"Hi Sam,\n{PROSE}\n\nCheers,\nRuth\n", "Hi Sam,", [], ["Cheers,"]),
        (f"Liebe Eltern der Klasse 7c,\n\n{GERMAN}\n\nIhre\nA. Kern", "Liebe Eltern der Klasse 7c,", [], ["Ihre"]),
        (
            "Szanowna Pani Nowak,\n\nw czwartek rano sprawdzimy kocioł w Pani kuchni, proszę zostawić klucz.\n\n"
            "Z poważaniem\nJan Kowal",
            "Szanowna Pani Nowak,",
            [],
            ["Z poważaniem"],
        ),
        (
            "Madame,\r\n\r\njeudi matin nous vérifierons la chaudière de votre cuisine, laissez la clé.\r\n\r\n"
            "Salutations distinguées,\r\nLuc Petit\r\n",
            "Madame,",
            [],
            ["Salutations distinguées,"],
        ),
    ],
)
def test_a_letter_is_told_by_how_its_lines_stand(
    text: str, greeting: str, above: list[str], closings: list[str]
) -> None:
    assert parts(text) == (greeting, above, closings)


@pytest.mark.parametrize(
    "text",
    [
        f"The boiler\n\nOn Thursday, {PROSE}",
        "Mrs A. Lowe,\n14 Mill Lane,\nOtley\n\nInvoice 7",
        "O wind that blows,\nO sea that roars,\nwho knows\nwhat lies behind the doors?",
        "Yesterday, after the meeting,\nthe council went home and\nslept.",
        f"Bring along,\n\n- a coat\n- boots\n\n{PROSE}",
        f"In the year 1850,\n\n{PROSE}",
        f"| Dear, |\n\n{PROSE}",
        "",
    ],
)
def test_what_is_no_letter_is_taken_for_none(text: str) -> None:
    assert letter(text, 0) is None


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            "Ole Brandt\n\nAn alle Mieter\n\nLübeck, 4. Mai 2023\n\nPrüfung des Kessels\n\nLiebe Nachbarn,\n\n"
            f"{GERMAN}",
            "Prüfung des Kessels",
        ),
        (f"Ole Brandt\n\nLübeck, 4. Mai 2023\n\nLiebe Nachbarn,\n\n{GERMAN}", None),
        (f"Harker Heating\n\nDear all,\n\n{PROSE}", None),
        (f"Dear all,\n\nBoiler check, Flat 7: a new date\n\n{PROSE}", "Boiler check, Flat 7: a new date"),
    ],
)
def test_what_a_letter_is_about_may_stand_right_above_its_salutation(text: str, subject: str | None) -> None:
    found = letter(text, 0)
    assert found is not None
    assert (text[slice(*found.subject)] if found.subject else None) == subject


def test_a_heading_or_a_dated_list_below_a_salutation_signs_nothing_off() -> None:
    text = f"Dear all,\n\n{PROSE}\n\nDates\n5 May: meeting\n\nWhat it costs\nTen pounds a head.\n\nAs ever,\nRuth Hale"
    assert parts(text) == ("Dear all,", [], ["As ever,"])


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="aB 1,.\n\r\t|#:é", max_size=200), st.integers(0, 20))
def test_any_text_is_looked_at_and_spans_lie_in_it(text: str, body: int) -> None:
    found = letter(text, min(body, len(text)))
    if found is not None:
        for start, end in (found.salutation, *found.above, *found.closings):
            assert body <= start < end <= len(text) and text[start:end] == text[start:end].strip()
