"""How often a piece of text is read right, said to be in doubt, or silently wrong, in the encodings it may have.

    python tests/benchmarks/text_encodings.py [/usr/share/locale] [--pieces 20]

The texts are the messages of installed programs in many languages (gettext's .mo files). On pieces of such messages the
weights in `rag/documents/readers/encodings.py` were chosen.
"""

from __future__ import annotations

import argparse
import gettext
import random
import re
from collections import Counter
from pathlib import Path

from rag.documents.readers import Unreadable
from rag.documents.readers.encodings import decode

WESTERN = "cp1252 iso8859-1 iso8859-15 mac-roman cp850 cp437".split()
CENTRAL = "cp1250 iso8859-2 cp852".split()
CYRILLIC = "cp1251 koi8-r iso8859-5 cp866 mac-cyrillic".split()
ENCODINGS = {
    **dict.fromkeys("de en_GB fr es it sv da nl pt nb fi".split(), WESTERN),
    **dict.fromkeys("pl cs sk hu sl hr".split(), CENTRAL),
    **dict.fromkeys("ru bg".split(), CYRILLIC),
    "el": ["cp1253", "iso8859-7"], "tr": ["cp1254"], "ja": ["cp932", "euc_jp", "iso2022_jp"], "zh_CN": ["gb18030"],
    "zh_TW": ["big5"], "ko": ["euc_kr"], "lt": ["cp1257"], "he": ["cp1255"], "ar": ["cp1256"],
}  # fmt: skip
LENGTHS = (50, 200, 1000, 5000)  # characters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("locales", type=Path, nargs="?", default=Path("/usr/share/locale"))
    parser.add_argument("--pieces", type=int, default=20, help="of a language, an encoding and a length")
    parser.add_argument("--languages", nargs="*", default=list(ENCODINGS))
    given = parser.parse_args()
    said: dict[int, Counter[str]] = {length: Counter() for length in LENGTHS}
    for language in given.languages:
        texts = messages(given.locales, language)
        for codec in ENCODINGS[language] if texts else ():
            for length in LENGTHS:
                for piece in pieces(texts, codec, length, given.pieces):
                    said[length][verdict(piece, codec)] += 1
    for length, counts in said.items():
        print(length, ", ".join(f"{name} {counts[name]}" for name in ("right", "right, in doubt", "told", "wrong")))


def messages(locales: Path, language: str) -> list[str]:
    """Return the longer messages of a language, shuffled alike every time, without their placeholders."""
    found = set()
    for path in sorted(locales.glob(f"{language}/LC_MESSAGES/*.mo")):
        try:
            with path.open("rb") as stream:
                translations = gettext.GNUTranslations(stream)
        except (OSError, ValueError):  # no whole file, or not in the encoding it says
            continue
        catalogue: dict[object, object] = translations._catalog  # type: ignore[attr-defined]
        for text in catalogue.values():
            plain = " ".join(re.sub(r"%[-+0-9.*$]*[a-zA-Z]|[<>{}%\\`]", " ", str(text)).split())
            if len(plain) >= 40 and sum(map(str.isalpha, plain)) > 0.7 * len(plain):
                found.add(plain)
    texts = sorted(found)
    random.Random(1).shuffle(texts)
    return texts


def pieces(texts: list[str], codec: str, length: int, number: int) -> list[str]:
    """Return pieces of texts that hold a sign beyond ASCII and can be written in an encoding."""
    chance, found = random.Random(f"{codec}{length}"), list[str]()
    for _ in range(number * 300):
        start = chance.randrange(len(texts))
        piece = " ".join(texts[(start + step) % len(texts)] for step in range(length // 40 + 1))[:length].strip()
        piece = piece.encode(codec, "ignore").decode(codec)
        if not piece.isascii():
            found.append(piece)
        if len(found) == number:
            break
    return found


def verdict(piece: str, codec: str) -> str:
    """Return what comes of a piece that is written in an encoding."""
    try:
        found = decode(piece.encode(codec))
    except Unreadable:
        return "told"
    if found.text == piece:
        return "right, in doubt" if found.doubts else "right"
    return "told" if found.doubts else "wrong"


if __name__ == "__main__":
    main()
