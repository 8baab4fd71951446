"""Held: every format is read whole and in order, and nothing but UnreadableDocument comes of a bad file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from document_files import GOOD, SENTENCES, SUFFIXES, TEXT, flat, make_docx, make_epub, make_html, make_pdf, write

from rag.documents.document import READERS, document_id, read


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


UNTITLED = {".txt", ".text", ".csv", ".tsv"}


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix not in UNTITLED])
def test_the_title_is_the_one_the_file_gives(suffix: str, tmp_path: Path) -> None:
    assert read(write(tmp_path, f"a{suffix}", GOOD[suffix])).title == "Die Mühle"


def test_a_text_without_a_title_is_called_by_its_first_words(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", b"Der Steg\n\nEr ist alt.")).title == "Der Steg"
    assert read(write(tmp_path, "b.txt", b"Der Steg ist alt. Er wackelt.")).title == "Der Steg ist alt…"
    long = read(write(tmp_path, "c.txt", ("Der Steg " + "und noch ein Steg " * 20).encode())).title
    assert long.startswith("Der Steg und noch") and long.endswith("…") and len(long) <= 81


def test_a_text_that_begins_with_code_is_not_called_by_it(tmp_path: Path) -> None:
    fence = "```sh\n# Never on Fridays\nbackup --all\n```\n"
    assert (
        read(write(tmp_path, "a.md", f"{fence}\nThe archive is saved. It is big.".encode())).title
        == "The archive is saved…"
    )
    assert read(write(tmp_path, "b.md", fence.encode())).title


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
        "# Überschrift",
        SENTENCES[0],
        "| Jahr | Gäste |\n| --- | --- |\n| 1907 | 11.000 |\n| 1908 | 12.500 |",
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
    assert "Im Jahr 1907³ und 1908[^12] brannte es." in read(Path("a.epub"), raw=make_epub([chapter])).text


def test_a_file_that_begins_with_a_table_is_called_after_its_name() -> None:
    assert read(Path("Fahrplan.csv"), raw=b"Ort;Ab;An\nUlm;8:10;8:05\nHof;9:40;9:30\n").title == "Fahrplan"


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


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Protokoll vom 3. März 2025", "2025-03-03"),
        ("Minutes, 12 May 2024", "2024-05-12"),
        ("Minutes of May 12, 2024", "2024-05-12"),
        ("Sitzung am 03.02.2024", "2024-02-03"),
        ("2024-11-03 Board meeting", "2024-11-03"),
        ("# Protokoll vom 3. März 2025", "2025-03-03"),
        ("Die Schlacht vom 8. Mai 1945", None),  # its subject, not the document
        ("Protokoll vom März 2025", None),
        ("Ausgabe 2025", None),
        ("Vom 3. März 2025 bis zum 5. April 2025", None),
        ("Was geschah am 3. März 2025?", None),
        ("Am 3. März 2025 brannte die Mühle am Bach bis auf die Mauern nieder.", None),
        ("Protokoll vom 31. Februar 2025", None),
    ],
)
def test_a_day_in_the_title_line_is_the_date_of_a_document_without_one(
    line: str, date: str | None, tmp_path: Path
) -> None:
    assert read(write(tmp_path, "a.txt", f"{line}\n\n{TEXT}".encode())).date == date
    assert read(write(tmp_path, "a.md", f"{line}\n\n{TEXT}".encode())).date == date


def test_a_day_in_the_body_dates_nothing_and_one_that_is_given_goes_before_the_title(tmp_path: Path) -> None:
    body = f"Protokoll\n\n{TEXT}\n\nSitzung am 3. März 2025\n"
    assert read(write(tmp_path, "a.txt", body.encode())).date is None
    given = f"---\ndate: 2024-11\n---\n# Protokoll vom 3. März 2025\n\n{TEXT}"
    assert read(write(tmp_path, "a.md", given.encode())).date == "2024-11"
