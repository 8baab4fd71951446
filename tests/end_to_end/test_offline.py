"""Nothing leaves the machine, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# An audit hook sees every way to make a socket, also from C extensions that use Python's module,
# and a hook cannot be taken away again. Name look-ups count as well.
_NO_NETWORK = """
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError(f"the network was used: {event}")
sys.addaudithook(refuse)
import socket
class Refused(socket.socket):  # with the methods of one: libraries look at these when they are imported
    def __init__(self, *arguments, **more): raise RuntimeError("a socket was made")
socket.socket = Refused
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=200)


def test_the_refusal_of_sockets_works() -> None:
    made = run(_NO_NETWORK + "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')")
    assert made.returncode != 0
    assert "the network was used" in made.stderr or "a socket was made" in made.stderr


@pytest.mark.parametrize(
    "fresh",
    [pytest.param(True, marks=pytest.mark.stress, id="models not yet prepared"), pytest.param(False, id="prepared")],
)
@pytest.mark.usefixtures("embedder")
def test_a_full_index_and_ask_opens_no_socket(tmp_path: Path, cache: Path, fresh: bool) -> None:
    (tmp_path / "mill.txt").write_text("The mill at Oberwiesen burned down in 1907.", encoding="utf-8")
    (tmp_path / "page.html").write_text(
        "<html><head><title>Die Brücke</title></head><body><article><p>Die Brücke wurde 1911 eröffnet, und "
        "viele Gäste kamen zu dem Fest am Ufer der Wiese.</p></article></body></html>",
        encoding="utf-8",
    )
    code = _NO_NETWORK + (
        "import os\n"
        "os.environ['BELEG_CACHE'], os.environ['BELEG_LIBRARY'] = sys.argv[1:3]\n"
        "from rag.cli.main import main\n"
        "assert main(['index', sys.argv[3]]) == 0\n"
        "assert main(['ask', 'When did the mill burn down?']) == 0\n"
        "assert main(['--mode', 'compose', 'ask', 'When did the mill burn down?']) == 0\n"
    )
    used = tmp_path / "cache" if fresh else cache
    done = run(code, str(used), str(tmp_path / "library"), str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "1907" in done.stdout


def test_models_are_listed_used_and_removed_without_a_socket_and_only_a_pull_makes_one(tmp_path: Path) -> None:
    (tmp_path / "writer.gguf").write_bytes(b"GGUF")
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    code = _NO_NETWORK + (
        "import os\n"
        "for name in ('models', 'library', 'cache', 'state', 'logs'):\n"
        "    os.environ[f'BELEG_{name.upper()}'] = os.path.join(sys.argv[1], name)\n"
        "os.environ['BELEG_SETTINGS'] = os.path.join(sys.argv[1], 'settings.toml')\n"
        "os.environ['HF_HUB_OFFLINE'], os.environ['HF_ENDPOINT'] = '', 'http://127.0.0.1:9'\n"
        "from rag.cli.main import main\n"
        "assert main(['models']) == 0\n"
        "assert main(['models', 'use', os.path.join(sys.argv[1], 'writer.gguf')]) == 0\n"
        "assert main(['models', 'remove', 'small']) == 2\n"
        "assert 'huggingface_hub' not in sys.modules\n"
        "assert main(['models', 'pull', 'qwen3-4b']) == 4\n"
    )
    done = run(code, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "a socket was made" in done.stderr or "the network was used" in done.stderr


@pytest.mark.usefixtures("embedder")
def test_no_library_keeps_an_id_of_the_machine_or_a_queue_of_what_to_send(tmp_path: Path, cache: Path) -> None:
    """Native code is not seen by an audit hook; what it would send it first writes down."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "mill.txt").write_text("The mill at Oberwiesen burned down in 1907.", encoding="utf-8")
    code = (
        "import os\n"
        "os.environ['BELEG_CACHE'], os.environ['BELEG_LIBRARY'] = sys.argv[1:3]\n"
        "os.environ['HOME'], os.environ['TMPDIR'] = sys.argv[4:6]\n"
        "from rag.cli.main import main\n"
        "assert main(['index', sys.argv[3]]) == 0\n"
        "assert main(['ask', 'When did the mill burn down?']) == 0\n"
    )
    folders = [str(tmp_path / name) for name in ("home", "tmp")]
    done = run("import sys\n" + code, str(cache), str(tmp_path / "library"), str(tmp_path / "mill.txt"), *folders)
    assert done.returncode == 0, done.stderr
    kept = [path.relative_to(tmp_path).as_posix() for name in folders for path in Path(name).rglob("*")]
    assert [path for path in kept if "beleg" not in path.lower() and path.count("/") > 2] == []
    assert [path for path in kept if path.startswith("tmp/")] == []


_HEAVY = "torch transformers sentence_transformers faiss onnxruntime llama_cpp textual trafilatura".split()
_HEAVY += ["huggingface_hub", "httpx2", "tomlkit", "starlette", "uvicorn"]


@pytest.mark.parametrize(
    "code",
    [
        "import rag",
        "import rag.answering.assistant, rag.batch.runner, rag.index.update",
        "from rag.cli.main import main; main(['--help'])",
    ],
)
def test_importing_the_engine_and_asking_for_help_import_nothing_heavy(code: str) -> None:
    done = run(f"import sys\n{code}\nprint([name for name in {_HEAVY!r} if name in sys.modules])")
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.usefixtures("embedder")
@pytest.mark.parametrize(
    "asks",
    [
        "['ask', 'When did the mill burn down?']",
        "['batch', sys.argv[4], '-q']",
        "['chat', '--plain']",
        "['ask', 'When did the mill burn down?', '--llm', 'missing.gguf']",
    ],
)
def test_what_quotes_imports_neither_an_llm_nor_torch_or_transformers(asks: str, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "questions.txt").write_text("When did the mill burn down?\n", encoding="utf-8")
    (tmp_path / "mill.txt").write_text("The mill at Oberwiesen burned down in 1907.", encoding="utf-8")
    code = (
        "import io, os, sys\n"
        "os.environ['BELEG_CACHE'], os.environ['BELEG_LIBRARY'] = sys.argv[1:3]\n"
        "from tui.command import main\n"
        "sys.stdin = io.StringIO('When did the mill burn down?\\n')\n"
        "assert main(['index', sys.argv[3]]) == 0\n"
        f"assert main({asks}) == 0\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'llama_cpp')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = run(code, str(cache), str(tmp_path / "library"), *(str(tmp_path / n) for n in ("mill.txt", "questions.txt")))
    assert done.returncode == 0, done.stderr
    assert "1907" in done.stdout and done.stdout.splitlines()[-1] == "[]"
