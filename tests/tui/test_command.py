"""The command `beleg` as it opens the chat: what it refuses, what it imports before it paints, how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.cli.main import COMMANDS
from rag.index.library import Library
from tui.command import main

HEAVY = "torch transformers sentence_transformers faiss onnxruntime llama_cpp".split()
LATER = [f"tui.screens.{name}" for name in ("documents", "document", "conversations", "context", "help")]
LATER += ["tui.screens.path", "tui.screens.limit", "tui.widgets.card", "tui.widgets.turn", "tui.editor"]
LATER += [each.module for each in COMMANDS.values()]
ANSWERING = ["numpy", "pydantic", "rag.answering.assistant", "rag.index.library", "rag.models.bundled"]
ANSWERING += ["rag.output.terminal", "rag.documents.document", "rag.text.unmarked"]
_MAIN = "import sys; from tui.command import main; sys.exit(main())"


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment in which nothing is set, and a folder for what is kept."""
    for name in [name for name in os.environ if name.startswith("BELEG_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def run(*arguments: str, code: str = _MAIN) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def on_terminal(*arguments: str, term: str | None = "xterm-256color") -> tuple[int, str]:
    """Run `beleg` on a terminal of its own; return its exit code and all that it wrote there."""
    master, slave = pty.openpty()
    command = [sys.executable, "-c", _MAIN, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    environment |= {"TERM": term} if term is not None else {}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        written = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # the process has gone, and the terminal with it
                break
            if not part:
                break
            written += part
        code = process.wait(timeout=60)
    os.close(master)
    return code, written.decode()


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("arguments", [(), ("--continue",), ("chat",), ("chat", "--continue")], ids=" ".join)
def test_without_a_terminal_the_chat_says_what_to_use_instead(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "beleg chat --plain" in done.stderr and "beleg ask" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
@pytest.mark.usefixtures("clean")
def test_one_stream_that_is_no_terminal_is_enough_to_refuse(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    monkeypatch.setattr("rag.cli.failures.say", said.append)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "isatty", lambda name=name: name != stream, raising=False)
    assert main([]) == 2
    assert "needs a terminal" in said[0]


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("term", ["dumb", "", None])
@pytest.mark.parametrize("arguments", [(), ("chat", "--continue")], ids=" ".join)
def test_on_a_terminal_that_cannot_draw_the_chat_names_the_one_line_by_line(
    arguments: tuple[str, ...], term: str | None
) -> None:
    code, written = on_terminal(*arguments, term=term)
    assert code == 2
    assert "beleg chat --plain" in written and "TERM" in written
    assert len(written.splitlines()) == 1 and "\x1b" not in written


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (("chat", "--lang", "de"), {"LANG": "en_US.UTF-8"}),
        (("chat",), {"LANG": "de_DE.UTF-8"}),
        ((), {"LANG": "de_DE.UTF-8"}),
        (("chat",), {"LANG": "en_US.UTF-8", "BELEG_LANG": "de"}),
    ],
)
def test_the_chat_is_in_the_language_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], environ: dict[str, str]
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert "Dieses Terminal kann den Chat nicht zeigen" in on_terminal(*arguments, term="dumb")[1]
    monkeypatch.setenv("BELEG_LANG", "en")
    english = ("chat", "--lang", "en") if arguments else ()
    assert "This terminal cannot show the chat" in on_terminal(*english, term="dumb")[1]


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_the_chat_and_how_to_go_on(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^ +--continue ", shown, re.MULTILINE)
    assert re.search(r"^ +chat +Ask questions", shown, re.MULTILINE)
    assert "Without a command it opens the chat." in shown
    assert all(re.search(rf"^ +{name} ", shown, re.MULTILINE) for name in ("index", "ask", "search", "documents"))


def test_the_chat_s_own_help_names_its_flags(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--plain" in shown and "--continue" in shown and "--library" in shown


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("command", [("index", "x"), ("ask", "Who?"), ("documents",), ("chat",)], ids=" ".join)
def test_continue_before_another_command_is_refused(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--continue", *command]) == 2
    assert "beleg --continue" in capsys.readouterr().err


@pytest.mark.usefixtures("clean")
def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chatt"]) == 2
    assert "chatt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('keys.docments = "f2"', "keys.docments"),
        ('keys.documents = ""', "keys.documents"),
        ("keys.documents = 2", "keys"),
        ('keyz.documents = "f2"', "keyz"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_before_anything_is_drawn(
    clean: Path, monkeypatch: pytest.MonkeyPatch, setting: str, said: str
) -> None:
    (clean / "settings.toml").write_text(setting + "\n", encoding="utf-8")
    monkeypatch.setenv("BELEG_SETTINGS", str(clean / "settings.toml"))
    code, written = on_terminal()
    assert code == 2
    assert written.startswith("beleg: The setting ") and said in written
    assert "\x1b" not in written and "Traceback" not in written


def test_tags_that_no_document_has_are_told_before_anything_is_drawn(
    clean: Path, seed_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEG_LIBRARY", str(shutil.copytree(seed_library, clean / "library")))
    code, written = on_terminal("chat", "--tag", "wrok")
    assert code == 2 and written.startswith("beleg: No document has the tag “wrok”. There are no tags.")
    assert "\x1b" not in written


# The chat without a terminal, run by what would run it. `pilot` is what the person does.
_HEADLESS = """
import asyncio, sys, threading, time
from pathlib import Path
from rag.system.cancellation import CancelToken
from rag.settings import Settings
from tui.app import BelegApp
from tui import command
opened = threading.Event()
def chat(open_, pilot):
    folder = Path(sys.argv[1])
    app = BelegApp(Settings(library=folder, cache=folder / "cache", state=folder / "state"), open_=open_)
    run = app.run
    app.run = lambda: run(headless=True, auto_pilot=pilot)
    return command._run(app, CancelToken())
async def until_opened(pilot):
    while not opened.is_set():
        await pilot.pause(0.01)
"""

_PAINTED = """
import gc, json
from types import SimpleNamespace
from tui.engine import Engine
seen = {}
def open_(settings):
    seen["at opening"] = sorted(sys.modules)
    opened.set()
    return SimpleNamespace(generator=None, model="x", library=SimpleNamespace(close=lambda: None),
                           close=lambda: None)
load = Engine.load
def loads(engine, settings, post):
    seen["drawn"], seen["at first"] = drawn, sorted(sys.modules)
    seen["classes"], seen["collected"] = classes, collects[0]
    load(engine, settings, post)
Engine.load = loads
drawn, classes, collects = [], [], []
display = BelegApp._display
def displays(app, screen, update):
    display(app, screen, update)
    drawn.extend(strip.text for strip in screen._compositor.render_strips())
    classes.append(sorted(screen.classes))
    collects.append(gc.isenabled())
BelegApp._display = displays
async def pilot(pilot):
    await until_opened(pilot)
    print(json.dumps({**seen, "collects": gc.isenabled()}))
    await pilot.press("ctrl+q")
sys.exit(chat(open_, pilot))
"""


def test_the_first_paint_needs_nothing_heavy_and_nothing_of_answering(seed_library: Path, tmp_path: Path) -> None:
    shutil.copytree(seed_library, tmp_path / "library")
    done = run(str(tmp_path / "library"), code=_HEADLESS + _PAINTED)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert "Ask your documents" in "".join(seen["drawn"])
    for when in ("at first", "at opening"):
        assert "textual.app" in seen[when]
        assert [name for name in HEAVY + LATER if name in seen[when]] == []
    assert [name for name in ANSWERING if name in seen["at first"]] == []
    assert seen["classes"][0] == seen["classes"][-1] != []  # it is laid out once
    assert (seen["collected"], seen["collects"]) == (False, True)  # garbage is looked for again afterwards


_LOADING = """
def open_(settings):
    opened.set()
    {wait}
async def pilot(pilot):
    await until_opened(pilot)
    print(time.time(), flush=True)
    await pilot.press("ctrl+q")
code = chat(open_, pilot)
print("ended by itself")
sys.exit(code)
"""


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(60)",
        "thread = threading.Thread(target=time.sleep, args=(60,)); thread.start(); thread.join()",
    ],
    ids=["in its thread", "in a thread that is waited for"],
)
def test_leaving_while_a_model_loads_ends_the_process_within_a_second(
    seed_library: Path, tmp_path: Path, wait: str
) -> None:
    shutil.copytree(seed_library, tmp_path / "library")
    done = run(str(tmp_path / "library"), code=_HEADLESS + _LOADING.format(wait=wait))
    ended = time.time()
    assert done.returncode == 0, done.stderr
    assert ended - float(done.stdout.splitlines()[0]) < 2  # a second, and one for a busy machine
    assert "Traceback" not in done.stderr


_INDEXING = """
from types import SimpleNamespace
class Slow:  # in the middle of a long document
    name = fingerprint = "slow"
    dimension, max_tokens, abilities = 384, 256, {}
    def encode(self, texts, kind):
        opened.set()
        time.sleep(20)
def open_(settings):
    return SimpleNamespace(generator=None, model="x", library=SimpleNamespace(close=lambda: None),
                           close=lambda: None, embedder=Slow())
async def pilot(pilot):
    while not pilot.app.chat._models_ready:
        await pilot.pause(0.01)
    pilot.app.index([sys.argv[2]])
    await until_opened(pilot)
    print(time.time(), flush=True)
    await pilot.press("ctrl+q")
sys.exit(chat(open_, pilot))
"""


def test_leaving_while_a_long_document_is_indexed_ends_the_process_within_a_second(
    seed_library: Path, tmp_path: Path
) -> None:
    shutil.copytree(seed_library, tmp_path / "library")
    with Library(tmp_path / "library") as library, library._transaction():
        library._db.execute("UPDATE meta SET value = 'slow' WHERE key LIKE 'embedder%'")
    (tmp_path / "long.txt").write_text("The mill burned down. " * 100, encoding="utf-8")
    done = run(str(tmp_path / "library"), str(tmp_path / "long.txt"), code=_HEADLESS + _INDEXING)
    ended = time.time()
    assert done.returncode == 0, done.stderr
    assert ended - float(done.stdout.splitlines()[0]) < 2


@pytest.mark.parametrize(("ignored", "ends"), [(False, -signal.SIGINT), (True, 0)])
def test_ctrl_c_while_beleg_is_still_being_imported_ends_it_without_a_traceback(ignored: bool, ends: int) -> None:
    program = (
        "import os, signal, sys\n"
        f"signal.signal(signal.SIGINT, signal.{'SIG_IGN' if ignored else 'default_int_handler'})\n"
        "class Importing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Importing())\n"
        "sys.argv = ['beleg', '--version']\n"
        "from tui.entry import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (ends, "")
