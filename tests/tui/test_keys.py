"""The names of what keys do: known, one for each thing, and checked in the settings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from rag.errors import UsageError
from rag.settings import Settings
from tui.app import BelegApp
from tui.keys import check, names
from tui.screens.add_documents import AddDocumentsScreen
from tui.screens.chat import ChatScreen
from tui.screens.context import ContextScreen
from tui.screens.conversations import ConversationsScreen
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.card import Card
from tui.widgets.composer import Composer
from tui.widgets.file_tree import FileTree
from tui.widgets.path_input import PathInput
from tui.widgets.turn import Turn

NODES: list[type[DOMNode]] = [BelegApp, ChatScreen, ContextScreen, ConversationsScreen, DocumentScreen]
NODES += [AddDocumentsScreen, FileTree, DocumentsScreen, PathScreen, ConfirmScreen, Composer, PathInput, Card, Turn]


def bound(node: type[DOMNode]) -> list[Binding]:
    return [binding for binding in node.BINDINGS if isinstance(binding, Binding)]


def test_every_name_on_any_screen_is_known() -> None:
    assert {binding.id for node in NODES for binding in bound(node) if binding.id} == set(names(BelegApp))


@pytest.mark.parametrize("node", NODES)
def test_a_name_stands_for_one_thing_on_each_screen(node: type[DOMNode]) -> None:
    counts = Counter(binding.id for binding in bound(node) if binding.id)
    assert [name for name, count in counts.items() if count > 1] == []


def test_names_are_sorted_and_each_is_listed_once() -> None:
    assert names(BelegApp) == sorted(set(names(BelegApp)))
    assert {"documents", "quit", "stop", "source-1", "source-9", "ask", "complete", "open-document"} <= set(
        names(BelegApp)
    )


@pytest.mark.parametrize("keys", [{}, {"documents": "f2"}, {"documents": "f2,ctrl+d", "stop": "escape"}])
def test_known_names_with_keys_are_fine(keys: dict[str, str]) -> None:
    check(keys, BelegApp)


def test_an_unknown_name_is_an_error_that_names_it_and_those_that_are_known() -> None:
    with pytest.raises(UsageError) as raised:
        check({"documents": "f2", "docments": "f3"}, BelegApp)
    assert raised.value.exit_code == 2
    assert "keys.docments" in raised.value.reason
    assert all(name in raised.value.remedy for name in names(BelegApp))


@pytest.mark.parametrize("value", ["", " ", ",", "f2,", "f2,,f3", " ,f2"])
def test_a_name_without_a_key_is_an_error_that_names_it_and_shows_how_to_write_keys(value: str) -> None:
    with pytest.raises(UsageError) as raised:
        check({"documents": value}, BelegApp)
    assert "keys.documents" in raised.value.reason
    assert 'keys.documents = "f2,ctrl+d"' in raised.value.remedy


async def test_a_key_from_the_settings_takes_the_place_of_the_usual_one(settings: Settings) -> None:
    from fake_chat import Scripted, until

    changed = replace(settings, keys={"documents": "f2", "conversations": "f3,f4"})
    app = BelegApp(changed, open_=Scripted().open)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert app.screen is app.chat
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("escape", "f4")
        await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))
