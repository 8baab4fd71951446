"""Held: fences, comments and tables are found where Markdown has them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.text.markup import cells, markup


def test_a_fence_is_closed_by_one_like_it() -> None:
    text = "a\n````sh\n```\n# no heading\n````\nb\n~~~\nc"
    assert [text[start:end] for start, end in markup(text).fences] == ["````sh\n```\n# no heading\n````", "~~~\nc"]
    assert markup(text).fence(text.index("# no")) and not markup(text).fence(text.index("b\n"))


def test_words_between_ticks_in_a_line_are_no_fence() -> None:
    assert markup("```not``` a fence ```\n# A heading\n").fences == ()


def test_a_comment_begins_a_line_and_is_none_in_code() -> None:
    text = "<!-- one\n\ntwo -->\nText <!-- within --> it.\n```\n<!-- code -->\n```\n<!-- open"
    assert [text[start:end] for start, end in markup(text).comments] == ["<!-- one\n\ntwo -->", "<!-- open"]


def test_a_table_has_heads_where_a_rule_stands_below_them() -> None:
    text = "| a | b |\n|:--|--:|\n| 1 | 2 |\n| 3 | 4 |\n\n| c | d |\n| 5 | 6 |\n"
    (table,) = markup(text).tables
    assert table.heads == ("a", "b") and text[table.start : table.end].endswith("| 3 | 4 |")
    assert markup(text).table(text.index("| 3")) == table and markup(text).table(text.index("| 5")) is None


def test_the_first_line_of_a_form_in_a_table_is_no_head() -> None:
    form = "| Tenant: | Ivo Lind |\n|---|---|\n| Rent: | 865 |\n"
    assert markup(form).tables[0].heads == ("", "")
    for heads in ("| Day: | Open: |", "| Tenant | Rent |", "| Note: | a | b |"):
        (table,) = markup(f"{heads}\n|---|---|---|\n| 1 | 2 | 3 |\n").tables
        assert any(table.heads)


def test_cells_may_hold_the_sign_that_parts_them() -> None:
    assert cells("| a \\| b |  | c |") == ["a | b", "", "c"]
    assert cells("| a | b") == ["a", "b"]
    assert cells("no row") == []


@given(st.text(alphabet="|`~-: \n<!>ab\\", max_size=80))
def test_of_any_text_the_blocks_lie_in_order_within_it(text: str) -> None:
    found = markup(text)
    for spans in (found.fences, found.comments, [(table.start, table.end) for table in found.tables]):
        ends = [end for span in spans for end in span]
        assert ends == sorted(ends) and all(0 <= end <= len(text) for end in ends)
