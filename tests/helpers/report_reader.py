"""A report opened in a real browser, and what a reader of it does and sees."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fake_chat import stone
from report_pages import batch, judged
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.select import Select

from rag.output.json_record import detailed

# What the page itself brings about; the rest of the log (Chromium's own remarks, in words that change) is told by
# events instead: requests by the network's, violations of the page's policy by the document's.
OF_THE_PAGE = ("javascript", "console-api")


TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
    console.error(`violation of ${event.effectiveDirective}: ${event.blockedURI}`));
"""


RECORDS = [*batch(), judged(detailed("last", replace(stone("Where do the words stand?"))), "In Kursk", cited_first=0.0)]


PATIENCE = 10.0


@dataclass
class Reader:
    """A person in front of the page: what they do, and what they see."""

    driver: webdriver.Chrome
    file: Path

    def open(self, html: str, hash_: str = "") -> None:
        """Open the page anew, also where only what is behind the # differs."""
        self.file.write_text(html, encoding="utf-8")
        self.driver.get("about:blank")
        self.driver.get(f"{self.file.as_uri()}{hash_}")

    def js(self, expression: str) -> Any:
        return self.driver.execute_script(f"return {expression}")

    def tell(self, command: str, **more: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, more)

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def click(self, css: str) -> None:
        self.driver.find_element("css selector", css).click()

    def search(self, words: str) -> None:
        field = self.driver.find_element("id", "find")
        field.clear()
        field.send_keys(words)

    def choose(self, option: str) -> None:
        Select(self.driver.find_element("css selector", "#bar select")).select_by_visible_text(option)

    def shown(self) -> list[int]:
        """The numbers of the answers that are shown."""
        return self.js("[...document.querySelectorAll('article:not([hidden])')].map((a) => Number(a.id.slice(1)))")

    def at(self) -> str:
        """The id of what has the focus."""
        return self.js("document.activeElement.id")

    def says(self) -> str:
        return self.js("document.getElementById('note').textContent")

    def count(self) -> str:
        return self.js("document.getElementById('count').textContent")

    def kept(self) -> dict[str, list[str]]:
        """What the address keeps."""
        return parse_qs(self.js("location.hash.slice(1)"))

    def until(self, condition: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends, f"never came about; shown are {self.shown()}, {self.kept()} is kept"
            time.sleep(0.02)

    def complaints(self) -> list[str]:
        """What the page threw, wrote to the console or was kept from by its policy, since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["source"] in OF_THE_PAGE]

    def requests(self) -> list[str]:
        """The addresses asked for since the last call, also where the page's policy kept it from them."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [each["params"] for each in events if each["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent]

    def asked_elsewhere(self) -> list[str]:
        """Those of them that are not the page."""
        return [url for url in self.requests() if url != self.file.as_uri() and not url.startswith("about:")]
