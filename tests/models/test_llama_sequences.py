"""Held: what a stream's tokens come to is the same to the bit, however they are read and whatever is beside them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
import tiny_model

from rag.errors import ModelUnavailable
from rag.models.bundled import load_generator
from rag.models.llama_model import Model
from rag.models.llama_sequences import Logits, Streams
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

COUNT = 4
LONG = 530  # tokens, so that the cells go past 256 and past 512


@dataclass
class Desk:
    """A model's streams, and what each place of some texts comes to where each is read alone from its beginning."""

    model: Model
    streams: Streams
    texts: list[list[int]]
    alone: list[Logits]

    def read_alone(self, which: int, upto: int = LONG) -> None:
        """Let the first stream hold one of the texts."""
        self.streams.clear()
        self.streams.read([self.texts[which][:upto]], [0])


def opened(model: Model, count: int, cells: int = 768, threads: int = 1, *, even_rows: bool = False) -> Streams:
    return Streams(model.handle, count, cells, threads, even_rows=even_rows)


def laid(model: Model, vocabulary: int, lengths: Sequence[int]) -> Desk:
    chance = random.Random(1907)
    texts = [[chance.randrange(vocabulary) for _ in range(length)] for length in lengths]
    texts[1][:200] = texts[0][:200]  # two that begin alike
    single = opened(model, 1)
    alone = []
    for text in texts:
        single.clear()
        alone += single.read([text], [len(text)])
    single.close()
    return Desk(model, opened(model, COUNT), texts, alone)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    model = Model(tiny_model.make(tmp_path_factory.mktemp("tiny")), "tiny")
    desk = laid(model, tiny_model.VOCABULARY, [LONG, LONG, LONG])
    yield desk
    desk.streams.close()
    model.close()


@pytest.fixture(scope="module")
def embedded(cache: Path) -> Iterator[Desk]:
    """The same with the LLM that Beleg comes with."""
    generator = load_generator(Settings(cache=cache, threads=1))
    desk = laid(generator._model, 40_000, [LONG, 220, 100])
    yield desk
    desk.streams.close()
    generator.close()


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Desk:
    """The tiny model's, or the one that is asked for."""
    found: Desk = request.getfixturevalue(getattr(request, "param", "tiny"))
    found.streams.clear()
    return found


def same(found: Logits, expected: Logits) -> bool:
    return found.shape == expected.shape and np.array_equal(found, expected)


# --- the same to the bit -----------------------------------------------------------------


def with_each_model(names: str, for_tiny: Sequence[object], for_embedded: Sequence[object]) -> pytest.MarkDecorator:
    """Many cases with the tiny model, and with the embedded one, which takes longer, some."""
    cases = [("tiny", case) for case in for_tiny] + [("embedded", case) for case in for_embedded]
    return pytest.mark.parametrize(("desk", names), cases, indirect=["desk"])


@with_each_model("sizes", [(1, 2, 3, 59, 60, 61, 64), (255, 1, 1, 1), (300,)], [(63, 1, 2, 61, 3)])
def test_read_in_pieces_a_text_comes_to_what_it_does_in_one(desk: Desk, sizes: Sequence[int]) -> None:
    at = 0
    for size in sizes:
        (found,) = desk.streams.read([desk.texts[0][at : at + size]], [size])
        assert same(found, desk.alone[0][at : at + size])
        at += size


@with_each_model("before", [254, 510], [510])
def test_tokens_read_one_by_one_come_to_the_same_where_llama_cpp_looks_at_more_cells(desk: Desk, before: int) -> None:
    """It looks at 256 cells, at 512, and so on, and has threads share what is looked at for one row."""
    streams = opened(desk.model, 1, threads=2)
    streams.read([desk.texts[0][:before]], [0])
    for at in range(before, before + 5):
        (found,) = streams.read([[desk.texts[0][at]]], [1])
        assert same(found, desk.alone[0][at : at + 1])
    streams.close()


@with_each_model("lengths", [(300, 300, 300), (290, 61, 2), (70, 70, 1, 1), (7, 6, 5, 4)], [(150, 61, 2), (1, 1, 1, 1)])
def test_read_beside_others_a_text_comes_to_what_it_does_alone(desk: Desk, lengths: Sequence[int]) -> None:
    which = [0, 2, 1, 0][: len(lengths)]
    found = desk.streams.read([desk.texts[w][:n] for w, n in zip(which, lengths, strict=True)], lengths)
    for logits, w, n in zip(found, which, lengths, strict=True):
        assert same(logits, desk.alone[w][:n])


@with_each_model("beside", [1, 255, 300, 520], [90])
def test_read_on_beside_longer_neighbours_a_text_comes_to_what_it_does_alone(desk: Desk, beside: int) -> None:
    desk.streams.read([desk.texts[2][:beside]], [0], first=1)
    desk.streams.read([desk.texts[0][:10]], [0], first=2)
    for at in (10, 11):
        found = desk.streams.read([[desk.texts[2][beside + at - 10]], [desk.texts[0][at]]], [1, 1], first=1)
        assert same(found[0], desk.alone[2][beside + at - 10 : beside + at - 9])
        assert same(found[1], desk.alone[0][at : at + 1])
    (lone,) = desk.streams.read([[desk.texts[0][12]]], [1], first=2)
    assert same(lone, desk.alone[0][12:13])


@with_each_model("other", [2], [2])
def test_read_after_others_in_the_same_stream_a_text_comes_to_what_it_does_first(desk: Desk, other: int) -> None:
    desk.streams.read([desk.texts[0][:240], desk.texts[other][:90]], [0, 0])
    desk.streams.trim(0, 200)
    (found,) = desk.streams.read([desk.texts[1][200:220]], [20])
    assert same(found, desk.alone[1][200:220])
    desk.streams.trim(1, 0)
    (found,) = desk.streams.read([desk.texts[1][:3]], [3], first=1)
    assert same(found, desk.alone[1][:3])


def test_however_many_logits_are_wanted_they_are_the_same(desk: Desk) -> None:
    for wanted in (0, 1, 2, 3, 60):
        desk.streams.clear()
        found = desk.streams.read([desk.texts[0][:70], desk.texts[2][:65]], [wanted, 1])
        assert same(found[0], desk.alone[0][70 - wanted : 70])
        assert same(found[1], desk.alone[2][64:65])


@with_each_model("lengths", [(270, 270), (270, 200), (520, 515), (60, 1)], [(255, 200)])
def test_restored_in_another_stream_a_text_goes_on_as_it_would_have(desk: Desk, lengths: tuple[int, int]) -> None:
    held, length = lengths
    desk.read_alone(0, held)
    state = desk.streams.save(0)
    desk.streams.read([desk.texts[2][:90]], [0], first=3)
    desk.streams.restore(3, state, length)
    assert desk.streams.lengths == [held, 0, 0, length]
    which = 1 if length == 200 else 0  # where two texts part, it may go on with the other
    (found,) = desk.streams.read([desk.texts[which][length : length + 4]], [4], first=3)
    assert same(found, desk.alone[which][length : length + 4])
    (found,) = desk.streams.read([[desk.texts[0][held]]], [1])  # and the first is none the worse
    assert same(found, desk.alone[0][held : held + 1])


def test_a_state_can_be_restored_after_all_was_forgotten(desk: Desk) -> None:
    desk.read_alone(0, 100)
    state = desk.streams.save(0)
    desk.streams.clear()
    desk.streams.restore(2, state, 100)
    (found,) = desk.streams.read([[desk.texts[0][100]]], [1], first=2)
    assert same(found, desk.alone[0][100:101])


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_read_trimmed_and_restored_in_any_order_comes_to_the_same(tiny: Desk, seed: int) -> None:
    chance, streams = random.Random(seed), opened(tiny.model, COUNT, threads=1 + seed % 2)
    held = [chance.randrange(3) for _ in range(COUNT)]  # which text a stream holds the beginning of
    for _ in range(30):
        stream, other = chance.randrange(COUNT), chance.randrange(COUNT)
        step = chance.random()
        if step < 0.2:
            streams.trim(stream, chance.randrange(streams.lengths[stream] + 1))
        elif step < 0.4 and streams.lengths[stream]:
            length = chance.randint(1, streams.lengths[stream])
            streams.restore(other, streams.save(stream), length)
            held[other] = held[stream]
        else:
            begun = streams.lengths[stream:]
            count = chance.choice([1, 2, 3, chance.randrange(100), chance.randrange(300)])
            sizes = sorted((min(count, LONG - at) for at in begun), reverse=True)
            sizes = [min(size, LONG - at) for size, at in zip(sizes, begun, strict=True)]
            sizes = [min(sizes[: index + 1]) for index in range(len(sizes))]  # longest first
            wanted = [chance.choice([0, min(1, size), size]) for size in sizes]
            parts = [tiny.texts[held[stream + n]][at : at + sizes[n]] for n, at in enumerate(begun)]
            for n, found in enumerate(streams.read(parts, wanted, first=stream)):
                end = begun[n] + sizes[n]
                assert same(found, tiny.alone[held[stream + n]][end - wanted[n] : end])
    streams.close()


@pytest.mark.parametrize("kind", [llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M, llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0])
def test_in_even_rows_weights_of_other_kinds_come_to_the_same_too(tmp_path: Path, kind: int) -> None:
    """Their rows are multiplied four at a time, and otherwise where fewer are left."""
    model = Model(tiny_model.make(tmp_path, kind), "tiny")
    chance, streams = random.Random(kind), opened(model, COUNT, even_rows=True)
    texts = [[chance.randrange(tiny_model.VOCABULARY) for _ in range(150)] for _ in range(COUNT)]
    alone = []
    for text in texts:
        streams.clear()
        alone += streams.read([text], [150])
    for _ in range(20):
        streams.clear()
        count = chance.randint(1, COUNT)
        chosen = chance.sample(range(COUNT), count)
        sizes = sorted((chance.randint(1, 140) for _ in chosen), reverse=True)
        wanted = [chance.choice([1, 2, size]) if size > 1 else 1 for size in sizes]
        found = streams.read([texts[n][:size] for n, size in zip(chosen, sizes, strict=True)], wanted)
        assert streams.lengths[:count] == sizes
        rows = zip(found, chosen, sizes, wanted, strict=True)
        assert all(same(logits, alone[n][size - want : size]) for logits, n, size, want in rows)
        found = streams.read([[texts[n][size]] for n, size in zip(chosen, sizes, strict=True)], [1] * count)
        assert all(same(f, alone[n][size : size + 1]) for f, n, size in zip(found, chosen, sizes, strict=True))
    streams.close()
    model.close()


def test_in_even_rows_a_stream_can_be_filled_to_its_end(tiny: Desk) -> None:
    streams = opened(tiny.model, 2, 256, even_rows=True)
    streams.read([tiny.texts[0][:253]], [0])
    for at in (253, 254, 255):
        (found,) = streams.read([tiny.texts[0][at : at + 1]], [1])
        assert same(found, tiny.alone[0][at : at + 1])
    assert streams.lengths == [256, 0]
    streams.close()


@pytest.mark.parametrize(
    ("count", "asked", "beside"),
    [
        (16, range(5), range(8)),
        (16, range(12, 15), range(12, 16)),
        (16, range(9, 10), range(9, 10)),  # filled up by rows of its own
        (12, range(2, 11), range(12)),
        (16, range(16), range(16)),
        (4, range(3), range(4)),
        (3, range(3), range(3)),
    ],
)
def test_in_even_rows_streams_beside_those_asked_for_save_rows(
    tiny: Desk, count: int, asked: range, beside: range
) -> None:
    streams = opened(tiny.model, count, 16, even_rows=True)
    assert streams.beside(asked) == beside
    streams.close()


def test_without_even_rows_no_stream_is_read_for_others(tiny: Desk) -> None:
    assert [tiny.streams.beside(range(at, at + 2)) for at in range(3)] == [range(at, at + 2) for at in range(3)]


def test_the_number_of_threads_and_of_streams_changes_nothing(tiny: Desk) -> None:
    for count, threads in [(1, 2), (4, 5), (9, 2), (16, 1)]:
        streams = opened(tiny.model, count, threads=threads)
        for found in streams.read([tiny.texts[0][:80]] * count, [80] * count):
            assert same(found, tiny.alone[0][:80])
        streams.close()


# --- what is told ------------------------------------------------------------------------


def test_every_token_that_is_read_is_told_of(tiny: Desk) -> None:
    tiny.streams.clear()
    told: list[int] = []
    tiny.streams.read([tiny.texts[0][:300], tiny.texts[1][:100], tiny.texts[2][:1]], [0, 0, 0], tell=told.append)
    assert sum(told) == 401 and len(told) > 3
    assert tiny.streams.lengths == [300, 100, 1, 0]


def test_nothing_to_read_is_no_error(tiny: Desk) -> None:
    tiny.streams.clear()
    assert tiny.streams.read([], []) == []
    assert [logits.shape for logits in tiny.streams.read([[], []], [0, 0])] == [(0, tiny_model.VOCABULARY)] * 2


# --- stopping, and what goes wrong -------------------------------------------------------


@with_each_model("at_once", [True, False], [False])
def test_stopped_all_streams_are_empty_and_the_next_reading_is_right(desk: Desk, at_once: bool) -> None:
    desk.streams.read([desk.texts[2][:40], desk.texts[0][:40]], [0, 0], first=2)
    cancel = CancelToken()
    if at_once:
        cancel.cancel()
    with pytest.raises(Stopped):
        desk.streams.read([desk.texts[0][:150]], [1], tell=lambda _: cancel.cancel(), cancel=cancel)
    assert desk.streams.lengths == [0] * COUNT
    found = desk.streams.read([desk.texts[0][:70], desk.texts[1][:20]], [70, 20], first=2)
    assert same(found[0], desk.alone[0][:70]) and same(found[1], desk.alone[1][:20])


def test_more_tokens_than_there_is_room_for_are_an_error_after_which_all_is_empty(tiny: Desk) -> None:
    streams = opened(tiny.model, 2, 256)
    streams.read([tiny.texts[0][:256]], [0])  # just as many as there is room for
    with pytest.raises(ModelUnavailable, match="failed while reading"):
        streams.read([tiny.texts[1][:300]], [1], first=1)
    assert streams.lengths == [0, 0]
    (found,) = streams.read([tiny.texts[1][:256]], [256], first=1)
    assert same(found, tiny.alone[1][:256])
    streams.close()


def test_too_little_memory_is_an_error_that_says_for_how_much(tiny: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_cpp, "llama_init_from_model", lambda *_: None)
    with pytest.raises(ModelUnavailable, match="2048 tokens") as caught:
        opened(tiny.model, 4, 512)
    assert "smaller" in caught.value.remedy


def test_a_model_that_cannot_take_back_what_it_read_is_named_as_such(
    tiny: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.read_alone(0, 5)
    monkeypatch.setattr(llama_cpp, "llama_memory_seq_rm", lambda *_: False)
    with pytest.raises(ModelUnavailable, match="cannot take back") as caught:
        tiny.streams.trim(0, 3)
    assert caught.value.remedy


@pytest.mark.parametrize("end", [0, 40, -40])
def test_a_state_that_is_none_is_an_error_after_which_all_is_empty(tiny: Desk, end: int) -> None:
    tiny.read_alone(0, 50)
    with pytest.raises(ModelUnavailable, match="cannot be restored"):
        tiny.streams.restore(1, tiny.streams.save(0)[:end], 50)
    assert tiny.streams.lengths == [0] * COUNT
    (found,) = tiny.streams.read([tiny.texts[0][:3]], [3])
    assert same(found, tiny.alone[0][:3])


def test_closed_twice_is_no_error(tiny: Desk) -> None:
    streams = opened(tiny.model, 1, 256)
    streams.close()
    streams.close()
