"""Held: what the LLM finds and writes is the same to the bit, whatever is asked beside it and whatever was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import pytest
from query_likelihood import CHOOSE_PREFIX, choose_context, choose_continuation
from streams import ended

from rag.errors import ModelUnavailable
from rag.models.bundled import load_generator
from rag.models.generator import WRITTEN, Generator
from rag.models.greedy_decoder import Ending, Written
from rag.models.reading_progress import Progress
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

SENTENCES = [
    "The ferry sank on a stormy night in 1907.",
    "The ferry sank on a stormy night in 1908, and nobody was saved from the water by anyone.",
    "Marta Quandt plays the organ on Sundays.",
    "The baker sold bread with caraway at the market. " * 5,
    "",
    "Bread.",
]
QUESTIONS = ["When did the ferry sink?", "Who plays?"]
PAIRS = [
    (choose_context(sentence), choose_continuation(QUESTIONS[index % 2])) for index, sentence in enumerate(SENTENCES)
]


@pytest.fixture(scope="module")
def llm(cache: Path) -> Iterator[Generator]:
    """The embedded LLM."""
    opened = load_generator(Settings(cache=cache, threads=1))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def expected(llm: Generator) -> list[float]:
    """What each pair scores alone, when nothing was read before."""
    forgetful = Generator(llm.path, threads=1, memory=0)
    found = [forgetful.score(CHOOSE_PREFIX, [pair])[0] for pair in PAIRS]
    forgetful.close()
    return found


@pytest.fixture
def fresh(llm: Generator) -> Iterator[Generator]:
    """The embedded LLM, which has read nothing yet."""
    opened = Generator(llm.path, threads=1)
    yield opened
    opened.close()


def told(act: Callable[[Progress], object]) -> list[tuple[int, int]]:
    """Return what is told of reading meanwhile: tokens read, and to be read."""
    found: list[tuple[int, int]] = []
    act(lambda done, total: found.append((done, total)))
    return found


def read(llm: Generator, pairs: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Score pairs; return what is told of reading meanwhile."""
    return told(lambda progress: llm.score(CHOOSE_PREFIX, pairs, progress=progress))


# --- score -------------------------------------------------------------------------------


def test_pairs_score_the_same_alone_and_together_in_any_order_and_again(
    fresh: Generator, expected: list[float]
) -> None:
    assert fresh.score(CHOOSE_PREFIX, PAIRS) == expected
    assert fresh.score(CHOOSE_PREFIX, PAIRS[::-1]) == expected[::-1]
    assert [fresh.score(CHOOSE_PREFIX, [pair])[0] for pair in PAIRS] == expected


def test_pairs_score_the_same_in_another_order_and_twice_where_nothing_was_read_before(
    fresh: Generator, expected: list[float]
) -> None:
    assert fresh.score(CHOOSE_PREFIX, [*PAIRS[3:], *PAIRS[:3], PAIRS[1]]) == [*expected[3:], *expected[:3], expected[1]]


def test_pairs_score_the_same_after_others_that_begin_alike(fresh: Generator, expected: list[float]) -> None:
    fresh.score(CHOOSE_PREFIX, [(choose_context(f"{sentence} It rained."), " Why?") for sentence in SENTENCES])
    fresh.score(CHOOSE_PREFIX[:20], [(CHOOSE_PREFIX[20:], " Passage"), *PAIRS])
    assert fresh.score(CHOOSE_PREFIX, PAIRS) == expected


@pytest.mark.parametrize("room", [0, 3 << 20])
def test_with_room_for_hardly_anything_pairs_score_the_same(llm: Generator, expected: list[float], room: int) -> None:
    small = Generator(llm.path, threads=1, memory=room)
    assert small.score(CHOOSE_PREFIX, PAIRS) == expected
    assert small.score(CHOOSE_PREFIX, PAIRS[::-1]) == expected[::-1]
    small.close()


@pytest.mark.parametrize("after", [1, 2, 4])
def test_stopped_in_the_midst_the_next_scores_are_the_same(fresh: Generator, expected: list[float], after: int) -> None:
    seen: list[int] = []
    cancel = CancelToken()

    def stop(done: int, _: int) -> None:
        seen.append(done)
        if len(seen) == after:
            cancel.cancel()

    with pytest.raises(Stopped):
        fresh.score(CHOOSE_PREFIX, PAIRS, cancel, stop)
    assert len(seen) == after
    assert fresh.score(CHOOSE_PREFIX, PAIRS) == expected


def test_continuations_of_one_context_score_the_same_alone_and_together(fresh: Generator) -> None:
    rows = [(PAIRS[0][0], text) for text in (" When?", " When did the ferry sink?", " Who plays?", " When?")]
    together = fresh.score(CHOOSE_PREFIX, rows)
    assert together[0] == together[3]
    assert [fresh.score(CHOOSE_PREFIX, [row])[0] for row in rows] == together


# --- what is kept of it ------------------------------------------------------------------


def test_what_was_read_is_not_read_again(fresh: Generator) -> None:
    first = read(fresh, PAIRS)
    again = read(fresh, [(context, " Why did it rain?") for context, _ in PAIRS])
    new = len(fresh.tokens(" Why did it rain?"))
    assert again[-1] == (new * len(PAIRS), new * len(PAIRS))
    assert first[-1][1] > 2 * again[-1][1]


def test_contexts_that_several_pairs_have_are_not_kept(fresh: Generator) -> None:
    """They are questions about one text: nobody asks them again, and there are many."""
    rows = [(PAIRS[3][0], " Rain."), (PAIRS[3][0], " Snow.")]
    whole = fresh.count_tokens(SENTENCES[3])
    fresh.score(CHOOSE_PREFIX, [PAIRS[0]])  # reads what comes before all contexts
    runs = [read(fresh, rows) for _ in range(2)]
    assert runs[0] == runs[1] and runs[0][-1][1] > whole
    assert read(fresh, rows[:1])[-1][1] > whole  # alone, it is a text like any other
    assert read(fresh, rows[:1])[-1][1] < whole // 2
    assert read(fresh, rows)[-1][1] < whole // 2


def test_of_all_that_is_to_be_read_all_is_told_even_where_nothing_was_read_before(fresh: Generator) -> None:
    for pairs in (PAIRS, PAIRS, PAIRS[::-1], [(f"Passage: Row {row}.\nQuestion:", " Why?") for row in range(40)]):
        found = read(fresh, pairs)
        assert [done for done, _ in found] == sorted({done for done, _ in found})
        assert {total for _, total in found} == {found[-1][0]}


# --- write -------------------------------------------------------------------------------


def asked(llm: Generator, text: str) -> list[int]:
    return llm.chat_prompt([{"role": "user", "content": text}])


@pytest.fixture(scope="module")
def prompts(llm: Generator) -> list[list[int]]:
    """Some that begin alike and some that do not, short and long, more than are written at once."""
    letters = "The ferry sank in 1907. The organ has 900 pipes. Bread costs three euros. " * 4
    texts = [
        *(
            f"{letters}\n{question}"
            for question in ("When did the ferry sink?", "How many pipes?", "What costs bread?")
        ),
        *("Say only: yes", "Say only: no", "Name three German rivers.", "Schreibe ein Wort mit ß: 🙂", letters * 2),
        *("Name three German towns.", "Count to five."),
    ]
    return [asked(llm, text) for text in texts]


@pytest.fixture(scope="module")
def streamed(llm: Generator, prompts: list[list[int]]) -> list[list[str]]:
    return [list(llm.stream(prompt, most=16)) for prompt in prompts]


def pieces(written: list[Written]) -> list[list[str]]:
    return [list(each.pieces) for each in written]


def test_written_together_prompts_are_answered_as_each_is_alone(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]]
) -> None:
    assert len(prompts) > WRITTEN
    assert any(len(whole) < 12 for whole in streamed) and any(len(whole) > 14 for whole in streamed)
    assert pieces(llm.write(prompts, most=16)) == streamed


def test_written_together_in_another_order_or_number_they_are_answered_the_same(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]]
) -> None:
    for order in ([9, 3, 0], [1], [7, 7, 2]):
        assert pieces(llm.write([prompts[index] for index in order], most=16)) == [streamed[index] for index in order]
    assert list(llm.stream(prompts[2], most=16)) == streamed[2]  # and alone after them


def test_with_room_for_few_at_once_they_are_answered_the_same(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.models.generator.WRITTEN", 2)
    small = Generator(llm.path, threads=1, context=600, memory=0)
    fitting = [index for index, prompt in enumerate(prompts) if len(prompt) + 16 <= 600]
    assert len(fitting) > 5
    assert pieces(small.write([prompts[index] for index in fitting], most=16)) == [streamed[index] for index in fitting]
    small.close()


@pytest.mark.parametrize("early", [{0}, {9}, {1, 4, 5}, set(range(10)) - {3}])
def test_texts_that_are_ended_early_leave_the_others_as_they_are(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]], early: set[int]
) -> None:
    found = llm.write(prompts, most=16, enough=lambda index, text: index in early and len(text) >= 8)
    for index, (written, whole) in enumerate(zip(found, streamed, strict=True)):
        least = next((n for n in range(1, len(whole)) if len("".join(whole[:n])) >= 8), len(whole))
        assert list(written.pieces) == (whole[:least] if index in early else whole)


@pytest.mark.parametrize(
    ("text", "most", "least", "ending"),
    [
        ("Say only: yes", 60, 999, "end"),
        ("Name three German rivers.", 5, 999, "length"),
        ("Name three German rivers.", 60, 8, "stopped"),
        ("Name three German rivers.", 1, 1, "stopped"),
    ],
)
def test_why_a_text_ended_is_told_alone_and_together(
    llm: Generator, text: str, most: int, least: int, ending: Ending
) -> None:
    prompt, other = asked(llm, text), asked(llm, "Count to five.")
    alone = ended(llm.stream(prompt, most=most, enough=lambda written: len(written) >= least))
    assert alone.ending == ending and alone.pieces
    both = [prompt, other]
    beside, _ = llm.write(both, most=most, enough=lambda index, written: index == 0 and len(written) >= least)
    assert beside == alone
    assert ended(beside.again()) == alone


def test_a_text_that_is_enough_is_not_written_on(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = streamed[5]
    found = ended(llm.stream(prompts[5], most=16, enough=lambda text: len(text) >= len("".join(whole[:3]))))
    decode, calls = llama_cpp.llama_decode, []
    monkeypatch.setattr(llama_cpp, "llama_decode", lambda *given: (calls.append(1), decode(*given))[1])
    again = ended(llm.stream(prompts[5], most=16, enough=lambda text: len(text) >= len("".join(whole[:3]))))
    assert again == found and list(found.pieces) == whole[:3] and found.ending == "stopped"
    assert len(calls) == 3  # the last token of the prompt, and a token for each piece but the last


def test_the_same_prompt_twice_is_written_once(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    decode, rows = llama_cpp.llama_decode, []
    monkeypatch.setattr(
        llama_cpp, "llama_decode", lambda ctx, batch: (rows.append(batch.n_tokens), decode(ctx, batch))[1]
    )
    assert len(streamed[5]) > 12
    assert pieces(llm.write([prompts[5]] * 6, most=16)) == [streamed[5]] * 6
    assert sum(rows) <= len(prompts[5]) + 2 * 16 + 2  # a lone row has a second one beside it


def test_one_that_ends_at_once_is_answered_by_nothing_beside_others(llm: Generator, prompts: list[list[int]]) -> None:
    at_end = asked(llm, "Say only: yes")
    at_end += llm.tokens("Yes.")
    assert list(llm.stream(at_end, most=8)) == []
    other = list(llm.stream(prompts[5], most=8))
    assert pieces(llm.write([at_end, prompts[5], at_end], most=8)) == [[], other, []]


def test_one_token_at_most_is_one_piece_at_most(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]]
) -> None:
    found = pieces(llm.write(prompts[:4], most=1))
    assert found == [list(llm.stream(prompt, most=1)) for prompt in prompts[:4]]
    assert found == [whole[:1] for whole in streamed[:4]]


def test_no_prompts_are_answered_by_no_texts(llm: Generator) -> None:
    assert llm.write([], most=5) == []


@pytest.mark.parametrize("readings", [1, 9])  # while the prompts are read, and while is written
def test_stopped_while_writing_together_the_next_texts_are_the_same(
    llm: Generator,
    prompts: list[list[int]],
    streamed: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    readings: int,
) -> None:
    decode, left, cancel = llama_cpp.llama_decode, iter(range(readings)), CancelToken()

    def stopping(*arguments: object) -> object:
        if next(left, None) is None:
            cancel.cancel()
        return decode(*arguments)

    monkeypatch.setattr(llama_cpp, "llama_decode", stopping)
    with pytest.raises(Stopped):
        llm.write(prompts[:4], most=16, cancel=cancel)
    monkeypatch.undo()
    assert pieces(llm.write(prompts[1:4], most=16)) == streamed[1:4]


def test_a_prompt_too_long_for_the_context_is_an_error_and_the_next_are_written(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]]
) -> None:
    with pytest.raises(ModelUnavailable, match=str(llm.context)):
        llm.write([prompts[0], [1] * llm.context], most=16)
    assert pieces(llm.write([prompts[0]], most=16)) == [streamed[0]]


def test_after_llama_cpp_failed_in_the_midst_the_next_texts_are_the_same(
    llm: Generator, prompts: list[list[int]], streamed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    list(llm.stream(prompts[0], most=16))
    decode = llama_cpp.llama_decode
    for act in (lambda: list(llm.stream(prompts[1], most=16)), lambda: llm.write(prompts[:2], most=16)):
        left = iter([True, True, True])
        monkeypatch.setattr(llama_cpp, "llama_decode", lambda *args, left=left: decode(*args) if next(left, 0) else 1)
        with pytest.raises(ModelUnavailable, match="failed while reading"):
            act()
        monkeypatch.undo()
        assert list(llm.stream(prompts[1], most=16)) == streamed[1]
        assert pieces(llm.write(prompts[:2], most=16)) == streamed[:2]
