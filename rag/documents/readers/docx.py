"""Word documents, by python-docx."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from rag.documents.readers.extraction import Extract, Unreadable, clean, open_zip

if TYPE_CHECKING:
    from docx.document import Document as DocxDocument


def read_docx(raw: bytes) -> Extract:
    """Word: paragraphs and tables in their order, a row a line, headings on lines of their own."""
    import docx
    from docx.opc.exceptions import OpcError

    open_zip(raw, "Word document")
    try:
        document = docx.Document(io.BytesIO(raw))
        text = "\n\n".join(part for part in _docx_parts(document) if part.strip())
        title = document.core_properties.title
    except (OpcError, KeyError, ValueError, AttributeError, SyntaxError, zipfile.BadZipFile) as error:
        raise Unreadable(f"the Word document is damaged ({type(error).__name__}: {error})") from error
    return Extract(clean(text), title or "")


def _docx_parts(document: DocxDocument) -> list[str]:
    from docx.table import Table

    parts = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = (" | ".join(cell.text.replace("\n", " ").strip() for cell in row.cells) for row in block.rows)
            parts.append("\n".join(f"| {row} |" for row in rows))
        else:
            parts.append(block.text)
    return parts
