"""E-mails, by the standard library: what was written, who wrote to whom, and what was sent along."""

from __future__ import annotations

import codecs
import mimetypes
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rag.documents.readers.blocks import Block, heading, joined, paragraph
from rag.documents.readers.encodings import decode
from rag.documents.readers.extraction import Extract, Omission, Unreadable, clean
from rag.localization import gettext

if TYPE_CHECKING:
    from email.message import EmailMessage

_HEADS = ("From", "To", "Cc", "Date", "Subject")
_EVENT = {
    "SUMMARY": "Summary", "DTSTART": "Start", "DTEND": "End", "LOCATION": "Location", "ORGANIZER": "Organizer",
    "DESCRIPTION": "Description",
}  # fmt: skip
_DEEPEST = 10  # e-mails in e-mails
_QUOTED = re.compile(r"((?:[ ]?>)+)[ ]?")
_MOST_NAMES = 300  # characters of the names of what is not read

Read = Callable[[str, bytes], Extract]


def read_eml(raw: bytes, extract: Read, known: Collection[str]) -> Extract:
    """E-mail: its heads as lines, its text once, then what is attached and of a `known` ending, by `extract`."""
    from email import message_from_bytes, policy

    message = message_from_bytes(raw.removeprefix(codecs.BOM_UTF8), policy=policy.default)
    if not any(_head(message, name) for name in ("From", "To", "Subject", "Date", "Received", "Message-ID")):
        raise Unreadable(gettext("it is not an e-mail (it says neither from whom nor about what)"))
    reader = _Reader(extract, known)
    blocks = list(reader.message(message, 0))
    moment = getattr(_value(message, "Date"), "datetime", None)
    day = f"{moment:%Y-%m-%d}" if moment is not None else None
    return Extract(
        clean(joined(blocks)), _head(message, "Subject"), day,
        omissions=reader.omissions(),
    )  # fmt: skip


@dataclass(slots=True)
class _Reader:
    extract: Read
    known: Collection[str]
    images: int = 0
    encrypted: int = 0
    others: list[str] = field(default_factory=list)
    more: list[Omission] = field(default_factory=list)

    def omissions(self) -> tuple[Omission, ...]:
        """Return what was left out; other attachments by their names."""
        names = ", ".join(self.others)
        names = names if len(names) <= _MOST_NAMES else names[:_MOST_NAMES].rsplit(", ", 1)[0] + " …"
        counted = (
            Omission("attachments", len(self.others), None, names),
            Omission("images", self.images),
            Omission("encrypted parts", self.encrypted),
        )
        return (*(each for each in counted if each.count), *self.more[:50])

    def message(self, message: EmailMessage, depth: int) -> Iterator[Block]:
        """Yield the heads, the text and what is attached."""
        heads = [f"{name}: {value}" for name in _HEADS if (value := _head(message, name))]
        yield Block("\n".join(heads))
        yield from self._part(message, depth)

    def _part(self, part: EmailMessage, depth: int) -> Iterator[Block]:
        kind = part.get_content_type()
        if kind == "multipart/alternative":
            yield from self._alternative(part, depth)
        elif kind == "message/rfc822":
            yield from self._forwarded(part, depth)
        elif part.is_multipart():
            for each in _parts(part):
                yield from self._part(each, depth)
        elif part.get_content_maintype() == "multipart":  # and has no parts: what there is was written by a person
            yield from _paragraphs(_text(part), flowed=False)
        elif part.get_content_disposition() == "attachment" or (part.get_filename() and kind != "text/calendar"):
            yield from self._attachment(part)
        else:
            yield from self._leaf(part, kind)

    def _leaf(self, part: EmailMessage, kind: str) -> Iterator[Block]:
        if kind == "text/html":
            yield from self._html(part)
        elif kind == "text/calendar":
            yield Block(_event(_text(part)))
        elif kind in {"text/plain", "text/enriched"}:
            flowed, joined_up = (
                str(part.get_param(name, "")).lower() == wanted
                for name, wanted in (("format", "flowed"), ("delsp", "yes"))
            )
            yield from _paragraphs(_text(part), flowed, joined_up)
        elif part.get_content_maintype() == "image":
            self.images += 1
        elif kind in {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/octet-stream"}:
            self.encrypted += 1
        elif "signature" not in kind and kind != "application/pgp-encrypted":
            self.others.append(kind)

    def _alternative(self, part: EmailMessage, depth: int) -> Iterator[Block]:
        """Yield the text once: as plain text, unless that only says that there is another form."""
        forms = [(each.get_content_type(), list(self._part(each, depth))) for each in _parts(part)]
        events = [blocks for kind, blocks in forms if kind == "text/calendar"]
        written = [(kind, blocks) for kind, blocks in forms if kind != "text/calendar"]
        if written:
            yield from max(written, key=_worth)[1]
        for blocks in events:
            yield from blocks

    def _forwarded(self, part: EmailMessage, depth: int) -> Iterator[Block]:
        for each in _parts(part):
            if depth < _DEEPEST:
                yield heading(2, _head(each, "Subject"))
                yield from self.message(each, depth + 1)
            else:
                self.others.append("e-mail")

    def _html(self, part: EmailMessage) -> Iterator[Block]:
        text = _text(part)
        if not text.strip():
            return
        try:
            found = self.extract(".html", b"\xef\xbb\xbf" + text.encode("utf-8", "replace"))
        except Unreadable:
            self.others.append("text/html")
            return
        self.more += found.omissions
        yield Block(found.text.strip())

    def _attachment(self, part: EmailMessage) -> Iterator[Block]:
        name = " ".join(clean(part.get_filename() or part.get_content_type()).split())
        suffix = PurePosixPath(name).suffix.lower() or self._usual_ending(part.get_content_type())
        if suffix not in self.known:
            self.others.append(name)
            return
        try:
            raw = part.get_payload(decode=True)
            found = self.extract(suffix, raw if isinstance(raw, bytes) else b"")
        except Unreadable as error:
            self.others.append(f"{name}: {error}")
            return
        self.more += [
            Omission(f"{each.what} in {name[:100]}", each.count, each.total, each.advice) for each in found.omissions
        ]
        if found.text.strip():
            yield heading(2, name)
            yield Block(found.text.strip())

    def _usual_ending(self, kind: str) -> str:
        endings = mimetypes.MimeTypes().guess_all_extensions(kind)  # without what the machine adds
        return next((each for each in endings if each in self.known), "")


def _parts(part: EmailMessage) -> list[EmailMessage]:
    """Return the parts of a part, none where it says that it has some and has none."""
    from email.message import EmailMessage

    return [each for each in part.iter_parts() if isinstance(each, EmailMessage)] if part.is_multipart() else []


def _worth(form: tuple[str, list[Block]]) -> float:
    """Return how much of a form is worth reading: plain text as written, unless there is far more elsewhere."""
    kind, blocks = form
    return len(joined(blocks)) * (1.5 if kind == "text/plain" else 1)


def _head(message: EmailMessage, name: str) -> str:
    """Return a head as a person reads it, "" where there is none or one that makes no sense."""
    return " ".join(clean(str(_value(message, name) or "")).split())


def _value(message: EmailMessage, name: str) -> object | None:
    try:
        return message.get(name)
    except (ValueError, IndexError, AttributeError, TypeError, KeyError):  # the parser trips over some of them
        return None


def _text(part: EmailMessage) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes) or not raw.strip():
        return ""
    return decode(raw, part.get_content_charset("")).text.removeprefix("\ufeff")


def _paragraphs(text: str, flowed: bool, joined_up: bool = False) -> Iterator[Block]:
    """Yield the paragraphs of plain text. What is quoted from earlier mails is apart from what is said to it.

    In a text that is `flowed` lines are joined that end in a space, which is none of the text's where `joined_up`.
    """
    lines: list[str] = []
    level = 0
    for line in [*text.splitlines(), ""]:
        match = _QUOTED.match(line)
        depth = match[1].count(">") if match else 0
        words = line[match.end() :] if match else line
        signature = words in {"-- ", "--"}
        if depth != level or not words.strip() or signature:
            yield paragraph(_unfolded(lines, joined_up) if flowed else "\n".join(lines))
            lines = []
        level = depth
        if words.strip() and not signature:
            lines.append(words)


def _unfolded(lines: list[str], joined_up: bool) -> str:
    """Return lines that end in a space joined with those below them (format=flowed)."""
    own = (line.removeprefix(" ") for line in lines)
    return "".join((line[:-1] if joined_up else line) if line.endswith(" ") else f"{line}\n" for line in own)


def _event(text: str) -> str:
    """Return what a calendar says of its first event, a line each."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    event = unfolded.partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0]
    found: dict[str, str] = {}
    for line in event.splitlines():
        key, _, value = line.partition(":")
        name, *parameters = key.split(";")
        if name in _EVENT and value.strip():
            common = next((each[3:] for each in parameters if each.startswith("CN=")), "")
            plain = re.sub(r"\\([\\,;])", r"\1", re.sub(r"\\[nN]", " ", common or value))
            found.setdefault(_EVENT[name], " ".join(_moment(plain).split()))
    return "\n".join(f"{key}: {value}" for key, value in found.items())


def _moment(value: str) -> str:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?", value.strip())
    if not match:
        return value
    time = f" {match[4]}:{match[5]}{' UTC' if match[6] else ''}" if match[4] else ""
    return f"{match[1]}-{match[2]}-{match[3]}{time}"
