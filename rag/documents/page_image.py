"""A page of a PDF as a picture: the program that draws it, with the limits of a reader.

In: the file on standard input, the page's number from 0 and the process that asks as arguments. Out: a
gray picture (PGM) on standard output; nothing for a page that is white.
"""

from __future__ import annotations

import sys

from rag.documents.reader_child import limit
from rag.system.parent_process import end_with

_MEMORY = 3_000_000_000  # bytes of address space
_RESOLUTION = 300 / 72  # pixels a point
_MOST_PIXELS = 40_000_000


def main(number: int, parent: int) -> None:
    """Draw page `number` of the file on standard input."""
    import pypdfium2

    end_with(parent)
    limit(_MEMORY)
    page = pypdfium2.PdfDocument(sys.stdin.buffer.read())[number]
    width, height = page.get_size()
    scale = min(_RESOLUTION, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    picture = b"".join(
        bytes(rows[row * bitmap.stride : row * bitmap.stride + bitmap.width]) for row in range(bitmap.height)
    )
    if picture.count(b"\xff") < len(picture):
        sys.stdout.buffer.write(b"P5\n%d %d\n255\n" % (bitmap.width, bitmap.height) + picture)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
