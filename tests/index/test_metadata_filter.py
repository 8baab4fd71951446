"""Which documents are asked: by all of the tags, and by dates of which only a part may be known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.tags import key, tag
from rag.errors import UsageError
from rag.index.metadata_filter import ALL, Filter, chosen, marked, parsed, wanted
from rag.index.rows import Entry


def entry(name: str, date: str | None = None, *tags: str) -> Entry:
    return Entry(name, f"/{name}", name, name, date, "en", 1, 9, "2026", None, None, "", tags, (), "", "", ())


ENTRIES = [
    entry("a", "2023-12-31", "work"),
    entry("b", "2024", "Work", "home"),
    entry("c", "2024-06", "home"),
    entry("d", "2024-07-01", "work", "straße"),
    entry("e", None, "work"),
    entry("f", None),
]


def ids(*tags: str, since: str = "", until: str = "") -> str:
    return "".join(chosen(ENTRIES, wanted(tags, since, until)).ids)


@pytest.mark.parametrize(
    ("tags", "since", "until", "found"),
    [
        ((), "", "", "abcdef"),
        (("WORK",), "", "", "abde"),
        (("work", "home"), "", "", "b"),
        (("STRASSE",), "", "", "d"),
        ((), "2024", "", "bcd"),
        ((), "2024-06-30", "", "bcd"),
        ((), "2024-07", "", "bd"),
        ((), "2025", "", None),
        ((), "", "2023", "a"),
        ((), "", "2024", "abcd"),
        ((), "", "2024-06", "abc"),
        ((), "", "2024-05-31", "ab"),
        ((), "2024", "2024-06", "bc"),
        ((), "2023-12-31", "2023-12-31", "a"),
        (("work",), "2024", "", "bd"),
    ],
)
def test_all_tags_are_wanted_and_any_day_that_a_document_may_be_of(
    tags: tuple[str, ...], since: str, until: str, found: str | None
) -> None:
    if found is None:
        with pytest.raises(UsageError):
            ids(*tags, since=since, until=until)
    else:
        assert ids(*tags, since=since, until=until) == found


def test_those_that_only_want_a_date_are_counted() -> None:
    assert chosen(ENTRIES, wanted(["work"], "2024")).told == "1 document without a date left out"
    assert chosen(ENTRIES, wanted([], "2024")).told == "2 documents without a date left out"
    assert chosen(ENTRIES, wanted(["work"])).told == ""


def test_where_none_is_let_through_the_tags_that_there_are_are_told() -> None:
    with pytest.raises(UsageError, match="No document has the tag “wrok”") as raised:
        ids("work", "wrok")
    assert "Tags there are: home, straße, work." in str(raised.value)
    with pytest.raises(UsageError, match=r"No document is #home since:2025\.") as raised:
        ids("home", since="2025")
    with pytest.raises(UsageError, match=r"is #work since:2025 \(1 document without a date left out\)\."):
        ids("work", since="2025")
    with pytest.raises(UsageError, match="There are no tags"):
        chosen([], wanted(["work"]))
    many = [entry(f"{n}", None, f"t{n:02}", "\x1b[2J") for n in range(30)]
    with pytest.raises(UsageError, match="t18 and 11 more") as raised:
        chosen(many, wanted(["none"]))
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize(
    "date", ["24", "2024-13", "2024-02-30", "2024-6", "0000", "June", "2024-06-30T10", "٢٠٢٤", "2024\n06", "\ud800"]
)
def test_what_is_no_date_is_refused(date: str) -> None:
    for given_ in (("", date), (date, "")):
        with pytest.raises(ValueError, match="is no date: write 2024, 2024-06 or 2024-06-30"):
            wanted([], *given_)


def test_dates_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="since 2024-07 is after until 2024-06"):
        wanted([], "2024-07", "2024-06")
    assert wanted([], "2024-06-30", "2024-06") and wanted([], "2024", "2024")


# --- as text -------------------------------------------------------------------------------

DATES = st.sampled_from(["", "2023", "2024-02", "2024-02-29"])
TAGS = st.lists(
    st.text(st.sampled_from('ab "#:,äß-'), min_size=1, max_size=9).filter(lambda t: t.strip("# ")), max_size=3
)


@given(TAGS, DATES, st.sampled_from(["", "2024-02-29", "2025"]))
def test_what_is_shown_is_understood_as_what_it_was(tags: list[str], since: str, until: str) -> None:
    limit = wanted(tags, since, until)
    assert parsed(str(limit)) == limit


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("", ALL),
        ("#work", Filter(("work",))),
        ("work  Home", Filter(("Home", "work"))),
        ('#"machine learning" since:2024', Filter(("machine learning",), "2024")),
        ("until:2024-06 #since:2024", Filter(("since:2024",), "", "2024-06")),
        ('"unclosed', Filter(('"unclosed',))),
    ],
)
def test_a_line_says_what_is_wanted(line: str, limit: Filter) -> None:
    assert parsed(line) == limit


@pytest.mark.parametrize(
    ("line", "said"), [("since:", "a date is missing"), ("since:x", "no date"), ("until:1 until:2", "twice")]
)
def test_a_line_that_says_nothing_sound_is_refused(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parsed(line)


@given(TAGS, TAGS, DATES, st.sampled_from(["", "2024-02-29", "2025"]))
def test_what_two_filters_want_together_is_what_each_lets_through(
    one: list[str], other: list[str], since: str, until: str
) -> None:
    both = wanted(one, since) & wanted(other, "2024", until)
    assert {key(name) for name in both.tags} == {key(tag(name)) for name in [*one, *other]}
    for date in ("2023", "2023-12", "2024", "2024-02-28", "2024-03", "2025"):
        row = [entry("x", date)]
        passes = [bool(through(row, limit)) for limit in (wanted([], since), wanted([], "2024", until))]
        assert bool(through(row, Filter((), both.since, both.until))) == all(passes)


def through(entries: list[Entry], limit: Filter) -> tuple[str, ...]:
    try:
        return chosen(entries, limit).ids
    except UsageError:
        return ()


def test_marked_tags_hold_nothing_that_a_terminal_obeys() -> None:
    assert marked(["work", "a b", 'o"x', "\x1b[2J\n"]) == '#work #"a b" #"o""x" #\ufffd[2J'
