"""Copying: which ways are taken, and what is told of them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.app import App

from tui import clipboard

TEXT = "Die Mühle brannte 1907 nieder. [1]\n“東京” $(touch x) `y`\n"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, in a terminal of which nothing is known."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("WAYLAND_DISPLAY", "DISPLAY", "TERM_PROGRAM", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    return folder


def tool(folder: Path, name: str, script: str = 'printf "%s" "$*" >"$0.arguments"; /bin/cat >"$0.copied"') -> Path:
    """Make a tool that keeps what it is given."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


# What tmux does with the chat's two calls. `features` are those of the terminal it is shown on.
_TMUX = """
case "$1 $2" in
    "display-message -p") [ "$3" = "#{{client_termfeatures}}" ] && echo "{features}" ;;
    "load-buffer -w") [ "$3" = - ] && {since} && exec /bin/cat >"$0.copied" ;;
    "load-buffer -") exec /bin/cat >"$0.copied" ;;
esac"""


def tmux(folder: Path, features: str = "", since: str = "true") -> Path:
    """Make a tmux; `since` is whether it is one since 3.2, which knows -w."""
    return tool(folder, "tmux", _TMUX.format(features=features, since=since))


def copied(file: Path) -> str:
    return Path(f"{file}.copied").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "environment", "arguments"),
    [
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0"}, ""),
        ("xclip", {"DISPLAY": ":0"}, "-selection clipboard"),
        ("xsel", {"DISPLAY": ":0"}, "--clipboard --input"),
        ("pbcopy", {}, ""),
        ("clip.exe", {}, ""),
        ("termux-clipboard-set", {}, ""),
    ],
)
def test_a_tool_that_is_there_is_given_the_text_to_the_letter(
    tools: Path, name: str, environment: dict[str, str], arguments: str
) -> None:
    file = tool(tools, name)
    assert clipboard.with_tool(TEXT, environment) == name
    assert copied(file) == TEXT
    assert Path(f"{file}.arguments").read_text(encoding="utf-8") == arguments


@pytest.mark.parametrize(("name", "needs"), [("wl-copy", "WAYLAND_DISPLAY"), ("xclip", "DISPLAY"), ("xsel", "DISPLAY")])
def test_a_tool_without_a_screen_to_copy_for_is_not_called(tools: Path, name: str, needs: str) -> None:
    file = tool(tools, name)
    assert clipboard.with_tool(TEXT, {needs: ""}) == ""
    assert clipboard.with_tool(TEXT, {}) == ""
    assert not Path(f"{file}.copied").exists()


@pytest.mark.parametrize(
    "script", ["/bin/cat >/dev/null; exit 1", "exit 1", "kill -9 $$"], ids=["1", "unread", "killed"]
)
def test_after_a_tool_that_fails_the_next_one_is_tried(tools: Path, script: str) -> None:
    tool(tools, "wl-copy", script)
    both = {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    assert clipboard.with_tool(TEXT * 10_000, both) == ""
    file = tool(tools, "xclip")
    assert clipboard.with_tool(TEXT, both) == "xclip"
    assert copied(file) == TEXT


def test_a_file_that_is_no_program_is_passed_over(tools: Path) -> None:
    (tools / "pbcopy").write_bytes(b"\x00\x01 no program")
    (tools / "pbcopy").chmod(0o755)
    assert clipboard.with_tool(TEXT, {}) == ""


def test_a_tool_that_hangs_is_given_up(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = clipboard.subprocess.run
    waits = []

    def soon(*arguments: object, timeout: float, **more: object) -> object:
        waits.append(timeout)
        return run(*arguments, timeout=0.2, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(clipboard.subprocess, "run", soon)
    tool(tools, "pbcopy", "exec /bin/sleep 60")
    assert clipboard.with_tool(TEXT, {}) == ""
    assert waits and max(waits) <= 5


def test_a_tool_s_own_words_stay_off_the_screen(tools: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tool(tools, "pbcopy", "/bin/cat; echo oh >&2")
    assert clipboard.with_tool(TEXT, {}) == "pbcopy"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("environment", "hears"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "xterm-kitty", "TERM_PROGRAM": "kitty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
        ({}, False),
    ],
)
def test_a_terminal_is_asked_where_it_may_know_how(environment: dict[str, str], hears: bool) -> None:
    assert clipboard.hears(environment) is hears


class Sent(App[None]):
    """Keeps what would be sent to the terminal."""

    sent: str = ""

    def copy_to_clipboard(self, text: str) -> None:
        self.sent = text


@pytest.mark.parametrize(
    ("term", "has_tool", "worked", "said"),
    [
        ("xterm", True, True, "The answer: sent to the terminal’s clipboard (OSC 52) and copied with pbcopy"),
        ("xterm", False, True, "The answer: sent to the terminal’s clipboard (OSC 52)"),
        ("linux", True, True, "The answer: copied with pbcopy"),
        ("linux", False, False, "No clipboard works here."),
    ],
)
def test_what_was_done_is_told_and_no_more(
    tools: Path, monkeypatch: pytest.MonkeyPatch, term: str, has_tool: bool, worked: bool, said: str
) -> None:
    monkeypatch.setenv("TERM", term)
    file = tool(tools, "pbcopy") if has_tool else None
    app = Sent()
    assert clipboard.copy(app.copy_to_clipboard, TEXT, "The answer") == (worked, said)
    assert app.sent == (TEXT if term == "xterm" else "")
    assert file is None or copied(file) == TEXT


_BUFFER = "The answer: copied to tmux’s buffer (prefix ] pastes it)"
_MAY_DROP = "The answer: sent to the terminal’s clipboard (OSC 52, which tmux drops unless set-clipboard is on)"


@pytest.mark.parametrize(
    ("features", "since", "said"),
    [
        ("bpaste,clipboard,title", "true", "The answer: copied to tmux’s buffer and the terminal’s clipboard"),
        ("bpaste,title", "true", _BUFFER),
        ("", "true", _BUFFER),  # detached
        ("", "exit 1", _BUFFER),
    ],
)
def test_in_tmux_it_is_tmux_that_copies_and_what_the_terminal_is_asked_besides_is_not_counted(
    tools: Path, monkeypatch: pytest.MonkeyPatch, features: str, since: str, said: str
) -> None:
    file = tmux(tools, features, since)
    monkeypatch.setenv("TERM", "tmux-256color")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    app = Sent()
    assert clipboard.copy(app.copy_to_clipboard, TEXT, "The answer") == (True, said)
    assert copied(file) == TEXT
    assert app.sent == TEXT  # what the chat itself pastes
    assert clipboard.ways({"TMUX": "x", "TERM": "screen"}) == [said.removeprefix("The answer: copied to ")]


def test_the_system_s_tool_is_called_beside_tmux(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tmux(tools, "clipboard"), tool(tools, "pbcopy")
    monkeypatch.setenv("TMUX", "x")
    said = "The answer: copied to tmux’s buffer and the terminal’s clipboard and copied with pbcopy"
    assert clipboard.copy(Sent().copy_to_clipboard, TEXT, "The answer") == (True, said)
    assert [copied(file) for file in files] == [TEXT, TEXT]


@pytest.mark.parametrize("variable", ["x", ""], ids=["a tmux that does not answer", "over ssh, out of reach"])
def test_where_tmux_is_between_but_cannot_be_called_it_is_told_that_it_may_drop_the_text(
    tools: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    tool(tools, "tmux", "exit 1")
    monkeypatch.setenv("TMUX", variable)
    monkeypatch.setenv("TERM", "tmux-256color")
    app = Sent()
    assert clipboard.copy(app.copy_to_clipboard, TEXT, "The answer") == (True, _MAY_DROP)
    assert app.sent == TEXT
    environment = {"TMUX": variable, "TERM": "tmux-256color"}
    assert clipboard.ways(environment) == [_MAY_DROP.removeprefix("The answer: sent to ")]


def test_a_tmux_that_the_chat_does_not_run_in_is_not_called(tools: Path) -> None:
    file = tmux(tools, "clipboard")
    assert clipboard.copy(Sent().copy_to_clipboard, TEXT, "The answer") == (False, "No clipboard works here.")
    assert not Path(f"{file}.copied").exists()
    assert clipboard.ways({"TERM": "xterm"}) == ["the terminal’s clipboard (OSC 52)"]
    assert clipboard.ways({}) == []


def test_halves_of_characters_do_not_hinder_copying(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    file = tool(tools, "pbcopy")
    app = Sent()
    assert clipboard.copy(app.copy_to_clipboard, "a \ud83d b", "The answer")[0]
    assert (copied(file), app.sent) == ("a ? b", "a ? b")
