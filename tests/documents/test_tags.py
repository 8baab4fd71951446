"""Tags: what is one, which are the same, and which a Markdown file gives itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.document import read
from rag.documents.tags import LONGEST, MOST, key, tag, tags_in, united, without
from rag.text.sanitize import plain


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("work", "work"),
        ("  Work\t", "Work"),
        ("#work", "work"),
        ("machine \n learning", "machine learning"),
        ("ha\u0308user", "häuser"),
        ("wo\u00adrk\u200b", "work"),
        ("c#", "c#"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_a_tag_is_kept_composed_and_on_one_line(written: str, kept: str) -> None:
    assert tag(written) == kept


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "empty"),
        (" # ", "empty"),
        ("\u200b", "empty"),
        ("x" * (LONGEST + 1), "longer than 64"),
        ("wo\x1b[31mrk", "control character"),
        ("wo\u202erk", "control character"),
        ("wo\ud800rk", "control character"),
        ("wo\x00rk", "control character"),
    ],
)
def test_what_is_no_tag_is_refused_with_the_reason(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        tag(written)
    str(raised.value).encode()  # it can be written


@given(st.text(st.characters(codec=None), max_size=80))
def test_whatever_is_kept_is_shown_as_it_is_and_kept_the_same_again(text: str) -> None:
    try:
        made = tag(text)
    except ValueError:
        return
    assert tag(made) == made == plain(made) and 0 < len(made) <= LONGEST and made == made.strip()
    assert key(made) == key(made.swapcase()) or made.swapcase().casefold() != made.casefold()


def test_tags_that_differ_in_case_or_form_are_one_and_the_first_is_kept() -> None:
    assert united(["Straße", "b"], ["STRASSE", "A", "B"]) == ("A", "b", "Straße")
    assert without(("Work", "home"), ["WORK"]) == ("home",)


# --- front matter --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (["work", "Home", "work"], ("Home", "work")),
        ("work", ("work",)),
        ("work, machine learning ,", ("machine learning", "work")),
        ("#work #home/garden", ("home/garden", "work")),
        (["Smith, John"], ("Smith, John",)),
        ([2024, True, None, ["deep"], {"a": 1}, "x" * 65, "ok"], ("2024", "ok")),
        ({"work": "home"}, ()),
        (None, ()),
        ("", ()),
        ([f"t{n:03}" for n in range(1000)], tuple(f"t{n:03}" for n in range(MOST))),
    ],
)
def test_front_matter_gives_tags_by_a_list_or_by_text(field: object, found: tuple[str, ...]) -> None:
    assert tags_in(field) == found


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("tags: [Work, 2024-05]", ("2024-05", "Work")),
        ("Tags:\n  - work\n  - 'on: hold'", ("on: hold", "work")),
        ("tags: work, home", ("home", "work")),
        ("tags:", ()),
        ("tags: [&a x, *a, ok]", ("ok", "x")),
        ('tags: ["\\u202e", "\\0", ok]', ("ok",)),
        ("title: x", ()),
    ],
)
def test_a_markdown_file_gives_its_tags(tmp_path: Path, head: str, found: tuple[str, ...]) -> None:
    (tmp_path / "a.md").write_text(f"---\n{head}\n---\nThe mill burned down.", encoding="utf-8")
    document = read(tmp_path / "a.md")
    assert document.tags == found and document.text[document.body :] == "The mill burned down."


def test_front_matter_of_other_formats_gives_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("---\ntags: work\n---\nThe mill burned down.", encoding="utf-8")
    assert read(tmp_path / "a.txt").tags == ()
