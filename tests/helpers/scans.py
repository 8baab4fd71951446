"""Scanned pages, and stand-ins for the programs that read them."""

from __future__ import annotations

import sys
from pathlib import Path

from pdf_pages import Sheet
from PIL import Image, ImageDraw

# It reads a gray picture, as tesseract does, and says which part of it is dark.
TESSERACT = """#!{python}
import sys
if "--list-langs" in sys.argv:
    print("List of available languages (3):\\neng\\nosd\\n{language}")
    sys.exit()
kind, size, depth, *_ = sys.stdin.buffer.read().split(b"\\n", 3)
assert kind == b"P5" and sys.argv[1:3] == ["-", "-"], sys.argv
sys.exit(3) if {fails} else None
print("Der Wasser-\\nstand an Pegel", size.decode().split()[0], "war hoch.\\n\\nGelesen in:", sys.argv[4], "\\f")
"""
OCRMYPDF = "#!{python}\nimport sys; sys.stdin.buffer.read(); sys.stdout.buffer.write(open({made!r}, 'rb').read())\n"


def tesseract_at(folder: Path, language: str = "deu", fails: bool = False) -> None:
    """Put a tesseract in a folder."""
    program(folder, "tesseract", TESSERACT.format(python=sys.executable, language=language, fails=fails))


def program(folder: Path, name: str, text: str) -> None:
    """Put a program in a folder."""
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(0o755)


def scanned(*pages: str) -> bytes:
    """A PDF of pages of text, "scan" a picture that fills its page, "white" an empty page."""
    sheet = Sheet()
    for number, page in enumerate(pages):
        if number:
            sheet.add_page()
        if page == "scan":
            picture = Image.new("L", (595, 842), 255)
            ImageDraw.Draw(picture).rectangle((100, 100, 400, 200), fill=0)
            sheet.image(picture, 0, 0, 595, 842)
        elif page != "white":
            sheet.wrap(60, 80, 475, page)
    return sheet.raw()
