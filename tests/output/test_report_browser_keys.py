"""Held: the report in a real browser, gone through with keys; how it looks, and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_chat import answer, stone, troops
from hostile_text import HUGE
from report_pages import NOTHING, hostile
from report_reader import RECORDS, Reader
from selenium.webdriver.common.keys import Keys

from rag.output.json_record import detailed
from rag.output.report.page import page
from rag.text.sanitize import one_line

pytestmark = pytest.mark.slow

# --- keys ------------------------------------------------------------------------------------


def test_keys_go_from_answer_to_answer_and_stop_at_the_ends(reader: Reader) -> None:
    went = []
    for key in "jnjkpk":
        reader.press(key)
        went.append(reader.at())
    assert went == ["a1", "a2", "a3", "a2", "a1", "a1"]
    assert reader.says() == "That was the first answer."
    reader.press(*"jjjj")
    assert reader.at() == "a5" and reader.says() == ""
    reader.press("j")
    assert reader.at() == "a5" and reader.says() == "That was the last answer."


def test_the_answer_that_is_gone_to_stands_below_the_bar_and_shows_that_it_has_the_focus(reader: Reader) -> None:
    reader.press("j", "j", "j")
    top, bottom = reader.js("[document.activeElement.getBoundingClientRect().top, bar.getBoundingClientRect().bottom]")
    assert bottom - 1 <= top < bottom + 80
    assert reader.js("document.activeElement.matches(':focus-visible')")
    assert reader.js("getComputedStyle(document.activeElement, '::before').width") == "4px"


def test_keys_go_on_from_what_is_on_the_screen(reader: Reader) -> None:
    reader.js("document.getElementById('a3').scrollIntoView()")
    reader.press("j")
    assert reader.at() == "a3"
    reader.js("window.scrollTo(0, 0)")
    reader.press("j")
    assert reader.at() == "a1"


def test_the_next_unanswered_is_found_by_key_and_button_and_after_the_last_comes_the_first(reader: Reader) -> None:
    reader.press("u")
    assert reader.at() == "a2" and reader.says() == ""
    reader.click("#unanswered")
    assert reader.at() == "a4" and reader.says() == ""
    reader.press("u")
    assert reader.at() == "a2" and reader.says() == "From the top again."


def test_where_no_answer_is_missing_that_is_said(reader: Reader) -> None:
    reader.click("[name=status][value=answered]")
    reader.press("u")
    assert reader.says() == "No unanswered question among those shown."
    assert reader.driver.find_element("id", "note").get_attribute("role") == "status"
    reader.click("[name=status][value=error]")
    assert reader.says() == ""
    reader.press("j", "u")
    assert reader.at() == "a4" and reader.says() == "This is the only unanswered question among those shown."


def test_keys_go_only_to_answers_that_are_shown(reader: Reader) -> None:
    reader.choose("rosetta-stone.md (2)")
    reader.press(Keys.ESCAPE)
    reader.js("document.activeElement.blur()")
    reader.press("j")
    assert reader.at() == "a3"
    reader.press("j")
    assert reader.at() == "a5"


def test_the_search_is_entered_by_slash_and_left_by_escape_and_keys_are_letters_in_it(reader: Reader) -> None:
    reader.press("/")
    assert reader.at() == "find"
    reader.press(*"jkunp/?")
    assert reader.js("document.getElementById('find').value") == "jkunp/?"
    assert reader.at() == "find" and not reader.js("document.getElementById('help').open")
    reader.press(Keys.ESCAPE)
    assert reader.at() != "find"
    assert reader.js("document.getElementById('find').value") == "jkunp/?"
    reader.press("/", "x")  # what stands there is selected
    assert reader.js("document.getElementById('find').value") == "x"


def test_enter_in_the_search_goes_to_the_first_that_is_found(reader: Reader) -> None:
    reader.search("words stand")
    reader.press(Keys.ENTER)
    assert reader.shown() == [5] and reader.at() == "a5"


def test_keys_with_a_modifier_are_the_browsers(reader: Reader) -> None:
    for modifier in ("ctrlKey", "altKey", "metaKey"):
        pressed = f"new KeyboardEvent('keydown', {{key: 'j', {modifier}: true, bubbles: true}})"
        reader.js(f"document.body.dispatchEvent({pressed})")
    assert reader.at() == ""


def test_help_opens_and_closes_and_can_switch_the_letters_off(reader: Reader) -> None:
    reader.press("?")
    assert reader.js("document.getElementById('help').open") and reader.at() == "close"
    reader.press("j")
    assert reader.at() == "close"
    reader.press("?")
    assert not reader.js("document.getElementById('help').open")
    reader.click("#keys")
    reader.click("#single")
    reader.press(Keys.ESCAPE)
    assert not reader.js("document.getElementById('help').open")
    reader.press("j")
    assert reader.js("document.querySelector('article[aria-current]')") is None


def test_a_marker_leads_to_its_quote_and_the_filters_stay(reader: Reader) -> None:
    reader.click("[name=status][value=answered]")
    reader.click("#a1 .answer a[href='#a1-2']")
    assert reader.at() == "a1-2"
    top, bottom, edge = reader.js(
        "[...['top', 'bottom'].map((side) => document.activeElement.getBoundingClientRect()[side]),"
        " document.getElementById('bar').getBoundingClientRect().bottom]"
    )
    assert edge <= top < bottom <= reader.js("innerHeight")
    reader.until(lambda: reader.kept() == {"status": ["answered"]})
    assert reader.shown() == [1, 3, 5]


def test_a_reload_comes_back_to_the_answer_gone_to(reader: Reader) -> None:
    reader.press("j", "j", "j")
    reader.until(lambda: reader.kept() == {"at": ["3"]})
    reader.driver.refresh()
    assert reader.at() == "a3"


def test_everything_can_be_reached_by_tab_and_the_first_is_the_way_past_the_head(reader: Reader) -> None:
    reached = []
    for _ in range(40):
        reader.press(Keys.TAB)
        reached.append(
            reader.js("(({id, name, tagName, hash}) => id || name || hash || tagName)(document.activeElement)")
        )
        ring = reader.js("getComputedStyle(document.activeElement).outlineStyle") != "none"
        assert ring or reader.js("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle") != "none"
        if reached[-1] == "#a5-1":
            break
    assert reached[:7] == ["skip", "SUMMARY", "status", "differ", "wrong", "document", "find"]
    assert reached[7:9] == ["unanswered", "keys"]
    assert {"#a1", "#a1-1", "#a1-2", "#a1-3", "#a2", "#a3", "#a3-1", "#a4", "#a5", "#a5-1"} <= set(reached)
    reader.js("document.getElementById('skip').focus()")
    reader.press(Keys.ENTER)
    assert reader.at() == "answers"


# --- how it looks and what it takes ----------------------------------------------------------


def test_it_is_dark_where_the_person_likes_it_dark(reader: Reader) -> None:
    papers = []
    for scheme in ("light", "dark"):
        reader.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        papers.append(reader.js("getComputedStyle(document.documentElement).backgroundColor"))
    assert papers == ["rgb(251, 250, 247)", "rgb(23, 24, 27)"]


def test_in_print_there_are_the_shown_answers_and_no_controls(reader: Reader) -> None:
    reader.click("[name=status][value=answered]")
    reader.tell("Emulation.setEmulatedMedia", media="print")
    for gone in ("bar", "skip", "note"):
        assert not reader.driver.find_element("id", gone).is_displayed()
    assert reader.driver.find_element("css selector", "#a1 blockquote").is_displayed()
    assert not reader.driver.find_element("id", "a2").is_displayed()
    assert reader.js("getComputedStyle(document.getElementById('a1')).breakInside") == "avoid"
    assert reader.js("getComputedStyle(document.getElementById('a1')).contentVisibility") == "visible"


@pytest.mark.parametrize("width", [320, 400, 700])
def test_nothing_is_wider_than_a_narrow_screen(reader: Reader, width: int) -> None:
    reader.tell("Emulation.setDeviceMetricsOverride", width=width, height=700, deviceScaleFactor=1, mobile=True)
    assert reader.js("document.documentElement.scrollWidth") <= width
    reader.search("o")
    reader.until(lambda: reader.js("!document.getElementById('clear').hidden"))
    reader.press(Keys.ESCAPE, "j")
    assert reader.js("document.documentElement.scrollWidth") <= width
    top, bar = reader.js("[document.activeElement.getBoundingClientRect().top, bar.getBoundingClientRect().bottom]")
    assert top >= bar - 1 and bar < 150  # what stays of the bar leaves room to read
    assert reader.js("document.getElementById('find').getBoundingClientRect().top") >= 0


def test_the_page_loads_nothing_besides_itself(reader: Reader) -> None:
    assert reader.js("performance.getEntriesByType('resource').length") == 0
    assert [url for url in reader.requests() if not url.startswith("about:")] == [reader.file.as_uri()]


def test_a_hostile_script_does_not_run(reader: Reader) -> None:
    html = page(RECORDS, "Answers")
    reader.open(
        html.replace("<main", "<script>document.title = 'taken'</script><img src=x onerror='this.id=1'><main", 1)
    )
    assert reader.driver.title == "Answers"
    assert reader.shown() == [1, 2, 3, 4, 5]
    assert len([each for each in reader.complaints() if "violation of script-src" in each]) == 2
    assert [Path(url).name for url in reader.asked_elsewhere()] == ["x"]


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<script>throw new Error('torn')</script>", "torn"),
        ("<script>Promise.reject(new Error('broken'))</script>", "broken"),
        ("<script>console.warn('odd')</script>", "odd"),
        ("<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\"><script>1</script>", "script-src"),
    ],
)
def test_a_page_that_complains_is_noticed(reader: Reader, html: str, complaint: str) -> None:
    reader.open(html)
    assert [complaint in each for each in reader.complaints()] == [True]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("policy", ["", "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"])
@pytest.mark.parametrize("html", ["<img src='http://127.0.0.1:9/one'>", "<link rel=stylesheet href='beside.css'>"])
def test_a_page_that_asks_for_something_is_noticed(reader: Reader, html: str, policy: str, script: bool) -> None:
    reader.tell("Emulation.setScriptExecutionDisabled", value=not script)
    reader.open(policy + html)
    found: list[str] = []
    reader.until(lambda: found.extend(reader.asked_elsewhere()) or found)
    assert [url.rpartition("/")[2] in html for url in found] == [True]
    blocked = bool(policy) and script  # without script nobody tells of what is blocked, but the request is seen
    reader.until(lambda: not blocked or any("violation of" in each for each in reader.complaints()))


def test_without_script_everything_can_be_read(reader: Reader) -> None:
    reader.tell("Emulation.setScriptExecutionDisabled", value=True)
    reader.open(page(RECORDS, "Answers"))
    reader.tell("DOM.enable"), reader.tell("CSS.enable")
    root = reader.tell("DOM.getDocument", depth=0)["root"]["nodeId"]

    def displayed(css: str) -> list[bool]:
        nodes = reader.tell("DOM.querySelectorAll", nodeId=root, selector=css)["nodeIds"]
        styles = [reader.tell("CSS.getComputedStyleForNode", nodeId=node)["computedStyle"] for node in nodes]
        return [{"name": "display", "value": "none"} not in style for style in styles]

    assert displayed("article") == displayed("mark") == [True] * 5
    assert displayed(".reason") == [True]
    assert displayed("#bar, #none, dialog") == [False] * 3


def test_hostile_text_does_not_widen_the_page(reader: Reader) -> None:
    reader.tell("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=1, mobile=True)
    reader.open(page(hostile(HUGE), HUGE, figures=[(HUGE, HUGE)]))
    assert reader.js("document.documentElement.scrollWidth") <= 360
    reader.press("j", "j", "u")
    assert reader.js("document.documentElement.scrollWidth") <= 360
    reader.choose(one_line(HUGE, 60) + " (1)")
    assert reader.shown() == [1]
    assert reader.js("document.documentElement.scrollWidth") <= 360


def many(count: int = 500) -> list[dict[str, Any]]:
    kinds = [detailed("1", troops()), detailed("2", answer(NOTHING)), detailed("3", stone()), RECORDS[3]]
    return [{**kinds[n % 4], "id": str(n), "question": f"Number {n}: {kinds[n % 4]['question']}"} for n in range(count)]


def test_five_hundred_answers_load_and_filter_in_well_under_a_second(reader: Reader) -> None:
    reader.open(page(many(), "Answers"))
    loaded = reader.js("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert 0 < loaded < 5000
    took = reader.js(
        """(() => {
        const [find, bar] = [document.getElementById("find"), document.getElementById("bar")];
        const timed = (act) => {
            const began = performance.now();
            act();
            document.body.offsetHeight;
            return performance.now() - began;
        };
        const search = (words) => () => {
            find.value = words;
            bar.dispatchEvent(new Event("submit", {cancelable: true}));
        };
        return [search("number"), search("e"), search("zzz"), search("number 37"), search("")].map(timed);
        })()"""
    )
    assert max(took) < 1000, took
    reader.search("number 37")
    reader.until(lambda: reader.count() == "11 of 500")
    reader.press(Keys.ESCAPE, "u")
    assert reader.at() == "a38" or reader.says()


def test_going_through_many_answers_always_lands_below_the_bar(reader: Reader) -> None:
    reader.open(page(many(), "Answers"), "#at=250")
    assert reader.at() == "a250"
    for key in "jjjuukk":
        reader.press(key)
        top, edge = reader.js(
            "[document.activeElement.getBoundingClientRect().top, bar.getBoundingClientRect().bottom]"
        )
        assert edge - 1 <= top < edge + 30
