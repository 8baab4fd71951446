from __future__ import annotations

import ast
import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from catalogue import PACKAGES, ROOT, extracted, missing, po, translated

from rag.localization import LANGUAGES

OTHERS = LANGUAGES[1:]


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_in_the_code_has_a_translation(language: str) -> None:
    catalogue = translated(po(language), language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    assert missing(catalogue) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_of_a_message_that_is_gone(language: str) -> None:
    known = {(message.id, message.context) for message in extracted()}
    assert [m.id for m in translated(po(language), language) if (m.id, m.context) not in known] == []


def _forms(text: str | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_what_its_message_names(language: str) -> None:
    """A plural may leave the number of one thing out."""

    def differs(message: Message) -> bool:
        named = set().union(*map(_fields, _forms(message.id)))
        return any(_fields(form) != named for form in _forms(message.string)[-1:]) or any(
            not _fields(form) <= named for form in _forms(message.string)
        )

    assert [m.id for m in translated(po(language), language) if m.id and differs(m)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, translated(po(language), language))
    assert po(language).with_suffix(".mo").read_bytes() == compiled.getvalue(), "python tools/localization/catalogue.py"


@pytest.mark.parametrize("file", [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")], ids=str)
def test_no_message_stands_within_an_f_string_where_it_would_not_be_found(file: Path) -> None:
    strings = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.JoinedStr))
    calls = (call for node in strings for call in ast.walk(node) if isinstance(call, ast.Call))
    named = (call for call in calls if call.args and isinstance(call.args[0], ast.Constant))
    names = [getattr(call.func, "attr", getattr(call.func, "id", "")) for call in named]
    assert not {"gettext", "ngettext", "pgettext"} & set(names)
