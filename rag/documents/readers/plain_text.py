"""Plain text and Markdown."""

from __future__ import annotations

from rag.documents.readers.extraction import Extract, Unreadable


def read_text(raw: bytes) -> Extract:
    """Plain text and Markdown: the file as it is, which must be UTF-8."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("it is UTF-16, not UTF-8; convert it (iconv -f UTF-16 -t UTF-8)")
    if b"\x00" in raw:
        raise Unreadable("it is binary, not text")
    try:
        return Extract(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"it is not UTF-8 (byte 0x{raw[error.start]:02X} at {error.start}); convert it, "
            "for example with iconv -f WINDOWS-1252 -t UTF-8"
        ) from error
