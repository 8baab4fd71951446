"""Bytes to text, in whatever encoding they are: what stands here until more is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from rag.documents.readers.extraction import Unreadable


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the encoding it was in: "" is UTF-8, else a name such as "windows-1252"."""

    text: str
    encoding: str = ""
    doubts: str = ""


def decode(raw: bytes, declared: str = "") -> Decoded:
    """Return the text of `raw`; `declared` is the encoding that it says it has.

    Raises Unreadable for bytes that are no text.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(raw.decode("utf-16", "replace"), "utf-16")
    if b"\x00" in raw:
        raise Unreadable("it is binary, not text")
    for encoding in ("utf-8", declared, "windows-1252"):
        try:
            return Decoded(raw.decode(encoding), "" if encoding == "utf-8" else encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return Decoded(raw.decode("latin-1"), "latin-1")
