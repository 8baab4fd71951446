"""Documents made to exhaust or to mislead what reads them, by name: the bytes, and what must not come of them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
    '<rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
)
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SECRET = "The secret of the other file."


def packed(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def word(body: str, before: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A Word document whose paragraphs are `body`, with `before` between the declaration and the root."""
    document = f'<?xml version="1.0"?>{before}<w:document xmlns:w="{WORDS}"><w:body>{body}</w:body></w:document>'
    return packed({"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": document}, method)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def epub(chapter: str | bytes, times: int = 1, before: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An EPUB that names one chapter so many times."""
    spine = '<itemref idref="c"/>' * times
    manifest = '<manifest><item id="c" href="c.xhtml"/></manifest>'
    opf = f'<?xml version="1.0"?>{before}<package>{manifest}<spine>{spine}</spine></package>'
    return packed({"META-INF/container.xml": CONTAINER, "book.opf": opf, "c.xhtml": chapter}, method)


def page(body: str, before: str = "<!DOCTYPE html>") -> bytes:
    return f"{before}<html><head><title>A page</title></head><body>{body}</body></html>".encode()


LAUGHS = "<!DOCTYPE x [{}]>".format("".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10)))
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 500_000}">]>'


def outside(path: str) -> str:
    """A document type whose entity `&out;` is another file."""
    return f'<!DOCTYPE x [<!ENTITY out SYSTEM "file://{path}"> <!ENTITY % more SYSTEM "file://{path}"> %more;]>'


def lying(raw: bytes, name: str, size: int) -> bytes:
    """The zip file with another unpacked size of one of its files in the directory and before its content."""
    central = raw.rindex(b"PK\x01\x02", 0, raw.rindex(name.encode()))
    local = struct.unpack_from("<I", raw, central + 42)[0]
    changed = bytearray(raw)
    struct.pack_into("<I", changed, central + 24, size)
    struct.pack_into("<I", changed, local + 22, size)
    return bytes(changed)


def overlapping(copies: int, size: int) -> bytes:
    """A zip file in which many names share one compressed content."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = b"ha" * (size // 2)
    data = packer.compress(content) + packer.flush()
    facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, zlib.crc32(content), len(data), len(content))
    local = b"PK\x03\x04" + facts + struct.pack("<HH", 5, 0) + b"0.xml" + data
    directory = b"".join(
        b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
        for name in (f"{number}.xml".encode() for number in range(copies))
    )
    end = struct.pack("<HHHHIIH", 0, 0, copies, copies, len(directory), len(local), 0)
    return local + directory + b"PK\x05\x06" + end


def pdf(*objects: str | bytes, claimed: int | None = None) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += (
            f"{number} 0 obj\n".encode() + (content.encode() if isinstance(content, str) else content) + b"\nendobj\n"
        )
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    size = claimed or len(objects) + 1
    return out + f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources"
ONE_PAGE = f"{PAGE} << /Font << /F 5 0 R >> >> >>"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def stream(content: bytes, more: str = "") -> bytes:
    return f"<< /Length {len(content)} {more} >>\nstream\n".encode() + content + b"\nendstream"


WIDE_ROW = '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr></w:tc></w:tr></w:tbl>'


def shown(text: str) -> bytes:
    return f"BT /F 12 Tf 10 100 Td ({text}) Tj ET".encode()


def pdf_of_unmapped_letters(text: str) -> bytes:
    """A page in a font that draws boxes and does not say which letters they are."""
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] /FontMatrix [0.001 0 0 0.001 0 0] "
        "/CharProcs << /q1 6 0 R >> /Encoding << /Type /Encoding /Differences [32 "
        + "/q1 " * 95
        + f"] >> /FirstChar 32 /LastChar 126 /Widths [{'800 ' * 95}] /Resources << >> >>"
    )
    kids = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf(CATALOGUE, kids, ONE_PAGE, stream(shown(text)), font, stream(b"800 0 0 0 750 750 d1 0 0 9 9 re f"))


def pdf_of_objects(content: bytes) -> bytes:
    """A page with this content stream and the words of every other one here."""
    text = stream(content + shown("The mill burned down."))
    return pdf(CATALOGUE, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", ONE_PAGE, text, FONT)


def pdf_page_tree_loop() -> bytes:
    return pdf(
        CATALOGUE,
        "<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 5 >>",
        "<< /Type /Pages /Kids [2 0 R 3 0 R] /Parent 2 0 R /Count 5 >>",
    )


def pdf_of_claimed_pages(count: int) -> bytes:
    text = stream(shown("The mill burned down."))
    return pdf(CATALOGUE, f"<< /Type /Pages /Kids [3 0 R] /Count {count} >>", ONE_PAGE, text, FONT)


def pdf_of_one_page_named_often(times: int) -> bytes:
    text = stream(shown("The mill burned down."))
    kids = "3 0 R " * times
    return pdf(CATALOGUE, f"<< /Type /Pages /Kids [{kids}] /Count {times} >>", ONE_PAGE, text, FONT)


def pdf_form_loop() -> bytes:
    """A page whose form draws itself."""
    itself = "/Resources << /XObject << /X 5 0 R >> >>"
    form = stream(b"/X Do /X Do", f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] {itself}")
    whole = f"{PAGE} << /XObject << /X 5 0 R >> >> >>"
    return pdf(CATALOGUE, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", whole, stream(b"/X Do"), form)


def pdf_object_stream_loop() -> bytes:
    """Object streams that say they lie in each other."""
    one = stream(b"2 0 << /Type /Pages >>", "/Type /ObjStm /N 1 /First 4 /Extends 4 0 R")
    two = stream(b"3 0 << /Type /Page >>", "/Type /ObjStm /N 1 /First 4 /Extends 3 0 R")
    return pdf(CATALOGUE, "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>", one, two)


def pdf_stream_bomb(size: int) -> bytes:
    """A page whose content is packed twice over."""
    content = zlib.compress(zlib.compress(b"q " * (size // 2), 9), 9)
    packed_ = stream(content, "/Filter [/FlateDecode /FlateDecode]")
    return pdf(CATALOGUE, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", ONE_PAGE, packed_, FONT)


def pdf_nested(depth: int) -> bytes:
    return pdf(CATALOGUE, "[" * depth + "]" * depth)


# --- office formats --------------------------------------------------------------------------

_FORMATS = "http://schemas.openxmlformats.org"
_WORKBOOK = (
    f'<workbook xmlns="{_FORMATS}/spreadsheetml/2006/main" xmlns:r="{_FORMATS}/officeDocument/2006/relationships">'
    '<sheets><sheet name="A" r:id="s"/></sheets></workbook>'
)
_NAMED = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="s" Type="x/worksheet" Target="sheet.xml"/>'
    '<Relationship Id="t" Type="x/sharedStrings" Target="texts.xml"/></Relationships>'
)


def workbook(rows: str, texts: str = "", before: str = "") -> bytes:
    """A workbook of one sheet's rows and the texts that its cells share."""
    space = f'xmlns="{_FORMATS}/spreadsheetml/2006/main"'
    return packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS.replace("word/document.xml", "xl/workbook.xml"),
            "xl/workbook.xml": _WORKBOOK,
            "xl/_rels/workbook.xml.rels": _NAMED,
            "xl/texts.xml": f"<sst {space}>{texts}</sst>",
            "xl/sheet.xml": f"{before}<worksheet {space}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def slides(shapes: str, times: int = 1) -> bytes:
    """A presentation that names one slide so many times."""
    space = f'xmlns:p="{_FORMATS}/presentationml/2006/main" xmlns:a="{_FORMATS}/drawingml/2006/main"'
    kinds = f'xmlns:r="{_FORMATS}/officeDocument/2006/relationships"'
    listed = "<p:sldIdLst>" + '<p:sldId r:id="s"/>' * times + "</p:sldIdLst>"
    return packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS.replace("word/document.xml", "ppt/presentation.xml"),
            "ppt/presentation.xml": f"<p:presentation {space} {kinds}>{listed}</p:presentation>",
            "ppt/_rels/presentation.xml.rels": _NAMED.replace("worksheet", "slide"),
            "ppt/sheet.xml": f"<p:sld {space}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>",
        }
    )


def words(text: str) -> str:
    return f"<p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def open_text(body: str, before: str = "") -> bytes:
    """An OpenDocument text."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    content = f"<office:body><office:text>{body}</office:text></office:body>"
    return packed({"content.xml": f"{before}<office:document-content {spaces}>{content}</office:document-content>"})


def word_with(styles: str, numbering: str, body: str) -> bytes:
    """A Word document with styles and lists of its own."""
    kinds = f"{_FORMATS}/officeDocument/2006/relationships"
    named = "".join(
        f'<Relationship Id="{name}" Type="{kinds}/{name}" Target="{name}.xml"/>' for name in ("styles", "numbering")
    )
    root = f'xmlns:w="{WORDS}"'
    return packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS,
            "word/_rels/document.xml.rels": _NAMED.split("<Relationship ")[0] + named + "</Relationships>",
            "word/document.xml": f"<w:document {root}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {root}>{styles}</w:styles>",
            "word/numbering.xml": f"<w:numbering {root}>{numbering}</w:numbering>",
        }
    )
