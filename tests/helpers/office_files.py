"""Workbooks, presentations, OpenDocument texts, RTF documents and e-mails, of given XML or text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from xml.sax.saxutils import escape

from zip_files import make_zip

_FORMATS = "http://schemas.openxmlformats.org"
_KINDS = f"{_FORMATS}/officeDocument/2006/relationships"
_TYPES = (
    f'<Types xmlns="{_FORMATS}/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_CORE = (
    f'<cp:coreProperties xmlns:cp="{_FORMATS}/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)
SHEET = f'xmlns="{_FORMATS}/spreadsheetml/2006/main" xmlns:r="{_KINDS}"'
SLIDE = (
    f'xmlns:p="{_FORMATS}/presentationml/2006/main" xmlns:a="{_FORMATS}/drawingml/2006/main" xmlns:r="{_KINDS}" '
    f'xmlns:c="{_FORMATS}/drawingml/2006/chart" xmlns:mc="{_FORMATS}/markup-compatibility/2006"'
)


def relations(**targets: str) -> str:
    """Relations by the ids given; the kind is the id without its number."""
    inner = "".join(
        f'<Relationship Id="{id_}" Type="{_KINDS}/{id_.rstrip("0123456789")}" Target="{target}"/>'
        for id_, target in targets.items()
    )
    return f'<Relationships xmlns="{_FORMATS}/package/2006/relationships">{inner}</Relationships>'


def _package(main: str, title: str, files: Mapping[str, str]) -> bytes:
    top = relations(officeDocument=main, title="core.xml").replace(
        f"{_KINDS}/title", f"{_FORMATS}/package/2006/relationships/metadata/core-properties"
    )
    return make_zip(
        {"[Content_Types].xml": _TYPES, "_rels/.rels": top, "core.xml": _CORE.format(escape(title)), **files}
    )


# --- workbooks -------------------------------------------------------------------------------

Cell = str | float | tuple[float, int] | None  # a text, a number, a number in a style, nothing


def sheet_xml(rows: Sequence[Sequence[Cell]]) -> str:
    """The XML of rows of cells; an empty row is not in it."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(cell, f"{_letters(at)}{number}") for at, cell in enumerate(row) if cell is not None)
        lines.append(f'<row r="{number}">{cells}</row>' if cells else "")
    return f"<sheetData>{''.join(lines)}</sheetData>"


def _cell(cell: Cell, place: str) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    number, style = cell if isinstance(cell, tuple) else (cell, 0)
    return f'<c r="{place}" s="{style}"><v>{number}</v></c>'


def _letters(column: int) -> str:
    return (chr(ord("A") + column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def make_xlsx(
    rows: Sequence[Sequence[Cell]],
    title: str = "",
    formats: Sequence[str] = (),
    sheets: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> bytes:
    """A workbook of one sheet of `rows`, or of `sheets`: XML by name, "name|hidden" for one that is not shown.

    `formats` are those of the numbers in the styles from 1; `files` are put in as they are.
    """
    contents = dict(sheets) if sheets is not None else {"Tabelle1": sheet_xml(rows)}
    listed = "".join(
        f'<sheet name="{name.partition("|")[0]}" sheetId="{at}" r:id="worksheet{at}" '
        f'state="{name.partition("|")[2] or "visible"}"/>'
        for at, name in enumerate(contents, 1)
    )
    codes = "".join(
        f'<numFmt numFmtId="{200 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for at, code in enumerate(formats)
    )
    looks = '<xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{200 + at}"/>' for at in range(len(formats)))
    named = {f"worksheet{at}": f"sheet{at}.xml" for at in range(1, len(contents) + 1)}
    return _package(
        "xl/workbook.xml",
        title,
        {
            "xl/workbook.xml": f"<workbook {SHEET}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations(**named, styles="styles.xml"),
            "xl/styles.xml": f"<styleSheet {SHEET}><numFmts>{codes}</numFmts><fonts><font/></fonts>"
            f"<cellXfs>{looks}</cellXfs></styleSheet>",
            **{
                f"xl/sheet{at}.xml": f"<worksheet {SHEET}>{xml}</worksheet>"
                for at, xml in enumerate(contents.values(), 1)
            },
            **(files or {}),
        },
    )


# --- presentations ---------------------------------------------------------------------------


def shape(*paragraphs: str, kind: str = "", place: tuple[int, int, int, int] | None = None) -> str:
    """A box of paragraphs: texts, or their XML. `kind` is its placeholder, `place` left, top, width, height."""
    inner = "".join(
        each if each.startswith("<") else f"<a:p><a:r><a:t>{escape(each)}</a:t></a:r></a:p>" for each in paragraphs
    )
    fills = f'<p:ph type="{kind}"/>' if kind else ""
    at = (
        f'<a:xfrm><a:off x="{place[0]}" y="{place[1]}"/><a:ext cx="{place[2]}" cy="{place[3]}"/></a:xfrm>'
        if place
        else ""
    )
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{fills}</p:nvPr></p:nvSpPr><p:spPr>{at}</p:spPr><p:txBody>{inner}</p:txBody></p:sp>"
    )


def make_pptx(slides: Sequence[str], title: str = "", files: Mapping[str, str] | None = None) -> bytes:
    """A presentation of slides: texts, or the XML of their shapes, or of whole slides."""
    parts = {}
    for at, slide in enumerate(slides, 1):
        shapes = slide if slide.startswith("<") else shape(slide)
        whole = f"<p:sld {SLIDE}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        parts[f"ppt/slides/slide{at}.xml"] = slide if slide.startswith("<p:sld ") else whole
    listed = "".join(f'<p:sldId id="{255 + at}" r:id="slide{at}"/>' for at in range(1, len(slides) + 1))
    named = {f"slide{at}": f"slides/slide{at}.xml" for at in range(1, len(slides) + 1)}
    return _package(
        "ppt/presentation.xml",
        title,
        {
            "ppt/presentation.xml": f"<p:presentation {SLIDE}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(**named),
            **parts,
            **(files or {}),
        },
    )


# --- OpenDocument, RTF, e-mail ---------------------------------------------------------------

_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in {
        "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing", "meta": "meta",
    }.items()
)  # fmt: skip


def make_odt(
    body: str, styles: str = "", looks: str = "", title: str = "", files: Mapping[str, str] | None = None
) -> bytes:
    """An OpenDocument text of XML: its body, its automatic styles, and what stands in styles.xml."""
    meta = f"<dc:title>{escape(title)}</dc:title><dc:date>2023-02-01T10:00:00</dc:date>"
    return make_zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {_ODF}>"
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {_ODF}>{looks}</office:document-styles>",
            "meta.xml": f'<office:document-meta {_ODF} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>{meta}'
            "</office:meta></office:document-meta>",
            **(files or {}),
        }
    )


def make_rtf(text: str, title: str = "", head: str = "") -> bytes:
    """An RTF document of one paragraph."""
    return (
        rf"{{\rtf1\ansi\ansicpg1252\deff0{{\fonttbl{{\f0 Arial;}}}}{head}{{\info{{\title {_rtf(title)}}}}}"
        rf"\pard {_rtf(text)}\par}}"
    ).encode("ascii")


def _rtf(text: str) -> str:
    return "".join(sign if ord(sign) < 128 else rf"\u{ord(sign)}?" for sign in text)


def make_eml(text: str, subject: str = "", date: str = "", html: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = "Jana Öhm <jana@example.org>"
    message["To"] = "rat@example.org"
    message["Subject"] = subject
    if date:
        message["Date"] = date
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()
