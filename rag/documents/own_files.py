"""Files that Beleg wrote itself: saved conversations and reports, which are no evidence of anything.

They carry a mark that is shown nowhere. A folder that is indexed leaves them out.
"""

from __future__ import annotations

MARKDOWN = "[//]: # (written by Beleg)"  # a definition of a link that nothing uses
HTML = '<meta name="generator" content="Beleg">'
_HEAD = 4096  # bytes of a page in which its mark stands


def is_own(raw: bytes) -> bool:
    """Whether a file's bytes are those of one that Beleg wrote."""
    return raw.rstrip().endswith(MARKDOWN.encode()) or HTML.encode() in raw[:_HEAD]
