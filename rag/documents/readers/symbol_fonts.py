"""Symbol fonts: what their signs mean, as Unicode. In a file they are letters of the font, or of a private range."""

from __future__ import annotations

_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"

_SYMBOL: dict[int, str] = {
    **{0x41 + at: sign for at, sign in enumerate(_GREEK[0])},
    **{0x61 + at: sign for at, sign in enumerate(_GREEK[1])},
    **dict(zip(range(0xA2, 0xA8), "′≤⁄∞ƒ♣", strict=True)),
    **dict(zip(range(0xAB, 0xBA), "↔←↑→↓°±″≥×∝∂•÷≠", strict=True)),
    **dict(zip(range(0xBA, 0xBD), "≡≈…", strict=True)),
    0xB4: "×",
    0xC5: "⊕",
    0xC6: "∅",
    0xCE: "∈",
    0xD0: "∠",
    0xD2: "®",
    0xD3: "©",
    0xD4: "™",
    0xD6: "√",
    0xD7: "⋅",
    0xDB: "⇔",
    0xDE: "⇒",
    0xE5: "∑",
    0xF2: "∫",
    0x2D: "−",
    0x40: "≅",
    0x7E: "∼",
}
_WINGDINGS: dict[int, str] = {
    0x22: "✂",
    0x28: "☎",
    0x29: "✆",
    0x2A: "✉",
    0x4A: "☺",
    0x4C: "☹",
    0x6C: "●",
    0x6E: "■",
    0x6F: "☐",
    0xA7: "▪",
    0xA8: "☐",
    0xD8: "➢",
    0xDF: "←",
    0xE0: "→",
    0xE1: "↑",
    0xE2: "↓",
    0xE8: "➔",
    0xF0: "⇨",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def is_symbol_font(font: str) -> bool:
    return font.lower() in _FONTS


def shown(font: str, code: int) -> str:
    """Return what a font shows for a code, "" where that is not known."""
    low = code & 0xFF if 0xF000 <= code <= 0xF0FF else code
    found = _FONTS.get(font.lower(), {}).get(low)
    if found is None and 0x20 <= low < 0x40 and font.lower() == "symbol":
        return chr(low)  # digits and punctuation are where they always are
    return found or ""
