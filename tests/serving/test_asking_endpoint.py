"""What programs get over HTTP is what the road says: answers with their quotes, passages, documents, texts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import lxml.html
from serving_beleg import BRIDGE, MILL, ask, events, send


def test_a_question_is_answered_with_quotes_that_are_parts_of_the_texts(port: int) -> None:
    reply = ask(port, "/ask", {"question": MILL})
    assert reply.status == 200 and reply.headers["content-type"] == "application/json"
    record = reply.json
    assert (record["status"], record["answer"]) == ("answered", "The mill burned down in 1907. [1]")
    (cited,) = record["citations"]
    place = f"/documents/{cited['document_id']}/text?start={cited['start']}&end={cited['end']}"
    assert ask(port, place).json["text"] == cited["quote"] == "The mill burned down in 1907."


def test_a_stream_has_the_events_of_the_road_and_ends_with_the_same_answer(port: int) -> None:
    reply = ask(port, "/ask", {"question": BRIDGE}, accept="text/event-stream")
    assert reply.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in events(reply.raw)]
    assert names == ["searching", "retrieved", "writing", "answered"]
    whole = ask(port, "/ask", {"question": BRIDGE}).json
    last = events(reply.raw)[-1][1]
    assert {**last, "timings": 0, "id": 0} == {**whole, "timings": 0, "id": 0}


def test_what_the_documents_do_not_say_is_said_so(port: int) -> None:
    reply = ask(port, "/ask", {"question": "Who composed the opera about whales?"})
    assert (reply.status, reply.json["status"], reply.json["citations"]) == (200, "not_found", [])


def test_a_follow_up_is_completed_from_what_was_asked_before(port: int) -> None:
    record = ask(port, "/ask", {"question": "And who rebuilt it?", "earlier": [MILL]}).json
    assert "mill" in record["standalone"] and "Karl Lohse" in record["answer"]


def test_passages_are_found_by_get_and_by_post_alike(port: int) -> None:
    got = ask(port, "/search?query=mill+museum&top_k=3").json
    assert got == ask(port, "/search", {"query": "mill museum", "top_k": 3}).json
    assert got["passages"][0]["document"] == "mill.txt" and "museum" in got["passages"][0]["text"]
    limited = ask(port, "/search?query=mill&documents=bridge.txt").json["passages"]
    assert {each["document"] for each in limited} == {"bridge.txt"}


def test_documents_are_listed_in_parts_and_without_where_their_files_lie(port: int) -> None:
    whole = ask(port, "/documents").json
    assert [each["name"] for each in whole["documents"]] == ["bridge.txt", "mill.txt"] and whole["total"] == 2
    assert ask(port, "/documents?offset=1&limit=1").json["documents"] == whole["documents"][1:]
    assert all("path" not in each for each in whole["documents"])


def test_it_says_how_it_is(port: int) -> None:
    health = ask(port, "/health")
    assert (health.status, health.json["status"], health.json["waiting"]) == (200, "ok", 0)


def test_every_address_that_is_described_is_there_and_the_page_asks_nothing_of_elsewhere(port: int) -> None:
    described = ask(port, "/openapi.json").json
    for path, methods in described["paths"].items():
        for method in methods:
            assert send(port, method.upper(), path.replace("{id}", "x"), None, {}).status not in (405, 500)
    references = re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(described))
    assert set(references) <= set(described["components"]["schemas"])
    page = ask(port, "/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    asked: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            asked.extend(value or "" for name, value in attrs if name in ("src", "href"))
            assert tag not in ("script", "link", "img", "iframe")

    Links().feed(page.raw.decode())
    assert asked == ["/openapi.json"]
    assert all(path in page.raw.decode() for path in described["paths"])


def test_the_page_says_of_every_field_what_it_may_be_and_what_is_taken_without_it(port: int) -> None:
    page = lxml.html.fromstring(ask(port, "/docs").raw.decode())
    tables: dict[str, dict[str, list[str]]] = {}
    for table in page.iter("table"):
        (heading,) = table.xpath("preceding::h2[1]")
        rows = [[cell.text_content() for cell in row] for row in table.iter("tr")][1:]
        tables[heading.text_content()] = {row[0]: row[1:] for row in rows}
    assert {"POST /ask", "GET /search", "GET /documents", "GET /documents/{id}/text", "Message"} <= {*tables}
    assert tables["GET /documents"]["limit"] == ["a whole number from 1 to 10000", "1000", "How many to list."]
    assert tables["POST /ask"]["question"] == ["text of at most 2000 characters", "needed", "In German or English."]
    assert tables["GET /documents/{id}/text"]["id"][:2] == ["text", "needed"]
    assert tables["POST /v1/chat/completions"]["messages"][0] == "a list of 1 to 1000 objects (Message)"
    for fields in tables.values():
        assert all(kind for kind, *_ in fields.values())
