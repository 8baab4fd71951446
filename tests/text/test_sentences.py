"""Held: sentences end where they end, in German and English, in prose, lists, forms, tables and code."""

from __future__ import annotations

import random
import re
import textwrap

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.text.normalization import normalized
from rag.text.sentences import sentences

LANGUAGES = st.sampled_from(["de", "en", "fr", "ja", "xx"])
# Any text, and text thick with what the rules look at.
SIGNS = "aBz 19.,!?…\n\t\r\f\v#|->*)(\"'„“”»«\u00a0\u2028\u3000\x85\x1c\ufeff\u00ad。[]^`~:"
TEXTS = st.one_of(st.text(max_size=300), st.text(alphabet=SIGNS, max_size=300))


def cut(text: str, language: str = "de") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


def read(text: str, language: str = "de") -> list[str]:
    return [normalized(text, start, end).text for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        # abbreviations
        ("de", "Viele Tiere, z. B. Hunde und Katzen, kamen.", "Sie blieben."),
        ("de", "Viele Tiere, z.B. Hunde und Katzen, kamen.", "Sie blieben."),
        ("de", "Es kamen u. a. Frau Meier und Dr. Krause.", "Alle setzten sich."),
        ("de", "Es waren ca. 30 Leute, d. h. Nachbarn.", "Es gab Brot."),
        ("de", "Es gab Brot, Käse usw.", "Die Gäste aßen."),
        ("de", "Das Rad wiegt 3 Mio. Gramm.", "Es dreht sich."),
        ("de", "Vgl. Abs. 3 und Nr. 7 der Satzung von Prof. Dr. Lang.", "Mehr steht dort nicht."),
        ("en", "Animals, e.g. Dogs and cats, came.", "They stayed."),
        ("en", "Mr. Brown of Mill Works Inc. in Ohio met Mrs. Lee.", "They spoke."),
        ("en", "He worked for Mill Works Inc.", "The firm grew."),
        ("en", "The U.S. Army left in May.", "Nobody returned."),
        ("en", "He left the U.S.", "The mill was sold."),
        ("en", "He met J. Smith at 5 p.m. on Monday.", "They spoke."),
        # ordinals and numbers
        ("de", "Am 3. November kam er an.", "Es regnete."),
        ("de", "Im 19. Jahrhundert stand der 2. Turm noch.", "Er fiel."),
        ("de", "Er ist 25.", "Die Frau ging."),
        ("de", "Die Mühle brannte 1907.", "Danach stand dort nichts."),
        ("de", "Ludwig XIV. regierte dort 5.000 Leute.", "Er starb."),
        ("en", "The price rose to 25.", "Costs fell."),
        ("en", "It cost 3.5 million in 1907.", "Nobody paid."),
        # quotation marks
        ("de", "„Wir gehen.“", "Er blieb."),
        ("de", "„Kommst du?“, fragte sie.", "Er schwieg."),
        ("de", "„Kommst du?“ fragte sie.", "Er schwieg."),
        ("de", "»Nein!«", "Dann schwieg er."),
        ("de", "Er sagte: „Die Mühle brennt.“", "„Wo?“, fragte sie."),
        ("en", "“We leave.”", "He stayed."),
        ("en", '"Are you coming?" she asked.', "He said nothing."),
        ("en", '"We leave." she said.', '"Why?"'),
        ("en", "It burned (see the map).", "(Nobody was hurt.)"),
        # other ends
        ("de", "Wann brannte sie?", "Niemand weiß es!"),
        ("de", "Sie brannte!", "Wirklich?!"),
        ("de", "Und dann…", "Nichts."),
        ("ja", "水車が燃えた。", "誰もいなかった。"),
    ],
)
def test_sentences_end_where_they_end(language: str, one: str, two: str) -> None:
    assert cut(f"{one} {two}", language) == [one, two]
    assert cut(f"{two} {one}", language) == [two, one]


def test_headings_list_items_and_table_rows_stand_for_themselves() -> None:
    text = (
        "# 1. Die Mühle\nSie brannte ab\n\n- Rad\n- Stein\n* Sack\n1. Korn\n2) Mehl\n\n"
        "| Jahr | Gäste |\n|---|---|\n| 1907 | 7 |\n\n> Ein Zitat steht hier.\nEnde"
    )
    assert cut(text) == [
        "# 1. Die Mühle", "Sie brannte ab", "- Rad", "- Stein", "* Sack", "1. Korn", "2) Mehl",
        "| Jahr | Gäste |", "| 1907 | 7 |", "> Ein Zitat steht hier.", "Ende",
    ]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_that_were_only_wrapped_are_one_sentence(newline: str) -> None:
    lines = [
        "Die Mühle am Bach, die seit vielen Jahren niemand mehr benutzt hatte,",
        "brannte in der Nacht zum Sonntag bis auf die alten Grundmauern ab. Der",
        "Müller sah zu.",
    ]
    assert cut(newline.join(lines)) == [
        newline.join(lines)[: newline.join(lines).index(" Der")],
        f"Der{newline}Müller sah zu.",
    ]


@pytest.mark.parametrize(("language", "item"), [("en", "1. Signed in May."), ("de", "12. Die Mühle fiel.")])
def test_the_number_of_a_list_item_is_no_sentence(language: str, item: str) -> None:
    assert cut(f"{item} Anna kam.\n{item}", language) == [item, "Anna kam.", item]


def test_a_blank_line_ends_a_sentence() -> None:
    assert cut("Die Mühle am Bach, die seit vielen Jahren niemand mehr benutzt hatte,\n \nbrannte ab") == [
        "Die Mühle am Bach, die seit vielen Jahren niemand mehr benutzt hatte,",
        "brannte ab",
    ]


def test_a_short_line_without_a_full_stop_is_a_heading() -> None:
    assert cut("Der Brand\nSie brannte ab.") == ["Der Brand", "Sie brannte ab."]


def test_only_the_part_asked_for_is_cut() -> None:
    text = "Eins ist da. Zwei ist da. Drei ist da."
    start, end = text.index("Zwei"), text.index(" Drei")
    assert sentences(text, "de", start, end) == [(start, end)]
    assert sentences(text, "de", len(text)) == []


# --- abbreviations and what else a full stop is -----------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "Der Laden in der Bahnhofstr. 7 ist zu.",
        "Er wohnt Lindenstr. Ecke Markt.",
        "Die Hausnr. 12 fehlt.",
        "Geöffnet ist Mo.-Fr. 8-12 Uhr, Sa. 9-11 Uhr.",
        "Do. und Fr. Nachmittag bleibt der Schalter zu.",
        "Fragen beantwortet Fr. Lenz oder Hr. Olm.",
        "Der Preis enthält 19 % MwSt. laut Rechnung.",
        "Das Fest des Hl. Martin begehen alle.",
        "Siehe Art.-Nr. 4711 und Kap. 3.",
        "Erreichbar unter Tel. 0391 4711.",
        "Open Mon.-Thurs. 9 a.m. to 5 p.m. and Sat. 10 to 12.",
        "See Sec. 3.1 and Chap. 4 of the manual.",
        "Parcels went to Mr. Hale on Harbour Blvd. Thursday at last.",
        "The mower with serial no. KX-4471 and policy no. B/12 was stolen.",
        "Zahlbar unter Kd.-Nr. K44 bis zum **15. Juli** auf das Konto.",
        "Quote ref. QX12 or call ext. 4650 for help.",
        "Der Kurs beginnt *am 3. Oktober* in der Halle.",
    ],
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    for language in ("de", "en"):
        assert cut(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Der Weg misst 5 km.", "Danach kommt der Wald."),
        ("Es geschah vor einem Jahr.", "Paul kam um acht Uhr."),
        ("Der Preis steht fest, zzgl. MwSt.", "Die Rechnung folgt."),
        ("Er wohnt in der Gartenstr.", "Die Nummer weiß niemand."),
        ("We saw the sea.", "Monday was dry."),
        ("He liked the fir.", "Birds lived in it."),
        ("The answer was no.", "Nobody asked again."),
        ("Das ist so.", "Anna weiß es."),
        ("Er starb 1907.³", "Sie lebte weiter."),
        ("The mill burned.[12]", "Nobody was hurt.[a]"),
        ("Die Säge steht noch.[^quelle]", "Das Rad fehlt."),
        ("Sie kam.[3][4]", "Er ging."),
        ("Table 4. Cost of the systems.", "A pump is dear."),
        ("It was sold to others .", "The mill burned . . . at night."),
        ("»Das war ›die beste Zeit‹ meines Lebens.«", "Dann ging er."),
        ("Sie rief: ›Halt!‹", "Alle standen still."),
    ],
)
def test_a_sentence_ends_before_what_follows_it(one: str, two: str) -> None:
    assert cut(f"{one} {two}") == [each.split("[")[0].rstrip("³") for each in (one, two)]


@pytest.mark.parametrize(
    ("text", "cut_as"),
    [
        ("Sie wurde in Hale geboren.4 Ihr Vater war Müller.", ["Sie wurde in Hale geboren.", "Ihr Vater war Müller."]),
        ("It was sold (for £30).12 The buyer left.", ["It was sold (for £30).", "The buyer left."]),
        ("Siehe Abs.3 Satz 2 der Ordnung.", ["Siehe Abs.3 Satz 2 der Ordnung."]),
        ("Version 2.1 Update folgt.", ["Version 2.1 Update folgt."]),
        ("Kinder (4-14 J.) ...... 6,20 Euro", ["Kinder (4-14 J.) ...... 6,20 Euro"]),
    ],
)
def test_a_raised_figure_that_lost_its_height_is_a_mark_of_a_note(text: str, cut_as: list[str]) -> None:
    assert cut(text) == cut_as


def test_dots_that_lead_the_eye_end_nothing() -> None:
    rows = ["Erwachsene ............. 4,20", "Kinder . . . . . . . 2,10", "Hunde ...... 1,00"]
    assert cut("\n".join(rows)) == rows


# --- lines that only wrap ----------------------------------------------------------------------

GERMAN = (
    "Der Verein hat im Herbst beschlossen, die alte Scheune am Rand der Siedlung zu kaufen. Den Preis von 48.000 Euro "
    "zahlen die Mitglieder, einen Zuschuss der Gemeinde gibt es nicht. Die Arbeiten am Dach beginnen am 3. Mai und "
    "dauern z. B. bei Regen etwas länger. Während dieser Zeit lagern Geräte und Bänke im Keller der Schule."
)
ENGLISH = (
    "The society decided in autumn to buy the old barn at the edge of the estate. Its members pay the price of "
    "48,000 pounds, and the Parish of Upper Wenham gives nothing. Work on the roof begins on 3 May and takes Dr. Hale "
    "and Sons about six weeks. Until then Tools and Benches are kept in the cellar of the School."
)


@pytest.mark.parametrize("width", [28, 34, 40, 47, 55, 63, 72, 90])
@pytest.mark.parametrize(("text", "language"), [(GERMAN, "de"), (ENGLISH, "en")])
@pytest.mark.parametrize("quoted", ["", "> ", "   "])
def test_however_prose_is_wrapped_its_sentences_are_the_same(text: str, language: str, width: int, quoted: str) -> None:
    wrapped = textwrap.fill(text, width, break_on_hyphens=False, initial_indent=quoted, subsequent_indent=quoted)
    assert read(wrapped, language) == read(text, language)


def test_any_words_are_joined_whatever_the_width() -> None:
    """Not only of these two texts: words in any order, with capitals as German has them."""
    chance = random.Random(14)
    words = sorted(set(GERMAN.replace(".", "").replace(",", "").split()) - {"z", "B", "3"})
    for _ in range(60):
        text = " ".join(chance.choice(words) for _ in range(40)).capitalize() + "."
        assert len(read(textwrap.fill(text, chance.randint(30, 80)))) == 1


@pytest.mark.parametrize(
    "block",
    [
        "Tischlerei Anton Falk\nAm Alten Hafen 7\n18055 Neuhagen",
        "Schlafsack und Isomatte\nRegenjacke\nTaschenlampe mit Batterien\nfeste Schuhe\nKrankenkassenkarte",
        "Linsensuppe mit Brot 6,50\nForelle mit Kartoffeln und Salat 14,90\nApfelkuchen 3,80\nKaffee 2,60",
        "06:12 Hallsum, Ostende\n07:42 Hallsum direkt\n09:10 Insel Rooge, nur samstags\n17:30 Hallsum",
        "2031-05-01 12:00:01 ERROR disk is full\n2031-05-01 12:00:07 INFO cleaning the files in /var/tmp\n"
        "2031-05-01 12:01:00 WARN only 120 MB left",
        "Vorsitz: Olga Maier\nKasse: Udo Brandt, Tel. 4711\nSchriftführung: vorübergehend unbesetzt\nBeirat: Eva Sand",
        "Name\tOrt\tJahr\nAnna Klein\tBergau\t1970\nOle Petersen\tKiel\t1982",
        "Adults            12.50\nChildren under 6   free\nGroups of ten     90.00",
        "Der Mond ist aufgegangen,\nDie goldnen Sternlein prangen\nAm Himmel hell und klar.",
        "• Wasser abstellen\n• Strom abschalten und Sicherungen prüfen\n• Türen schließen",
        "(a) the tenant\n(b) the landlord and any agent\n(c) the council",
        "Wann: Samstag\nWo: Alte Halle",
    ],
)
def test_lines_that_were_not_wrapped_are_each_their_own(block: str) -> None:
    lines = block.split("\n")
    for before in ("", f"{GERMAN}\n\n", f"{textwrap.fill(GERMAN, 44)}\n\n"):
        assert cut(before + block, "de")[-len(lines) :] == lines


def test_a_lowered_figure_on_a_line_of_its_own_is_joined() -> None:
    text = (
        "The diver breathes more O\n2 than anybody on land does, and the mill by the brook burns a lot of it as well."
    )
    assert len(read(text, "en")) == 1


def test_a_wrapped_line_that_begins_with_a_number_is_no_item_of_a_list() -> None:
    text = "Das Fest der Feuerwehr beginnt am\n3. November um 14 Uhr auf dem\nMarktplatz und endet spät."
    assert read(text) == ["Das Fest der Feuerwehr beginnt am 3. November um 14 Uhr auf dem Marktplatz und endet spät."]
    items = "1. Wasser abstellen\n2. Strom abschalten, und\n   zwar überall\n3. Türen schließen"
    assert read(items) == ["1. Wasser abstellen", "2. Strom abschalten, und zwar überall", "3. Türen schließen"]


# --- code, tables ------------------------------------------------------------------------------


def test_code_is_lines_each_with_the_remark_above_it() -> None:
    text = "Run it.\n\n```yaml\n# Where the data lies\npath: /srv\nport: 8431\n\n# the end\n```\nThen wait."
    assert cut(text, "en") == ["Run it.", "# Where the data lies\npath: /srv", "port: 8431", "# the end", "Then wait."]


def test_a_fence_that_is_not_closed_goes_on_to_the_end() -> None:
    assert cut("~~~\nrm -r old\n\nls. Now\n```", "en") == ["rm -r old", "ls. Now"]


# --- any text ----------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, language=LANGUAGES)
@example(text="\u3000Die Mühle. \x85Sie \x1c", language="de")
@example(text="\ufeff\ufeff a", language="de")
def test_spans_of_any_text_are_in_order_stripped_and_leave_no_word_out(text: str, language: str) -> None:
    at = 0
    uncovered = set(range(len(text)))
    for start, end in sentences(text, language):
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert any(map(str.isalnum, text[start:end]))
        uncovered -= set(range(start, end))
        at = end
    if not re.search(r"```|~~~|[.!?…][)\]\"'”“’»«]*\[", text):  # fences and marks of notes are left out
        assert not any(text[left].isalnum() and text[left] not in "⁰¹²³⁴⁵⁶⁷⁸⁹" for left in uncovered)
