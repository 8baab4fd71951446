"""The log: whole lines by several processes, and not a word of what a person asks or owns."""

from __future__ import annotations

import logging
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rag.cli.main import main
from rag.errors import BelegError
from rag.system import logs
from rag.system.log_file import LogFile, trace

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ (INFO|WARNING|ERROR) beleg(\.\w+)* .*")


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    logs.stop()
    logs.listen(None)


def started(folder: Path, level: logs.Level = "on") -> Path:
    logs.start(folder, level, "test", {"mode": "quote"})
    return folder / logs.FILE


def failing(word: str) -> BelegError:
    """Return an error with a cause, both of which quote a word."""
    try:
        try:
            raise KeyError(word)
        except KeyError as error:
            raise BelegError(f"There is no {word}.") from error
    except BelegError as error:
        return error


def test_a_log_begins_with_versions_and_settings_and_ends_with_the_exit_code(tmp_path: Path) -> None:
    file = started(tmp_path / "logs")
    logs.stop(3)
    begin, settings, end = file.read_text().splitlines()
    assert all(map(LINE.fullmatch, (begin, settings, end))) and f" {os.getpid()} INFO beleg " in begin
    assert "begin: beleg 0.1.0, Python 3." in begin and "command test" in begin
    assert "settings: mode = quote" in settings and re.search(r"end: exit code 3 after \d+\.\d s$", end)


def test_the_log_is_its_owners_alone(tmp_path: Path) -> None:
    file = started(tmp_path / "logs")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_words_paths_and_exceptions_are_hidden_and_numbers_shown(tmp_path: Path) -> None:
    file = started(tmp_path)
    log = logs.logger("test")
    log.info("%d of %s: %s %s %s", 3, "quote", logs.Words("zebra"), Path("zebra.txt"), ValueError("zebra"))
    log.info(ValueError("zebra"))
    text = file.read_text()
    assert "zebra" not in text and "3 of quote: (hidden) (hidden) (hidden)" in text


def test_a_slip_in_a_line_of_the_log_ends_nobodys_work(tmp_path: Path) -> None:
    handler = LogFile(tmp_path / logs.FILE, 1000, full=False)
    handler.emit(logging.makeLogRecord({"msg": "so many: %d", "args": ("zebra",), "levelname": "INFO"}))
    assert (tmp_path / logs.FILE).read_text().endswith("so many: %d\n")


def test_a_full_log_shows_words_on_one_line(tmp_path: Path) -> None:
    file = started(tmp_path, "full")
    logs.logger("test").info("asked: %s", logs.Words("ze\nbra\x1b[2J"))
    assert file.read_text().splitlines()[-1].endswith("asked: ze bra\N{REPLACEMENT CHARACTER}[2J")


def test_of_an_exception_its_types_and_places_are_logged_and_no_message(tmp_path: Path) -> None:
    file = started(tmp_path)
    logs.logger("test").error("failed", exc_info=failing("zebra"))
    text = file.read_text()
    assert "zebra" not in text
    assert "    rag.errors.BelegError\n" in text and "    after builtins.KeyError\n" in text
    assert re.search(r"      system/test_logs\.py:\d+ failing\n", text)


def test_a_full_log_has_the_whole_traceback(tmp_path: Path) -> None:
    file = started(tmp_path, "full")
    logs.logger("test").error("failed", exc_info=failing("zebra"))
    assert "KeyError: 'zebra'" in file.read_text() and "There is no zebra." in file.read_text()


def test_causes_that_go_round_in_circles_and_groups_have_an_end() -> None:
    one, other = ValueError("zebra"), KeyError("zebra")
    one.__cause__, other.__cause__ = other, one
    told = list(trace(ExceptionGroup("zebra", [one, other])))
    assert told == ["builtins.ExceptionGroup", "after builtins.ValueError", "after builtins.KeyError"]


def test_deep_recursion_is_told_in_a_few_lines() -> None:
    def deeper() -> None:
        deeper()

    with pytest.raises(RecursionError) as caught:
        deeper()
    assert len(list(trace(caught.value))) < 30


def test_an_exception_that_cannot_be_shown_is_reported_all_the_same(tmp_path: Path) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise ValueError("zebra")

    file = started(tmp_path, "full")
    assert "It failed unexpectedly (Odd: (ValueError where it was to be shown))." in logs.unexpected(Odd())
    assert "Odd" in file.read_text()


def test_nothing_is_written_where_the_log_is_off(tmp_path: Path) -> None:
    file = started(tmp_path / "logs", "off")
    logs.logger("test").error("failed")
    assert logs.report(ValueError()) == "Please report this."
    assert not file.parent.exists()


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").touch()
    started(tmp_path / "logs")
    logs.logger("test").error("failed")
    logs.stop(0)
    assert capfd.readouterr() == ("", "")


def test_without_a_log_nothing_is_printed_either(capfd: pytest.CaptureFixture[str]) -> None:
    logs.logger("test").error("failed")
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_is_removed_meanwhile_is_made_again(tmp_path: Path) -> None:
    file = started(tmp_path / "logs")
    file.unlink()
    for left in file.parent.iterdir():
        left.unlink()
    file.parent.rmdir()
    logs.logger("test").info("here again")
    assert "here again" in file.read_text()


def test_at_its_size_the_log_is_turned_over_and_the_oldest_goes(tmp_path: Path) -> None:
    handler = LogFile(tmp_path / logs.FILE, 1000, full=False)
    for number in range(200):
        handler.emit(logging.makeLogRecord({"msg": f"line {number:04}", "levelname": "INFO", "name": "beleg"}))
    logged = [f"{logs.FILE}{ending}" for ending in (".3", ".2", ".1", "")]
    assert {path.name for path in tmp_path.iterdir()} - {f"{logs.FILE}.lock"} == set(logged)
    lines = [line for name in logged for line in (tmp_path / name).read_text().splitlines()]
    assert [line[-4:] for line in lines] == [f"{number:04}" for number in range(200 - len(lines), 200)]
    assert all((tmp_path / name).stat().st_size <= 1000 for name in logged)


def test_several_processes_turn_it_over_and_every_line_is_there_and_whole(tmp_path: Path) -> None:
    program = (
        "import logging, sys; from pathlib import Path; from rag.system.log_file import LogFile\n"
        "handler = LogFile(Path(sys.argv[1]), 40_000, full=False)\n"
        "for n in range(250):\n"
        "    text = f'{sys.argv[2]}-{n:03} ' + 'x' * (n % 100) + '.'\n"
        "    handler.emit(logging.makeLogRecord({'msg': text, 'levelname': 'INFO', 'name': 'beleg'}))\n"
    )
    names = "abcd"
    command = [sys.executable, "-c", program, str(tmp_path / logs.FILE)]
    running = [subprocess.Popen([*command, name]) for name in names]
    assert [process.wait(60) for process in running] == [0] * len(names)
    lines = [line for file in tmp_path.glob(f"{logs.FILE}*") for line in file.read_text().splitlines()]
    found = sorted(match[1] for line in lines if (match := re.fullmatch(r"\S+Z \d+ INFO beleg (\w-\d{3}) x*\.", line)))
    assert len(lines) == len(found)
    assert found == [f"{name}-{n:03}" for name in names for n in range(250)]
    assert len(list(tmp_path.glob(f"{logs.FILE}.[123]"))) >= 2


def test_a_fault_in_native_code_leaves_where_it_was(tmp_path: Path) -> None:
    program = (
        "import ctypes, sys; from pathlib import Path; from rag.system import logs\n"
        "logs.start(Path(sys.argv[1]), 'on', 'test', {})\n"
        "def reads_where_nothing_is(): ctypes.string_at(0)\n"
        "reads_where_nothing_is()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == -11 and done.stderr == ""
    text = (tmp_path / logs.FAULTS).read_text()
    assert "Fatal Python error: Segmentation fault" in text and "in reads_where_nothing_is" in text
    assert stat.S_IMODE((tmp_path / logs.FAULTS).stat().st_mode) == 0o600


def test_a_thread_that_fails_is_logged_and_told_and_not_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = started(tmp_path)
    told: list[str] = []
    logs.listen(told.append)

    def fails() -> None:
        raise ValueError("zebra")

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    assert capfd.readouterr() == ("", "") and "ValueError" in file.read_text() and "zebra" not in file.read_text()
    (sentence,) = told
    assert sentence.startswith("It failed unexpectedly (ValueError: zebra). Please report this, with ")


@click.command()
def broken() -> None:
    raise RuntimeError("a zebra, which is\nno answer")


def test_an_unexpected_error_is_one_sentence_that_names_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEG_LOGS", str(tmp_path))
    assert main([], broken) == 4
    out, err = capfd.readouterr()
    assert out == "" and err == (
        "beleg: It failed unexpectedly (RuntimeError: a zebra, which is no answer). "
        f"Please report this, with {tmp_path}/beleg.log and what `beleg doctor` prints.\n"
    )
    text = (tmp_path / "beleg.log").read_text()
    assert "ERROR beleg.unexpected RuntimeError: (hidden)" in text and "test_logs.py" in text and "zebra" not in text
    assert "versions: beleg 0.1.0, Python 3." in text and "onnxruntime" in text


def test_an_unexpected_error_with_broken_settings_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BELEG_PASSAGES", "many")
    assert main([], broken) == 4
    assert capfd.readouterr().err.endswith("no answer). Please report this.\n")
