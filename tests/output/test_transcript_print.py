"""A conversation as HTML, printed by a real browser: nothing is torn, and it is black on white."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from PIL import ImageChops, ImageOps
from report_reader import Reader
from transcripts import answer, conversation, quote

from rag.output.transcript import html

pytestmark = pytest.mark.slow

_MM = 72 / 25.4  # points
_WORDS = "The mill by the bridge burned down in 1907 and was built again of stone. "


def printed(reader: Reader, *answers: Any) -> pypdfium2.PdfDocument:
    """Print a conversation on A4, from a browser that shows pages dark."""
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    reader.tell("Emulation.setEmulatedMedia", features=dark)
    reader.open(html(conversation(*answers)))
    assert reader.js("getComputedStyle(document.documentElement).colorScheme") == "light dark"
    paper = {"paperWidth": 210 / 25.4, "paperHeight": 297 / 25.4, "preferCSSPageSize": True, "printBackground": True}
    return pypdfium2.PdfDocument(base64.b64decode(reader.tell("Page.printToPDF", **paper)["data"]))


def texts(document: pypdfium2.PdfDocument) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_a_turn_is_not_torn_by_the_end_of_a_page(reader: Reader) -> None:
    turns = [
        replace(answer(*[quote(_WORDS * n)] * 2, question=f"Question {n}?", text="x"), model=f"model{n}")
        for n in (1, 5, 2, 6, 3, 7, 4, 8)
    ]
    pages = texts(printed(reader, *turns))
    assert len(pages) > 2
    for turn in turns:
        (page,) = [page for page in pages if f"Model {turn.model} " in page]
        start = page.rindex(turn.question)
        assert page.count(_WORDS.strip(), start, page.index(f"Model {turn.model} ")) == 2 * int(turn.model[-1])


def test_a_quote_of_a_turn_longer_than_a_page_is_not_torn(reader: Reader) -> None:
    quotes = [quote(f"Beginning{n} {_WORDS * (3 + 4 * n % 9)} end{n}.") for n in range(30)]
    pages = texts(printed(reader, answer(*quotes, text="x")))
    assert len(pages) > 4
    for n in range(30):
        assert [f"Beginning{n} " in page for page in pages] == [f"end{n}." in page for page in pages]


def test_it_is_black_on_white_within_the_margins(reader: Reader) -> None:
    document = printed(reader, answer(quote(_WORDS * 20, (4, 8)), quote("It burned in 1907.", (13, 17))))
    for page in document:
        picture = page.render(scale=2).to_pil().convert("RGB")
        red, green, blue = picture.split()
        for one, other in ((red, green), (green, blue)):
            assert max(ImageChops.difference(one, other).getdata()) < 8  # no colour
        grey = picture.convert("L")
        assert grey.getpixel((0, 0)) == 255
        ink = ImageOps.invert(grey).getbbox()
        assert ink is not None
        left, top, right, _ = (side / 2 / _MM for side in ink)
        assert 19 < left < 22 and 17 < top < 40 and right < 191
        assert min(grey.getdata()) < 40
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    reader.tell("Emulation.setEmulatedMedia", media="print", features=dark)  # as browsers do that print what they show
    assert reader.js("getComputedStyle(document.documentElement).colorScheme") == "light"
    style = "getComputedStyle(document.body)"
    assert reader.js(f"[{style}.color, {style}.backgroundColor]") == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
