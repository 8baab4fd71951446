"""The office formats. Their readers are imported when a first file is read: only a child process does that."""

from __future__ import annotations

from rag.documents.readers.extraction import Extract


def read_docx(raw: bytes) -> Extract:
    """Word: see there."""
    from rag.documents.readers import docx

    return docx.read_docx(raw)


def read_odt(raw: bytes) -> Extract:
    """OpenDocument text: see there."""
    from rag.documents.readers import odt

    return odt.read_odt(raw)


def read_rtf(raw: bytes) -> Extract:
    """RTF: see there."""
    from rag.documents.readers import rtf

    return rtf.read_rtf(raw)


def read_pptx(raw: bytes) -> Extract:
    """PowerPoint: see there."""
    from rag.documents.readers import pptx

    return pptx.read_pptx(raw)


def read_xlsx(raw: bytes) -> Extract:
    """Excel: see there."""
    from rag.documents.readers import xlsx

    return xlsx.read_xlsx(raw)


def read_csv(raw: bytes) -> Extract:
    """Separated values: see there."""
    from rag.documents.readers import csv

    return csv.read_csv(raw)
