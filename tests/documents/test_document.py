"""Held: every format is read whole and in order, and nothing but UnreadableDocument comes of a bad file."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import fpdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.documents.document import READERS, Document, document_id, read
from rag.errors import UnreadableDocument

SENTENCES = (
    "Die Mühle am Bach brannte im März 1907 ab.",
    "Später baute die Gemeinde dort eine größere Säge.",
    "Über der Tür hängt noch heute das alte Schild.",
)
TEXT = " ".join(SENTENCES)


# --- one good file a format ------------------------------------------------------------


def make_html(body: str, head: str = "<title>Die Mühle</title>") -> bytes:
    page = f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return page.encode("utf-8")


def make_pdf(pages: list[str], title: str = "", password: str = "") -> bytes:
    pdf = fpdf.FPDF()
    if password:
        pdf.set_encryption(owner_password=password + "!", user_password=password)
    if title:
        pdf.set_title(title)
    pdf.set_font("helvetica", size=12)
    for page in pages:
        pdf.add_page()
        if page:
            pdf.multi_cell(0, 7, page)
    return bytes(pdf.output())


def make_docx(*blocks: str | list[list[str]], title: str = "") -> bytes:
    """A Word document of paragraphs, "# headings" and tables (lists of rows)."""
    document = docx.Document()
    document.core_properties.title = title
    for block in blocks:
        if isinstance(block, list):
            table = document.add_table(len(block), len(block[0]))
            for row, cells in enumerate(block):
                for column, cell in enumerate(cells):
                    table.cell(row, column).text = cell
        elif block.startswith("# "):
            document.add_heading(block[2:], 1)
        else:
            document.add_paragraph(block)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def make_zip(files: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)


def epub_files(chapters: list[str], title: str = "", date: str = "") -> dict[str, str | bytes]:
    """The files of an EPUB, whose chapters stand in the archive in reverse order."""
    numbers = range(len(chapters))
    items = "".join(f'<item id="c{number}" href="text/chapter%20{number}.xhtml"/>' for number in numbers)
    order = "".join(f'<itemref idref="c{number}"/>' for number in numbers)
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>{title}</dc:title><dc:date>{date}</dc:date>'
        f"</metadata><manifest>{items}</manifest><spine>{order}</spine></package>",
    }
    for number in reversed(numbers):
        files[f"OEBPS/text/chapter {number}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
            f"<title>Datei {number}</title></head><body>{chapters[number]}</body></html>"
        )
    return files


def make_epub(chapters: list[str], title: str = "", date: str = "") -> bytes:
    return make_zip(epub_files(chapters, title, date))


GOOD: dict[str, bytes] = {
    ".txt": TEXT.encode(),
    ".text": TEXT.encode(),
    ".md": f"# Die Mühle\n\n{TEXT}\n".encode(),
    ".markdown": f"# Die Mühle\n\n{TEXT}\n".encode(),
    ".html": make_html(f"<h1>Die Mühle</h1><p>{TEXT}</p>"),
    ".htm": make_html(f"<h1>Die Mühle</h1><p>{TEXT}</p>"),
    ".pdf": make_pdf([TEXT], title="Die Mühle"),
    ".docx": make_docx(TEXT, title="Die Mühle"),
    ".epub": make_epub([f"<p>{TEXT}</p>"], title="Die Mühle", date="2024-11-03"),
}
SUFFIXES = sorted(GOOD)


def write(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def flat(text: str) -> str:
    return " ".join(text.split())


def test_every_format_has_a_good_file_here() -> None:
    assert set(GOOD) == set(READERS)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_good_file_is_read_whole(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"Mühle{suffix}", GOOD[suffix])
    document = read(path, name=f"ordner/Mühle{suffix}")
    assert TEXT in flat(document.text)
    assert document.language == "de"
    assert document.path == str(path)
    assert document.name == f"ordner/Mühle{suffix}"
    assert document.id == document_id(path)
    assert document.sha256 == hashlib.sha256(GOOD[suffix]).hexdigest()
    assert document.body == 0
    assert document.pages == (0,)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_ending_in_capitals_is_the_same_ending(suffix: str, tmp_path: Path) -> None:
    assert SENTENCES[0] in flat(read(write(tmp_path, f"A{suffix.upper()}", GOOD[suffix])).text)


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix not in {".txt", ".text"}])
def test_the_title_is_the_one_the_file_gives(suffix: str, tmp_path: Path) -> None:
    assert read(write(tmp_path, f"a{suffix}", GOOD[suffix])).title == "Die Mühle"


def test_a_text_without_a_title_is_called_by_its_first_words(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", b"Der Steg\n\nEr ist alt.")).title == "Der Steg"
    assert read(write(tmp_path, "b.txt", b"Der Steg ist alt. Er wackelt.")).title == "Der Steg ist alt…"
    long = read(write(tmp_path, "c.txt", ("Der Steg " + "und noch ein Steg " * 20).encode())).title
    assert long.startswith("Der Steg und noch") and long.endswith("…") and len(long) <= 81


def test_the_date_comes_from_front_matter_meta_data_or_the_date_line(tmp_path: Path) -> None:
    head = '<title>Die Mühle</title><meta name="date" content="2024-11-03">'
    dated = make_html(f"<h1>Die Mühle</h1><p>{TEXT}</p>", head)
    assert read(write(tmp_path, "a.html", dated)).date == "2024-11-03"
    assert read(write(tmp_path, "a.epub", GOOD[".epub"])).date == "2024-11-03"
    assert read(write(tmp_path, "a.md", f"---\ndate: 2024-11\n---\n{TEXT}".encode())).date == "2024-11"
    assert read(write(tmp_path, "a.txt", f"date 2024-11 {TEXT}".encode())).date == "2024-11"
    assert read(write(tmp_path, "b.txt", TEXT.encode())).date is None


def test_bytes_that_are_given_are_not_read_again(tmp_path: Path) -> None:
    document = read(tmp_path / "never-written.txt", raw=TEXT.encode())
    assert document.text == TEXT
    assert document.name == "never-written.txt"


# --- text and Markdown -----------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    ["date 2024-11 ", " date 2024-11 ", "\n\t date 2024-11\t ", "date: 2024-11 ", "\ufeffdate 2024-11", "date 2024-11"],
)
@pytest.mark.parametrize("ending", [".txt", ".md"])
def test_the_body_starts_after_a_date_line(head: str, ending: str, tmp_path: Path) -> None:
    document = read(write(tmp_path, f"a{ending}", f"{head}\n{TEXT}".encode()))
    assert document.date == "2024-11"
    assert document.text[document.body :] == f"\n{TEXT}"
    one_line = read(write(tmp_path, f"b{ending}", f"{head.rstrip()} {TEXT}".encode()))
    assert one_line.text[one_line.body :] == TEXT
    assert one_line.title == SENTENCES[0].rstrip(".") + "…"


@pytest.mark.parametrize("date", ["2024-11", "2024-11-03"])
def test_a_date_line_may_hold_a_month_or_a_day(date: str, tmp_path: Path) -> None:
    document = read(write(tmp_path, "a.txt", f"date {date} {TEXT}".encode()))
    assert (document.date, document.text[document.body :]) == (date, TEXT)


@pytest.mark.parametrize(
    "head", ["update 2024-11 ", "dates 2024-11 ", "date 1984 ", "date 20245 ", "date 2024-111 ", "date2024-11 "]
)
def test_what_only_looks_like_a_date_line_is_text(head: str, tmp_path: Path) -> None:
    document = read(write(tmp_path, "a.txt", (head + TEXT).encode()))
    assert (document.date, document.body) == (None, 0)


@pytest.mark.parametrize("before", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("close", ["---", "..."])
def test_the_body_starts_after_front_matter(before: str, newline: str, close: str, tmp_path: Path) -> None:
    front = ["---", "Title: 'Die Mühle: ein Haus'", "date: 2024-11-03", "tags: [bach, säge]", close, ""]
    text = before + newline.join(front) + TEXT
    document = read(write(tmp_path, "a.md", text.encode()))
    assert (document.title, document.date) == ("Die Mühle: ein Haus", "2024-11-03")
    assert document.text == text
    assert document.text[document.body :] == TEXT


def test_front_matter_without_a_title_leaves_it_to_the_heading(tmp_path: Path) -> None:
    raw = f"---\ndate: 2024\ntitle:\n---\n\n## Der Bach ##\n\n{TEXT}".encode()
    document = read(write(tmp_path, "a.md", raw))
    assert (document.title, document.date) == ("Der Bach", "2024")


def test_values_in_front_matter_stay_as_they_are_written(tmp_path: Path) -> None:
    document = read(write(tmp_path, "a.md", f"---\ntitle: 007\ndate: 2024-11-03T10:20:00\n---\n{TEXT}".encode()))
    assert (document.title, document.date) == ("007", "2024-11-03")


@pytest.mark.parametrize(
    "line",
    [
        "title: !!bool vielleicht", "title: !!timestamp gestern", "title: !!int ''", "title: !!python/name:os.system x",
        'title: "\\ud800"', "title: &a [*a]", "title: {? [a] : b}", "date: 2024-99-99", "date: .inf", "title: *nowhere",
        "title: [", "<<: 3", "title: \x01", "- " * 2000, "date: 0001-01-01 00:00:00 +23:00", "title: ~",
    ],
)  # fmt: skip
def test_front_matter_of_any_kind_does_not_stop_the_reading(line: str, tmp_path: Path) -> None:
    document = read(write(tmp_path, "a.md", f"---\n{line}\n---\n{TEXT}".encode()))
    assert TEXT in document.text[document.body :]
    assert document.title.encode("utf-8") and document.title.isprintable()


def test_a_text_file_has_no_front_matter(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", f"---\ntitle: A\n---\n{TEXT}".encode())).body == 0


@pytest.mark.parametrize("ending", [".txt", ".md"])
def test_line_endings_and_the_byte_order_mark_are_kept(ending: str, tmp_path: Path) -> None:
    text = "\ufeff# Die Mühle\r\n\r\nSie brannte.\rSie steht\u2028nicht mehr.\fEnde\x0b\u00adja.\r\n"
    path = write(tmp_path, f"a{ending}", text.encode("utf-8"))
    with path.open(encoding="utf-8", newline="") as stream:
        assert read(path).text == stream.read() == text


# --- the other formats -----------------------------------------------------------------


def test_each_sentence_of_a_pdf_lies_on_its_page() -> None:
    document = read(Path("a.pdf"), raw=make_pdf(list(SENTENCES)))
    assert len(document.pages) == 3
    for number, sentence in enumerate(SENTENCES, 1):
        start = document.text.index(sentence)
        assert document.page(start) == document.page(start + len(sentence) - 1) == number
    assert document.page(len(document.text)) == 3


def test_a_page_without_text_still_counts() -> None:
    document = read(Path("a.pdf"), raw=make_pdf([SENTENCES[0], "", SENTENCES[1]]))
    assert document.page(document.text.index(SENTENCES[1])) == 3


def test_empty_pages_at_the_end_begin_within_the_text() -> None:
    document = read(Path("a.pdf"), raw=make_pdf([TEXT, "", "", ""]))
    assert len(document.pages) == 4 and document.pages[-1] <= len(document.text)


def test_a_sentence_over_two_pages_stays_one() -> None:
    document = read(Path("a.pdf"), raw=make_pdf(["Die Mühle am Bach", "brannte im März ab."]))
    assert "Die Mühle am Bach brannte im März ab." in flat(document.text)
    assert "\n\n" not in document.text


def test_words_hyphenated_at_a_line_end_of_a_pdf_are_joined() -> None:
    page = "Das war eine Militär-\npartnerschaft, und die Nord-\nSüd-Achse von 1990-\n1995 war neu. Er-\nneut."
    text = read(Path("a.pdf"), raw=make_pdf([page])).text
    assert "eine Militärpartnerschaft, und die Nord-Süd-Achse" in text
    assert "Erneut." in text
    assert "1990-1995" in text.replace("\n", "")
    assert not {"\ufffe", "\x02", "\u00ad"} & set(text)


def test_chapters_of_an_epub_stand_in_reading_order_a_page_each() -> None:
    chapters = [f"<h1>Kapitel {number}</h1><p>{sentence}</p>" for number, sentence in enumerate(SENTENCES, 1)]
    document = read(Path("a.epub"), raw=make_epub(chapters))
    offsets = [document.text.index(sentence) for sentence in SENTENCES]
    assert offsets == sorted(offsets)
    assert [document.page(offset) for offset in offsets] == [1, 2, 3]
    assert "Datei" not in document.text  # the title of a chapter's file is not its text


TABLE = [["Jahr", "Gäste"], ["1907", "11.000"], ["1908", "12.500"]]


def test_tables_of_a_word_document_come_row_by_row_in_their_place() -> None:
    text = read(Path("a.docx"), raw=make_docx("# Überschrift", SENTENCES[0], TABLE, SENTENCES[1])).text
    assert text.split("\n\n") == [
        "Überschrift",
        SENTENCES[0],
        "| Jahr | Gäste |\n| 1907 | 11.000 |\n| 1908 | 12.500 |",
        SENTENCES[1],
    ]


def test_tables_and_lists_of_a_page_come_row_by_row_in_their_place() -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in TABLE)
    items = "<ul><li>Brot</li><li>Käse</li></ul>"
    body = f"<article><h2>Zahlen</h2><p>{TEXT}</p><table>{rows}</table>{items}<p>Danach war Ruhe.</p></article>"
    lines = [line.strip() for line in read(Path("a.html"), raw=make_html(body)).text.splitlines()]
    expected = [
        "## Zahlen", TEXT, "| Jahr | Gäste |", "| 1907 | 11.000 |", "| 1908 | 12.500 |",
        "- Brot", "- Käse", "Danach war Ruhe.",
    ]  # fmt: skip
    assert [line for line in lines if line in expected] == expected


def test_signs_of_markup_do_not_get_into_the_text_of_a_page() -> None:
    body = (
        "<p>Die <b>alte</b> <em>Mühle</em> und <i>die <code>neue_Säge</code></i> sagen Besucher*innen, Leser_innen "
        "und [sic] 5 &lt; 6, 2**3 oder C:\\_x, dass 1907<sup>3</sup> und 1908<sup><a>12</a></sup> gut waren.</p>"
    )
    text = read(Path("a.html"), raw=make_html(f"<article>{body}<p>{TEXT}</p></article>")).text
    assert (
        "Die alte Mühle und die neue_Säge sagen Besucher*innen, Leser_innen "
        "und [sic] 5 < 6, 2**3 oder C:\\_x, dass 1907³ und 1908¹² gut waren."
    ) in text


def test_a_note_sign_in_an_epub_does_not_become_part_of_a_number() -> None:
    chapter = "<p>Im Jahr 1907<sup>3</sup> und 1908<sup class='n'><a href='#n'>12</a></sup> brannte es.</p>"
    assert "Im Jahr 1907³ und 1908¹² brannte es." in read(Path("a.epub"), raw=make_epub([chapter])).text


def test_soft_hyphens_are_left_out_of_extracted_text() -> None:
    words = "Die Militär\u00adpartner\u00adschaft hielt lange. Das Dorf am Fluss freute sich darüber."
    for ending, raw in {
        ".html": make_html(f"<p>{words}</p>"),
        ".docx": make_docx(words),
        ".epub": make_epub([f"<p>{words}</p>"]),
    }.items():
        assert "Die Militärpartnerschaft hielt" in read(Path(f"a{ending}"), raw=raw).text, ending


def test_a_page_may_name_another_encoding() -> None:
    page = f'<html><head><meta charset="iso-8859-1"><title>Mühle</title></head><body><p>{TEXT}</p></body></html>'
    assert TEXT in read(Path("a.html"), raw=page.encode("latin-1")).text


# --- bad files -------------------------------------------------------------------------


def refused(path: Path) -> str:
    """Return the reason for which the file is refused; the message holds its name as well."""
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    message, reason = str(caught.value), caught.value.reason
    assert path.name in message
    assert len(reason) >= 10 and reason in message
    assert "\n" not in message
    return reason


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("raw", [b"", b" \n\t\r\n \n"], ids=["empty", "white space"])
def test_an_empty_file_is_refused(raw: bytes, suffix: str, tmp_path: Path) -> None:
    assert refused(write(tmp_path, f"leer{suffix}", raw)) == "the file is empty"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.txt", "\ufeff \r\n\u2003\n".encode()),
        ("a.md", "\ufeff".encode()),
        ("b.txt", b"date 2024-11 \n"),
        ("b.md", b"---\ntitle: A\n---\n\n"),
        ("a.html", make_html("<p> </p><script>var mill = 1;</script>")),
        ("a.docx", make_docx()),
        ("a.epub", make_epub(["<p> </p>"], title="Die Mühle")),
        ("b.epub", make_epub([])),
        ("a.pdf", make_pdf([""])),
    ],
)
def test_a_file_that_holds_no_text_is_refused(name: str, raw: bytes, tmp_path: Path) -> None:
    assert "no text" in refused(write(tmp_path, name, raw))


def test_a_scan_is_told_from_an_empty_file(tmp_path: Path) -> None:
    assert "OCR" in refused(write(tmp_path, "scan.pdf", make_pdf(["", ""])))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("suffix", "kind"), [(".pdf", "PDF"), (".docx", "Word document"), (".epub", "EPUB")])
def test_a_truncated_file_is_named_with_its_reason(suffix: str, kind: str, share: float, tmp_path: Path) -> None:
    raw = GOOD[suffix]
    assert kind in refused(write(tmp_path, f"halb{suffix}", raw[: int(len(raw) * share)]))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_truncated_page_is_read_or_refused(share: float, tmp_path: Path) -> None:
    path = write(tmp_path, "halb.html", GOOD[".html"][: int(len(GOOD[".html"]) * share)])
    try:
        assert read(path).text.strip()
    except UnreadableDocument as error:
        assert "halb.html" in str(error)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_a_text_cut_within_a_letter_is_refused(suffix: str, tmp_path: Path) -> None:
    raw = GOOD[suffix]
    assert "not UTF-8" in refused(write(tmp_path, f"halb{suffix}", raw[: raw.index("ü".encode()) + 1]))


DISGUISES = {**GOOD, "a zip file": make_zip({"notes.txt": TEXT})}


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx", ".epub"])
@pytest.mark.parametrize("kind", [".txt", ".html", ".pdf", ".docx", ".epub", "a zip file"])
def test_a_file_under_a_wrong_ending_is_refused(kind: str, suffix: str, tmp_path: Path) -> None:
    if kind == suffix or (kind in {".txt", ".html"} and suffix in {".txt", ".md"}):
        assert SENTENCES[0] in flat(read(write(tmp_path, f"a{suffix}", DISGUISES[kind])).text)  # no wrong ending
    else:
        refused(write(tmp_path, f"verkleidet{suffix}", DISGUISES[kind]))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_bytes_are_refused(seed: int, suffix: str, tmp_path: Path) -> None:
    refused(write(tmp_path, f"zufall{suffix}", random.Random(seed).randbytes(5000)))


@pytest.mark.parametrize("suffix", [".txt", ".text", ".md", ".markdown"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-be", "utf-32"])
def test_a_text_that_is_not_utf_8_is_refused(encoding: str, suffix: str, tmp_path: Path) -> None:
    reason = refused(write(tmp_path, f"alt{suffix}", TEXT.encode(encoding)))
    if encoding == "latin-1":
        assert "0xFC at 5" in reason and "iconv" in reason
    elif encoding == "utf-16":
        assert "UTF-16" in reason and "iconv" in reason


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_hundred_megabytes_of_one_line_are_refused(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"riesig{suffix}", b"mill " * 20_000_000)
    assert "100 MB" in refused(path)
    path.unlink()


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".epub"])
def test_a_file_over_the_limit_of_its_format_is_refused(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"riesig{suffix}", GOOD[suffix])
    with path.open("r+b") as stream:
        stream.truncate(201_000_000)  # sparse
    assert "201 MB" in refused(path)


def test_a_line_under_the_limit_is_read(tmp_path: Path) -> None:
    document = read(write(tmp_path, "lang.txt", b"mill " * 3_900_000))
    assert len(document.text) == 19_500_000
    assert len(document.title) <= 81


def with_central_field(raw: bytes, entry: str, offset: int, value: bytes) -> bytes:
    """Change a field of an entry in a zip file's central directory."""
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(entry.encode()))
    return raw[: at + offset] + value + raw[at + offset + len(value) :]


ENTRY = {".docx": "word/document.xml", ".epub": "OEBPS/book.opf"}


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
def test_a_file_that_claims_to_unpack_to_gigabytes_is_refused(suffix: str, tmp_path: Path) -> None:
    raw = with_central_field(GOOD[suffix], ENTRY[suffix], 24, struct.pack("<I", 3_000_000_000))
    assert "400 MB" in refused(write(tmp_path, f"bombe{suffix}", raw))


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (24, struct.pack("<I", 10)),  # unpacks to more than it claims
        (6, struct.pack("<H", 255)),  # wants a later zip version
        (8, struct.pack("<H", 1)),  # encrypted
        (10, struct.pack("<H", 77)),  # a compression nobody knows
        (10, struct.pack("<H", 14)),  # LZMA, which it is not
        (16, struct.pack("<I", 1)),  # a wrong checksum
        (42, struct.pack("<I", 2_000_000_000)),  # lies beyond the end
    ],
    ids=["longer", "version", "encrypted", "method", "lzma", "checksum", "beyond"],
)
def test_a_zip_file_that_lies_is_refused(offset: int, value: bytes, suffix: str, tmp_path: Path) -> None:
    refused(write(tmp_path, f"luege{suffix}", with_central_field(GOOD[suffix], ENTRY[suffix], offset, value)))


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
def test_damaged_compressed_data_is_refused(suffix: str, tmp_path: Path) -> None:
    raw = GOOD[suffix]
    at = raw.index(ENTRY[suffix].encode()) + len(ENTRY[suffix]) + 20
    refused(write(tmp_path, f"kratzer{suffix}", raw[:at] + b"\xff" * 40 + raw[at + 40 :]))


def laughs(element: str) -> str:
    """An XML file whose entities, taken apart, are a thousand million letters."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><{element}>&l9;</{element}>'


@pytest.mark.parametrize(
    ("missing", "instead"),
    [
        ("META-INF/container.xml", None),
        ("META-INF/container.xml", "<container/>"),
        ("META-INF/container.xml", "kein XML"),
        ("OEBPS/book.opf", None),
        ("OEBPS/book.opf", ""),
        ("OEBPS/book.opf", laughs("package")),
        ("OEBPS/book.opf", '<package><spine><itemref idref="nirgends"/></spine></package>'),
        ("OEBPS/text/chapter 0.xhtml", None),
        ("OEBPS/text/chapter 0.xhtml", ""),
        ("OEBPS/text/chapter 0.xhtml", "<div>" * 5000),
    ],
)
def test_an_epub_without_its_parts_is_refused(missing: str, instead: str | None, tmp_path: Path) -> None:
    files = epub_files([f"<p>{TEXT}</p>"])
    if instead is None:
        del files[missing]
    else:
        files[missing] = instead
    refused(write(tmp_path, "a.epub", make_zip(files)))


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
@pytest.mark.parametrize("instead", [None, "", "kein XML", "<x/>", laughs("x")])
def test_a_word_document_without_its_parts_is_refused(part: str, instead: str | None, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD[".docx"])) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    if instead is None:
        del files[part]
    else:
        files[part] = instead
    refused(write(tmp_path, "a.docx", make_zip(files)))


def test_a_pdf_with_a_password_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "geheim.pdf", make_pdf([TEXT], password="fluss"))) == "it needs a password"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_and_a_missing_file_are_refused(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"x{suffix}").mkdir()
    assert "directory" in refused(tmp_path / f"x{suffix}")
    assert "No such file" in refused(tmp_path / f"fort{suffix}")


@pytest.mark.parametrize("name", ["a.xyz", "a.doc", "ohne", ".txt", "a.txt.bak"])
def test_an_unknown_ending_is_refused_with_the_known_ones(name: str, tmp_path: Path) -> None:
    reason = refused(write(tmp_path, name, TEXT.encode()))
    assert all(suffix in reason for suffix in SUFFIXES)


def test_a_name_that_is_not_valid_text_is_refused_in_valid_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"M\xfchle.txt")
    try:
        path.write_text(TEXT)
    except OSError:
        pytest.skip("this file system takes valid names only")
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    assert "hle.txt" in str(caught.value)
    assert str(caught.value).encode("utf-8")


# --- any bytes -------------------------------------------------------------------------


def read_or_refuse(suffix: str, raw: bytes) -> None:
    try:
        document = read(Path(f"any{suffix}"), raw=raw)
    except UnreadableDocument as error:
        assert f"any{suffix}" in str(error)
        assert str(error).encode("utf-8")
    else:
        sound(document)


def sound(document: Document) -> None:
    assert document.title.strip() and document.title.encode("utf-8") and document.language
    assert document.text[document.body :].strip() and document.text.encode("utf-8")
    assert 0 <= document.body < len(document.text)
    assert document.pages[0] == 0 and list(document.pages) == sorted(document.pages)


MAGIC = st.sampled_from([b"", b"\xef\xbb\xbf", b"---\n", b"date 2024-11 ", b"<html>", b"%PDF-1.7\n", b"PK\x03\x04"])
ANY_FORMAT = pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx", ".epub"])


@ANY_FORMAT
@settings(max_examples=25, deadline=None)
@given(magic=MAGIC, raw=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused(suffix: str, magic: bytes, raw: bytes) -> None:
    read_or_refuse(suffix, magic + raw)


Edit = Callable[[bytes], bytes]
PLACE = st.floats(0, 1, exclude_max=True)


def overwrite(place: float, value: bytes) -> Edit:
    return lambda raw: raw[: int(place * len(raw))] + value + raw[int(place * len(raw)) + len(value) :]


def cut(place: float, width: int) -> Edit:
    return lambda raw: raw[: int(place * len(raw))] + raw[int(place * len(raw)) + width :]


EDITS = st.lists(
    st.one_of(
        st.builds(overwrite, PLACE, st.binary(min_size=1, max_size=4)), st.builds(cut, PLACE, st.integers(1, 50))
    ),
    min_size=1,
    max_size=4,
)


@ANY_FORMAT
@settings(max_examples=25, deadline=None)
@given(edits=EDITS)
@example(edits=[overwrite(0.5, b"\xff\xfe")])
def test_a_damaged_file_is_read_or_refused(suffix: str, edits: list[Edit]) -> None:
    raw = GOOD[suffix]
    for edit in edits:
        raw = edit(raw)
    read_or_refuse(suffix, raw)
