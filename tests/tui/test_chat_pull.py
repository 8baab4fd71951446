"""Held: the chat offers an LLM that writes, asks no network before the key, and uses only one that runs here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fake_chat import Scripted, asked, on_screen, running, told, until
from small_hub import COMMIT, SmallHub, serving
from textual.pilot import Pilot

from rag.models.bundled import LLM_FILE, LLM_PACKAGE, package_folder
from rag.models.catalogue import CatalogueModel, Hub
from rag.models.offer import WRITER, offered, size_of
from rag.models.pulled import FileFacts, Pulled, write_record
from rag.settings import Settings, load
from tui.app import BelegApp
from tui.commands import ChatCommands
from tui.screens.path import ConfirmScreen
from tui.widgets.status import StatusLine

FILE = "writer.gguf"
JUNK = b"GGUF" + bytes(range(256)) * 8000  # 2 MB


@dataclass
class Offer:
    """A hub that holds the LLM that is offered, the settings of a chat, and where they are kept."""

    hub: SmallHub
    settings: Settings
    file: Path

    def chat(self, settings: Settings | None = None) -> tuple[BelegApp, Scripted]:
        scripted = Scripted()
        return BelegApp(settings or self.settings, open_=scripted.open), scripted

    def half(self) -> bool:
        """Whether half of the model is here, behind which the hub was told to stall."""
        return any(part.stat().st_size >= 900_000 for part in self.settings.models.rglob("*.part"))

    @property
    def saved(self) -> str:
        return self.file.read_text(encoding="utf-8")


def known(content: bytes) -> CatalogueModel:
    hub = Hub("owner/writer", COMMIT, True, {FILE: hashlib.sha256(content).hexdigest()})
    return CatalogueModel(WRITER, "Small", "llm", ("en",), "MIT", len(content), 512, 1, True, hub)


def offer_of(content: bytes, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    (folder / "settings.toml").write_text("# mine\n", encoding="utf-8")
    monkeypatch.setenv("BELEG_SETTINGS", str(folder / "settings.toml"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("rag.models.offer.catalogue", lambda: {WRITER: known(content)})
    with serving(SmallHub({f"owner/writer/{FILE}": content})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield Offer(hub, replace(settings, models=folder / "models"), folder / "settings.toml")


@pytest.fixture
def writer(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """An LLM is offered that does run: the one that came with Beleg."""
    content = (package_folder(LLM_PACKAGE) / LLM_FILE).read_bytes()
    yield from offer_of(content, settings, tmp_path, monkeypatch)


@pytest.fixture
def junk(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """An LLM is offered that begins as one does and is none."""
    yield from offer_of(JUNK, settings, tmp_path, monkeypatch)


async def offers(pilot: Pilot[None], app: BelegApp) -> None:
    await until(pilot, lambda: "ctrl+g pulls an LLM that writes answers" in on_screen(app, "#welcome"))


async def agree(pilot: Pilot[None], app: BelegApp) -> None:
    """Ask for the pull, and say yes to it."""
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
    await pilot.press("y")


async def ended(pilot: Pilot[None], app: BelegApp) -> None:
    await until(pilot, lambda: told(app) and not app.chat.query_one(StatusLine).pulling)


async def test_one_key_pulls_a_writer_that_is_then_used_and_kept_in_the_settings(writer: Offer) -> None:
    app, scripted = writer.chat()
    async with running(app, (140, 40), notes=True) as pilot:
        await offers(pilot, app)
        assert f"{WRITER}, 98 MB" in on_screen(app, "#welcome") and writer.hub.asked == []
        await until(pilot, lambda: scripted.opened)
        shown: list[str] = []
        app.watch(app.chat.query_one(StatusLine), "pulling", lambda now: shown.append(now), init=False)
        await agree(pilot, app)
        await until(pilot, lambda: f"{WRITER} writes the answers from now on" in told(app), seconds=120)
        assert shown[0] == "pulling the LLM" and "pulling the LLM 98/98 MB" in shown
        assert shown[-2:] == ["trying the LLM, once", ""]
        await until(pilot, lambda: len(scripted.opened) == 2)
        assert (scripted.opened[-1].llm, scripted.opened[-1].mode) == (WRITER, "compose")
        await until(pilot, lambda: "compose" in on_screen(app, "#status"))
        await until(pilot, lambda: "ctrl+g" not in on_screen(app, "#welcome"))
    assert writer.saved == f'# mine\nllm = "{WRITER}"\nmode = "compose"\n'
    kept = load({"models": writer.settings.models})
    assert (kept.llm, kept.mode, offered(kept)) == (WRITER, "compose", None)
    assert (writer.settings.models / WRITER / FILE).stat().st_size == 98_362_432


async def test_a_pull_is_begun_by_a_yes_alone_and_enter_says_no(junk: Offer) -> None:
    app, _ = junk.chat()
    async with running(app, (80, 24)) as pilot:
        await offers(pilot, app)
        question = f"Pull {WRITER}, {size_of(known(JUNK))}, licence MIT? It needs the network."
        for no in ("enter", "escape"):
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await until(pilot, lambda: question in on_screen(app, ".dialog"))
            await pilot.press(no)
            await until(pilot, lambda: app.screen is app.chat)
        assert junk.hub.asked == [] and app.chat.query_one(StatusLine).pulling == ""


async def test_where_the_settings_cannot_be_written_it_writes_in_this_chat_and_that_is_told(writer: Offer) -> None:
    writer.file.write_text("llm = [", encoding="utf-8")
    app, scripted = writer.chat()
    async with running(app, (140, 40), notes=True) as pilot:
        await offers(pilot, app)
        await agree(pilot, app)
        await until(pilot, lambda: "writes the answers in this chat" in told(app), seconds=120)
        assert "cannot be read as settings" in told(app)
        await until(pilot, lambda: scripted.opened[-1].llm == WRITER)
    assert writer.saved == "llm = ["


async def test_esc_stops_a_pull_soon_and_what_is_here_stays(junk: Offer) -> None:
    junk.hub.cut_at, junk.hub.stall = [1_000_000], 20.0
    app, scripted = junk.chat()
    async with running(app, (140, 40), notes=True) as pilot:
        await offers(pilot, app)
        await agree(pilot, app)
        await until(pilot, junk.half)
        assert "stop" in on_screen(app, "Footer").lower()
        begun = time.monotonic()
        await pilot.press("escape")
        await until(pilot, lambda: "Stopped." in told(app))
        assert time.monotonic() - begun < 10 and "pulling" not in on_screen(app, "#status")
        assert junk.saved == "# mine\n" and len(scripted.opened) == 1
        await offers(pilot, app)
    assert [path.suffix for path in (junk.settings.models / f"{WRITER}.unfinished").iterdir()] == [".part"]


async def test_what_cannot_run_here_is_told_and_the_settings_stay(junk: Offer) -> None:
    app, scripted = junk.chat()
    async with running(app, (140, 40), notes=True) as pilot:
        await offers(pilot, app)
        await agree(pilot, app)
        await until(pilot, lambda: "cannot be" in told(app), seconds=120)
        assert app.chat.query_one(StatusLine).pulling == "" and app.settings.mode == "quote"
    assert junk.saved == "# mine\n" and len(scripted.opened) == 1


async def test_a_hub_that_has_none_of_it_is_told_and_the_offer_stays(junk: Offer) -> None:
    junk.hub.files = {}
    app, _ = junk.chat()
    async with running(app, (140, 40), notes=True) as pilot:
        await offers(pilot, app)
        await agree(pilot, app)
        await ended(pilot, app)
        assert "has no" in told(app) and "See whether that is its name" in told(app)
        await offers(pilot, app)
    assert junk.saved == "# mine\n"


async def test_an_empty_library_offers_it_as_well(junk: Offer, tmp_path: Path) -> None:
    app, _ = junk.chat(replace(junk.settings, library=tmp_path / "none"))
    async with running(app, (80, 24)) as pilot:
        await offers(pilot, app)
        assert "The library is empty" in on_screen(app, "#welcome")


async def test_once_something_was_asked_only_the_palette_pulls(junk: Offer) -> None:
    app, _ = junk.chat()
    async with running(app, (140, 40)) as pilot:
        await offers(pilot, app)
        await asked(pilot)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "ctrl+g" not in on_screen(app) and junk.hub.asked == []
        (act,) = [act for name, _, act in ChatCommands(app.screen).found(app) if name == "Model: pull one that writes"]
        act()
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: junk.hub.asked)


@pytest.mark.parametrize("named", [True, False])
async def test_nothing_is_offered_where_an_llm_is_named_or_was_pulled(junk: Offer, named: bool) -> None:
    mine = replace(junk.settings, **{"llm": "openai:http://127.0.0.1:9/v1"} if named else {})
    if not named:
        (mine.models / "small").mkdir(parents=True)
        facts = {"small.gguf": FileFacts(4, "0" * 64)}
        write_record(mine.models, Pulled("small", "llm", "hub:owner/small", "main", False, "2026-01-01", facts))
    app, scripted = junk.chat(mine)
    async with running(app, (140, 40)) as pilot:
        await until(pilot, lambda: scripted.opened)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "ctrl+g" not in on_screen(app, "#welcome") and "pulling" not in on_screen(app, "#status")
        assert not [name for name, *_ in ChatCommands(app.screen).found(app) if "pull one" in name]
    assert junk.hub.asked == []


async def test_the_chat_ends_soon_while_a_pull_waits_for_the_hub(junk: Offer) -> None:
    junk.hub.cut_at, junk.hub.stall = [1_000_000], 20.0
    app, _ = junk.chat()
    begun = 0.0
    async with running(app, (140, 40)) as pilot:
        await offers(pilot, app)
        await agree(pilot, app)
        await until(pilot, junk.half)
        begun = time.monotonic()
        await pilot.press("ctrl+q")
    assert time.monotonic() - begun < 10


def test_what_is_offered_is_an_llm_that_was_run_and_whose_sha256_is_known(tmp_path: Path) -> None:
    model = offered(Settings(models=tmp_path))
    assert model is not None and model.role == "llm" and model.run
    assert model.hub is not None and model.hub.verified and [*tmp_path.iterdir()] == []
