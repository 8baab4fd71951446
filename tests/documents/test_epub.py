"""Held: a book is read as far as it is there; what is missing, damaged or no text of it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_files import epub_files, make_zip

from rag.documents.document import read
from rag.documents.readers import Extract, Unreadable, extract

MOOR = "<h1>Das Moor</h1><p>Es ist neun Meter tief.</p>"
WIRT = "<h1>Der Wirt</h1><p>Er kam um 1790 ins Dorf.</p>"
CHAPTER = "OEBPS/text/chapter {}.xhtml"
OPF = "OEBPS/book.opf"


def book(chapters: list[str], *changes: tuple[str, str, str], **files: str | bytes | None) -> Extract:
    """Read a book, some of whose files (`opf` or a chapter as `c0`) hold other words, or are others or not there."""
    parts = epub_files(chapters, title="Moorbuch", date="2021-05-01")
    for name, old, new in changes:
        assert old in str(parts[name])
        parts[name] = str(parts[name]).replace(old, new)
    for name, content in files.items():
        path = CHAPTER.format(name[1:]) if name[0] == "c" else name
        if content is None:
            del parts[path]
        else:
            parts[path] = content
    return extract(".epub", make_zip(parts))


def told(found: Extract) -> list[str]:
    return [str(each) for each in found.omissions]


def test_a_missing_chapter_is_told_and_the_rest_is_read() -> None:
    found = book([MOOR, "<p>fort</p>", WIRT], c1=None)
    assert "neun Meter" in found.text and "um 1790" in found.text
    assert told(found) == ["chapters that are missing: 1 of 3"]


def test_a_damaged_chapter_is_told_and_the_rest_is_read() -> None:
    found = book([MOOR, WIRT], c1=bytes(range(256)) * 40)
    assert "neun Meter" in found.text and told(found) == ["chapters that are damaged: 1 of 2"]


def test_a_chapter_that_the_list_of_files_does_not_know_is_told() -> None:
    found = book([MOOR, WIRT], (OPF, '<itemref idref="c0"/>', '<itemref idref="c0"/><itemref idref="zz"/>'))
    assert told(found) == ["chapters that are missing: 1 of 3"] and "um 1790" in found.text


def test_a_book_without_an_order_has_that_of_its_list() -> None:
    both = '<itemref idref="c0"/><itemref idref="c1"/>'
    style = ('<item id="c0"', '<item id="css" href="a.css" media-type="text/css"/><item id="c0"')
    found = book([MOOR, WIRT], (OPF, both, ""), (OPF, *style), **{"OEBPS/a.css": "p { margin: 0 }"})
    assert found.text.index("neun Meter") < found.text.index("um 1790") and "margin" not in found.text
    assert told(found) == []


@pytest.mark.parametrize(
    "container",
    [None, "<container", "<container><rootfile full-path='fort.opf'/></container>", "<container/>"],
)
def test_a_list_of_files_is_found_though_nothing_leads_to_it(container: str | None) -> None:
    assert "neun Meter" in book([MOOR, WIRT], **{"META-INF/container.xml": container}).text


@pytest.mark.parametrize(
    "link",
    [
        "text/chapter%200.xhtml#anfang",
        "text/chapter 0.xhtml",
        "Text/Chapter%200.XHTML",
        "./text/../text/chapter%200.xhtml",
    ],
)
def test_a_chapter_is_found_by_a_link_that_reading_programs_follow(link: str) -> None:
    found = book([MOOR], (OPF, 'href="text/chapter%200.xhtml"', f'href="{link}"'))
    assert "neun Meter" in found.text and not found.omissions


def test_chapters_aside_of_the_order_are_read() -> None:
    found = book([MOOR, WIRT], (OPF, '<itemref idref="c1"/>', '<itemref idref="c1" linear="no"/>'))
    assert "um 1790" in found.text


@pytest.mark.parametrize("codec", ["cp1252", "utf-16"])
def test_a_chapter_is_read_in_the_encoding_that_it_declares(codec: str) -> None:
    name = "iso-8859-1" if codec == "cp1252" else codec
    chapter = f'<?xml version="1.0" encoding="{name}"?><html><body><p>Der Müller zahlt 5 €.</p></body></html>'
    assert book([MOOR], c0=chapter.encode(codec)).text.strip() == "Der Müller zahlt 5 €."


ENCRYPTED = (
    '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/><CipherData><CipherReference URI="{}"/></CipherData>'
    "</EncryptedData></encryption>"
)


def test_a_book_for_one_program_alone_is_refused_by_name() -> None:
    aes = ENCRYPTED.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/text/chapter%200.xhtml")
    with pytest.raises(Unreadable, match="encrypted"):
        book([MOOR], c0=bytes(range(256)) * 9, **{"META-INF/encryption.xml": aes})


@pytest.mark.parametrize(
    ("method", "link"),
    [
        ("http://www.idpf.org/2008/embedding", "OEBPS/fonts/a.otf"),
        ("http://ns.adobe.com/pdf/enc#RC", "OEBPS/fonts/a.otf"),
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/images/a.jpg"),
    ],
)
def test_hidden_fonts_and_pictures_do_not_stop_the_reading(method: str, link: str) -> None:
    found = book([MOOR], **{"META-INF/encryption.xml": ENCRYPTED.format(method, link)})
    assert "neun Meter" in found.text


CONTENTS = (
    '<nav epub:type="toc"><ol><li><a href="text/chapter%200.xhtml">Vorwort</a><li><a href="text/chapter%201.xhtml">'
    "Das Moor</a></ol></nav>"
)


def test_the_list_of_contents_is_no_text_but_names_chapters_without_a_heading() -> None:
    found = book(
        ["<p>VORWORT</p><p>Ich danke allen.</p>", MOOR, "<p>x</p>"],
        (OPF, "<item ", '<item id="toc" href="toc.xhtml" properties="nav"/><item '),
        (OPF, '<itemref idref="c2"/>', '<itemref idref="toc"/>'),
        **{"OEBPS/toc.xhtml": f'<html xmlns:epub="http://www.idpf.org/2007/ops"><body>{CONTENTS}</body></html>'},
    )
    assert found.text == "# Vorwort\n\nIch danke allen.\n\n# Das Moor\n\nEs ist neun Meter tief.\n\n"


def test_a_page_of_links_to_chapters_is_no_text() -> None:
    links = "".join(f'<p><a href="chapter%20{number}.xhtml">Kapitel {number}</a></p>' for number in range(1, 7))
    found = book([f"<h1>Inhalt</h1>{links}", MOOR])
    assert "Kapitel 3" not in found.text and len(found.pages) == 1


def test_a_cover_is_no_chapter_but_a_picture() -> None:
    found = book(['<svg><image href="c.jpg"/></svg>', MOOR, '<img src="m.jpg"/><p>Ein Bild.</p>'])
    assert len(found.pages) == 2 and told(found) == ["images: 2"]


def test_notes_of_a_chapter_stand_at_its_end() -> None:
    noted = (
        "<p>Balthasar Röhl.<sup><a epub:type='noteref' href='#n1'>1</a></sup> Er kam spät.</p>"
        "<aside epub:type='footnote' id='n1'><p>1 Kirchenbuch, Seite 12.</p></aside><p>Ende.</p>"
    )
    found = book([noted, noted])
    chapter = "Balthasar Röhl.[^1] Er kam spät.\n\nEnde.\n\n[^1]: Kirchenbuch, Seite 12."
    assert found.text == f"{chapter}\n\n{chapter}\n\n"


def test_notes_that_have_a_chapter_of_their_own_are_notes() -> None:
    marks = '<p>Röhl.<a id="r1" href="chapter%201.xhtml#n1" epub:type="noteref">1</a> Er kam.</p>'
    notes = (
        '<h2>Noten</h2><p id="n1"><a href="chapter%200.xhtml#r1">1</a>. Kirchenbuch.</p><ol><li>Kein Beleg.</li></ol>'
    )
    found = book([marks, notes])
    assert found.text.startswith("Röhl.[^1] Er kam.\n\n## Noten\n\n[^1]: Kirchenbuch.\n\n1. Kein Beleg.")


def test_tables_and_lists_of_a_book_are_written_as_those_of_pages() -> None:
    found = book(
        ["<table><tr><th>Jahr</th><th>Ort</th></tr><tr><td>1790</td><td>Moor</td></tr></table><ul><li>Torf</li></ul>"]
    )
    assert found.text.strip() == "| Jahr | Ort |\n| --- | --- |\n| 1790 | Moor |\n\n- Torf"


def test_of_several_dates_that_of_publication_counts() -> None:
    dates = '<dc:date event="modification">2024-01-01</dc:date><dc:date event="publication">1998</dc:date>'
    assert book([MOOR], (OPF, "<dc:date>2021-05-01</dc:date>", dates)).date == "1998"


def test_a_book_without_any_of_its_chapters_is_refused() -> None:
    with pytest.raises(Unreadable, match="none of its chapters"):
        book([MOOR, WIRT], c0=None, c1=None)


def test_what_is_left_out_of_a_book_goes_with_its_document() -> None:
    document = read(Path("a.epub"), raw=make_zip(epub_files([MOOR, "<img src='a'/><p>Bild</p>"])))
    assert [str(each) for each in document.omissions] == ["images: 1"]
