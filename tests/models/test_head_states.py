"""Held: what was read of a prompt's beginning is there in the next run, to the bit, and a damaged file is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tiny_model
from test_prefill import text, told

from rag.errors import ModelUnavailable
from rag.models import head_states
from rag.models.head_states import HeadStates
from rag.models.llama_model import Model, Prompt
from rag.models.llama_sequences import BLOCK, Streams
from rag.models.prefill import Prefill

TOKENS = (1, 2, ~3)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(tiny_model.make(tmp_path_factory.mktemp("tiny")), "tiny")


def opened(model: Model, heads: HeadStates | None) -> Prefill:
    prefill = Prefill(lambda count, cells: Streams(model.handle, count, cells, 1), model.cell_bytes, 64 << 20, heads)
    prefill.opened(1, 4 * BLOCK)
    return prefill


@pytest.mark.parametrize("head", [1, 50, BLOCK, BLOCK + 40])
def test_in_the_next_run_a_head_is_not_read_again_and_what_follows_is_the_same(
    tiny: Model, tmp_path: Path, head: int
) -> None:
    heads, prompt, other = HeadStates(tmp_path, "tiny"), Prompt(text(head + 9), head), Prompt(text(head + 9, 1), head)
    (expected,), read = told(opened(tiny, None), [prompt])
    told(opened(tiny, heads), [prompt])
    (again,), read_again = told(opened(tiny, heads), [prompt])
    assert again.tobytes() == expected.tobytes() and (read, read_again) == (head + 9, 9)
    assert told(opened(tiny, heads), [other])[1] == head + 9


def test_a_state_is_found_by_its_tokens_and_what_it_is_bound_to(tmp_path: Path) -> None:
    HeadStates(tmp_path, "a").keep(TOKENS, b"state")
    assert HeadStates(tmp_path, "a").found(TOKENS) == b"state" and HeadStates(tmp_path, "a").has(TOKENS)
    assert HeadStates(tmp_path, "b").found(TOKENS) is None
    assert HeadStates(tmp_path, "a").found(TOKENS[:2]) is None
    assert [oct(file.stat().st_mode)[-3:] for file in tmp_path.iterdir()] == ["600"]


def test_the_file_of_another_is_none_under_this_name(tmp_path: Path) -> None:
    heads = HeadStates(tmp_path, "a")
    heads.keep((1,), b"one")
    (one,) = tmp_path.iterdir()
    heads.keep((2,), b"two")
    (two,) = {*tmp_path.iterdir()} - {one}
    one.replace(two)
    assert heads.found((2,)) is None and heads.found((1,)) is None


@pytest.mark.parametrize("damage", [b"", b"x" * 20, b"x" * 32, b"x" * 90])
def test_a_file_that_is_damaged_is_none_and_goes(tmp_path: Path, damage: bytes) -> None:
    heads = HeadStates(tmp_path, "a")
    heads.keep(TOKENS, b"state")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert heads.found(TOKENS) is None and not list(tmp_path.iterdir())


def test_a_state_that_the_model_refuses_is_forgotten_so_that_asking_again_helps(tiny: Model, tmp_path: Path) -> None:
    heads, prompt = HeadStates(tmp_path, "tiny"), Prompt(text(40), 30)
    told(opened(tiny, heads), [prompt])
    (file,) = tmp_path.iterdir()
    tokens = (1, *text(30))  # as they are kept: with the number of streams
    assert heads.has(tokens)
    heads.keep(tokens, b"no state")
    with pytest.raises(ModelUnavailable):
        told(opened(tiny, heads), [prompt])
    assert not file.exists()
    told(opened(tiny, heads), [prompt])


def test_those_used_last_stay_where_there_is_no_room_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_states, "MOST", 3 * 132)
    heads = HeadStates(tmp_path, "a")
    for n in range(3):
        heads.keep((n,), b"x" * 100)
        for file in tmp_path.iterdir():
            os.utime(file, (file.stat().st_mtime - 10,) * 2)
    assert heads.found((0,))
    heads.keep((3,), b"x" * 100)
    assert [heads.has((n,)) for n in range(4)] == [True, False, True, True]
    heads.keep((4,), b"x" * 1000)
    assert not heads.has((4,))


def test_where_the_cache_cannot_be_written_to_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    heads = HeadStates(tmp_path / "file" / "heads", "a")
    heads.keep(TOKENS, b"state")
    assert heads.found(TOKENS) is None
