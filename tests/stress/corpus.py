"""Small documents of every format, in two versions, and questions about them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import fpdf

_PLACES = "Oberwiesen Lindau Hestray Norderney Kelheim Ravensford Tolk Brandis Mirow Aldbury Zwiesel Penrith".split()
_THINGS = ("mill", "bridge", "chapel", "school", "lighthouse", "bakery")
_PEOPLE = ("Karl Lohse", "Ilse Brandt", "Ada Whitby", "Tom Farrow", "Hanna Behrens", "John Marsh", "Greta Voss")
_ENDINGS = (".txt", ".md", ".html", ".txt", ".docx", ".md", ".txt", ".epub", ".pdf")


def name(n: int) -> str:
    """Return the name of document `n`: in this order they are indexed."""
    return f"{n:03}-{_PLACES[n % len(_PLACES)].lower()}{_ENDINGS[n % len(_ENDINGS)]}"


def facts(n: int, version: int = 1) -> tuple[str, str, int, str, int]:
    """Return what document `n` tells of: a thing, its place, a year, a person and a sum."""
    year = 1801 + (n * 37 + version * 11) % 190
    return (
        _THINGS[n % len(_THINGS)],
        f"{_PLACES[n % len(_PLACES)]} {n}",
        year,
        _PEOPLE[(n + version) % len(_PEOPLE)],
        1000 * (n + 2) + version,
    )


def paragraphs(n: int, version: int = 1) -> list[str]:
    """Return the text of document `n`; every version differs in every paragraph."""
    thing, place, year, person, cost = facts(n, version)
    return [
        f"The {thing} of {place} was built in {year}. {person} paid {cost:,} marks for it. Nobody remembers why.",
        f"In {year + 9} a storm took the roof of the {thing}. It was mended by {person} within {n % 7 + 2} weeks.",
        f"Das Gebäude in {place} ist seit {year + 60} ein Museum. Es hat jedes Jahr rund {cost // 7} Besucher.",
        f"The {version}. edition of this page was written for the {thing} of {place} alone, and for nothing else.",
    ]


def raw(n: int, version: int = 1) -> bytes:
    """Return the bytes of document `n`'s file, in the format that its name says."""
    title = f"The {facts(n)[0]} of {facts(n)[1]}"
    said = paragraphs(n, version)
    match Path(name(n)).suffix:
        case ".txt":
            return f"date {facts(n, version)[2]}-05 {chr(10).join(said)}\n".encode()
        case ".md":
            return f"# {title}\n\n{chr(10).join(f'{each}{chr(10)}' for each in said)}".encode()
        case ".html":
            body = "".join(f"<p>{each}</p>" for each in said)
            return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()
        case ".docx":
            return _docx(title, said)
        case ".epub":
            return _epub(title, said)
        case _:
            return _pdf(title, said)


def _docx(title: str, said: list[str]) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    document.core_properties.title = title
    for each in said:
        document.add_paragraph(each)
    document.save(stream)
    return stream.getvalue()


def plain_pdf() -> bytes:
    """Return a PDF whose pages are not compressed, so that damage to it reaches their parser."""
    return _pdf("Mill", paragraphs(0), compressed=False)


def _pdf(title: str, said: list[str], compressed: bool = True) -> bytes:
    pdf = fpdf.FPDF()
    pdf.set_compression(compressed)
    pdf.set_title(title)
    pdf.set_font("helvetica", size=12)
    for each in said:
        pdf.add_page()
        pdf.multi_cell(0, text=each)
    return bytes(pdf.output())


_CONTAINER = '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>'


def _epub(title: str, said: list[str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", _CONTAINER)
        items = "".join(f'<item id="c{n}" href="c{n}.xhtml"/>' for n in range(len(said)))
        refs = "".join(f'<itemref idref="c{n}"/>' for n in range(len(said)))
        head = f"<metadata><title>{title}</title></metadata>"
        archive.writestr("b.opf", f"<package>{head}<manifest>{items}</manifest><spine>{refs}</spine></package>")
        for n, each in enumerate(said):
            archive.writestr(f"c{n}.xhtml", f"<html><body><p>{each}</p></body></html>")
    return stream.getvalue()


def write(folder: Path, count: int, version: int = 1) -> Path:
    """Write the first `count` documents into a folder; return it. What has that content already is not touched."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / name(n)).write_bytes(made(n, version))
    return folder


_MADE: dict[tuple[int, int], bytes] = {}


def made(n: int, version: int = 1) -> bytes:
    """Return `raw`, made once: some formats hold the time of their making."""
    if (n, version) not in _MADE:
        _MADE[n, version] = raw(n, version)
    return _MADE[n, version]


def questions(count: int) -> list[str]:
    """Return questions about the first documents, some with an answer and some without."""
    asked = []
    for n in range(count):
        thing, place, *_ = facts(n)
        asked.append(
            (
                f"When was the {thing} of {place} built?",
                f"Wie viele Besucher hat das Museum in {place}?",
                f"Who paid for the {thing} of {place}?",
                "Who composed the opera about whales?",
            )[n % 4]
        )
    return asked
