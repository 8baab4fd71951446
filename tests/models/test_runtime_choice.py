"""Held: what an LLM is run on and how it keeps its context follows the machine and the settings, and is tried so."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.maintenance.llm_runtime import how_it_runs
from rag.models import llama_runtime, trial_verdicts
from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.models.llama_runtime import ALL_LAYERS, Runtime
from rag.models.trial import LADDER, admitted, ladder, layers, settings_of, way
from rag.models.trial_verdicts import gpu_backends, verdicts
from rag.models.writer import Task, Written
from rag.settings import Settings

DEADLY = "deadly_child"
GIGABYTE = 1 << 30


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that only children on trial see, which say what they are told to."""
    monkeypatch.setenv("DEADLY_LOG", str(tmp_path / "ran"))
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["libggml-cpu.so", "libggml-base.so.0", "libllama.so"], ()),
        (["libggml-cpu.so", "libggml-cuda.so", "libggml-cuda.so.0"], ("cuda",)),
        (["libggml-metal.dylib"], ("metal",)),
        (["ggml-vulkan.dll", "ggml-sycl.dll"], ("sycl", "vulkan")),
    ],
)
def test_a_gpu_is_used_where_llama_cpp_is_built_for_one_and_as_much_as_is_asked_for(
    names: list[str], found: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    assert gpu_backends() == found
    assert layers(None) == (ALL_LAYERS if found else 0)
    assert (layers(0), layers(7)) == (0, 7)


def test_where_libraries_cannot_be_looked_at_no_gpu_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path / "none"))
    assert gpu_backends() == () and layers(None) == 0


def test_without_a_gpu_nothing_but_the_processor_is_tried_and_with_one_it_is_tried_first() -> None:
    assert ladder() == LADDER
    assert ladder(20)[0] == Runtime(gpu_layers=20) and ladder(20)[1:] == LADDER
    assert {each.kv_type for each in ladder(0, "q8_0")} == {"q8_0"}
    told = [way(each) for each in (*ladder(ALL_LAYERS, "q8_0"), *ladder(5))]
    assert len(set(told)) == 10 and "on the GPU" in told[0] and "5 layers" in told[5]


@pytest.mark.parametrize(
    ("fates", "taken", "exact"),
    [
        ("inexact fine fine fine fine", 0, False),  # on a GPU sums depend on company
        ("SIGSEGV fine fine fine fine", 1, True),
        ("differ SIGSEGV fine fine fine", 2, True),
    ],
)
def test_a_gpu_that_does_not_read_rightly_is_left_alone(
    fates: str, taken: int, exact: bool, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLY", fates)
    found = admitted(model, tmp_path, threads=2, gpu_layers=ALL_LAYERS, child=DEADLY)
    assert found == ladder(ALL_LAYERS)[taken]
    (verdict,) = verdicts(tmp_path)
    assert verdict.exact == exact and len(verdict.attempts) == taken + 1


def test_a_verdict_is_about_the_layers_and_how_the_context_is_kept() -> None:
    asked = [settings_of(2), settings_of(2, 5), settings_of(2, 0, "q8_0"), settings_of(2, 0, None, 100_000)]
    assert len({*asked, settings_of(3)}) == 5
    assert settings_of(2, 0, None, 600) == settings_of(2, 0, "f16", 100_000) == settings_of(2)


@pytest.mark.parametrize(
    ("runtime", "context", "memory", "kept"),
    [
        (Runtime(), 4096, GIGABYTE, "f16"),
        (Runtime(), 100_000, 64 * GIGABYTE, "f16"),
        (Runtime(), 100_000, 8 * GIGABYTE, "q8_0"),
        (Runtime(), 100_000, 0, "f16"),  # not known how much there is
        (Runtime(kv_type="f16"), 100_000, 8 * GIGABYTE, "f16"),
        (Runtime(kv_type="q8_0"), 600, 64 * GIGABYTE, "q8_0"),
        (Runtime(kv_type="q8_0", flash_attention=False), 600, 64 * GIGABYTE, "f16"),
    ],
)
def test_a_context_that_would_take_much_of_the_memory_is_kept_in_half(
    runtime: Runtime, context: int, memory: int, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_runtime, "memory_fact", lambda _: memory)
    assert runtime.kv_type_for(context, 57_344) == kept


@pytest.mark.slow
def test_kept_in_half_the_memory_what_is_written_is_the_same_alone_and_together(cache: Path) -> None:
    llm = load_generator(Settings(cache=cache, threads=2, kv_type="q8_0"))
    assert llm.runtime == Runtime(kv_type="q8_0")
    texts = ["Name three German rivers.", "The ferry sank in 1907. " * 30 + "When did it sink?", "Say only: yes"]
    tasks = [Task((("system", "Be brief."), ("user", text)), 8, watched=("The",)) for text in texts]
    together = dict(llm.write(tasks))
    assert [next(iter(llm.write([task])))[1] for task in tasks] == [together[n] for n in range(3)]
    llm.close()
    exact = Generator(llm.path, threads=2)
    assert written(exact, tasks[2]).watched != together[2].watched  # it really is another way
    exact.close()


def written(llm: Generator, task: Task) -> Written:
    ((_, found),) = llm.write([task])
    return found


def test_the_doctor_says_what_was_chosen_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, kept = how_it_runs(Settings(cache=tmp_path, gpu_layers=9, kv_type="q8_0"))
    assert runs.state == "notice" and "the processor" in runs.value and runs.remedy and "q8_0" in kept.value
    monkeypatch.setattr(trial_verdicts, "_libraries", lambda: [Path("libggml-cuda.so")])
    runs, kept = how_it_runs(Settings(cache=tmp_path))
    assert runs.value == "the GPU: llama.cpp is built for cuda" and runs.state == "fine" and "f16" in kept.value
    runs, _ = how_it_runs(Settings(cache=tmp_path, gpu_layers=0))
    assert runs.value.startswith("the processor")
