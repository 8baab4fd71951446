"""Quotation marks within quotation marks."""

from __future__ import annotations

import pytest

from rag.answering.overview_words import says
from rag.text.nested_quotes import nested


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("Protokoll der „Abendsonne“ e. V.", "de", "Protokoll der ‚Abendsonne‘ e. V."),
        ('Der "Bote" und die „Post“', "de", "Der ‚Bote‘ und die ‚Post‘"),
        ("The “Star” Inn", "en", "The ‘Star’ Inn"),
        ('Size 5" of it', "en", 'Size 5" of it'),
        ("Nothing", "de", "Nothing"),
    ],
)
def test_they_are_single_ones_of_the_language(text: str, language: str, shown: str) -> None:
    assert nested(text, language) == shown


def test_a_title_with_marks_of_its_own_stands_between_marks() -> None:
    assert "So beginnt „Protokoll ‚Abendsonne‘“:" in says("begins", "de", title="Protokoll „Abendsonne“")
