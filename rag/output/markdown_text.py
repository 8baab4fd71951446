"""Text as Markdown (CommonMark, GitHub's and its kin) that shows the same text, and nothing of it as markup.

A sign is escaped where it would mean something, and nowhere else: people read Markdown as it is written, too. That
hangs on what stands beside it: "#" begins a heading on a line's beginning only, "_" emphasizes at a word's ends,
and a "." leads to a place only where an address ends with what follows.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from rag.text.normalization import Normalized
from rag.text.sanitize import plain

OPEN, CLOSE = "\x02", "\x03"  # stand for ** while text is escaped; `plain` leaves neither in any text

_SYNTAX = re.compile(
    r"""
    (?P<kept>
        (?<=[^\W_])_+(?=[^\W_])   # within a word
      | (?<=\S[ ])\*(?=[ ]\S)     # times
      | (?<!\S)~(?![\s~])         # about: opens what nothing closes, since all others are escaped
    )
    | [`*_~]
    | \\(?![^\W_])
    | ^(?: [>|\#] | \+(?=\s|$) | -(?=[\s:|-]|$) | :(?=[\s:|-]|$) | =(?==*$) )    # headings, lists, rules, tables
    | ^\d{1,9}(?P<numbered>[.)])(?=\s|$)
    | (?<=\s)\#(?=\#*$)          # would end a heading
    | ^\[(?=[ xX]\]|!)           # tasks, GitHub's alerts
    | \](?=[(:\[{]) | \[(?=\[) | (?<=\[)\[      # links, definitions, notes
    | <(?![\s\d=])
    | &(?=\#?\w{1,40};)
    | \$(?=\$|[^\s$][^$\n]*\$) | \^(?=\[|[^\s^]+\^) | :(?=[A-Za-z][\w+-]*:)    # formulas, notes, emoji
    | \{(?=[{:.\#%!]) | (?<=\{)\{     # attributes, templates
    # Addresses, which would become links: what ends with a top-level domain (all countries' have two letters) is one.
    | /(?=/\S) | (?<=\S)@(?=\S) | (?<=[wW]{3})\.
    | (?<=\S)\.(?=(?i:[a-z]{2}|biz|com|edu|gov|net|org|pro|web|xxx|aero|asia|coop|info|museum|name|shop|рф|xn--[\w-]+)
        (?![^\W_]))
    """,
    re.MULTILINE | re.VERBOSE,
)
# White space that Markdown drops: at the ends of lines.
_DROPPED = re.compile(r"^[^\S\n]+|[^\S\n]+$|\A\n+|\n+\Z", re.MULTILINE)


def escaped(text: str) -> str:
    """Return text that went through `plain` as Markdown for the same text; line breaks are kept."""
    text = _SYNTAX.sub(_written, text)
    text = _DROPPED.sub(lambda match: "".join(f"&#{ord(sign)};" for sign in match.group()), text)
    return text.replace("\n", "\\\n").replace(OPEN, "**").replace(CLOSE, "**")


def _written(match: re.Match[str]) -> str:
    if match["kept"]:
        return match["kept"]
    return match.group()[:-1] + "\\" + match.group()[-1]


def quoted(reading: Normalized, marks: Iterable[tuple[int, int]]) -> str:
    """Return a quote as a paragraph of its own, its answering words as far as Markdown can have them bold."""
    text, parts, at = plain(reading.text).replace("\n", " "), [], 0
    for start, end in marked_spans(reading, marks):
        while start < end and not _flanks(text[start], text[max(0, start - 1) : start]):
            start += 1
        while start < end and not _flanks(text[end - 1], text[end : end + 1]):
            end -= 1
        if start < end:
            parts += [text[at:start], OPEN, text[start:end], CLOSE]
            at = end
    return "> " + escaped("".join([*parts, text[at:]]))


def _flanks(inner: str, outer: str) -> bool:
    """Whether ** may stand between a sign within and the one without (CommonMark, "delimiter runs")."""
    return inner.isalnum() or (not inner.isspace() and outer in {"", *string.punctuation, *" \t\n"})


def marked_spans(reading: Normalized, marks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where the answering words stand in what is read, in order and apart."""
    first, last = reading.offsets[0], reading.offsets[-1]
    spans: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        start, end = reading.place(max(start, first), min(end, last))
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        elif start < end:
            spans.append((start, end))
    return spans
