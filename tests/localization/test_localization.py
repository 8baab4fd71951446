from __future__ import annotations

import pytest

from rag.localization import from_environment, gettext, interface_language, number, words


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_AT.UTF-8", "LANGUAGE": ""}, "de"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "fr:de:en"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_CH.UTF-8"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LANG": "POSIX"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment_in_the_order_of_gettext(
    environ: dict[str, str], language: str
) -> None:
    assert from_environment(environ) == language


@pytest.mark.usefixtures("german")
def test_a_message_without_a_translation_is_shown_as_it_was_written() -> None:
    assert gettext("No person has ever written this line.") == "No person has ever written this line."


@pytest.mark.usefixtures("german")
def test_the_words_around_an_answer_are_those_of_its_question_else_of_the_interface() -> None:
    assert interface_language() == "de"
    assert words("en").gettext("Help") == "Help"
    assert words("de").gettext("Help") == words("fr").gettext("Help") == gettext("Help") == "Hilfe"


def test_numbers_are_written_as_the_language_does(language: str) -> None:
    written = {"en": ("12,345", "1,234.5"), "de": ("12.345", "1.234,5")}
    assert (number(12345), number(1234.5, 1)) == written[language]
