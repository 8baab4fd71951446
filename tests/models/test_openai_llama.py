"""Held: llama-cpp-python's own server writes for Beleg, with a grammar, chances and several texts at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_server import llama_server

from rag.models.bundled import load_generator
from rag.models.openai_http import Limits
from rag.models.openai_server import OpenAIServer, open_server
from rag.models.writer import Task
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(cache: Path) -> Iterator[OpenAIServer]:
    """The embedded LLM behind llama-cpp-python's server, which is asked again until it has loaded it."""
    llm = load_generator(Settings(cache=cache, threads=1))
    llm.close()
    with llama_server(llm.path, 1024) as url:
        opened = open_server(f"openai:{url}", context=1024)
        yield opened
        opened.close()


def asked(content: str, most: int = 24, **more: object) -> Task:
    return Task((("user", content),), most, **more)  # type: ignore[arg-type]


def test_its_name_is_the_models_file(server: OpenAIServer) -> None:
    assert server.name.startswith("SmolLM2-135M-Instruct.Q4_1") and server.name.endswith(server.address.host)


def test_several_texts_are_written_each_in_its_place_although_it_runs_one_at_a_time(server: OpenAIServer) -> None:
    tasks = [asked(f"Who wrote {work}?") for work in ("Hamlet", "Faust", "the Odyssey")]
    together = dict(server.write(tasks))
    alone = {place: dict(server.write([task]))[0] for place, task in enumerate(tasks)}
    assert together == alone
    assert "Goethe" in together[1].text and len({written.text for written in together.values()}) == 3


def test_a_grammar_is_kept_to(server: OpenAIServer) -> None:
    grammar = 'root ::= "year: " [0-9] [0-9] [0-9] [0-9]'
    ((_, written),) = server.write([asked("When did the ferry sink?", grammar=grammar)])
    assert written.text.startswith("year: ") and written.text[6:].isdigit() and len(written.text) == 10


def test_the_chance_of_a_beginning_is_told_with_and_without_a_text(server: OpenAIServer) -> None:
    question = "What is the capital of France?"
    first = dict(server.write([asked(question)]))[0].text.split()[0]
    watched = [(first,), (first,), ("XQ",)]
    tasks = [asked(question, most, watched=each) for most, each in zip((24, 0, 24), watched, strict=True)]
    found = dict(server.write(tasks))
    likely, read_only, unlikely = (found[place].watched for place in range(3))
    assert likely is not None and unlikely is not None
    assert read_only == pytest.approx(likely, abs=0.02) and likely > unlikely + 0.1
    assert found[1].text == ""


def test_a_length_and_enough_end_a_text(server: OpenAIServer) -> None:
    tasks = [asked("Count from one to a hundred.", 5), asked("Count from one to a hundred.", 200)]
    found = dict(server.write(tasks, enough=lambda place, text: place == 1 and len(text) > 20))
    assert (found[0].ending, found[1].ending) == ("length", "stopped")


def test_it_stops_soon_while_the_model_writes(server: OpenAIServer) -> None:
    cancel = CancelToken()
    threading.Timer(0.5, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        list(server.write([asked("Tell a long story of a mill.", 800)], cancel=cancel))
    assert time.monotonic() - began < 5


def test_more_tokens_are_counted_than_there_are(cache: Path, server: OpenAIServer) -> None:
    llm = load_generator(Settings(cache=cache, threads=1))
    texts = [
        "The mill at Oberwiesen burned down in 1907 and was rebuilt by Marta Quandt two years later.",
        "Die Brücke über die Wiese wurde 1911 für 12.300,50 Mark eröffnet; viele Gäste kamen zum Fest.",
        "| 1 | 2,345 | 17.5 % |\n| 2 | 99,120 | 0.3 % |",
        "Überdrüssig übten süße Bären Ärger über Öl.",
        "东京的天气很好。",
        "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }",
    ]
    for text in texts:
        assert server.count((("user", text),)) >= llm.count((("user", text),)) - 25
        assert server.count((("user", text),)) - 16 >= llm.count_tokens(text)
    llm.close()


def test_a_wrong_key_is_told_in_its_own_words(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_OPENAI_KEY", "wrong-key")
    with pytest.raises(Exception, match="401: Invalid API key") as raised:
        open_server(f"openai:{server.address.url}", context=1024, limits=Limits(waits=()))
    assert "wrong-key" not in str(raised.value)
