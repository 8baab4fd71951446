"""Held: numbers, dates, times, units are found with their span and mean the same however they are written."""

from __future__ import annotations

import re
import time
from datetime import date
from datetime import time as clock

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from num2words import num2words

from rag.text.numbers import Quantity, find

# What is to be found stands in [brackets], and what each of it is follows: kind, value, ..end of a range, unit.
TABLE = [
    # digits and how they are grouped
    ("Es kamen [11 000] Gäste.", "number 11000"),
    ("Es kamen [11.000] Gäste.", "number 11000"),
    ("Some [11,000] guests came.", "number 11000"),
    ("Es kamen [11'000] Gäste.", "number 11000"),
    ("Es kamen [11\u00a0000] und [2\u202f500\u202f000].", "number 11000; number 2500000"),
    ("Die Stadt hat [1 234 567] Einwohner.", "number 1234567"),
    ("Die Stadt hat [120 000] Einwohner, damals [450 000 000].", "number 120000; number 450000000"),
    ("Room [12] [300 people]", "number 12; number 300 people"),
    ("Raum [12] [300] Personen", "number 12; number 300"),
    ("Page [7] [500] copies, No. [3] [250] copies", "number 7; number 500; number 3; number 250"),
    ("The halls hold [450] [500] [620].", "number 450; number 500; number 620"),
    ("Umsatz [450] [500]", "number 450; number 500"),
    ("In den Jahren [2023] [100] Gäste", "number 2023; number 100"),
    ("Telefon [0800] [123] [456]", "number 0800; number 123; number 456"),
    ("[0.125] und [0,5] und [12,75]", "number 0.125; number 0.5; number 12.75"),
    ("[1.000,50] und [1,234.56]", "number 1000.50; number 1234.56"),
    ("Version [3.10] ist nicht [3.1].", "number 3.10; number 3.1"),
    # words
    ("[einundzwanzig] Boote", "number 21"),
    ("[Zweihundertdreißig] Boote, [zweihundertdreissig] Netze", "number 230; number 230"),
    ("[zwölf] und [zwoelf] und [fünf] und [fuenf]", "number 12; number 12; number 5; number 5"),
    ("[neunzehnhundertsieben] brannte sie ab", "number 1907"),
    ("[dreitausendvierhundertfünfundsechzig] Kisten", "number 3465"),
    ("[drei Millionen] Kisten", "number 3000000"),
    ("[eine Million zweihunderttausend] Kisten", "number 1200000"),
    ("[hundert] Kisten und [tausend] Netze", "number 100; number 1000"),
    ("[one hundred and five] boats", "number 105"),
    ("[twenty-one] boats", "number 21"),
    ("[Nineteen eighty-four] is a book.", "number 1984"),
    ("[two million, three hundred thousand] boxes", "number 2300000"),
    ("[a hundred] boxes, [a thousand] nets", "number 100; number 1000"),
    ("[two dozen] boxes, [ein Dutzend] Netze", "number 24; number 12"),
    ("Es kam ein Boot, und eine Frau stieg aus.", ""),
    ("One of them, a baker, said that no one came.", ""),
    ("hunderte Boote, thousands of nets", ""),
    ("Der Elfmeter, das Achteck, der Zweifel, the tender, the network", ""),
    # scales
    ("[1,5 Mio.] Gäste", "number 1500000"),
    ("[80 Tsd.] Gäste", "number 80000"),
    ("[3,2 Mrd. Jahre]", "number 3200000000 year"),
    ("[200 Millionen Euro]", "money 200000000 EUR"),
    ("[2,5 Billionen Euro] sind [2.5 trillion euros].", "money 2500000000000 EUR; money 2500000000000 EUR"),
    ("[2.5 billion people]", "number 2500000000 people"),
    ("Es waren [11 thousand].", "number 11000"),
    # money
    ("It cost [$2.5 bn].", "money 2500000000 USD"),
    ("It cost [€5m], not [£300k].", "money 5000000 EUR; money 300000 GBP"),
    ("It cost [$5] and [€ 300].", "money 5 USD; money 300 EUR"),
    ("Summe: [1.234,50 €]", "money 1234.5 EUR"),
    ("Netto [300 EUR], [CHF 12.50], [US$ 40]", "money 300 EUR; money 12.5 CHF; money 40 USD"),
    ("[3,20 Euro] und [fünfzig Cent]", "money 3.2 EUR; money 50 cent"),
    # percent and units
    ("[12 %] und [3,5%] und [19 Prozent]", "percent 12 %; percent 3.5 %; percent 19 %"),
    ("[12 percent], [7 per cent]", "percent 12 %; percent 7 %"),
    ("um [2 Prozentpunkte]", "percent 2 pp"),
    ("[46 Meter], [46 m], [46 metres], a [46-metre] mast", "; ".join(["number 46 m"] * 4)),
    ("[5 km], [3 km/h], [20 m²]", "number 5 km; number 3 km/h; number 20 m²"),
    ("[20 km2], a [half-mile] road", "number 20 km²; fraction 1/2 mile"),
    ("[61.3 gigawatt-hours] are [61,3 GWh].", "number 61.3 GWh; number 61.3 GWh"),
    ("[drei Wochen] sind [21 Tage].", "number 3 week; number 21 day"),
    ("[18 °C], [18 Grad Celsius], [18 Grad]", "number 18 °C; number 18 °C; number 18 °"),
    ("bei [−5 °C] und [minus 7 Grad]", "number -5 °C; number -7 °"),
    ("[3 t] Hering, [2,5 Tonnen] Hering", "number 3 t; number 2.5 t"),
    ("[dreimal] und [twice]", "number 3 times; number 2 times"),
    ("Sie sahen [5] minus der Reste.", "number 5"),
    # fractions
    ("die [Hälfte], [half] of them", "fraction 1/2; fraction 1/2"),
    ("[ein Drittel] und [two thirds], [drei Viertel]", "fraction 1/3; fraction 2/3; fraction 3/4"),
    ("[anderthalb Stunden], [zweieinhalb] Kisten, [1½] Kisten", "number 1.5 hour; number 2.5; number 1.5"),
    ("Im Viertel am Hafen", ""),
    # ordinals
    ("der [3.]", "ordinal 3"),
    ("the [3rd] boat and the [21st]", "ordinal 3; ordinal 21"),
    ("das [dritte] Boot, [zwanzigsten] Fahrt", "ordinal 3; ordinal 20"),
    ("the [third] boat, the [twenty-first] boat", "ordinal 3; ordinal 21"),
    ("Der [3.] Platz ging an sie.", "ordinal 3"),
    ("im [19. Jahrhundert], the [19th century]", "ordinal 19 century; ordinal 19 century"),
    ("Wir achten auf das Boot; das [achte] Boot", "ordinal 8"),
    ("[30 seconds] later, the [second] boat", "number 30 second; ordinal 2"),
    # times of day
    ("um [halb acht]", "time 07:30"),
    ("[Viertel nach drei], [Viertel vor drei], [drei viertel acht]", "time 03:15; time 02:45; time 07:45"),
    ("[zehn nach acht], [fünf vor halb acht]", "time 08:10; time 07:25"),
    ("[half past seven], [a quarter to three], [ten past eight]", "time 07:30; time 02:45; time 08:10"),
    ("[17:30 Uhr], [17.30 Uhr], [17 Uhr 30], [17:30]", "; ".join(["time 17:30"] * 4)),
    ("um [8 Uhr], um [acht Uhr], [seven o'clock]", "time 08:00; time 08:00; time 07:00"),
    ("[7:30 a.m.], [7.30 p.m.], [7 pm], [12 a.m.]", "time 07:30; time 19:30; time 19:00; time 00:00"),
    ("[acht Uhr abends] und [half past seven in the evening]", "time 20:00; time 19:30"),
    ("Sie kamen [fünf] nach [acht Tagen].", "number 5; number 8 day"),
    # dates
    ("am [4. Mai 1907]", "date 1907-05-04"),
    ("on [May 4, 1907], on [4 May 1907], the [4th of May 1907]", "; ".join(["date 1907-05-04"] * 3)),
    ("am [03.02.2024], am [3.2.2024], [2024-02-03]", "; ".join(["date 2024-02-03"] * 3)),
    ("am [3. November], on [3 November], [November 3rd]", "; ".join(["date --11-03"] * 3)),
    ("am [dritten Mai 1907]", "date 1907-05-03"),
    ("am [03.02.] und am [3. 2. 2024]", "date --02-03; date 2024-02-03"),
    ("im [März], in [March], im [Mai 1907]", "date --03; date --03; date 1907-05"),
    ("im [Jahr 1907], in the [year 1907]", "date 1907; date 1907"),
    ("in den [1990er Jahren], in the [1990s]", "date 199X; date 199X"),
    ("in den [880er Jahren], in the [880s]", "date 88X; date 88X"),
    ("im [Herbst], in [autumn]", "date --23; date --23"),
    ("in the [summer of 2026], im [Frühjahr 2026]", "date 2026-22; date 2026-21"),
    ("Winter aid came; in winter aid, springs and a spring", ""),
    ("the veterans march, and she may come", ""),
    ("May I come? March on!", ""),
    ("In [May] she may march in [March].", "date --05; date --03"),
    ("Jan und Mar kamen am [5. Jan. 2024].", "date 2024-01-05"),
    ("[31/12/2024] but [02]/[03]/[2024]", "date 2024-12-31; number 02; number 03; number 2024"),
    ("am [Montag], dem [3. November], on [Friday]", "weekday 1; date --11-03; weekday 5"),
    ("Der [32.13].[2024] ist kein Tag.", "number 32.13; number 2024"),
    # quarters
    ("[Q2 2024], [Q2/2024], [2. Quartal 2024], [second quarter of 2024]", "; ".join(["quarter 2024-Q2"] * 4)),
    ("im [zweiten Quartal] und in [Q3]", "quarter Q2; quarter Q3"),
    # ranges
    ("[10–12] Boote, [10-12] Boote, [10 bis 12] Boote", "; ".join(["number 10..12"] * 3)),
    ("[between 5 and 7] boats, [5 to 7 percent]", "number 5..7; percent 5..7 %"),
    ("[von 8 bis 16 Uhr], [from 8 a.m. to 4 p.m.]", "time 08:00..16:00; time 08:00..16:00"),
    ("[zwischen fünf und sieben Millionen Euro]", "money 5000000..7000000 EUR"),
    ("[5-7 °C], [3–5 %], [5] [€10]", "number 5..7 °C; percent 3..5 %; number 5; money 10 EUR"),
    ("[3. bis 5. Mai 1907]", "date 1907-05-03..1907-05-05"),
    ("[1914–1918] und [von Montag bis Freitag]", "number 1914..1918; weekday 1..5"),
    ("[5] and [7] boats, tel. [0431]-[77]", "number 5; number 7; number 0431; number 77"),
    ("[10- bis 12]-jährige, [zwei]- bis [dreitausend] Menschen", "number 10..12; number 2; number 3000"),
    ("[one and a half years], [two and a half million], [2 ½ h]", "number 1.5 year; number 2500000; number 2.5 hour"),
    ("It was [7 am] on a [Monday]. Sie standen um [7] am Hafen.", "time 07:00; weekday 1; number 7"),
    ("Tel. +[49] [431] [123] [456]", "number 49; number 431; number 123; number 456"),
    # as they stand in papers: an invoice, a timetable, minutes of a meeting
    (
        "Rechnung Nr. [2024]-[117] vom [12.03.2024]: [3] Stück à [49,90 €], zzgl. [19 %] MwSt.",
        "number 2024; number 117; date 2024-03-12; number 3; money 49.9 EUR; percent 19 %",
    ),
    ("Payable within [14 days], total [$1,250.00]", "number 14 day; money 1250 USD"),
    ("Abfahrt [6:05], [7.35 Uhr], Gleis [4]", "time 06:05; time 07:35; number 4"),
    ("TOP [3]: Beschluss mit [7] zu [2] Stimmen", "number 3; number 7; number 2"),
    ("Next meeting: [Tuesday], [9 July 2024], [7pm], room [12]", "weekday 2; date 2024-07-09; time 19:00; number 12"),
]  # fmt: skip


def shown(found: Quantity) -> str:
    """A quantity as the tables write it."""
    value = f"{found.value}..{found.upto}" if found.upto else found.value
    return f"{found.kind} {value} {found.unit}".rstrip()


def bracketed(text: str) -> str:
    """The text with what is found in it in brackets."""
    for quantity in reversed(find(text)):
        text = f"{text[: quantity.start]}[{text[quantity.start : quantity.end]}]{text[quantity.end :]}"
    return text


@pytest.mark.parametrize(("text", "meant"), TABLE)
def test_a_text_has_just_these_numbers(text: str, meant: str) -> None:
    plain = re.sub(r"[\[\]]", "", text)
    assert bracketed(plain) == text
    assert "; ".join(map(shown, find(plain))) == meant


# --- any number --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["de", "en"])
@given(st.one_of(st.integers(0, 9_999_999), st.integers(0, 999)))
@example(0)
@example(1_000_001)
@example(100_100)
@example(1_900)
def test_every_number_written_out_comes_back(language: str, value: int) -> None:
    assume((language, value) != ("en", 1))  # "one" is a pronoun as often
    text = num2words(value, lang=language)
    assert [(found.value, text[found.start : found.end]) for found in find(text)] == [(str(value), text)]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_number_below_ten_thousand_written_out_comes_back(language: str) -> None:
    wrong = [
        value
        for value in [0, *range(2, 10_000)]
        if [q.value for q in find(num2words(value, lang=language))] != [str(value)]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["de", "en"])
@given(st.integers(1, 9_999))
def test_every_ordinal_written_out_comes_back(language: str, value: int) -> None:
    text = f"das {num2words(value, lang=language, to='ordinal')} Boot"
    assert [shown(found) for found in find(text)] == [f"ordinal {value}"]


@given(st.integers(1_000, 999_999_999), st.sampled_from([".", ",", "'", "’", "\u00a0", "\u2009", "\u202f"]))
def test_every_number_grouped_by_threes_comes_back(value: int, sign: str) -> None:
    text = f"Es waren {value:,} Kisten.".replace(",", sign)
    assert [found.value for found in find(text)] == [str(value)]


@given(
    st.dates(date(1000, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%B %d, %Y"])
)
def test_every_date_comes_back(day: date, form: str) -> None:
    text = day.strftime(form)
    assert [shown(found) for found in find(text)] == [f"date {day.isoformat()}"]


@given(st.times(), st.sampled_from(["%H:%M", "%H:%M Uhr", "%H.%M Uhr", "%I:%M %p"]))
def test_every_time_of_day_comes_back(moment: clock, form: str) -> None:
    assert [shown(found) for found in find(moment.strftime(form))] == [f"time {moment:%H:%M}"]


# --- any text ----------------------------------------------------------------------------

PARTS = (
    "1 12 300 000 1.000 1,5 2024 0 ½ ² ٣ . , : - – / % € $ ° a.m. p.m. Uhr halb Viertel nach vor past to quarter half "
    "eine zwei hundert tausend Million Millionen Mio. bn and und bis between zwischen von May Mai 3rd 4. of the "
    "second Quartal Q2 minus Jahr 1990er point Komma dozen Montag"
).split()


@given(st.one_of(st.text(max_size=100), st.lists(st.sampled_from(PARTS), max_size=20).map(" ".join),
                 st.lists(st.sampled_from(PARTS), max_size=20).map("".join)))  # fmt: skip
def test_whatever_the_text_spans_lie_in_it_in_order_and_apart(text: str) -> None:
    at = 0
    for found in find(text):
        assert at <= found.start < found.end <= len(text)
        assert found.value
        at = found.end


@pytest.mark.parametrize(
    "part", ["1", "1 ", "1.", "1,000 ", "111 ", "000", "two ", "two thousand ", "hundert", "zwei", "1-", "4. ", "Mai ",
             "half past ", "between 1 and ", "Million ", "and ", "1:", "½", "$", "minus ", "zwei Komma ", "Q2 "]
)  # fmt: skip
def test_texts_of_one_thing_ten_thousand_times_take_no_longer_than_they_must(part: str) -> None:
    begun = time.process_time()
    find(part * 10_000)
    find("eine " + part * 10_000)
    assert time.process_time() - begun < 10
