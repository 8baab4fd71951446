"""Files that Beleg wrote itself: saved conversations and reports, which are no evidence of anything.

They carry a mark that is shown nowhere; a table, which has no room for one, is known by its row of column heads. A
folder that is indexed leaves them out.
"""

from __future__ import annotations

from codecs import BOM_UTF8

MARKDOWN = "[//]: # (written by Beleg)"  # a definition of a link that nothing uses
HTML = '<meta name="generator" content="Beleg">'
CSV = (
    *("id", "question", "status", "answer", "document", "title", "date", "page", "start", "end", "quote", "support"),
    *("citations", "further", "model", "mode", "seconds", "error"),
)  # the columns of a batch's answers: where they change, tables with these are Beleg's own all the same
_ROW = ",".join(CSV).encode()
_HEAD = 4096  # bytes of a page in which its mark stands


def is_own(raw: bytes) -> bool:
    """Whether a file's bytes are those of one that Beleg wrote."""
    first_row = raw[:_HEAD].partition(b"\n")[0].removeprefix(BOM_UTF8).rstrip(b"\r")
    return raw.rstrip().endswith(MARKDOWN.encode()) or HTML.encode() in raw[:_HEAD] or first_row == _ROW
