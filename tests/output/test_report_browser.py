"""Held: in a browser the page of a batch is found through, filtered, gone through by keys, printed, and asks nothing.

It runs in headless Chromium, from a file, as a person opens it.
"""

from __future__ import annotations

import pytest
from report_reader import RECORDS, Reader
from selenium.webdriver.common.keys import Keys

from rag.output.report.page import page

pytestmark = pytest.mark.slow

# --- filters ---------------------------------------------------------------------------------


def test_all_answers_are_shown_at_first_and_counted(reader: Reader) -> None:
    assert reader.shown() == [1, 2, 3, 4, 5]
    assert reader.count() == "5 of 5"
    assert reader.driver.find_element("id", "bar").is_displayed()
    assert not reader.driver.find_element("id", "none").is_displayed()


@pytest.mark.parametrize(
    ("status", "numbers"), [("answered", [1, 3, 5]), ("not_found", [2]), ("error", [4]), ("", [1, 2, 3, 4, 5])]
)
def test_answers_are_filtered_by_their_status(reader: Reader, status: str, numbers: list[int]) -> None:
    reader.click("[name=status][value=answered]")
    reader.click(f"[name=status][value='{status}']")
    assert reader.shown() == numbers
    assert reader.count() == f"{len(numbers)} of 5"


def test_answers_are_filtered_by_the_documents_they_cite(reader: Reader) -> None:
    reader.choose("kursk-background.md (1)")
    assert reader.shown() == [1]
    reader.choose("rosetta-stone.md (2)")
    assert reader.shown() == [3, 5]
    reader.choose("All documents")
    assert reader.shown() == [1, 2, 3, 4, 5]


def test_only_disagreements_or_only_what_is_wrong_can_be_shown(reader: Reader) -> None:
    reader.click("[name=differ]")
    assert reader.shown() == [1]
    reader.click("[name=differ]")
    reader.click("[name=wrong]")
    assert reader.shown() == [5]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("ROSETTA", [3]),  # in the question
        ("selenskyj", [1]),  # in the quote
        ("ubersetzte die STRASSEN", [2]),  # without accents, in capitals, ss for ß
        ("Übersetzte", [2]),
        ("found no sentence", [2]),  # in the answer
        ("  broken   model ", [4]),
        ("while truppe", []),
        ("\u0301", [1, 2, 3, 4, 5]),  # an accent alone is nothing to look for
        ("klagte er", []),  # in the paragraph only
    ],
)
def test_answers_are_searched_without_case_and_accents(reader: Reader, words: str, numbers: list[int]) -> None:
    reader.search(words)
    reader.until(lambda: reader.shown() == numbers)
    assert reader.count() == f"{len(numbers)} of 5"


def test_what_is_searched_for_is_painted_also_across_marks(reader: Reader) -> None:
    reader.search("inzwischen 11.000 nord")
    reader.until(lambda: reader.shown() == [1])
    painted = "[...(CSS.highlights.get('found') ?? [])].map(String)"
    assert reader.js(painted) == ["inzwischen 11.000 nord"] * 2  # in the answer and in the quote
    reader.search("strassensch")
    reader.until(lambda: reader.js(painted) == ["Straßensch"])
    reader.search("")
    reader.driver.find_element("id", "find").send_keys("x", Keys.BACKSPACE)
    reader.until(lambda: reader.js(painted) == [])


def test_filters_add_up_and_where_nothing_fits_one_button_shows_all_again(reader: Reader) -> None:
    reader.click("[name=status][value=answered]")
    reader.choose("rosetta-stone.md (2)")
    assert reader.shown() == [3, 5]
    reader.search("words")
    reader.until(lambda: reader.shown() == [5])
    reader.click("[name=differ]")
    assert reader.shown() == [] and reader.count() == "0 of 5"
    assert reader.driver.find_element("id", "none").is_displayed()
    reader.click("#all")
    assert reader.shown() == [1, 2, 3, 4, 5]
    assert not reader.driver.find_element("id", "none").is_displayed()
    assert reader.at() == "find"
    reader.until(lambda: reader.kept() == {})


def test_a_reload_and_a_link_keep_the_filters(reader: Reader) -> None:
    reader.click("[name=status][value=answered]")
    reader.choose("rosetta-stone.md (2)")
    reader.click("[name=wrong]")
    reader.search("wörds & #+%")
    wanted = {"status": ["answered"], "document": ["rosetta-stone.md"], "only": ["wrong"], "find": ["wörds & #+%"]}
    reader.until(lambda: reader.kept() == wanted)
    reader.driver.refresh()
    assert reader.shown() == []
    assert reader.js("document.getElementById('find').value") == "wörds & #+%"
    reader.driver.find_element("id", "find").clear()
    reader.search("words")
    reader.until(lambda: reader.shown() == [5])
    reader.until(lambda: reader.kept().get("find") == ["words"])
    address = reader.driver.current_url
    reader.driver.get("about:blank")
    reader.driver.get(address)
    assert reader.shown() == [5]
    assert reader.js("document.querySelector('[name=status]:checked').value") == "answered"


def test_an_address_that_makes_no_sense_shows_all(reader: Reader) -> None:
    reader.open(page(RECORDS, "Answers"), "#status=%22%3E&document=none&only=x,y&at=-7&find=&x=%E0%A4%A")
    assert reader.shown() == [1, 2, 3, 4, 5]


def test_another_address_is_followed_without_a_reload(reader: Reader) -> None:
    reader.js("location.hash = 'status=error'")
    reader.until(lambda: reader.shown() == [4])
