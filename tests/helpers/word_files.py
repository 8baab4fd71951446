"""Word documents of given XML: what Word writes and python-docx does not."""

from __future__ import annotations

from zip_files import make_zip

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES = (
    f'xmlns:w="{W}" xmlns:r="{_KINDS}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_ROOTS = {"document": "document", "header": "hdr", "footer": "ftr"}


def word_file(body: str, relations: str = "", files: dict[str, str | bytes] | None = None, **parts: str) -> bytes:
    """A Word document of the body's XML and that of other parts: `styles`, `numbering`, `footnotes`, `header1`.

    `relations` are more of them, as XML; `files` are put in as they are. A part is related by its own name, which
    is the relation's id as well.
    """
    named = "".join(
        f'<Relationship Id="{name}" Type="{_KINDS}/{name.rstrip("0123456789")}" Target="{name}.xml"/>' for name in parts
    )
    contents = {"document": f"<w:body>{body}</w:body>", **parts}
    return make_zip(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _relations(
                f'<Relationship Id="d" Type="{_KINDS}/officeDocument" Target="word/document.xml"/>'
                '<Relationship Id="c" Target="docProps/core.xml" Type="http://schemas.openxmlformats.org/'
                'package/2006/relationships/metadata/core-properties"/>'
            ),
            "word/_rels/document.xml.rels": _relations(named + relations),
            **{f"word/{name}.xml": _part(name, xml) for name, xml in contents.items()},
            **(files or {}),
        }
    )


def _relations(inner: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{inner}</Relationships>'


def _part(name: str, inner: str) -> str:
    kind = name.rstrip("0123456789")
    root = _ROOTS.get(kind, kind)
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {_SPACES}>{inner}</w:{root}>'


def core(title: str = "", modified: str = "", description: str = "") -> str:
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dc:description>{description}</dc:description>"
        f"<dcterms:modified>{modified}</dcterms:modified></cp:coreProperties>"
    )


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    """A paragraph of runs, or of plain text."""
    inner = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def listed(text: str, number: int, level: int = 0) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def cell(content: str, properties: str = "") -> str:
    inner = content if content.startswith("<w:") else paragraph(content or run(""))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def table(*rows: list[str] | str, look: str = "") -> str:
    """A table of rows: lists of texts or of cells' XML, or a row's whole XML."""
    return f"<w:tbl><w:tblPr>{look}</w:tblPr>{''.join(map(_row, rows))}</w:tbl>"


def _row(row: list[str] | str) -> str:
    if isinstance(row, str):
        return row
    return "<w:tr>" + "".join(each if each.startswith("<w:tc>") else cell(each) for each in row) + "</w:tr>"


def field(asked: str, shown: str) -> str:
    """A field as Word writes it: what is asked for, and what it showed last."""
    marks = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    begin, separate, end = marks
    return f"{begin}<w:r><w:instrText> {asked} </w:instrText></w:r>{separate}{run(shown)}{end}"


def box(*paragraphs: str, before: str = "") -> str:
    """A text box as Word writes it: once as a shape, once as older programs know it."""
    inner = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>'
        f"{inner}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{inner}"
        f"</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>{before}</w:r>"
    )


def list_definition(id_: int, *levels: tuple[str, str], start: int = 1) -> str:
    """A list of levels, each its form and its text: ("decimal", "%1.")."""
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    return f'<w:abstractNum w:abstractNumId="{id_}">{inner}</w:abstractNum>'


def list_number(number: int, definition: int, inner: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{definition}"/>{inner}</w:num>'


def style(id_: str, name: str, inner: str = "", kind: str = "paragraph") -> str:
    return f'<w:style w:type="{kind}" w:styleId="{id_}"><w:name w:val="{name}"/>{inner}</w:style>'


def strict(raw: str) -> str:
    """XML of ISO 29500's strict form."""
    for usual, other in (
        ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "wordprocessingml/main"),
        ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "officeDocument/relationships"),
        ("http://schemas.openxmlformats.org/drawingml/2006/main", "drawingml/main"),
    ):
        raw = raw.replace(usual, f"http://purl.oclc.org/ooxml/{other}")
    return raw
