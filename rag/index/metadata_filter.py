"""Metadata filtering: the documents that are asked, by their tags and dates.

Several tags mean all of them. A document counts as within dates if any day of what is known of its own is: "2024" may
be June. One without a date cannot be said to lie anywhere, and is left out where dates are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rag.documents.tags import key, tag, united
from rag.errors import UsageError
from rag.localization import gettext, ngettext
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    from rag.index.rows import Entry

_DATE = r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"  # compiled when it is first needed, which the first paint is not
_MOST_NAMED = 20  # tags, in an error
_WORD = r'\s*(?:(since|until):(\S*)|#?"((?:[^"]|"")*)"(?!\S)|(\S+))\s*'


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents are wanted: those with all of `tags`, dated from `since` to `until`; "" is no limit.

    Make one by `wanted`. It is false where all documents are wanted. As text it reads as in
    `#work since:2024`, which `parsed` understands.
    """

    tags: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        return bool(self.tags or self.since or self.until)

    def __and__(self, other: Filter) -> Filter:
        """Return what both want."""
        since = max(self.since, other.since, key=_first)
        until = min(filter(None, (self.until, other.until)), key=_last, default="")
        return Filter(united(self.tags, other.tags), since, until)

    def __str__(self) -> str:
        words = [
            marked(self.tags),
            f"since:{self.since}" if self.since else "",
            f"until:{self.until}" if self.until else "",
        ]
        return " ".join(filter(None, words))


def marked(tags: Iterable[str]) -> str:
    """Return tags as they are shown and typed: #work #home, and #"machine learning" where one is of more words."""
    names = map(one_line, tags)
    return " ".join(
        '#"{}"'.format(name.replace('"', '""')) if re.search(r'[\s"]', name) else f"#{name}" for name in names
    )


ALL = Filter()


@dataclass(frozen=True, slots=True)
class Choice:
    """The documents that a filter lets through; `undated` are those that only want of a date keeps out."""

    entries: tuple[Entry, ...]
    undated: tuple[Entry, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """What `Assistant.ask` takes as `documents`."""
        return tuple(entry.id for entry in self.entries)

    @property
    def told(self) -> str:
        """What a person should know of it, "" if nothing."""
        count = len(self.undated)
        said = ngettext("{n} document without a date left out", "{n} documents without a date left out", count)
        return said.format(n=count) if count else ""


def wanted(tags: Iterable[str] = (), since: str | None = None, until: str | None = None) -> Filter:
    """Return a filter by tags and dates (YYYY, YYYY-MM or YYYY-MM-DD), as a person gives them.

    Raises ValueError, saying why, for what is no tag or no date, and for dates that exclude each other.
    """
    made = Filter(united(map(tag, tags)), _dated(since), _dated(until))
    if made.since and made.until and _first(made.since) > _last(made.until):
        raise ValueError(gettext("since {since} is after until {until}").format(since=made.since, until=made.until))
    return made


def parsed(text: str) -> Filter:
    """Return the filter that a line says: tags, since:DATE, until:DATE; a tag of several words in quotes.

    A tag may have its "#" or not. Raises ValueError, as `wanted` does.
    """
    tags: list[str] = []
    dates: dict[str, str] = {}
    for name, value, quoted, word in re.findall(_WORD, text):
        if name and name in dates:
            raise ValueError(gettext("{name}: is given twice").format(name=name))
        if name:
            dates[name] = value
        else:
            tags.append(quoted.replace('""', '"') or word)
    if "" in dates.values():
        raise ValueError(gettext("a date is missing: write since:2024, since:2024-06 or since:2024-06-30"))
    return wanted(tags, dates.get("since"), dates.get("until"))


def chosen(entries: Sequence[Entry], limit: Filter) -> Choice:
    """Return the documents that a filter lets through, in their order.

    Raises UsageError, saying which tags there are, where it lets none through.
    """
    keys = {key(name) for name in limit.tags}
    tagged = [entry for entry in entries if keys <= {key(name) for name in entry.tags}] if keys else list(entries)
    dated = bool(limit.since or limit.until)
    choice = Choice(
        tuple(entry for entry in tagged if not dated or (entry.date and _within(entry.date, limit))),
        tuple(entry for entry in tagged if dated and not entry.date),
    )
    if limit and not choice.entries:
        raise _none(entries, limit, choice)
    return choice


def _within(dated: str, limit: Filter) -> bool:
    return (not limit.since or _last(dated) >= _first(limit.since)) and (
        not limit.until or _first(dated) <= _last(limit.until)
    )


def _none(entries: Sequence[Entry], limit: Filter, choice: Choice) -> UsageError:
    there = united(*(entry.tags for entry in entries))
    keys = {key(name) for name in there}
    unknown = [name for name in limit.tags if key(name) not in keys]
    what = (
        gettext("No document has the tag “{name}”").format(name=one_line(unknown[0]))
        if unknown
        else gettext("No document is {limit}").format(limit=one_line(str(limit)))
    )
    left = f" ({choice.told})" if choice.told else ""
    return UsageError(f"{what}{left}.", _tags(there) + " " + gettext("`beleg documents` lists tags and dates."))


def _tags(there: Sequence[str]) -> str:
    """Return which tags there are, in a sentence."""
    shown, more = ", ".join(one_line(name) for name in there[:_MOST_NAMED]), len(there) - _MOST_NAMED
    if more > 0:
        return gettext("Tags there are: {names} and {n} more.").format(names=shown, n=more)
    return gettext("Tags there are: {names}.").format(names=shown) if there else gettext("There are no tags.")


def _dated(text: str | None) -> str:
    """Return a date as it was given, "" if none was. Raises ValueError for what is no date, or no day of a calendar."""
    made = (text or "").strip()
    if made and not _is_day(made):
        shown = one_line(made.encode("utf-8", "replace").decode(), 40)
        raise ValueError(gettext("“{text}” is no date: write 2024, 2024-06 or 2024-06-30").format(text=shown))
    return made


def _is_day(text: str) -> bool:
    match = re.fullmatch(_DATE, text)
    with suppress(ValueError):
        return match is not None and bool(date(int(match[1]), int(match[2] or 1), int(match[3] or 1)))
    return False


def _first(dated: str) -> str:
    """Return what sorts as the first day of a year, a month or a day; "" is before all."""
    return dated + "-00-00"[len(dated) - 4 :] if dated else ""


def _last(dated: str) -> str:
    return dated + "-99-99"[len(dated) - 4 :]
