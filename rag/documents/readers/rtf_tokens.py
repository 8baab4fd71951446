"""RTF taken apart: control words, groups, and text in the encodings of its fonts."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.documents.readers import symbol_fonts

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,40})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z'])"
    rb"|(?P<open>\{)|(?P<close>\})|(?P<text>[^\\{}\r\n\x00]+)|[\r\n\x00]+|\\.?",
    re.DOTALL,
)
_CODE_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip
_SYMBOLS = 2  # the character set of symbol fonts


@dataclass(frozen=True, slots=True)
class Token:
    """One of: a control word with its number, a sign after a backslash, "{" or "}" as `group`, or bytes of text."""

    word: str = ""
    number: int | None = None
    sign: str = ""
    group: str = ""
    text: bytes = b""


@dataclass(slots=True)
class Font:
    """A font: its name, and its character set."""

    name: str = ""
    charset: int = 0


def tokens(raw: bytes) -> Iterator[Token]:
    """Yield the tokens of a document; binary data are passed over, however long they are said to be."""
    at, end = 0, len(raw)
    while at < end:
        match = _TOKEN.match(raw, at)
        if match is None:
            return
        at = match.end()
        if match["word"] is not None:
            word, number = match["word"].decode("ascii"), match["number"]
            if word == "bin":
                at += max(0, int(number or 0))
            else:
                yield Token(word=word, number=None if number is None else int(number))
        elif match["text"] is not None:
            yield Token(text=match["text"])
        elif match["hex"] is not None:
            yield Token(text=bytes.fromhex(match["hex"].decode("ascii")))
        elif match["sign"] is not None:
            yield Token(sign=match["sign"].decode("latin-1"))
        elif match["open"] or match["close"]:
            yield Token(group=match[0].decode("ascii"))


@dataclass(slots=True)
class Letters:
    """Bytes to letters: those of one font are kept until they are whole, for some take two."""

    encoding: str = "cp1252"
    fonts: dict[int, Font] = field(default_factory=dict)
    _kept: bytes = b""
    _font: int = 0
    _half: int = 0  # the first of a pair of surrogates

    def add(self, text: bytes, font: int) -> str:
        """Keep bytes of a font, and return the letters of those before, if they were of another."""
        before = self.rest() if font != self._font else ""
        self._font = font
        self._kept += text
        return before

    def rest(self) -> str:
        """Return the letters of the bytes that were kept."""
        if not self._kept:
            return ""
        kept, self._kept = self._kept, b""
        font = self.fonts.get(self._font, Font())
        if font.charset == _SYMBOLS:
            return "".join(symbol_fonts.shown(font.name, code) or chr(code) for code in kept)
        return kept.decode(_CODE_PAGES.get(font.charset, self.encoding), "replace")

    def unicode(self, number: int, font: int) -> str:
        """Return the letter of a code point, which may be negative or half of one."""
        code = number & 0xFFFF if number < 0x10000 else number
        if 0xD800 <= code < 0xDC00:
            self._half = code
            return ""
        if 0xDC00 <= code < 0xE000:
            half, self._half = self._half, 0
            return chr(0x10000 + ((half - 0xD800) << 10) + code - 0xDC00) if half else ""
        if 0xF000 <= code <= 0xF0FF:
            return symbol_fonts.shown(self.fonts.get(font, Font()).name, code)
        return chr(code) if 0 < code <= 0x10FFFF else ""


def code_page(number: int | None) -> str:
    """Return the encoding of a code page, windows-1252 for one that is not known."""
    name = {10000: "mac_roman", 65001: "utf-8", 708: "iso8859-6"}.get(number or 0, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
