"""Held: a server's vectors come in the order of the texts, and are what they should be, or it is told what is wrong.

The server here is one that a test tells how to answer; llama-cpp-python's own is in `test_embedding_llama.py`.
"""

from __future__ import annotations

import base64
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chat_server import Handler, Seen, serving

from rag.errors import ModelUnavailable, UsageError
from rag.index.library import Library
from rag.index.update import index, rebuild
from rag.models.bundled import load_embedder
from rag.models.embedding_server import BATCH, BATCH_LETTERS, TOGETHER, ServerEmbedder, batches, open_embedding_server
from rag.models.openai_http import Limits
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped, stopped_by

QUICK = Limits(connect=2, embedding=2, listing=2, waits=(0.05, 0.05), longest_wait=0.3)
KEY = "sk-a-key-of-this-test"
OPENING = 2  # requests by which it is opened for the first time
Vector = list[float]


def vector(text: str, width: int = 16) -> Vector:
    """A bag of words."""
    found = np.full(width, 0.01)
    for word in text.lower().split():
        found[zlib.crc32(word.encode()) % width] += 1
    return [float(value) for value in found]


def rows(texts: list[str]) -> list[dict[str, Any]]:
    return [{"object": "embedding", "index": at, "embedding": vector(text)} for at, text in enumerate(texts)]


def answer(handler: Handler) -> None:
    handler.whole(200, {"object": "list", "data": rows(handler.body["input"])})


def after_the_first(post: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """Answer the two requests by which it is opened as is right."""
    return lambda handler: (answer if len(handler.seen.bodies) <= OPENING else post)(handler)


@contextmanager
def opened(
    post: Callable[[Handler], None], cache: Path, model: str = "#m", limits: Limits = QUICK
) -> Iterator[tuple[ServerEmbedder, Seen]]:
    with serving(post) as seen:
        embedder = open_embedding_server(seen.llm + model, cache, limits=limits)
        try:
            yield embedder, seen
        finally:
            embedder.close()


def refused(post: Callable[[Handler], None], cache: Path, texts: tuple[str, ...] = ("one", "two")) -> str:
    """Return what is said where the server answers so to texts."""
    with opened(after_the_first(post), cache) as (embedder, _), pytest.raises(ModelUnavailable) as caught:
        embedder.encode(texts, "document")
    assert embedder.address.server.url in caught.value.reason and caught.value.remedy
    return caught.value.reason


# --- vectors ---------------------------------------------------------------------------


def test_many_texts_come_in_their_order_in_bounded_batches_several_at_once(tmp_path: Path) -> None:
    texts = [f"text {number} " + "word " * (number % 7) for number in range(5 * BATCH + 3)] + ["x" * BATCH_LETTERS, ""]
    at_once, most, lock = 0, 0, threading.Lock()

    def shuffled(handler: Handler) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with lock:
            at_once -= 1
        handler.whole(200, {"data": rows(handler.body["input"])[::-1]})

    with opened(after_the_first(shuffled), tmp_path) as (embedder, seen):
        found = embedder.encode(texts, "document")
        sent = [body["input"] for body in seen.bodies[OPENING:]]
        assert embedder.encode([], "query").shape == (0, 16)
    wanted = np.array([vector(text or ".") for text in texts])
    assert np.allclose(found, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-6)
    assert found.dtype == np.float32 and 1 < most <= TOGETHER
    assert all(len(batch) <= BATCH and sum(map(len, batch)) <= BATCH_LETTERS for batch in sent)


def test_batches_hold_every_text_once() -> None:
    texts = ["a" * length for length in (1, 20_000, 5, 15_990, 5, 5, 5, 5)] + ["b"] * 70
    parts = list(batches(texts))
    assert [text for part in parts for text in part] == texts
    assert all(len(part) == 1 or sum(map(len, part)) <= BATCH_LETTERS for part in parts)


def test_base64_and_vectors_of_tokens_are_read_too(tmp_path: Path) -> None:
    def packed(handler: Handler) -> None:
        raw = [np.array(vector(text), "<f4").tobytes() for text in handler.body["input"]]
        data = [{"index": at, "embedding": base64.b64encode(each).decode()} for at, each in enumerate(raw)]
        handler.whole(200, {"data": data})

    def of_tokens(handler: Handler) -> None:
        data = [{"index": at, "embedding": [vector(text)] * 3} for at, text in enumerate(handler.body["input"])]
        handler.whole(200, {"data": data})

    with opened(answer, tmp_path) as (embedder, _):
        right = embedder.encode(["the mill", "a brook"], "document")
    for post in (packed, of_tokens):
        with opened(post, tmp_path / post.__name__) as (embedder, _):
            assert np.allclose(embedder.encode(["the mill", "a brook"], "document"), right, atol=1e-6)


def test_what_the_address_says_stands_before_questions_and_sentences(tmp_path: Path) -> None:
    with opened(answer, tmp_path, "#e5&query=query:%20&passage=passage:%20") as (embedder, seen):
        embedder.encode(["Who?"], "query")
        embedder.encode(["He."], "document")
        plain = embedder.fingerprint
    assert [body["input"] for body in seen.bodies[OPENING:]] == [["query: Who?"], ["passage: He."]]
    assert {body["model"] for body in seen.bodies} == {"e5"} and embedder.name.startswith("e5 at 127.0.0.1:")
    with serving(answer) as other:
        again = open_embedding_server(other.llm + "#e5", tmp_path, limits=QUICK)
        assert again.fingerprint != plain
        again.close()
    for wrong in ("&prefix=x", "&query=a&query=b", "&query=%0A", "&query=" + "x" * 501, "&"):
        with pytest.raises(UsageError, match=r"query=… nor passage=…"):
            open_embedding_server(f"{seen.llm}#e5{wrong}", tmp_path)


def test_without_a_name_it_is_the_first_that_is_listed(tmp_path: Path) -> None:
    with opened(answer, tmp_path, "") as (embedder, _):
        assert embedder.model == "tiny"


def test_texts_that_are_too_many_or_too_long_are_asked_for_anew_in_parts(tmp_path: Path) -> None:
    def small(handler: Handler) -> None:
        texts = handler.body["input"]
        if len(texts) > 3 or max(map(len, texts)) > 300:
            handler.whole(413, {"error": {"message": "input is too large"}})
        else:
            answer(handler)

    texts = [f"text {number}" for number in range(10)] + ["word " * 200]
    with opened(small, tmp_path) as (embedder, _):
        found = embedder.encode(texts, "document")
        assert np.array_equal(found[:10], embedder.encode(texts[:10], "document"))
        assert np.allclose(found[10], embedder.encode(["word"], "document")[0], atol=0.01)


def test_one_that_mixes_up_texts_of_a_request_is_asked_for_one_at_a_time(tmp_path: Path) -> None:
    def mixed(handler: Handler) -> None:
        texts = handler.body["input"]
        handler.whole(200, {"data": rows([texts[0], *(f"mixed {text[::-1]}" for text in texts[1:])])})

    with opened(answer, tmp_path / "right") as (embedder, _):
        right = embedder.encode(["the mill", "a brook", "who"], "document")
    with opened(mixed, tmp_path / "mixed") as (embedder, seen):
        assert np.array_equal(embedder.encode(["the mill", "a brook", "who"], "document"), right)
        assert [len(body["input"]) for body in seen.bodies[OPENING:]] == [1, 1, 1]


# --- hostile replies -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"data": rows(["one"])}, "1 vectors where 2 were asked for"),
        ({"data": rows(["one", "two", "three"])}, "3 vectors where 2"),
        ({"data": [{**each, "index": 0} for each in rows(["one", "two"])]}, "which vector is of which text"),
        ({"data": [{**each, "index": each["index"] + 1} for each in rows(["one", "two"])]}, "which vector"),
        ({"data": [{**each, "index": "0"} for each in rows(["one", "two"])]}, "which vector"),
        ({"data": [{"index": at, "embedding": vector("x", 15)} for at in (0, 1)]}, "15 numbers where others have 16"),
        ({"data": [{"index": at, "embedding": []} for at in (0, 1)]}, "without numbers"),
        ({"data": [{"index": at, "embedding": [0.0] * 16} for at in (0, 1)]}, "all zeros"),
        ({"data": [{"index": at, "embedding": [float("nan")] * 16} for at in (0, 1)]}, "no number"),
        ({"data": [{"index": at, "embedding": [1e999] * 16} for at in (0, 1)]}, "no number"),
        ({"data": [{"index": at, "embedding": [10**400] * 16} for at in (0, 1)]}, "cannot be read"),
        ({"data": [{"index": at, "embedding": [True] * 16} for at in (0, 1)]}, "cannot be read"),
        ({"data": [{"index": at, "embedding": ["1"] * 16} for at in (0, 1)]}, "cannot be read"),
        ({"data": [{"index": at, "embedding": [[1.0], [1.0, 2.0]]} for at in (0, 1)]}, "cannot be read"),
        ({"data": [{"index": at, "embedding": "no base64!"} for at in (0, 1)]}, "cannot be read"),
        ({"data": [{"index": at, "embedding": "AAA="} for at in (0, 1)]}, "cannot be read"),
        ({"data": [{"index": at} for at in (0, 1)]}, "cannot be read"),
        ({"data": [1, 2]}, "no embeddings"),
        ({"data": "x"}, "no embeddings"),
        ([], "no embeddings"),
        ({"error": {"message": "out of memory"}}, "out of memory"),
        (b"<html>", "no JSON"),
        (b"[" * 50_000, "no JSON"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_told(told: object, said: str, tmp_path: Path) -> None:
    assert said in refused(lambda handler: handler.whole(200, told), tmp_path)


def test_a_body_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    sent = 0

    def endless(handler: Handler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while sent < 400 << 20:
            handler.wfile.write(b"[" * (1 << 20))
            sent += 1 << 20

    assert "more than" in refused(endless, tmp_path)
    assert sent < 100 << 20


def test_one_that_never_answers_is_given_up(tmp_path: Path) -> None:
    began = time.monotonic()
    assert "within 2 seconds" in refused(lambda handler: handler.wait(), tmp_path)
    assert time.monotonic() - began < 10


def test_words_of_the_server_are_shown_without_control_characters_and_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEG_OPENAI_KEY", KEY)
    said = refused(lambda handler: handler.whole(404, {"error": {"message": f"\x1b[2J {KEY} unknown"}}), tmp_path)
    assert "unknown" in said and "\x1b" not in said and KEY not in said


def test_the_key_comes_from_the_environment_and_is_sent_in_a_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with opened(answer, tmp_path) as (_, seen):
        assert all(headers["Authorization"] == f"Bearer {KEY}" for headers in seen.headers)
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    with pytest.raises(UsageError, match="environment"):
        open_embedding_server("openai:http://me:secret@127.0.0.1:9/v1", tmp_path)


# --- failing for a while, and being stopped ----------------------------------------------


def test_a_busy_server_is_asked_again_after_as_long_as_it_says(tmp_path: Path) -> None:
    times: list[float] = []

    def busy(handler: Handler) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            handler.whole(503, {"error": {"message": "loading"}})
        elif len(times) == 2:
            handler.whole(429, {"error": {"message": "slow down"}}, Retry_After="1")
        else:
            answer(handler)

    with opened(after_the_first(busy), tmp_path, limits=replace(QUICK, longest_wait=5)) as (embedder, _):
        assert embedder.encode(["one"], "query").shape == (1, 16)
    assert len(times) == 3 and times[2] - times[1] > 0.95


def test_one_that_stays_busy_is_told_in_its_words(tmp_path: Path) -> None:
    assert "503: loading" in refused(lambda handler: handler.whole(503, {"error": "loading"}), tmp_path)


def test_nobody_there_is_told_at_once(tmp_path: Path) -> None:
    with serving(answer) as seen:
        pass
    with pytest.raises(ModelUnavailable, match="connection refused"):
        open_embedding_server(f"{seen.llm}#m", tmp_path, limits=QUICK)


def test_a_stop_is_heeded_while_the_server_computes_and_its_connections_are_closed(tmp_path: Path) -> None:
    def slow(handler: Handler) -> None:
        handler.wait(10)
        answer(handler)

    cancel = CancelToken()
    with opened(after_the_first(slow), tmp_path, limits=replace(QUICK, embedding=60)) as (embedder, seen):
        threading.Timer(0.3, cancel.cancel).start()
        began = time.monotonic()
        with stopped_by(cancel), pytest.raises(Stopped):
            embedder.encode([f"text {n}" for n in range(500)], "document")
        assert time.monotonic() - began < 2
        assert len(seen.bodies) <= OPENING + TOGETHER
    with serving(lambda handler: handler.wait(10)) as seen, pytest.raises(Stopped):
        threading.Timer(0.3, cancel.cancel).start()
        open_embedding_server(f"{seen.llm}#m", tmp_path, cancel)


# --- identity ----------------------------------------------------------------------------


def test_another_model_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    changed = False

    def post(handler: Handler) -> None:
        texts = [text[::-1] + " other" if changed else text for text in handler.body["input"]]
        handler.whole(200, {"data": rows(texts)})

    with serving(post) as seen:
        for _ in range(2):
            open_embedding_server(f"{seen.llm}#m", tmp_path, limits=QUICK).close()
        changed = True
        with pytest.raises(ModelUnavailable, match="another model by now") as caught:
            open_embedding_server(f"{seen.llm}#m", tmp_path, limits=QUICK)
        (probe,) = tmp_path.glob("servers/*/probes.npy")
        assert str(probe.parent) in caught.value.remedy
        probe.write_bytes(b"damaged")
        open_embedding_server(f"{seen.llm}#m", tmp_path, limits=QUICK).close()


def test_a_library_is_made_with_it_and_knows_another(tmp_path: Path) -> None:
    document = tmp_path / "mill.txt"
    document.write_text("The mill burned down in 1907. The brook turned its wheel.", encoding="utf-8")
    with serving(answer) as seen:
        settings = Settings(embedder=f"{seen.llm}#m", cache=tmp_path / "cache", library=tmp_path / "library")
        embedder = load_embedder(settings)
        assert isinstance(embedder, ServerEmbedder) and set(embedder.abilities) >= {"de-en", "en-en"}
        assert list((tmp_path / "cache").glob("servers/*/abilities-*.json"))
        asked = len(seen.bodies)
        again = load_embedder(settings)
        assert again.abilities == embedder.abilities and len(seen.bodies) == asked + 1
        with Library(settings.library, create=True) as library:
            index([str(document)], library, embedder)
            library.confirm(again)
            other = load_embedder(replace(settings, embedder=f"{seen.llm}#other"))
            with pytest.raises(Exception, match="m at 127"):
                library.refuse_other(other)
            rebuild(library, other, lambda _name: None)
            library.confirm(other)
