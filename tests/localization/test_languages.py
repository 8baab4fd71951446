"""What languages are called: in words, in the interface's language or in that of a question."""

from __future__ import annotations

import pytest

from rag.localization.languages import language_name


def test_a_language_is_called_by_its_name_and_one_that_is_seldom_by_its_code() -> None:
    assert [language_name(code) for code in ("de", "en", "pcm")] == ["German", "English", "pcm"]
    assert language_name("de", "de") == "Deutsch"


@pytest.mark.usefixtures("german")
def test_in_a_german_interface_it_is_called_in_german() -> None:
    assert [language_name(code) for code in ("de", "en", "fr")] == ["Deutsch", "Englisch", "Französisch"]
