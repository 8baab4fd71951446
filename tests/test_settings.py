"""Held: flags beat the environment, it beats the file, that beats the defaults, and what is wrong says where."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.localization import use
from rag.settings import Settings, load


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty settings file that BELEG_SETTINGS names, in an environment that sets nothing else."""
    for name in list(os.environ):
        if name.startswith("BELEG_"):
            monkeypatch.delenv(name)
    path = tmp_path / "my settings.toml"
    path.write_text("", encoding="utf-8")
    monkeypatch.setenv("BELEG_SETTINGS", str(path))
    return path


def refused(**flags: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load(flags)
    assert caught.value.exit_code == 2
    return caught.value


# --- which wins ------------------------------------------------------------------------


def test_without_anything_set_the_defaults_hold() -> None:
    settings = load({})
    assert (settings.mode, settings.context, settings.passages) == ("quote", 4096, 5)
    assert settings.embedder is None and settings.llm is None and settings.reader is None
    assert settings.threads >= 1
    assert settings.library.is_absolute() and settings.cache.is_absolute()
    assert settings.library != settings.cache


def test_the_file_beats_the_default(file: Path) -> None:
    file.write_text("context = 1024", encoding="utf-8")
    assert load({}).context == 1024


def test_the_environment_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("context = 1024\npassages = 7", encoding="utf-8")
    monkeypatch.setenv("BELEG_CONTEXT", "2048")
    assert (load({}).context, load({}).passages) == (2048, 7)


def test_a_flag_beats_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('context = 1024\nmode = "compose"', encoding="utf-8")
    monkeypatch.setenv("BELEG_CONTEXT", "2048")
    settings = load({"context": 3072})
    assert (settings.context, settings.mode) == (3072, "compose")


def test_a_flag_that_was_not_given_beats_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_CONTEXT", "2048")
    assert load({"context": None}).context == 2048


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_CONTEXT", "")
    assert load({}).context == 4096


def test_without_a_named_file_there_need_be_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BELEG_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing here"))
    monkeypatch.setenv("HOME", str(tmp_path / "nothing here"))
    assert load({}).context == 4096


# --- what is refused -------------------------------------------------------------------


def test_an_unknown_key_in_the_file_is_named_with_the_file(file: Path) -> None:
    file.write_text("kontext = 1024", encoding="utf-8")
    error = refused()
    assert "kontext" in error.reason and str(file) in error.reason
    assert "context" in error.remedy


def test_an_unknown_flag_is_named() -> None:
    error = refused(colour="red")
    assert "colour" in error.reason and "flags" in error.reason


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('context = "much"', "context"),
        ("context = 100", "context"),
        ("threads = 0", "threads"),
        ('mode = "guess"', "mode"),
        ("passages = 3", "passages"),
        ("library = 5", "library"),
        ("llm = [1]", "llm"),
        ("context = 1024.5", "context"),
        ("context = true", "context"),
        ("animation = 2", "animation"),
        ("animation = []", "animation"),
        ('keys = "f2"', "keys"),
        ("keys = {documents = 2}", "keys"),
        ("store = 1", "store"),
        ('lang = "fr"', "lang"),
        ("mode = []", "mode"),
    ],
)
def test_a_value_of_no_use_in_the_file_is_named_with_the_file(line: str, key: str, file: Path) -> None:
    file.write_text(line, encoding="utf-8")
    error = refused()
    assert f"setting {key} " in error.reason and str(file) in error.reason


@pytest.mark.parametrize(
    ("name", "value"), [("CONTEXT", "much"), ("MODE", "guess"), ("THREADS", "-1"), ("PASSAGES", "x")]
)
def test_a_value_of_no_use_in_the_environment_is_named_with_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"BELEG_{name}", value)
    error = refused()
    assert f"setting {name.lower()} " in error.reason and "the environment" in error.reason


def test_a_value_of_no_use_in_a_flag_is_named_with_the_flags(file: Path) -> None:
    file.write_text("context = 1024", encoding="utf-8")
    error = refused(context=7)
    assert "setting context " in error.reason and "flags" in error.reason and str(file) not in error.reason


@pytest.mark.parametrize(
    "content", [b"context = ", b"[", b"a = 1\na = 2", b"mode = '\xff'", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000]
)
def test_a_file_that_is_no_toml_is_named(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    assert str(file) in refused().reason


def test_a_folder_in_place_of_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BELEG_SETTINGS", str(tmp_path))
    assert str(tmp_path) in refused().reason


def test_a_named_file_that_is_missing_is_named_with_what_names_it(file: Path) -> None:
    file.unlink()
    error = refused()
    assert str(file) in error.reason
    assert "BELEG_SETTINGS" in error.remedy


def test_what_is_wrong_with_a_value_is_said_in_the_language_of_the_interface(file: Path) -> None:
    file.write_text("passages = 3", encoding="utf-8")
    assert "it is no whole number from 5 to 50" in refused().reason
    use("de")
    try:
        assert "sie ist keine ganze Zahl von 5 bis 50" in refused().reason
    finally:
        use("en")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mode": "guess"}, "it is none of compose, quote"),
        ({"animation": 2}, "it is neither true nor false"),
        ({"keys": {"documents": 2}}, "it gives no texts to names"),
        ({"library": 5}, "it is no path"),
        ({"embedder": 5}, "it is no path"),
        ({"llm": [1]}, "it is no text"),
        ({"gpu_layers": -1}, "it is no whole number from 0 to 1000"),
    ],
)
def test_what_a_value_is_not_is_said_by_what_the_setting_takes(given: dict[str, object], said: str) -> None:
    assert said in refused(**given).reason


# --- what comes of it ------------------------------------------------------------------


def test_settings_cannot_be_changed() -> None:
    settings = load({})
    with pytest.raises(FrozenInstanceError):
        settings.context = 1024
    assert settings.context == 4096


@pytest.mark.parametrize("key", ["library", "cache", "models", "embedder", "llm", "reader"])
def test_a_path_from_the_home_folder_is_expanded(key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Path(getattr(load({key: "~/beleg"}), key)) == tmp_path / "beleg"


@pytest.mark.parametrize("key", ["library", "cache", "models", "embedder", "llm", "reader"])
def test_a_path_from_the_home_folder_of_nobody_is_named_with_its_place(
    key: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"BELEG_{key.upper()}", "~no-such-person/beleg")
    error = refused()
    assert f"setting {key} " in error.reason and "the environment" in error.reason
    monkeypatch.delenv(f"BELEG_{key.upper()}")
    file.write_text(f'{key} = "~no-such-person/beleg"', encoding="utf-8")
    error = refused()
    assert f"setting {key} " in error.reason and str(file) in error.reason


def test_the_file_may_lie_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path) -> None:
    file.write_text("context = 1024", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("BELEG_SETTINGS", f"~/{file.name}")
    assert load({}).context == 1024


def test_a_named_file_in_the_home_folder_of_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_SETTINGS", "~no-such-person/settings.toml")
    assert "~no-such-person" in refused().reason


def test_a_relative_path_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELEG_LIBRARY", "papers")
    assert load({}).library == tmp_path / "papers"


@pytest.mark.parametrize("name", ["qwen2.5-coder-0.5b", "openai:http://127.0.0.1:8080/v1#model", "nothing.known"])
def test_a_name_or_a_server_for_an_llm_is_never_made_a_path(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_LLM", name)
    assert load({}).llm == name


@pytest.mark.parametrize("given", ["writer.gguf", "./writer", "models/Writer.GGUF"])
def test_a_file_for_an_llm_is_a_path_in_full(given: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"llm": given}).llm == str(tmp_path / given)


def test_a_store_is_a_file_in_full_or_a_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).store == "sqlite"
    assert load({"store": "milvus:x.db"}).store == f"milvus:{tmp_path}/x.db"
    assert load({"store": "milvus:http://db.example"}).store == "milvus:http://db.example:19530"
    assert load({"store": "milvus:https://db.example/papers"}).store == "milvus:https://db.example:443/papers"
    assert (
        load({"store": "milvus:https://db.example/papers#valley"}).store
        == "milvus:https://db.example:443/papers#valley"
    )
    assert load({"store": "milvus:x.db#valley"}).store == f"milvus:{tmp_path}/x.db#valley"
    assert load({"store": "milvus:a#b.db"}).store == f"milvus:{tmp_path}/a#b.db"


@pytest.mark.parametrize(
    "given",
    [
        *("milvus", "milvus:", "milvus:host:19530", "milvus:http://", "milvus:http://host:0", "milvus:http://[::1]:1"),
        *("milvus:http://name:hush@host", "milvus:http://host/?token=hush", "milvus:http://host/a/b", "redis:x.db"),
        *(
            "milvus:x.db#",
            "milvus:http://host#9",
            "milvus:http://host#a b",
            "milvus:x.db#../y",
        ),
        *("milvus:http://name:hush@host#valley", f"milvus:x.db#{'x' * 41}"),
        *("milvus:x\x1b.db", "milvus:~nobody-of-this-name/x.db", "milvus:http://host:99999"),
    ],
)
def test_a_store_that_is_none_is_refused_and_no_password_repeated(given: str) -> None:
    with pytest.raises(UsageError) as refused:
        load({"store": given})
    assert "hush" not in str(refused.value) and refused.value.remedy


@pytest.mark.parametrize(("given", "meant"), [("no", False), ("FALSE", False), ("1", True), ("on", True)])
def test_the_environment_says_yes_and_no(given: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_ANIMATION", given)
    assert load({}).animation is meant


def test_paths_and_servers_are_told_apart_whatever_they_are_given_as(tmp_path: Path) -> None:
    settings = load({"library": str(tmp_path), "embedder": str(tmp_path), "llm": tmp_path / "writer.gguf"})
    assert (settings.library, settings.embedder, settings.llm) == (tmp_path, tmp_path, str(tmp_path / "writer.gguf"))
    assert load({"embedder": "openai:http://127.0.0.1:1/v1#m"}).embedder == "openai:http://127.0.0.1:1/v1#m"


def test_the_file_knows_every_setting(file: Path) -> None:
    values: dict[str, object] = {
        "library": Path("/a"),
        "cache": Path("/b"),
        "embedder": Path("/c"),
        "llm": "/d.gguf",
        "models": Path("/m"),
        "reader": Path("/r"),
        "mode": "compose",
        "threads": 3,
        "context": 600,
        "gpu_layers": 5,
        "kv_type": "q8_0",
        "passages": 9,
        "state": Path("/e"),
        "log": "full",
        "logs": Path("/f"),
        "animation": False,
        "lang": "de",
        "workers": "ray:2",
        "care": "careful",
        "keys": {"documents": "f2"},
        "store": "milvus:/s.db",
    }
    assert set(values) == {each.name for each in fields(Settings)}
    written = {"animation": "false", "keys": '{documents = "f2"}'}
    written |= {key: str(value) for key, value in values.items() if type(value) is int}
    lines = [f"{key} = {written.get(key, repr(str(value)))}" for key, value in values.items()]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert asdict(load({})) == values
