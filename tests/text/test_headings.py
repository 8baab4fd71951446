"""What is a heading and what is none, in German and English: one rule for chunks and for evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.headings import PLAIN, Heading, first_marked, heading
from rag.text.sentences import sentences

TEXT = "It had rained for days when the river left its bed and took the lower bridge along."
GERMAN = "Es hatte tagelang geregnet, als der Fluss über die Ufer trat und die untere Brücke mitnahm."


def headings(text: str) -> list[Heading]:
    return [found for start, end in sentences(text, "de") if (found := heading(text, start, end))]


def words(text: str) -> list[str]:
    return [found.words for found in headings(text)]


@pytest.mark.parametrize(
    ("line", "level", "said"),
    [
        ("# Opening hours", 1, "Opening hours"),
        ("### Was kostet das? ###", 3, "Was kostet das?"),
        ("###### deep down", 6, "deep down"),
        ("Vereinssatzung\n==============", 1, "Vereinssatzung"),
        ("Members' rights\n---", 2, "Members' rights"),
        ("**Kündigung**", PLAIN, "Kündigung"),
        ("Opening hours", PLAIN, "Opening hours"),
        ("ANHANG B", PLAIN, "ANHANG B"),
        ("Die Jahre danach: Flucht und Rückkehr", PLAIN, "Die Jahre danach: Flucht und Rückkehr"),
        ("The flood (1962)", PLAIN, "The flood (1962)"),
        ("3 Methods", PLAIN, "3 Methods"),
        ("2.1 Stichprobe und Verfahren", PLAIN, "2.1 Stichprobe und Verfahren"),
        ("4. Ergebnisse", PLAIN, "4. Ergebnisse"),
        ("§ 7 Haftung", PLAIN, "§ 7 Haftung"),
        ("Bergau, 3. Mai 2021", PLAIN, "Bergau, 3. Mai 2021"),
        ("Budget 2023/24", PLAIN, "Budget 2023/24"),
        ("Part 2", PLAIN, "Part 2"),
    ],
)
@pytest.mark.parametrize("below", [TEXT, GERMAN, "- an item\n- another", "Name: Karl\nOrt: Bergau"])
def test_a_line_above_text_is_a_heading(line: str, level: int, said: str, below: str) -> None:
    for before in ("", f"{TEXT}\n\n", f"- bread\n- salt\n\n{GERMAN}\n\n"):
        assert headings(f"{before}{line}\n\n{below}\n") == [Heading(level, said)]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "The bridge fell.",
        "The bridge fell",  # nothing stands below it
        f"Wer war das?\n\n{GERMAN}",
        f"He said:\n\n{TEXT}",
        f"and then the bridge fell\n\n{TEXT}",
        f"- The bridge\n\n{TEXT}",
        f"* Die Brücke\n\n{GERMAN}",
        f"| Bridge | Year |\n\n{TEXT}",
        f"Telefon: 03941 5520\n\n{GERMAN}",
        f"Total: £48,000\n\n{TEXT}",
        f"Lieferung und Montage 85,00\n\n{GERMAN}",
        f"Invoice no. A-1187\n\n{TEXT}",
        f"Bescheid vom 03.05.2031\n\n{GERMAN}",
        f"{'The long way to the bridge ' * 5}\n\n{TEXT}",
        f"#hashtag and more\n\n{TEXT}",
        f"####### Seven signs\n\n{TEXT}",
        "1. Coffee\n\n2. Tea\n\n" + TEXT,
        "Team: five people\nNext: a pilot in June\nRisk: the supplier is late",
        "Gesamtbetrag brutto\nZahlbar ohne Abzug\nBank Musterdorf\n\n" + GERMAN,
        f"The committee met in\nBergau on Monday\n\n{TEXT}",  # a wrapped line
        "Im Nebel ruhet noch die Welt\nNoch träumen Wald und Wiesen",
    ],
)
def test_what_says_something_by_itself_or_belongs_to_a_list_is_none(text: str) -> None:
    assert headings(f"{text}\n") == []


def test_of_many_lines_in_a_row_each_is_an_item_but_the_one_above_text() -> None:
    slides = ["Project Lighthouse", "Team of five", "Pilot in Kornfeld", "The supplier is late", "Decisions"]
    assert words("\n\n".join([*slides, TEXT])) == ["Decisions"]
    assert words("\n\n".join(slides)) == []
    assert words("\n\n".join([*slides[:4], TEXT])) == slides[:4]  # title, author, place, first heading


def test_a_line_directly_above_running_text_is_one() -> None:
    assert words(f"{TEXT}\nDie Brücke\n{GERMAN}\n") == ["Die Brücke"]
    assert words(f"The bridge\n{TEXT}\n") == ["The bridge"]
    assert words(f"Contact: Jonas Miller\n{TEXT}\n") == []
    assert words("Die Brücke der Stadt\nBergau fiel in den\nFluss und war fort.\n") == []  # narrow lines


def test_a_line_above_narrow_running_text_is_one_and_the_last_line_of_a_form_is_none() -> None:
    assert words(
        "3.1 Sample\nThe survey was sent to 412 homes\nin the upper valley, and most of\nthem answered.\n"
    ) == ["3.1 Sample"]
    assert words(f"Place: The old hall\nChair: Ann Field (acting)\nMinutes: Jon Reed\n\n{TEXT}\n") == []


def test_where_headings_are_marked_other_short_lines_are_evidence() -> None:
    assert words(f"# The bridge\n\nOpen at 5 pm\n\n{TEXT}\n") == ["The bridge"]
    assert words(f"Open at 5 pm\n\n{TEXT}\n\n## The bridge\n\n{TEXT}\n") == ["The bridge"]
    assert words(f"```\n# no heading\n```\n\nThe bridge\n\n{TEXT}\n") == ["The bridge"]


def test_what_stands_before_the_body_is_not_looked_at() -> None:
    text = f"date: 2024-11-05\nDie Brücke\n\n{GERMAN}"
    start = text.index("Die Brücke")
    assert heading(text, start, start + 10) is None
    assert heading(text, start, start + 10, body=start - 1) == Heading(PLAIN, "Die Brücke")


def test_the_first_marked_heading_of_a_level_is_found() -> None:
    text = "### Small\n\n## Middle ##\n\n# Great\n"
    assert first_marked(text, 0, len(text), 2) == "Middle "
    assert first_marked(text, 0, 11, 2) == ""


@given(st.text(alphabet="aB1 .:#*-=|\n\r\f§()", max_size=80), st.integers(0, 10))
def test_of_any_text_a_heading_is_words_of_one_line_of_it(text: str, body: int) -> None:
    for start, end in sentences(text, "en", min(body, len(text))):
        if found := heading(text, start, end, min(body, len(text))):
            assert found.words in text[start:end] and "\n" not in found.words
            assert 1 <= found.level <= PLAIN


@pytest.mark.parametrize(
    "hidden",
    [
        "```sh\n# Not on Fridays\nbackup --all\n```", "~~~~\n```\n# Nor this\n~~~\n# Or this\n~~~~",
        "<!--\n# Draft\n\n# Old title\n-->", "```python\r\n# Neither\r\n```\r", "<!-- a --> \n```\n# b\n```",
    ],
)  # fmt: skip
def test_a_sign_in_code_or_in_a_comment_marks_no_title(hidden: str) -> None:
    assert first_marked(f"{hidden}\n\nThe choir.\n\n## The archive\n", 0, 2000, 2) == "The archive"
    assert first_marked(f"{hidden}\n\nThe choir.\n", 0, 2000, 2) == ""
    assert first_marked(f"# The choir\n\n{hidden}\n", 0, 2000, 2) == "The choir"
