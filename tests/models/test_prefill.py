"""Held: a prompt comes to the same to the bit alone, beside others and after others; what is known is not read again.

With lengths around the borders of blocks, where what is read together and what is read in blocks could be mixed up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import tiny_model

from rag.errors import ModelUnavailable
from rag.models.bundled import load_generator
from rag.models.llama_model import Model, Prompt
from rag.models.llama_sequences import BLOCK, Logits, Streams
from rag.models.prefill import Prefill, in_order
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

MEMORY = 64 << 20
BORDERS = [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 2, 2 * BLOCK, 2 * BLOCK + 1, 2 * BLOCK + 61, 3 * BLOCK + 1]
HEADS = [0, 1, 50, BLOCK - 1, BLOCK, BLOCK + 1]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = Model(tiny_model.make(tmp_path_factory.mktemp("tiny")), "tiny")
    yield model
    model.close()


@pytest.fixture(scope="module")
def embedded(cache: Path) -> Iterator[Model]:
    """The LLM that Beleg comes with."""
    generator = load_generator(Settings(cache=cache, threads=1))
    yield generator._model
    generator.close()


def opened(model: Model, count: int = 4, threads: int = 1, memory: int = MEMORY) -> Prefill:
    def streams(count: int, cells: int) -> Streams:
        return Streams(model.handle, count, cells, threads)

    prefill = Prefill(streams, model.cell_bytes, memory)
    prefill.opened(count, 4 * BLOCK + 200)
    return prefill


def text(length: int, seed: int = 0, vocabulary: int = tiny_model.VOCABULARY) -> tuple[int, ...]:
    chance = random.Random(seed)
    return tuple(chance.randrange(vocabulary) for _ in range(length))


def told(prefill: Prefill, prompts: Sequence[Prompt]) -> tuple[list[Logits], int]:
    """Return the last logits of prompts, and how many tokens were read for them."""
    counts: list[int] = []
    order = in_order(prompts)
    planned = prefill.unread([[prompts[n] for n in order]])
    found = dict(zip(order, prefill.read([prompts[n] for n in order], counts.append, None), strict=True))
    assert sum(counts) == planned
    return [found[n][-1] for n in range(len(prompts))], planned


def alone(model: Model, prompt: Prompt, count: int = 1, threads: int = 1) -> bytes:
    """Return what a prompt comes to where nothing was read before."""
    prefill = opened(model, count, threads)
    (logits,), _ = told(prefill, [prompt])
    prefill.clear()
    return logits.tobytes()


@pytest.mark.parametrize("head", HEADS)
def test_beside_and_after_others_prompts_of_every_length_come_to_what_each_does_alone(tiny: Model, head: int) -> None:
    prompts = [Prompt(text(head + length), head) for length in BORDERS]
    prompts += [Prompt((*text(head + length)[:-1], 7), head) for length in BORDERS if head + length > 1]
    expected = [alone(tiny, prompt) for prompt in prompts]
    prefill, chance = opened(tiny), random.Random(head)
    for _ in range(12):
        chosen = chance.sample(range(len(prompts)), chance.choice([1, 1, 2, 3, 4]))
        found, _ = told(prefill, [prompts[n] for n in chosen])
        assert [logits.tobytes() for logits in found] == [expected[n] for n in chosen]
    prefill.clear()


@pytest.mark.parametrize("seed", range(6))
def test_prompts_that_part_anywhere_come_to_what_each_does_alone(tiny: Model, seed: int) -> None:
    chance = random.Random(seed)
    whole, prompts = text(3 * BLOCK + 90), []
    for _ in range(8):
        alike = chance.choice([0, 1, 60, BLOCK - 1, BLOCK, BLOCK + 1, 200, 2 * BLOCK, 300])
        own = text(chance.choice([1, 2, 40, BLOCK, 170]), chance.randrange(99))
        tokens = (whole[:alike] + own)[: 4 * BLOCK]
        prompts.append(Prompt(tokens, chance.choice([0, 0, min(alike, len(tokens) - 1), len(tokens)])))
    expected = [alone(tiny, prompt) for prompt in prompts]
    prefill = opened(tiny, threads=2)
    for _ in range(10):
        chosen = chance.sample(range(len(prompts)), chance.choice([1, 2, 4]))
        found, _ = told(prefill, [prompts[n] for n in chosen])
        assert [logits.tobytes() for logits in found] == [expected[n] for n in chosen]
    prefill.clear()


def test_with_the_embedded_model_prompts_come_to_what_each_does_alone(embedded: Model) -> None:
    whole = text(2 * BLOCK + 20, vocabulary=40_000)
    prompts = [Prompt(whole[:length], 40) for length in (2 * BLOCK + 20, BLOCK + 40, BLOCK + 41, BLOCK + 42, 60)]
    expected = [alone(embedded, prompt) for prompt in prompts]
    prefill = opened(embedded, threads=2)
    for chosen in ([0, 1, 2, 3], [4], [0], [3, 1], [2]):
        found, _ = told(prefill, [prompts[n] for n in chosen])
        assert [logits.tobytes() for logits in found] == [expected[n] for n in chosen]
    prefill.clear()


def test_the_number_of_streams_and_of_threads_changes_nothing(tiny: Model) -> None:
    prompt = Prompt(text(2 * BLOCK + 30), 20)
    assert len({alone(tiny, prompt, count, threads) for count, threads in [(1, 1), (1, 3), (4, 2), (9, 1)]}) == 1


def test_written_on_after_blocks_a_text_goes_on_as_it_does_when_all_is_read_at_once(tiny: Model) -> None:
    prefill = opened(tiny)
    prompt = Prompt(text(BLOCK + 30))
    longer = Prompt((*prompt.tokens, 5, 6, 7))
    told(prefill, [prompt])
    for token in (5, 6, 7):
        (logits,) = prefill.go_on([token], 0, None)
    assert logits[-1].tobytes() == alone(tiny, longer)
    told(prefill, [prompt])
    prefill.go_on([9], 0, None)
    prefill.take_back(0)
    (logits,) = prefill.go_on([5], 0, None)
    assert logits[-1].tobytes() == alone(tiny, Prompt((*prompt.tokens, 5)))


# --- what is not read again ---------------------------------------------------------------


def test_what_all_begin_with_is_read_once_and_what_is_held_not_again(tiny: Model) -> None:
    prefill = opened(tiny)
    prompts = [Prompt(text(300) + text(20, seed), 40) for seed in (1, 2, 3)]
    shared = 40 + 2 * BLOCK + 4  # up to where they part: the blocks are the same, and so is what is after them
    _, count = told(prefill, prompts)
    assert count == shared + 3 * 20
    _, count = told(prefill, prompts[:1])
    assert count == 1
    _, count = told(prefill, [Prompt(text(300) + text(20, 4), 40)])
    assert count == 20


def test_of_what_begins_alike_but_is_cut_otherwise_only_what_is_cut_alike_is_taken_over(tiny: Model) -> None:
    prefill = opened(tiny)
    told(prefill, [Prompt(text(40 + 90), 40)])  # too short for a block
    _, count = told(prefill, [Prompt(text(40 + 200), 40)])
    assert count == 200  # the head only was taken over
    _, count = told(prefill, [Prompt(text(40 + 90), 40)])
    assert count == 90
    _, count = told(prefill, [Prompt(text(40 + 200))])  # without a head
    assert count == 240


def test_a_head_is_kept_whatever_is_read_after_it(tiny: Model) -> None:
    prefill = opened(tiny)
    head = text(BLOCK + 10)
    told(prefill, [Prompt((*head, 1, 2), len(head))])
    told(prefill, [Prompt(text(300, 5)), Prompt(text(200, 6))])
    _, count = told(prefill, [Prompt((*head, 3, 4, 5), len(head)), Prompt((*head, 4), len(head))])
    assert count == 4
    forgetful = opened(tiny, memory=0)
    told(forgetful, [Prompt((*head, 1, 2), len(head))])
    told(forgetful, [Prompt(text(300, 5))])
    _, count = told(forgetful, [Prompt((*head, 3), len(head))])
    assert count == len(head) + 1


# --- what is in its way --------------------------------------------------------------------


def test_stopped_between_blocks_the_next_prompts_come_to_the_same(tiny: Model) -> None:
    prompts = [Prompt(text(300) + text(20, seed), 40) for seed in (1, 2)]
    expected = [alone(tiny, prompt) for prompt in prompts]
    for after in (1, 2, 3, 4):
        prefill, cancel, seen = opened(tiny), CancelToken(), list[int]()

        def stop(count: int, cancel: CancelToken = cancel, seen: list[int] = seen, after: int = after) -> None:
            seen.append(count)
            if len(seen) == after:
                cancel.cancel()

        with pytest.raises(Stopped):
            prefill.read(prompts, stop, cancel)
        assert len(seen) == after
        found, _ = told(prefill, prompts)
        assert [logits.tobytes() for logits in found] == expected
        prefill.clear()


def test_streams_are_opened_wider_only_where_that_fits(tiny: Model) -> None:
    prefill = opened(tiny, count=2)
    cells = prefill.opened(1, 100).cells
    assert prefill.opened(3, 100).count == 3 and prefill.opened(3, 100).cells == cells
    small = opened(tiny, count=1, memory=tiny.cell_bytes * 2000)
    wide = small.opened(3, 512)
    assert (wide.count, wide.cells) == (3, 512)
    told(small, [Prompt(text(30)), Prompt(text(20))])
    small.clear()
    prefill.clear()


def test_a_prompt_for_which_there_is_no_room_is_an_error_and_the_next_is_read(tiny: Model) -> None:
    prefill = opened(tiny, count=1)
    with pytest.raises(ModelUnavailable):
        prefill.read([Prompt(text(2000))], None, None)
    (logits,), _ = told(prefill, [Prompt(text(200))])
    assert logits.tobytes() == alone(tiny, Prompt(text(200)))
    prefill.clear()
