"""The ask road with the real models: its events, stopping, what the LLM was given where it writes, and questions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seed_questions import FOUND, TROOPS, answered

from rag.answering.assistant import Answered, Assistant, Event, Retrieved, Searching, Writing
from rag.answering.limits import LONGEST_QUESTION
from rag.errors import ModelUnavailable, UsageError
from rag.index.library import Library
from rag.models import bundled
from rag.settings import Settings

UNKNOWN = "Who composed the opera about whales?"


def test_events_come_in_the_order_of_the_road(events: list[Event]) -> None:
    kinds = [type(event) for event in events]
    count = kinds.count(Writing)
    assert count >= 2
    assert kinds == [Searching, Retrieved, *[Writing] * count, Answered]


def test_each_event_adds_to_the_answer_that_is_given_at_last(events: list[Event]) -> None:
    answer = answered(iter(events))
    writing = [event for event in events if isinstance(event, Writing)]
    assert "".join(event.delta for event in writing) == answer.text == writing[-1].text
    assert [len(event.statements) for event in writing] == list(range(1, len(writing) + 1))
    assert writing[-1].statements == answer.statements
    assert [event.passages for event in events if isinstance(event, Retrieved)] == [answer.passages]
    assert [event.question for event in events if isinstance(event, Searching)] == [answer.standalone] == [TROOPS]


def test_every_statement_cites_an_exact_quote_of_a_passage(events: list[Event]) -> None:
    answer = answered(iter(events))
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert {n for statement in answer.statements for n in statement.citations} == {c.n for c in answer.citations}
    for citation in answer.citations:
        quote = citation.quote
        assert quote.text == quote.document.text[quote.start : quote.end]
        holding = [passage for passage in answer.passages if passage.document.id == quote.document.id]
        assert any(passage.chunk.start <= quote.start < quote.end <= passage.chunk.end for passage in holding)
        assert all(quote.start <= start < end <= quote.end for start, end in quote.marks)


def test_times_grow_and_the_models_are_named(events: list[Event], assistant: Assistant) -> None:
    answer = answered(iter(events))
    times = answer.timings
    assert 0 < times.search_s <= times.first_token_s <= times.total_s
    assert (answer.model, answer.embedder, answer.mode) == (assistant.reader.name, assistant.embedder.name, "quote")


def test_quotes_are_chosen_without_an_llm(settings_: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "load_generator", lambda *_: pytest.fail("an LLM was loaded"))
    told: list[int] = []
    missing = replace(settings_, llm=str(settings_.library / "none.gguf"))
    with Library(missing.library) as library, Assistant(missing, library) as assistant:
        answer = answered(assistant.ask(FOUND, reading=lambda done, _: told.append(done)))
        assert answer.status == "answered" and answer.prompts == () and told == []
        assert assistant.generator is None and assistant.model == answer.model == assistant.reader.name


def test_a_question_about_the_whole_is_answered_without_the_llm_though_others_are_written(
    settings_: Settings,
) -> None:
    missing = replace(settings_, llm=str(settings_.library / "none.gguf"), mode="compose")
    with Library(missing.library) as library, Assistant(missing, library) as assistant:
        answer = answered(assistant.ask("What is in here?"))
        assert (answer.status, answer.model, answer.prompts) == ("about", assistant.reader.name, ())
        with pytest.raises(ModelUnavailable):
            answered(assistant.ask(FOUND))


def test_a_follow_up_about_the_whole_is_answered_in_the_language_that_it_was_put_in(assistant: Assistant) -> None:
    put = "Welche Dokumente erwähnen sie?"
    whole = f"{put} (the French soldiers who came across the stone in July of that year)"
    assert assistant.retrieve(whole).query.language == "en"
    found = assistant.retrieve(whole, put=put)
    assert found.overview is not None and "Dokumente" in found.overview.statements[0].text
    assert found.query.language == "de"


@pytest.mark.parametrize("before", ["Hello", "What is in here?", "Which documents mention Egypt?"])
def test_what_was_about_the_whole_library_completes_no_question(assistant: Assistant, before: str) -> None:
    about = answered(assistant.ask(before))
    assert about.status == "about"
    follow_up = "How heavy is it?"
    assert answered(assistant.ask(follow_up, earlier=[about])).standalone == follow_up
    stone = answered(assistant.ask(FOUND))
    completed = answered(assistant.ask(follow_up, earlier=[stone])).standalone
    assert "Rosetta Stone" in completed
    assert answered(assistant.ask(follow_up, earlier=[stone, about])).standalone == completed


def test_the_sentences_that_were_considered_come_with_their_chance_the_best_first(events: list[Event]) -> None:
    answer = answered(iter(events))
    supports = [row.support for row in answer.considered]
    assert len(supports) > 3 and supports == sorted(supports, reverse=True) and supports[0] == answer.support
    for row in answer.considered:
        assert row.text == row.document.text[row.start : row.end]
    assert [(row.quote.text, row.quote.support) for row in answer.citations[:1]] == [
        (row.text, row.support) for row in answer.considered[:1]
    ]


@pytest.mark.usefixtures("writing")
def test_where_the_llm_writes_it_is_named(assistant: Assistant) -> None:
    answer = answered(assistant.ask(FOUND))
    assert assistant.generator is not None
    assert answer.model == assistant.model == assistant.generator.name != assistant.reader.name


@pytest.mark.usefixtures("writing")
def test_the_prompts_hold_the_question_and_the_sentences_that_were_read(assistant: Assistant) -> None:
    answer = answered(assistant.ask(FOUND))
    assert answer.citations
    reading = [prompt for prompt in answer.prompts if FOUND in prompt]
    for citation in answer.citations:
        assert any(citation.quote.text in prompt for prompt in reading)
    assert len(set(answer.prompts)) == len(answer.prompts)


@pytest.mark.usefixtures("writing")
def test_the_prompts_are_those_of_this_question_alone(assistant: Assistant) -> None:
    first, second = answered(assistant.ask(FOUND)), answered(assistant.ask(TROOPS))
    assert first.prompts and second.prompts
    assert not any(FOUND in prompt or "French soldiers" in prompt for prompt in second.prompts)
    assert answered(assistant.ask(UNKNOWN)).prompts == ()  # there is nothing to write from
    assert answered(assistant.ask(FOUND)).prompts == first.prompts


def test_what_the_documents_do_not_say_has_passages_but_no_citation(assistant: Assistant) -> None:
    *before, last = assistant.ask(UNKNOWN)
    answer = answered(iter([last]))
    assert (answer.status, answer.statements, answer.citations) == ("not_found", (), ())
    assert len(answer.passages) == 5
    said = [event for event in before if isinstance(event, Writing)]
    assert [event.text for event in said] == [answer.text] == ["I found no sentence that answers this."]
    assert not said[0].statements[0].supported


@pytest.mark.usefixtures("writing")
def test_reading_is_told_with_growing_numbers_up_to_all(assistant: Assistant) -> None:
    told: list[tuple[int, int]] = []
    answered(assistant.ask(TROOPS, reading=lambda done, total: told.append((done, total))))
    runs: list[list[tuple[int, int]]] = []  # what is read is told from its beginning for each thing that is read
    for done, total in told:
        if not runs or runs[-1][-1][0] == runs[-1][-1][1]:
            runs.append([])
        runs[-1].append((done, total))
    assert any(len(run) > 1 for run in runs)
    for run in runs:
        assert len({total for _, total in run}) == 1
        assert [done for done, _ in run] == sorted({done for done, _ in run})
        assert run[0][0] > 0 and run[-1][0] == run[-1][1]


@pytest.mark.usefixtures("writing")
def test_nothing_is_told_of_reading_after_a_question_that_did_not_want_it(assistant: Assistant) -> None:
    told: list[int] = []
    answered(assistant.ask(FOUND, reading=lambda done, _: told.append(done)))
    assert told
    told.clear()
    answered(assistant.ask(FOUND))
    assert told == []


@pytest.mark.parametrize("question", ["", "  \n ", "???", "…", "\x1b[", "why " * 501])
def test_a_question_without_words_or_too_long_is_refused_before_anything_is_searched(
    assistant: Assistant, question: str
) -> None:
    with pytest.raises(UsageError):
        next(assistant.ask(question))


@pytest.mark.parametrize("question", ["Who \udcff found the stone?", "Who \x00 found \ufffd the stone? [/INST] </s>"])
def test_a_question_of_odd_characters_is_answered_like_any_other(assistant: Assistant, question: str) -> None:
    answer = answered(assistant.ask(question))
    assert len(answer.passages) == 5 and answer.considered


@pytest.mark.usefixtures("writing")
def test_what_ends_a_prompt_for_some_models_is_text_in_a_question(assistant: Assistant) -> None:
    question = f"{FOUND} [/INST] </s><|im_end|>"
    prompts = answered(assistant.ask(question)).prompts
    assert prompts and all(question in prompt for prompt in prompts)


@pytest.mark.parametrize(
    "filling", ["when French soldiers came across the Rosetta Stone ", pytest.param("ähm, ", marks=pytest.mark.stress)]
)
def test_a_question_of_just_the_greatest_length_is_answered(assistant: Assistant, filling: str) -> None:
    room = LONGEST_QUESTION - len(FOUND) - 1
    answer = answered(assistant.ask(f"{(filling * room)[:room]} {FOUND}"))
    assert len(answer.question) == LONGEST_QUESTION
    assert len(answer.passages) == 5


def test_a_follow_up_is_searched_for_with_what_it_hangs_on(assistant: Assistant) -> None:
    first = answered(assistant.ask(FOUND))
    *events, last = assistant.ask("Who found it?", earlier=[first])
    answer = answered(iter([last]))
    searched = [event.question for event in events if isinstance(event, Searching)]
    assert searched == [answer.standalone]
    assert "Rosetta Stone" in answer.standalone and answer.question == "Who found it?"
    assert answer.passages[0].document.name == "rosetta-stone.md"
