"""Bytes to text, in whatever encoding they are, and how sure that is.

A byte order mark, valid UTF-8 and what a page declares decide. The rest is told by statistics: chardet knows how often
which letters follow each other in which language, and signs that stand where none can ("f|r", "Gr▀e") speak against a
reading. Where the next best reading fits about as well and says something else, both are named.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from dataclasses import dataclass

from rag.documents.readers.extraction import Unreadable
from rag.localization import gettext

# What people have on their disks, the likelier first. Fewer rivals make a short text surer: no EBCDIC, no HP Roman.
_KNOWN = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 iso8859-15 iso8859-2 iso8859-5 iso8859-7 "
    "iso8859-16 koi8-r koi8-u cp850 cp437 cp858 cp852 cp866 mac-roman mac-cyrillic "
    "cp932 euc_jis_2004 iso2022_jp_2 gb18030 big5hkscs cp949 utf-16-le utf-16-be utf-32-le utf-32-be"
).split()
_MARKS = (  # UTF-32 first: its mark begins as that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What programs of Windows wrote and called by its neighbour's name; of others browsers think so themselves.
_TWINS = {"iso-8859-2": "cp1250", "iso-8859-7": "cp1253", "iso-8859-8": "cp1255", "iso-8859-13": "cp1257"}
_SAMPLE = 200_000  # bytes that chardet looks at
_SIGNS = 1000  # signs beyond ASCII whose places are looked at
# In nats. Fitted on messages of programs in 26 languages, in pieces of 50 to 1,000 characters, and measured on others.
_COST = 8.0  # of a sign that stands where none can
_CLOSE, _CLOSE_IF_SHORT = 2.0, 100.0  # so near to the best reading another may be right; the latter by the length
_USUAL = 1.0  # what windows-1252 is likelier than the others before anything is read
_ESCAPE = re.compile(rb"\x1b[$(]")  # changes the script in ISO-2022
_LABELLED = re.compile(rb"(?i)(?:charset|encoding|coding)(?=[ \t]*[:=])")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f-\x9f]")  # \x1a ended a file in DOS
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SIGN = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the encoding it was in: "" is UTF-8, else a name such as "windows-1252".

    `doubts` says what else it may be, or what of it is damaged; "" where neither is so. A byte order mark is the
    text's first character.
    """

    text: str
    encoding: str = ""
    doubts: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    codec: str
    fit: float  # the logarithm of its likelihood, but for a constant


def decode(raw: bytes, declared: str = "") -> Decoded:
    """Return the text of `raw`; `declared` is the encoding (a label of the web) that it says it has.

    Raises Unreadable for bytes that are no text.
    """
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return _unicode(raw, codec)
    if b"\x00" not in raw and not _ESCAPE.search(raw):
        try:
            return Decoded(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            if _is_damaged_utf8(raw, error):
                return _unicode(raw, "utf-8")
    return (_as_declared(raw, declared) if declared else None) or _detected(raw)


def _unicode(raw: bytes, codec: str) -> Decoded:
    """Decode what certainly is of a Unicode encoding; damaged places become U+FFFD, and are told."""
    text = raw.decode(codec, "replace")
    damaged = text.count("\ufffd") - raw.count("\ufffd".encode(codec))
    if codec != "utf-8" and damaged > len(text) / 100:  # its mark was an accident
        raise Unreadable(gettext("it is binary, not text"))
    return Decoded(text, "" if codec == "utf-8" else codec, _damage(damaged))


def _damage(places: int) -> str:
    return f"damaged: {places:,} {'place' if places == 1 else 'places'} unreadable" if places > 0 else ""


def _is_damaged_utf8(raw: bytes, error: UnicodeDecodeError) -> bool:
    """Return whether bytes are UTF-8 but for their end, where they are cut off, or a few of many places."""
    whole = len(_SEQUENCE.findall(raw))
    if error.reason == "unexpected end of data":
        return whole > 0
    return whole > 4 * (raw.decode("utf-8", "replace").count("\ufffd") - raw.count(b"\xef\xbf\xbd"))


def _as_declared(raw: bytes, declared: str) -> Decoded | None:
    """Decode, as browsers do, what declares an encoding; None where it can hardly be that one."""
    import webencodings

    known = webencodings.lookup(declared)
    if known is None or known.name in {"utf-8", "x-user-defined"}:  # the first it is not
        return None
    if b"\x00" in raw or known.name.startswith("utf-16"):  # which could not have been read from a declaration
        return None
    text = known.codec_info.decode(raw, "replace")[0]
    if known.name in _TWINS and _CONTROLS.search(text):
        try:
            return Decoded(raw.decode(_TWINS[known.name]), _name(_TWINS[known.name]))
        except UnicodeDecodeError:
            pass  # it is not that one either
    damaged = text.count("\ufffd")
    return None if damaged > len(text) / 100 else Decoded(text, known.name, _damage(damaged))


def _detected(raw: bytes) -> Decoded:
    readings = _readings(raw)
    if not readings:
        raise Unreadable(gettext("it is binary, not text"))
    best = max(readings, key=lambda reading: reading.fit)
    near = _CLOSE + _CLOSE_IF_SHORT / len(raw)
    names: dict[str, str] = {}  # for each text the likelier encoding, of several that say the same
    for reading in readings:
        if reading.text == best.text or reading.fit > best.fit - near:
            names.setdefault(reading.text, _name(reading.codec))
    encoding = names.pop(best.text)
    return Decoded(best.text, encoding, " or ".join([encoding, *names.values()][:3]) if names else "")


def _readings(raw: bytes) -> list[_Reading]:
    """Return the text of `raw` in each encoding that it may be in, in the order of _KNOWN."""
    import chardet

    undeclared = _LABELLED.sub(b"", raw[:_SAMPLE])  # which chardet would believe: it was not true, or of something else
    found = chardet.detect_all(
        undeclared, ignore_threshold=True, max_bytes=_SAMPLE, compat_names=False, include_encodings=_KNOWN
    )
    likely = [(each["encoding"], each["confidence"]) for each in found if each["encoding"] in _KNOWN]
    readings = []
    for codec, likelihood in sorted(likely, key=lambda pair: _KNOWN.index(pair[0])):
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.search(text):
            fit = min(len(raw), _SAMPLE) * math.log(likelihood + 1e-9) - _COST * _misplaced(text)
            fit += _USUAL if codec == _KNOWN[0] else 0
            readings.append(_Reading(text, codec, fit))
    return readings


def _misplaced(text: str) -> float:
    """Return how many signs beyond ASCII stand where none can, less what quotation marks in their places are worth."""
    misplaced, opening, closing = 0.0, 0, 0
    around = f" {text} "
    for number, match in enumerate(_SIGN.finditer(around)):
        if number == _SIGNS:
            break
        before, sign, after = around[match.start() - 1], match.group(), around[match.end()]
        misplaced += _oddity(before, sign, after)
        kind = unicodedata.category(sign)
        opening += kind in {"Pi", "Ps"} and not before.isalnum() and not after.isspace()
        closing += kind in {"Pi", "Pf"} and not after.isalnum() and not before.isspace()  # “ closes in German
    return misplaced - min(opening, closing) / 2


def _oddity(before: str, sign: str, after: str) -> float:
    """Return how odd a sign is between its neighbours: 0 as usual, 1 impossible."""
    kind = unicodedata.category(sign)
    if kind in {"Lu", "Ll"} or (kind == "Lo" and sign < "\u3000"):
        return _odd_letter(before, sign, after)
    within = before.isalpha() and after.isalpha()
    if kind in {"Pi", "Pf", "Ps", "Pe", "Sc", "No", "Sm"} or sign in "°§©®":
        return float(within and sign != "’")
    if kind in {"Lo", "Pd", "Zs"} or sign in "·…":
        return 0.0
    return float(kind not in {"Mn", "Mc"} or not before.isalpha())


def _odd_letter(before: str, sign: str, after: str) -> float:
    if not before.isalpha() and not after.isalpha():  # "à" is a word, a single ب is none
        return 0.5 if sign.lower() != sign.upper() else 1.0
    shouts = (sign.isupper() and before.islower()) or (sign.islower() and before.isupper() and after.isupper())
    if shouts or before.isdigit() or after.isdigit():
        return 1.0
    return float(any(near.isalpha() and _script(near) != _script(sign) for near in (before, after)))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _name(codec: str) -> str:
    """Return what an encoding is called where people choose one."""
    name = codec.replace("iso8859", "iso-8859").replace("_jis_2004", "-jp").replace("iso2022_jp_2", "iso-2022-jp")
    return re.sub(r"^cp(?=125\d|874)", "windows-", name)
