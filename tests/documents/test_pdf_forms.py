"""Filled forms: what was filled in stands beside what it answers."""

from __future__ import annotations

from pdf_pages import Sheet, form, label, widget

from rag.documents.readers.pdf import read_pdf


def test_a_field_stands_beside_its_label() -> None:
    raw = form(
        label(60, 700, "Name des Vereins:") + label(60, 670, "Gründung") + label(60, 640, "Kasse in Euro: ________"),
        widget("a", 170, 696, 200, "/FT /Tx /V (SV Gr\\374nau von 1921)"),
        widget("b", 170, 666, 200, "/FT /Tx /V (4. Mai 1921)"),
        widget("c", 170, 636, 200, "/FT /Tx /V (2.450)"),
    )
    assert read_pdf(raw).text == "Name des Vereins: SV Grünau von 1921\nGründung: 4. Mai 1921\nKasse in Euro: 2.450\n"


def test_a_field_below_its_label_and_two_in_a_row() -> None:
    raw = form(
        label(60, 700, "Anschrift") + label(60, 640, "PLZ:") + label(180, 640, "Ort:"),
        widget("a", 60, 676, 300, "/FT /Tx /V (Am Wehr 7)"),
        widget("b", 90, 636, 60, "/FT /Tx /V (17252)"),
        widget("c", 210, 636, 120, "/FT /Tx /V (Mirow)"),
    )
    assert read_pdf(raw).text == "Anschrift: Am Wehr 7\nPLZ: 17252\nOrt: Mirow\n"


def test_boxes_are_ticked_or_not_and_choices_chosen() -> None:
    looks = "/AP << /N << /Yes 6 0 R /Off 6 0 R >> >>"
    raw = form(
        label(80, 700, "Erwachsene") + label(200, 700, "Kinder") + label(60, 660, "Sparte:"),
        widget("a", 60, 698, 12, f"/FT /Btn /V /Yes /AS /Yes {looks}"),
        widget("b", 180, 698, 12, f"/FT /Btn /V /Off /AS /Off {looks}"),
        widget("c", 120, 656, 100, "/FT /Ch /Ff 131072 /Opt [(Turnen) (Rudern)] /V (Rudern)"),
    )
    assert read_pdf(raw).text == "[x] Erwachsene\n[ ] Kinder\nSparte: Rudern\n"


def test_one_of_several_knobs_is_pressed() -> None:
    looks = "/AP << /N << /{0} 6 0 R /Off 6 0 R >> >>"
    place = "/Type /Annot /Subtype /Widget /Parent 7 0 R /F 4 /Rect [{x} 698 {end} 710] /AS /{state} "
    raw = form(
        label(80, 700, "bar") + label(160, 700, "per Lastschrift"),
        "/FT /Btn /Ff 49152 /T (zahlung) /V /two /Kids [8 0 R 9 0 R]",
        kids=(
            place.format(x=60, end=72, state="Off") + looks.format("one"),
            place.format(x=140, end=152, state="two") + looks.format("two"),
        ),
    )
    assert read_pdf(raw).text == "[ ] bar\n[x] per Lastschrift\n"


def test_an_empty_or_hidden_field_says_nothing() -> None:
    raw = form(
        label(60, 700, "Name:") + label(60, 670, "Das Formular ist beim Amt abzugeben."),
        widget("a", 170, 696, 200, "/FT /Tx"),
        widget("b", 170, 620, 200, "/FT /Tx /V (geheim)").replace("/F 4", "/F 2"),
    )
    assert read_pdf(raw).text == "Name:\n\nDas Formular ist beim Amt abzugeben.\n"


def test_a_form_without_fields_reads_as_text() -> None:
    sheet = Sheet()
    sheet.put(60, 80, "Name: ____________________")
    sheet.put(60, 110, "Ort: Mirow")
    assert sheet.read().text.split() == ["Name:", "Ort:", "Mirow"]
