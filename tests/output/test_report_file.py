"""Held: the report as a file: one page without anything from elsewhere, its figures and its plot."""

from __future__ import annotations

import base64
import hashlib
import re

import lxml.html
import pytest
from project import ROOT
from report_pages import POINTS, batch, judged, parsed, shown, texts

from rag.output.report.page import page
from rag.output.report.plots import Bin, Errors, Point

SHEET = ROOT / "rag" / "output" / "report" / "report.css"


# What libxml2, which ends with HTML 4, does not know.
LATER = re.compile(
    r"Tag (article|header|main|figure|figcaption|svg|title|desc|path|text|polyline|circle|details|summary|mark|dialog)"
)

# --- the page as a file ----------------------------------------------------------------------


def full() -> str:
    rows = [judged(row, "x", cited=1) for row in batch()]
    return page(rows, "Answers", figures=[("Cited first", "3 of 4")], plot=POINTS, threshold=0.5, bins=BINS)


def test_the_policy_allows_just_the_pages_own_script_and_sheet() -> None:
    html = full()
    tree = parsed(html)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.keys() == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert {rules[name] for name in ("default-src", "base-uri", "form-action")} == {"'none'"}


def test_the_page_refers_to_nothing_outside_itself() -> None:
    html = full()
    tree = parsed(html)
    assert not re.search(r"https?://|url\(|@import|\bfetch\(|XMLHttp|import\(", html)
    assert not tree.xpath("//@src | //@srcset | //link | //@style | //@action | //@formaction")
    assert all(each.startswith("#") for each in tree.xpath("//@href"))
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on")]


def test_every_reference_within_the_page_has_its_one_target() -> None:
    tree = parsed(full())
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    named = [each[1:] for each in tree.xpath("//@href")]
    named += [each for value in tree.xpath("//@aria-labelledby") for each in value.split()]
    assert set(named) <= set(ids)


def test_the_page_is_well_formed() -> None:
    parser = lxml.html.HTMLParser()
    lxml.html.document_fromstring(full(), parser=parser)
    assert [str(each) for each in parser.error_log if not LATER.search(each.message)] == []


def test_every_control_has_a_name_and_controls_are_hidden_until_the_script_runs() -> None:
    tree = parsed(full())
    bar = tree.get_element_by_id("bar")
    assert bar.get("hidden") is not None
    for control in bar.xpath(".//input | .//select"):
        assert control.xpath("ancestor::label")[0].text_content().strip()
    for button in tree.iter("button"):
        assert (button.get("aria-label") or button.text_content()).strip()


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("ink", "papers", "least"),
    [
        ("ink", ("paper", "raised", "differ-paper", "found"), 4.5),
        ("soft", ("paper", "raised"), 4.5),
        ("link", ("paper", "differ-paper"), 4.5),
        ("quote-ink", ("quote", "words"), 4.5),
        ("good", ("paper", "raised"), 4.5),
        ("none", ("paper", "raised"), 4.5),
        ("bad", ("paper", "raised"), 4.5),
        ("differ", ("paper", "differ-paper"), 4.5),
        ("edge", ("paper", "raised"), 3.0),
    ],
)
def test_text_and_controls_stand_out_from_what_they_are_on(
    scheme: str, ink: str, papers: tuple[str, ...], least: float
) -> None:
    blocks = re.findall(r":root \{(.*?)\}", SHEET.read_text(encoding="utf-8"), re.DOTALL)
    colours: dict[str, str] = {}
    for block in {"light": blocks[:1], "dark": blocks[:2], "print": [blocks[0], blocks[2]]}[scheme]:
        for name, value in re.findall(r"--([\w-]+): (#\w+);", block):
            colours[name] = value if len(value) == 7 else "#" + "".join(2 * each for each in value[1:])
    for paper in papers:
        dark, light = sorted(map(luminance, (colours[ink], colours[paper])))
        assert (light + 0.05) / (dark + 0.05) >= least, f"{ink} on {paper}"


# --- figures and the plot --------------------------------------------------------------------


def test_figures_are_a_table_at_the_head() -> None:
    tree = shown(*batch(), figures=[("Cited first", "77 %"), ("Refused", "58 %")])
    (table,) = tree.find_class("figures")
    assert [(*texts(row, "th"), *texts(row, "td")) for row in table.iter("tr")] == [
        ("Cited first", "77 %"),
        ("Refused", "58 %"),
    ]
    assert not shown(*batch()).find_class("figures")


def test_the_plot_is_drawn_in_order_of_the_thresholds() -> None:
    tree = shown(plot=POINTS)
    (line,) = tree.iter("polyline")
    assert line.get("points").split() == ["230.0,60.0", "460.0,180.0"]
    assert not tree.find_class("used")
    (table,) = tree.find_class("points")
    assert [texts(row, "td") for row in table.iterfind("tbody/tr")] == [
        ["0.25", "50 %", "75 %"],
        ["0.75", "100 %", "25 %"],
    ]
    assert "from 0.25 to 0.75" in texts(tree, "desc")[0] and "from 75 % to 25 %" in texts(tree, "desc")[0]


@pytest.mark.parametrize(
    ("threshold", "place", "says"),
    [
        (0.5, ("460.0", "180.0"), "0.50. It refuses 100 %"),
        (0.25, ("230.0", "60.0"), "0.25. It refuses 50 %"),
        (0.1, ("230.0", "60.0"), "0.10. It refuses 50 %"),
        (0.9, ("460.0", "180.0"), "0.90. It refuses 100 %"),
    ],
)
def test_the_threshold_in_use_is_marked_on_the_line(threshold: float, place: tuple[str, str], says: str) -> None:
    tree = shown(plot=POINTS, threshold=threshold)
    (dot,) = tree.find_class("used")
    assert (dot.get("cx"), dot.get("cy")) == place
    assert says in texts(tree, ".in-use")[0]


def test_points_beyond_the_field_are_drawn_at_its_edge() -> None:
    (line,) = shown(plot=[Point(0.5, float("nan"), 1.5), Point(0.5, 2.0, -1.0)]).iter("polyline")
    assert line.get("points").split() == ["0.0,0.0", "460.0,240.0"]


def test_without_points_there_is_no_plot() -> None:
    assert not list(shown(*batch(), threshold=0.5).iter("svg"))


BINS = (Bin(0.75, 0.5, 0.25, 0.625, 40), Bin(0.25, 0.25, 0.125, 0.5, 41))


def test_how_sure_answers_were_is_drawn_against_how_often_they_were_right_from_the_left() -> None:
    tree = shown(bins=BINS)
    assert [(dot.get("cx"), dot.get("cy")) for dot in tree.find_class("sure")] == [
        ("115.0", "180.0"),
        ("345.0", "120.0"),
    ]
    assert [line.get("d") for line in tree.find_class("interval")] == ["M115.0 120.0V210.0", "M345.0 90.0V180.0"]
    (line,) = tree.find_class("guide")
    assert line.get("d") == "M0 240L460 0"
    (table,) = tree.find_class("points")
    assert [texts(row, "td") for row in table.iterfind("tbody/tr")] == [
        ["0.25", "25 %", "12 % – 50 %", "41"],
        ["0.75", "50 %", "25 % – 62 %", "40"],
    ]
    assert texts(tree, "desc") == [
        "Of 41 questions with a mean support of 0.25, 25 % are right. "
        "Of 40 questions with a mean support of 0.75, 50 % are right."
    ]


def test_a_bin_beyond_the_field_is_drawn_at_its_edge() -> None:
    (dot,) = shown(bins=[Bin(1.5, float("nan"), -1.0, 2.0, 3)]).find_class("sure")
    assert (dot.get("cx"), dot.get("cy")) == ("460.0", "240.0")


def test_the_errors_of_each_care_are_a_table_and_the_one_in_use_stands_out() -> None:
    (table,) = shown(
        errors=[Errors("careful", 0.6, "0.2", "-", False), Errors("eager", 0.1, "0", "1", True)]
    ).find_class("errors")
    assert [(*texts(row, "th"), *texts(row, "td")) for row in table.iterfind("tbody/tr")] == [
        ("careful: 0.60", "0.2", "-"),
        ("eager, in use: 0.10", "0", "1"),
    ]
    assert [row.get("class") for row in table.iterfind("tbody/tr")] == [None, "used-row"]


def test_a_care_other_than_the_usual_is_told_with_what_the_answers_were_made_with() -> None:
    rows = [row | {"care": "careful"} for row in batch()]
    assert texts(shown(*rows), ".made")[0].endswith(" · care careful")
    assert "care" not in texts(shown(*batch()), ".made")[0]
