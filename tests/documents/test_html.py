"""Held: a page gives its main text, whole and in the form that all readers write; what is left out is counted."""

from __future__ import annotations

import pytest

from rag.documents.readers import Extract, extract

PROSE = (
    "<p>Die Fähre über den Inselsee gibt es seit mehr als hundert Jahren, und noch immer zieht sie ein Seil.</p>"
    "<p>Im Sommer nimmt sie bis zu vierzig Gäste mit; im Winter fährt sie nur, wenn jemand läutet.</p>"
)


def page(body: str, head: str = "<title>Fähre</title>") -> Extract:
    raw = f"<!DOCTYPE html><html lang=de><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return extract(".html", raw.encode())


def text(body: str) -> str:
    return page(f"<main><h1>Fähre</h1>{PROSE}{body}</main>").text


# --- encodings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "codec", "encoding"),
    [
        ('<meta charset="iso-8859-1">', "cp1252", ""),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252", ""),
        ('<meta charset="windows-1252">', "cp1252", ""),
        ('<meta charset="utf-16">', "utf-16", ""),
        ('<meta charset="iso-8859-1">', "utf-8", ""),
        ('<meta charset="utf-8">', "cp1252", "windows-1252"),
        ("", "cp1252", "windows-1252"),
        ("", "utf-8-sig", ""),
        ('<meta charset="utf-8"><meta charset="iso-8859-1">', "utf-8", ""),
    ],
)
def test_a_page_is_decoded_as_browsers_do(declared: str, codec: str, encoding: str) -> None:
    words = "Der Mühlweg kostet 18.000 € – größtenteils aus Spenden, sagt Käthe Jäger."
    raw = f"<html><head>{declared}<title>Mühle</title></head><body><p>{words}</p></body></html>".encode(codec)
    found = extract(".html", raw)
    assert (found.text, found.encoding, found.doubts) == (words, encoding, "")


@pytest.mark.parametrize(
    "head",
    [
        '<!-- <meta charset="iso-8859-1"> --><meta charset="koi8-r">',
        "<style>"
        + "p { color: #333 } " * 600
        + '</style><meta http-equiv=Content-Type content="text/html; charset=koi8-r">',
    ],
)
def test_an_encoding_is_looked_for_in_the_whole_head_and_in_no_comment(head: str) -> None:
    words = "Мельница у реки построена в 1907 году, и она работает до сих пор."
    found = extract(".html", f"<html><head>{head}</head><body><p>{words}</p></body></html>".encode("koi8-r"))
    assert (found.text, found.encoding) == (words, "")


def test_the_xml_declaration_of_a_page_counts() -> None:
    raw = '<?xml version="1.0" encoding="ISO-8859-2"?><html><body><p>Zażółć gęślą jaźń, powiedział.</p></body></html>'
    assert extract(".html", raw.encode("iso8859-2")).text == "Zażółć gęślą jaźń, powiedział."


def test_invisible_signs_are_no_part_of_words() -> None:
    assert "Die Wärmepumpe am Galgenberg kostet." in text(
        "<p>Die Wär&shy;me&shy;pum&shy;pe am Gal<wbr>gen&#8203;berg kos&#8288;tet.</p>"
    )


# --- lists, definitions, lines ---------------------------------------------------------


def test_items_keep_their_numbers() -> None:
    found = text(
        "<ol><li>Rufen<li>Warten</ol><p>Danach</p><ol start=3><li>Einsteigen<li value=7>Aussteigen</ol>"
        "<ol type=a><li>mit Rad<li>ohne Rad</ol><ol type=I start=4><li>Teil</ol><ol reversed><li>zuletzt<li>zuerst</ol>"
    )
    for block in (
        "1. Rufen\n2. Warten", "3. Einsteigen\n7. Aussteigen", "a) mit Rad\nb) ohne Rad", "IV. Teil",
        "2. zuletzt\n1. zuerst",
    ):  # fmt: skip
        assert block in found.split("\n\n")


def test_items_of_nested_lists_are_lines_of_one_list() -> None:
    found = text("<ul><li>Äpfel<ul><li>rote<li>grüne</ul><li>Birnen</ul>")
    assert "- Äpfel\n- rote\n- grüne\n- Birnen" in found.split("\n\n")


def test_an_item_of_several_paragraphs_is_paragraphs() -> None:
    found = text("<ul><li><p>Maxi fragt.</p><p>Er wartet seit gestern.</p><li><p>Rohrbert antwortet.</p></ul>")
    assert found.endswith("Maxi fragt.\n\nEr wartet seit gestern.\n\n- Rohrbert antwortet.")


def test_definitions_are_pairs() -> None:
    found = text("<dl><dt>Inhaber<dd>Jens Holm<dt>Aufsicht:<dd>Kammer<dd>Abteilung 3<dt>Darf man baden?<dd>Ja.</dl>")
    assert found.endswith("Inhaber: Jens Holm\nAufsicht: Kammer; Abteilung 3\nDarf man baden? Ja.")


def test_line_breaks_of_an_address_are_lines() -> None:
    found = text("<address>Reederei Blau<br>Hafenstraße 2<br/>\n 26382 Sande</address>")
    assert found.endswith("Reederei Blau\nHafenstraße 2\n26382 Sande")


def test_what_is_filled_in_in_a_form_is_pairs() -> None:
    found = text(
        "<form><label for=n>Name:</label> <input id=n value='Ida Blau'><label>Anrede <select><option>Herr"
        "<option selected>Frau</select></label><label><input type=checkbox checked> Rad dabei</label>"
        "<label for=z>Betreff</label><input id=z><input type=hidden value=geheim><button>Senden</button></form>"
    )
    assert found.endswith("Name: Ida Blau\nAnrede: Frau\nRad dabei: ✓")


def test_code_is_fenced_as_it_stands() -> None:
    found = text("<pre><code>faehre --buchen 3\n  --rad # nur eins\n</code></pre><p>Mit <code>faehre</code>.</p>")
    assert found.endswith("```\nfaehre --buchen 3\n  --rad # nur eins\n```\n\nMit faehre.")


def test_a_summary_heads_its_details() -> None:
    found = text("<h2>Fragen</h2><details><summary>Wann fährt die letzte?</summary><p>Um 20:40 Uhr.</p></details>")
    assert found.endswith("## Fragen\n\n### Wann fährt die letzte?\n\nUm 20:40 Uhr.")


def test_what_a_button_unfolds_has_its_words_for_a_heading() -> None:
    found = text(
        "<h2>Fragen</h2><button aria-expanded=false>Wie lange dauert es?</button><div hidden><p>Drei Tage.</p></div>"
        "<h3><button>Was kostet es?</button></h3><div style='display:none'><p>4,90 Euro.</p></div>"
        "<button>Senden</button>"
    )
    assert "### Wie lange dauert es?" in found and "### Was kostet es?" in found and "Senden" not in found


def test_bullets_that_are_typed_are_those_of_a_list() -> None:
    found = text("<p>Es gibt:</p><p>·<span>&nbsp;&nbsp; </span>Kaffee</p><p>• Tee</p><p>– und mehr</p>")
    assert found.endswith("Es gibt:\n\n- Kaffee\n- Tee\n\n– und mehr")


# --- tables ----------------------------------------------------------------------------


def test_a_table_has_its_caption_its_heads_and_its_rows() -> None:
    found = text(
        "<table><caption>Preise je Person</caption><thead><tr><th>Gruppe<th>Preis</thead><tbody>"
        "<tr><td>Kinder<td><b>2,10&nbsp;€</b><br>mit Karte</tr>"
        "<tr><td>Hunde | Katzen<td><ul><li>klein<li>groß</ul></tr>"
        "<tr><td><td></tr></tbody></table>"
    )
    assert found.endswith(
        "Preise je Person\n\n| Gruppe | Preis |\n| --- | --- |\n| Kinder | 2,10\xa0€ mit Karte |\n"
        "| Hunde \\| Katzen | klein; groß |"
    )


def test_heads_of_rows_are_a_column_and_no_heads_of_columns() -> None:
    found = text("<table><tr><th scope=row>Ort<td>Sande</tr><tr><th scope=row>Länge<td>21 m</tr></table>")
    assert found.endswith("| Ort | Sande |\n| Länge | 21 m |")


def test_cells_over_several_rows_and_columns_say_what_they_head() -> None:
    found = text(
        "<table><tr><th colspan=3>Besitzer</th></tr><tr><th rowspan=2>Jahr<th colspan=2>Wer</tr>"
        "<tr><th>Name<th>Stand</tr>"
        "<tr><td rowspan=2>1204<td>Otto<td>Graf</tr><tr><td>Berta<td></tr></table>"
    )
    assert found.endswith(
        "Besitzer\n\n| Jahr | Wer Name | Wer Stand |\n| --- | --- | --- |\n| 1204 | Otto | Graf |\n| 1204 | Berta |  |"
    )


def test_elements_that_are_said_to_be_a_table_are_one() -> None:
    heads = "<span role=columnheader>Name</span><span role=columnheader>Alter</span>"
    found = text(
        f"<div role=table><div role=row>{heads}</div>"
        "<div role=row><span role=cell>Ann</span><span role=cell>41</span></div></div>"
    )
    assert found.endswith("| Name | Alter |\n| --- | --- |\n| Ann | 41 |")


def test_a_last_row_of_one_cell_stands_below_the_table() -> None:
    found = text(
        "<table><tr><th>Ort<th>Zeit</tr><tr><td>Bad<td>6–21</tr>"
        "<tfoot><tr><td colspan=2>Feiertags zu</tr></tfoot></table>"
    )
    assert found.endswith("| Bad | 6–21 |\n\nFeiertags zu")


def test_a_table_that_lays_a_page_out_is_paragraphs() -> None:
    inner = "<table><tr><th>Name<th>Spielt</tr><tr><td>Ann<td>Horn</tr></table>"
    found = page(
        f"<table><tr><td><h1>Fähre</h1>{PROSE}{inner}</td><td><h2>Mehr</h2><p>Bald.</p></td></tr></table>"
    ).text
    assert "| Name | Spielt |\n| --- | --- |\n| Ann | Horn |" in found.split("\n\n")
    assert "und noch immer zieht sie ein Seil." in found and "| Die Fähre" not in found


# --- notes -----------------------------------------------------------------------------

NOTED = (
    "<p>Sie fuhr 1911 zuerst.<sup id=r1 class=reference><a href='#n1'>[1]</a></sup> Später sank sie.<sup><a href='#n2'>"
    "[Anm. 1]</a></sup> Gehoben wurde sie 1913.<sup class=reference><a href='#fort'>[4]</a></sup></p>"
    "<p>Sie misst 40 m<sup>2</sup> und trug 10<sup>3</sup> Leute im 19<sup>th</sup> Jahr.</p><h2>Belege</h2><ol>"
    "<li id=n1><a href='#r1'>↑</a> Stadtarchiv, Akte 7."
    "<li id=n2><a href='#r2'>↑</a> <a href='http://x.example'>1913 umstritten</a>.</ol>"
)


def test_notes_are_marked_at_their_words_and_stand_at_the_end() -> None:
    found = text(NOTED)
    assert "Sie fuhr 1911 zuerst.[^1] Später sank sie.[^Anm.1] Gehoben wurde sie 1913.[^4]" in found
    assert found.endswith("[^1]: Stadtarchiv, Akte 7.\n\n[^Anm.1]: 1913 umstritten.")


def test_a_note_that_leads_back_several_times_takes_no_text_with_it() -> None:
    body = (
        "<p>Sie fuhr<sup id=r1><a href='#n'>[1]</a></sup> lange.</p>"
        "<p id=p2>Sie sank<sup id=r2><a href='#n'>[1]</a></sup> spät.</p>"
        "<ol><li id=n>^ <a href='#r1'><sup><b>a</b></sup></a> <a href='#r2'><sup><b>b</b></sup></a> "
        "<a href='#p2'>[1]</a> Akte 7.</ol>"
    )
    assert text(body).endswith("Sie fuhr[^1] lange.\n\nSie sank[^1] spät.\n\n[^1]: Akte 7.")


def test_raised_figures_that_are_no_notes_stay_raised() -> None:
    assert "Sie misst 40 m² und trug 10³ Leute im 19th Jahr." in text(NOTED)


def test_a_link_to_a_part_of_the_page_is_no_note() -> None:
    found = text(
        "<p>Siehe <a href='#x'>Teil 2</a> und <a href='#y'>[hier]</a>.</p><h2 id=x>Teil 2</h2><p id=y>Alles.</p>"
    )
    assert "Siehe Teil 2 und" in found and "## Teil 2" in found


# --- what is no text of the page -------------------------------------------------------

FURNITURE = (
    "<div class=cookie-banner><p>Wir verwenden Cookies, um die Seite zu verbessern.</p><button>Annehmen</button></div>"
    "<nav><ul><li><a href=/>Start</a><li><a href=/p>Preise</a></ul></nav>",
    "<div class=share-buttons><a href=#>Teilen</a> <a href=#>Drucken</a></div>",
    "<footer><p>Impressum: Reederei Blau GmbH</p><a href=/i>Impressum</a></footer>",
)


def test_menus_notices_and_footers_are_left_out() -> None:
    before, share, after = FURNITURE
    found = page(
        f"{before}<main><h1>Fähre</h1>{share}{PROSE}<aside><p>Am 3. August fällt sie aus.</p></aside></main>{after}"
    )
    assert found.text.startswith("# Fähre\n\nDie Fähre über") and found.text.endswith("Am 3. August fällt sie aus.")


def test_a_menu_in_a_page_that_a_table_lays_out_is_left_out() -> None:
    years = range(1900, 1912)
    more = "".join(f"<p>Im Jahr {year} trug sie {year * 7} Menschen und ein Pferd über den See.</p>" for year in years)
    menu = "".join(f"<li><a href={number}>Seite {number} von allen</a></li>" for number in range(12))
    found = page(f"<table><tr><td><ul>{menu}</ul></td><td><h1>Fähre</h1>{PROSE}{more}</td></tr></table>")
    assert found.text.startswith("# Fähre") and "Seite 3" not in found.text


def test_captions_and_short_lines_are_text() -> None:
    found = text(
        "<figure><img src=a.jpg alt=Luise><figcaption>Die Luise wurde 1928 gebaut.</figcaption></figure><p>Nur bar.</p>"
    )
    assert found.endswith("Die Luise wurde 1928 gebaut.\n\nNur bar.")


def test_what_is_left_out_is_counted() -> None:
    found = page(
        f"<main>{PROSE}<img src=a.jpg><img src=b.jpg alt='Ein Seil'><img src=dot.gif width=1 height=1>"
        "<img src=c alt=''>"
        "<p><s>20 €</s> 15 €</p><video src=v></video></main><section class=comments><h3>Kommentare</h3>"
        "<p>Wie schön, wir kommen im nächsten Sommer wieder hierher!</p></section>"
    )
    assert "20 €" not in found.text and "Wie schön" not in found.text
    assert [str(each) for each in found.omissions] == [
        "images: 2", "struck-out passages: 1", "recordings: 1", "parts with readers' comments: 1",
    ]  # fmt: skip


def test_a_word_that_edits_a_heading_is_none_of_it() -> None:
    found = text(
        "<h2>Geschichte<span class=e>[<a href=/e>Bearbeiten</a> | <a href=/q>Quelltext</a>]</span></h2><p>Lang.</p>"
    )
    assert "## Geschichte\n\nLang." in found


@pytest.mark.parametrize(
    "heading",
    [
        "<h2>Geschichte<span>[<a href=/e>Bearbeiten</a>]</span></h2>",
        "<div><h2>Geschichte</h2><span>[<a href=/e>Bearbeiten</a> | <a href=/q>Quelltext bearbeiten</a>]</span></div>",
    ],
)
def test_a_heading_stays_whatever_leads_to_where_it_is_edited(heading: str) -> None:
    assert text(f"<h1>Die Hanne</h1>{PROSE}{heading}{PROSE}").count("\n\n## Geschichte\n\n") == 1
    assert "earbeiten" not in text(f"<h1>Die Hanne</h1>{PROSE}{heading}{PROSE}")


def test_a_ticked_box_is_said_by_the_label_after_it() -> None:
    found = text(
        f"{PROSE}<form><p><input type=checkbox checked id=a><label for=a>Rad dabei</label></p>"
        "<p><input type=radio id=b><label for=b>Zelt dabei</label></p></form>"
    )
    assert found.endswith("\n\nRad dabei: ✓")
