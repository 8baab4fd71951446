"""PDFs laid out as people's are: text at its place, columns, tables, forms, footnotes; made in a moment."""

from __future__ import annotations

import fpdf
from hostile_archives import pdf, stream

from rag.documents.readers.extraction import Extract
from rag.documents.readers.pdf import read_pdf

LIBRARY = (
    "Die Bücherei von Altenroda wurde 1893 von dem Tuchmacher Gustav Perl gestiftet. Sie besaß zuerst nur "
    "vierhundert Bände, die in zwei Zimmern des Rathauses standen. Nach dem Umbau des Kornspeichers zog sie 1931 um "
    "und bekam einen Lesesaal mit sechzig Plätzen. Heute leiht sie im Jahr rund achtzigtausend Medien aus."
)
MUSEUM = (
    "The harbour museum opened in the old customs house in 1974. Its first keeper was a retired pilot who had "
    "collected instruments for forty years. Visitors can see the lens of the former lighthouse and a boat that was "
    "built for the herring trade. The collection grew to nine thousand objects."
)


class Sheet(fpdf.FPDF):
    """Pages of A4 in points, with a running head and a foot where they are given ("#" is the page's number)."""

    def __init__(self, head: str = "", foot: str = "", landscape: bool = False) -> None:
        self._head, self._foot = head, foot
        super().__init__("landscape" if landscape else "portrait", "pt", "A4")
        self.set_auto_page_break(False)
        self.set_margins(60, 60)
        self.add_page()

    def header(self) -> None:
        self.put(60, 40, self._head.replace("#", str(self.page_no())), 9)

    def footer(self) -> None:
        self.put(280, 815, self._foot.replace("#", str(self.page_no())), 9)

    def put(self, x: float, y: float, text: str, size: float = 11, style: str = "") -> float:
        """Write at a place; return where it ends."""
        self.set_font("helvetica", style, size)
        if text:
            self.text(x, y, text)
        return x + self.get_string_width(text)

    def lines(self, x: float, y: float, *texts: str, size: float = 11, lead: float = 14, style: str = "") -> float:
        """Write lines below each other; return where the next would stand."""
        for text in texts:
            self.put(x, y, text, size, style)
            y += lead
        return y

    def wrap(self, x: float, y: float, width: float, text: str, size: float = 11, align: str = "L") -> float:
        """Write a paragraph of a width; return where it ends."""
        self.set_font("helvetica", size=size)
        self.set_xy(x, y)
        self.multi_cell(width, size * 1.25, text, align=align)
        return float(self.get_y())

    def cells(self, xs: tuple[float, ...], y: float, *rows: tuple[str, ...], lead: float = 16, bold: int = 0) -> float:
        """Write rows of cells without rules, the first `bold` of them in bold; return where the next would stand."""
        for number, row in enumerate(rows):
            for x, text in zip(xs, row, strict=True):
                self.put(x, y, text, 11, "B" if number < bold else "")
            y += lead
        return y

    def ruled(self, widths: tuple[int, ...], *rows: tuple[str, ...], size: float = 10) -> None:
        """Write a table with rules, its first row in bold."""
        self.set_font("helvetica", size=size)
        with self.table(col_widths=widths) as table:
            for row in rows:
                cells = table.row()
                for cell in row:
                    cells.cell(cell)

    def raw(self) -> bytes:
        return bytes(self.output())

    def read(self) -> Extract:
        return read_pdf(self.raw())

    def paragraphs(self) -> list[str]:
        return self.read().text.strip().split("\n\n")


def told(found: Extract) -> dict[str, int]:
    """What a reader left out, by what it is."""
    return {omission.what: omission.count for omission in found.omissions}


def form(labels: str, *fields: str, kids: tuple[str, ...] = ()) -> bytes:
    """A form of a page: a content stream for its labels, and its fields as dictionaries without brackets."""
    first = 7
    numbers = " ".join(f"{first + number} 0 R" for number in range(len(fields)))
    extra = " ".join(f"{first + len(fields) + number} 0 R" for number in range(len(kids)))
    return pdf(
        f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{numbers}] /DA (/F 10 Tf) >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        f"/Annots [{numbers if not kids else ''} {extra}] /Resources << /Font << /F 5 0 R >> >> >>",
        stream(labels.encode("cp1252")),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        stream(b"", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"),
        *(f"<< {field} >>" for field in (*fields, *kids)),
    )


def label(x: float, y: float, text: str) -> str:
    """A content stream that writes at a place, from the bottom left."""
    return f"BT /F 11 Tf {x} {y} Td ({text}) Tj ET\n"


def widget(name: str, x: float, y: float, width: float, more: str) -> str:
    """A field with its one place."""
    return f"/Type /Annot /Subtype /Widget /T ({name}) /Rect [{x} {y} {x + width} {y + 16}] /F 4 {more}"
