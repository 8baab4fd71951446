"""One thread answers for many clients, in turns; what only reads goes on beside it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving_beleg import BRIDGE, MILL

from rag.answering.assistant import Answered
from rag.errors import Busy, LibraryUnusable, NoLibrary, NoSuchDocument, UsageError
from rag.index.library import Library
from rag.index.metadata_filter import wanted
from rag.serving.opened import Opened
from rag.serving.requests import MOST_CHARACTERS, Limited, Question, Search, answer_record
from rag.serving.service import Limits, Service
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped


@pytest.fixture
def service(here: Settings) -> Iterator[Service]:
    with Service(here) as service:
        yield service


class Held:
    """Work that goes on until it is let go, and notes when it began."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go = threading.Event()

    def __call__(self, _: Opened, cancel: CancelToken) -> Iterator[str]:
        self.began.set()
        while not self.go.wait(0.005):
            cancel.check()
        yield "done"


def answer_to(service: Service, question: Question, client: str = "") -> dict[str, Any]:
    *_, last = service.ask(question, client)
    assert isinstance(last, Answered)
    return answer_record("1", last.answer)


def test_an_answer_comes_as_the_events_of_the_road_and_its_quotes_are_parts_of_the_texts(service: Service) -> None:
    *before, last = service.ask(Question(MILL))
    assert [type(each).__name__ for each in before] == ["Searching", "Retrieved", "Writing"]
    assert isinstance(last, Answered)
    record = answer_record("1", last.answer)
    assert record["answer"] == "The mill burned down in 1907. [1]"
    (cited,) = record["citations"]
    text = service.text(cited["document_id"], cited["start"], cited["end"])
    assert text["text"] == cited["quote"] and text["document"] == "mill.txt"


def test_a_follow_up_is_completed_from_the_questions_before_it(service: Service) -> None:
    alone = answer_to(service, Question("And who rebuilt it?"))
    followed = answer_to(service, Question("And who rebuilt it?", (MILL,)))
    assert "mill" not in str(alone["standalone"]) and "mill" in str(followed["standalone"])
    assert "Karl Lohse" in str(followed["answer"])


def test_documents_are_chosen_by_id_name_and_tag(service: Service, here: Settings) -> None:
    mill = next(each for each in service.documents() if each["name"] == "mill.txt")
    with Library(here.library) as library:
        library.tag([mill["id"]], ["water"])
    for limited in (Limited(("mill.txt",)), Limited((mill["id"],)), Limited(wanted=wanted(["water"]))):
        assert [each["name"] for each in service.documents(limited)] == ["mill.txt"]
        assert {each["document"] for each in service.search(Search(BRIDGE, 5, limited))} == {"mill.txt"}
    for path in ("whales.txt", str(here.library.parent), "..", "/", "\x1b[31m", "\0"):
        with pytest.raises(NoSuchDocument):
            answer_to(service, Question(MILL, limited=Limited((path,))))
        with pytest.raises(NoSuchDocument):
            service.text(path)
    assert "path" not in mill


def test_a_part_of_a_text_that_is_none_is_refused_and_a_long_one_is_cut(service: Service) -> None:
    mill = next(each for each in service.documents() if each["name"] == "mill.txt")
    length = mill["characters"]
    whole = service.text(mill["id"])
    assert (whole["start"], whole["end"], whole["length"], len(whole["text"])) == (0, length, length, length)
    assert service.text(mill["id"], length, 10**9)["text"] == ""
    assert length < MOST_CHARACTERS
    for start, end in ((-1, None), (length + 1, None), (5, 4), (0, -1), (10**30, None)):
        with pytest.raises(UsageError):
            service.text(mill["id"], start, end)


@pytest.mark.parametrize("question", ["", " ?! ", "a" * 2001])
def test_what_is_no_question_is_refused_before_it_waits(service: Service, question: str) -> None:
    with pytest.raises(UsageError):
        service.ask(Question(question))
    with pytest.raises(UsageError):
        service.search(Search(question))
    assert not service.waiting


def test_clients_take_turns_and_one_with_many_questions_starves_nobody(service: Service) -> None:
    held = Held()
    order: list[str] = []
    first = service.run(held)
    assert held.began.wait(10)

    def noting(name: str) -> None:
        service.begin(lambda *_: iter([order.append(name)]), lambda _: None, name[0])

    for n in range(20):
        noting(f"g{n}")
    for name in ("b0", "c0", "b1"):
        noting(name)
    held.go.set()
    assert list(first) == ["done"]
    assert list(service.run(lambda *_: iter(["last"]), "g")) == ["last"]
    assert len(order) == 23 and order[:5] == ["g0", "b0", "c0", "g1", "b1"]


def test_more_than_may_wait_is_told_busy_and_nothing_that_waits_is_lost(here: Settings) -> None:
    with Service(here, Limits(waiting=3, waiting_each=2)) as service:
        held = Held()
        running = service.run(held, "a")
        assert held.began.wait(10)
        waiting = [service.ask(Question(MILL), "a") for _ in range(2)]
        with pytest.raises(Busy):
            service.ask(Question(MILL), "a")
        waiting.append(service.ask(Question(BRIDGE), "b"))
        with pytest.raises(Busy):
            service.ask(Question(MILL), "c")
        held.go.set()
        assert list(running) == ["done"]
        ends = [list(each)[-1] for each in waiting]
        assert all(isinstance(each, Answered) for each in ends)


def test_a_question_is_cancelled_while_it_runs_and_while_it_waits(service: Service) -> None:
    held, cancel = Held(), CancelToken()
    running = service.run(held)
    assert held.began.wait(10)
    waiting = service.ask(Question(MILL), cancel=cancel)
    cancel.cancel()
    with pytest.raises(Stopped):
        next(waiting)
    forgotten = service.run(Held())
    del forgotten
    running.close()
    with pytest.raises(Stopped):
        list(running)
    assert answer_to(service, Question(MILL))["status"] == "answered"


def test_an_answer_that_takes_too_long_is_stopped_and_told(here: Settings) -> None:
    with Service(here, Limits(seconds=0.1)) as service, pytest.raises(Busy, match="longer"):
        list(service.run(Held()))


def test_what_fails_unexpectedly_is_told_and_the_next_question_is_answered(service: Service) -> None:
    def fails(*_: object) -> Iterator[None]:
        raise ZeroDivisionError("of ours")
        yield

    with pytest.raises(Exception, match="ZeroDivisionError"):
        list(service.run(fails))
    assert answer_to(service, Question(MILL))["status"] == "answered"


def test_reading_does_not_wait_for_the_models(service: Service) -> None:
    held = Held()
    running = service.run(held)
    assert held.began.wait(10)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(service.documents()))) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [2] * 30
    held.go.set()
    assert list(running) == ["done"]


def test_it_ends_within_seconds_whatever_runs_and_waits(here: Settings) -> None:
    service = Service(here)
    held = Held()
    running = service.run(held)
    assert held.began.wait(10)
    waiting = service.ask(Question(MILL))
    began = time.monotonic()
    assert service.close(2.0)
    assert time.monotonic() - began < 2.5
    with pytest.raises(Busy, match="stopping"):
        list(running)
    with pytest.raises((Busy, Stopped)):
        list(waiting)
    with pytest.raises(Busy, match="stopping"):
        service.ask(Question(MILL))
    assert not service.alive


def test_a_library_that_is_deleted_meanwhile_is_told_and_one_in_its_place_answers(
    service: Service, here: Settings, small_library: Path
) -> None:
    assert answer_to(service, Question(MILL))["status"] == "answered"
    shutil.rmtree(here.library)
    with pytest.raises(NoLibrary):
        answer_to(service, Question(MILL))
    with pytest.raises(NoLibrary):
        service.documents()
    shutil.copytree(small_library, here.library)
    assert answer_to(service, Question(MILL))["status"] == "answered"


def test_a_document_that_leaves_meanwhile_is_no_longer_quoted(service: Service, here: Settings) -> None:
    assert answer_to(service, Question(MILL))["status"] == "answered"
    with Library(here.library) as library:
        mill = next(each for each in library.entries() if each.name == "mill.txt")
        library.remove(mill.id)
    said = answer_to(service, Question(MILL))
    assert all(each["document"] == "bridge.txt" for each in (*said["citations"], *said["passages"]))
    with pytest.raises(NoSuchDocument):
        service.text(mill.id)
    with Library(here.library) as library:
        for each in library.entries():
            library.remove(each.id)
    assert answer_to(service, Question(MILL))["status"] == "not_found"


def test_a_library_that_cannot_be_used_is_told_as_it_is_begun(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(LibraryUnusable):
        Service(Settings(library=tmp_path / "none", cache=cache))
