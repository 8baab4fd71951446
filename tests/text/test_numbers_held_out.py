"""Held: what `test_numbers` holds, on a table written before the code was first run and never fitted to."""

from __future__ import annotations

import re

import pytest
from test_numbers import bracketed, shown

from rag.text.numbers import find

TABLE = [
    # contracts and invoices
    ("Die Kaltmiete beträgt [845,00 €] monatlich.", "money 845 EUR"),
    ("Die Kaution von [2 535 Euro] ist bis zum [1. April 2021] zu zahlen.", "money 2535 EUR; date 2021-04-01"),
    ("Kündigungsfrist [drei Monate] zum Ende des Quartals", "number 3 month"),
    ("a deposit of [£1,200] within [ten days]", "money 1200 GBP; number 10 day"),
    ("The penalty is [0.5 percent] per week, at most [5%].", "percent 0.5 %; percent 5 %"),
    ("Der Jahresumsatz stieg von [1,2 Mrd. Euro] auf [1,35 Mrd. Euro].", "money 1200000000 EUR; money 1350000000 EUR"),
    ("revenue of [$340 million], up [7.5 percent]", "money 340000000 USD; percent 7.5 %"),
    ("Zwischensumme [12.450,75 EUR]", "money 12450.75 EUR"),
    # timetables
    ("Der Zug hält um [14.05 Uhr] und um [20 Uhr].", "time 14:05; time 20:00"),
    ("The boat leaves at [6.15 a.m.] and [quarter past nine].", "time 06:15; time 09:15"),
    ("Einlass ab [halb sieben], Beginn [Viertel vor acht]", "time 06:30; time 07:45"),
    ("Geöffnet [von 9 bis 12 Uhr] und [14–18 Uhr]", "time 09:00..12:00; time 14:00..18:00"),
    ("open [from 10 a.m. to 6 p.m.]", "time 10:00..18:00"),
    ("[zwanzig vor elf]", "time 10:40"),
    ("at [twenty-five to four]", "time 03:35"),
    # minutes, letters, articles
    ("Am [Donnerstag], dem [17. September 1998], tagte der Rat.", "weekday 4; date 1998-09-17"),
    ("on [Saturday], [12 August 1961]", "weekday 6; date 1961-08-12"),
    ("Anwesend waren [siebenundvierzig] von [dreiundsechzig] Mitgliedern.", "number 47; number 63"),
    ("[Sixty-three] members voted, [forty-seven] in favour.", "number 63; number 47"),
    ("[zwei Drittel] der Stimmen, [a third] of the votes", "fraction 2/3; fraction 1/3"),
    ("in the [first quarter of 2019]", "quarter 2019-Q1"),
    ("im [4. Quartal 2022] und im [Q1/2023]", "quarter 2022-Q4; quarter 2023-Q1"),
    ("der [zweite] Antrag, the [fifth] motion, the [22nd] session", "ordinal 2; ordinal 5; ordinal 22"),
    ("Im [18. Jahrhundert] lebten dort [achthundert] Menschen.", "ordinal 18 century; number 800"),
    ("In [December 1989] some [3,400 people] fled.", "date 1989-12; number 3400 people"),
    ("seit dem [24.12.1999]", "date 1999-12-24"),
    ("the deadline is [2025-11-30]", "date 2025-11-30"),
    ("in den [1920er Jahren]", "date 192X"),
    ("Im [März] war es kalt, the march was not.", "date --03"),
    ("She might march in protest; may they all.", ""),
    ("Sie maß [zwölf Meter] und wog [3,5 Tonnen].", "number 12 m; number 3.5 t"),
    ("a [six-week] voyage of [2,300 miles]", "number 6 week; number 2300 mile"),
    ("Temperaturen um [38,5 °C]", "number 38.5 °C"),
    ("Strom: [4.200 kWh] im [Jahr 2023]", "number 4200 kWh; date 2023"),
    ("[hundertfünf] Seiten, [tausendundeine] Nacht", "number 105; number 1001"),
    ("[eleven hundred] sheep and [four hundred and twelve] goats", "number 1100; number 412"),
    ("[zwei Millionen fünfhunderttausend] Schafe", "number 2500000"),
    ("Platz für [20 bis 25] Gäste, [eight to ten] nights", "number 20..25; number 8..10"),
    ("Zimmer [4] [120] Betten im ganzen Haus", "number 4; number 120"),
    ("chapter [9] [150] pages", "number 9; number 150"),
    ("Die Gruppen zählten [310] [275] [198] Kinder.", "number 310; number 275; number 198"),
    ("[75 000] Zuschauer", "number 75000"),
    ("das Ergebnis war [3]:[1]", "number 3; number 1"),
    ("Er gab [acht] auf die [elf].", "number 8; number 11"),
    ("[half a million people]", "number 500000 people"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), TABLE)
def test_a_text_that_nothing_was_fitted_to_has_just_these_numbers(text: str, meant: str) -> None:
    plain = re.sub(r"[\[\]]", "", text)
    assert bracketed(plain) == text
    assert "; ".join(map(shown, find(plain))) == meant
