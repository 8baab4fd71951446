"""Number formats of spreadsheets: a value as its cell shows it, "1.240,00 €" for 1240.

What a file leaves to the program that shows it, the signs for thousands and decimals and the names of months,
is that of the language of the sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

GENERAL = "General"
BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
    48: "0.0E+0", 49: "@",
}  # fmt: skip

_PART = re.compile(
    r"""(?P<quoted>"[^"]*"?)|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)(?:-(?P<locale>[^\]]*))?\]"""
    r"""|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|(?P<other>.)""",
    re.IGNORECASE | re.DOTALL,
)
_DATE_PART = re.compile(r"\x03[hms]|y+|m+|d+|h+|s+(?:\.0+)?|am/pm|a/p|\x01[^\x02]*\x02|.", re.IGNORECASE | re.DOTALL)
_DIGITS = re.compile(r"[0#?](?:[0#?,. ]*[0#?])?,*(?:E[+-]0+)?", re.IGNORECASE)
_MONTHS = {
    True: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    False: "January February March April May June July August September October November December".split(),
}
_DAYS = {
    True: "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
    False: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
_GERMAN_LOCALES = {"407", "807", "c07", "1007", "1407"}  # Germany, Switzerland, Austria, Luxemburg, Liechtenstein
_LONGEST = 255  # characters of a format


@dataclass(frozen=True, slots=True)
class Look:
    """How a sheet shows what its formats leave open. `from_1904`: its days are counted from then."""

    german: bool = False
    from_1904: bool = False


def shown(value: float, code: str, look: Look) -> str:
    """Return a number as a cell of that format shows it; one that no date has is shown as a number."""
    if code == GENERAL:
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else _general(value, look.german)
    sections = _sections(code[:_LONGEST])
    section, number = sections[0], value
    if len(sections) > 1 and value < 0:
        section, number = sections[1], -value
    elif len(sections) > 2 and value == 0:
        section = sections[2]
    literal, german = _with_marks(section, look.german)
    if _plain(literal).strip().lower() in {"general", "@", "standard"}:
        return _literals(literal, _general(number, german))
    if re.search(r"[ymdhs]|\x03", _plain(literal), re.IGNORECASE):
        return _date(number, literal, Look(german, look.from_1904)) or _general(value, german)
    return _number(number, literal, german)


@lru_cache(maxsize=1000)
def _sections(code: str) -> tuple[str, ...]:
    found = re.findall(r"""((?:"[^"]*"?|\\.|\[[^\]]*\]|[^;"\\])*)(?:;|\Z)""", code, re.DOTALL)
    return tuple(found[:-1][:4]) or ("",)  # the last is the nothing behind the end


@lru_cache(maxsize=1000)
def _with_marks(section: str, german: bool) -> tuple[str, bool]:
    """Return a section with its literals between \\x01 and \\x02 and hours beyond a day as \\x03, and its language."""
    parts = []
    for match in _PART.finditer(section):
        if match["quoted"] is not None:
            parts.append(f"\x01{match['quoted'].strip(chr(34))}\x02")
        elif match["escaped"] is not None:
            parts.append(f"\x01{match['escaped']}\x02")
        elif match["currency"] is not None:
            parts.append(f"\x01{match['currency']}\x02" if match["currency"] else "")
            if match["locale"]:
                german = match["locale"].lower().lstrip("0") in _GERMAN_LOCALES
        elif match["elapsed"] is not None:
            parts.append("\x03" + match["elapsed"][0].lower())
        elif match["other"] is not None:
            parts.append(match["other"])
    return "".join(parts), german


@lru_cache(maxsize=1000)
def _plain(marked: str) -> str:
    return re.sub(r"\x01[^\x02]*\x02|am/pm", "", marked, flags=re.IGNORECASE)


def _literals(marked: str, value: str) -> str:
    """Return a section of literals and a word for the value, with that."""
    filled = re.sub(r"general|standard|@", lambda _: value, marked, flags=re.IGNORECASE)
    return re.sub(r"[\x01\x02\x03]", "", filled).strip()


def _general(value: float, german: bool) -> str:
    text = f"{value:.10f}".rstrip("0").rstrip(".") if 1e-9 < abs(value) < 1e15 else f"{value:.10g}"
    text = f"{value:.10g}" if "e" not in f"{value:.10g}" else text
    return text.replace(".", ",") if german else text


def _number(value: float, marked: str, german: bool) -> str:
    """Return a number in the digits of a format, with all that stands around them."""
    parts = re.split(r"(\x01[^\x02]*\x02)", marked)
    at, match = next(((at, found) for at, each in enumerate(parts) if not each.startswith("\x01")
                      and (found := _DIGITS.search(each))), (0, None))  # fmt: skip
    if match is None:
        return re.sub(r"[\x01\x02\x03]", "", marked).strip()
    if "/" in "".join(each for each in parts if not each.startswith("\x01")):  # a fraction
        return f"{'-' if value < 0 else ''}{_general(abs(value), german)}"
    percent = sum(each.count("%") for each in parts if not each.startswith("\x01"))
    digits = _digits(value * 100**percent, match[0])
    if german:
        digits = digits.translate(str.maketrans(",.", ".,"))
    parts[at] = parts[at][: match.start()] + digits + re.sub(r"[0#?]", "", parts[at][match.end() :])
    whole = re.sub(r"[\x01\x02\x03]", "", "".join(parts)).strip()
    return f"-{whole}" if value < 0 and re.search(r"[1-9]", digits) else whole


def _digits(value: float, pattern: str) -> str:
    """Return the digits of a number without its sign, with "," for thousands and "." for decimals."""
    pattern = pattern.replace(" ", "")
    if exponent := re.search(r"E[+-]0+", pattern, re.IGNORECASE):
        return f"{abs(value):.{_decimals(pattern[: exponent.start()])[0]}E}"
    scaled = abs(value) / 1000 ** (len(pattern) - len(pattern.rstrip(",")))
    most, least = _decimals(pattern)
    before = pattern.rstrip(",").split(".")[0]
    text = f"{scaled:,.{most}f}" if "," in before else f"{scaled:.{most}f}"
    if most > least:
        whole, _, fraction = text.partition(".")
        fraction = fraction[:least] + fraction[least:].rstrip("0")
        text = f"{whole}.{fraction}" if fraction else whole
    whole, dot, fraction = text.partition(".")
    least_whole = before.count("0")
    whole = "" if whole == "0" and not least_whole and not (dot and fraction.strip("0")) else whole
    return whole.rjust(min(least_whole, 30), "0") + dot + fraction


def _decimals(pattern: str) -> tuple[int, int]:
    """Return the most and the fewest decimals of a pattern of digits."""
    fraction = pattern.partition(".")[2]
    return min(len(re.findall(r"[0#?]", fraction)), 15), min(fraction.count("0"), 15)


def _date(value: float, marked: str, look: Look) -> str:
    """Return a date or time; "" for a number that none has."""
    base = datetime(1904, 1, 1) if look.from_1904 else datetime(1899, 12, 31 if value < 60 else 30)
    try:
        moment = base + timedelta(seconds=round(value * 86400, 3) if "0" in marked else round(value * 86400))
    except (OverflowError, ValueError):
        return ""
    if value < 0:
        return ""
    parts, half = _date_parts(marked)
    words = []
    for token, minutes in parts:
        if token[0] == "\x03":
            words.append(str(int(value * {"h": 24, "m": 1440, "s": 86400}[token[1]] + 1e-6)))
        else:
            words.append(_date_part(token, moment, look.german, half, minutes))
    return re.sub(r"[\x01\x02]", "", "".join(words)).strip()


@lru_cache(maxsize=1000)
def _date_parts(marked: str) -> tuple[tuple[tuple[str, bool], ...], bool]:
    """Return the parts of a date's format, each with whether it is an m that means minutes; and whether 15 h is 3."""
    tokens = _DATE_PART.findall(marked)
    parts = tuple((token, token[0] in "mM" and _is_minutes(tokens, at)) for at, token in enumerate(tokens))
    return parts, any(token.lower() in {"am/pm", "a/p"} for token in tokens)


def _is_minutes(tokens: list[str], at: int) -> bool:
    """Return whether the m at a place means minutes: it stands after hours or before seconds."""
    parts = [(place, token.lstrip("\x03")[:1].lower()) for place, token in enumerate(tokens)]
    letters = [(place, letter) for place, letter in parts if letter in {"y", "m", "d", "h", "s"}]
    here = next(number for number, (place, _) in enumerate(letters) if place == at)
    before = letters[here - 1][1] if here else ""
    after = letters[here + 1][1] if here + 1 < len(letters) else ""
    return len(tokens[at]) < 3 and (before == "h" or after == "s")


def _date_part(token: str, moment: datetime, german: bool, half: bool, minutes: bool) -> str:
    kind, length = token[0].lower(), len(token)
    if token.lower() in {"am/pm", "a/p"}:
        return moment.strftime("%p")
    if kind == "y":
        return f"{moment.year:04}" if length > 2 else f"{moment.year % 100:02}"
    if kind == "m" and minutes:
        return f"{moment.minute:0{min(length, 2)}}"
    if kind == "m":
        name = _MONTHS[german][moment.month - 1]
        return f"{moment.month:0{length}}" if length < 3 else name[:3] if length == 3 else name
    if kind == "d":
        day = _DAYS[german][moment.weekday()]
        return f"{moment.day:0{length}}" if length < 3 else day[: 2 if german else 3] if length == 3 else day
    if kind == "h":
        hour = (moment.hour + 11) % 12 + 1 if half else moment.hour
        return f"{hour:0{min(length, 2)}}"
    if kind == "s":
        return f"{moment.second:0{min(len(token.split('.')[0]), 2)}}"
    return token
