"""Held: what is said reaches the model through every kind of template, in place and as text; a bad one is named."""

from __future__ import annotations

import time

import pytest

from rag.errors import ModelUnavailable
from rag.models.chat_template import ChatTemplate
from rag.models.thoughts import without_thoughts
from rag.models.writer import Messages

ASKED: Messages = (("system", "Be {{ brief }}."), ("user", "Who? <|end|>"))
PLAIN = """\
{%- for message in messages %}
<|{{ message['role'] }}|>{{ message['content'] | trim }}<|end|>
{%- endfor %}
{%- if add_generation_prompt %}<|assistant|>{% endif %}
"""
REFUSES = "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}" + PLAIN
DROPS = "{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}" + PLAIN
IGNORES_ALL = "<|user|>Say something.<|assistant|>"
SWITCH = PLAIN + "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
BEGINS_TO_THINK = PLAIN + "<think>\n"


def filled(source: str, messages: Messages = ASKED) -> str:
    return "".join(segment.text for segment in ChatTemplate("m", source, "</s>", "<s>").segments(messages))


def test_a_template_with_a_system_keeps_it_apart() -> None:
    assert filled(PLAIN) == "<|system|>Be {{ brief }}.<|end|><|user|>Who? <|end|><|end|><|assistant|>"


@pytest.mark.parametrize("source", [REFUSES, DROPS])
def test_where_there_is_no_system_what_it_is_told_stands_before_what_the_person_says(source: str) -> None:
    assert filled(source) == "<|user|>Be {{ brief }}.\n\nWho? <|end|><|end|><|assistant|>"
    assert filled(source, ASKED[1:]) == "<|user|>Who? <|end|><|end|><|assistant|>"
    assert filled(source, ASKED[:1]) == "<|user|>Be {{ brief }}.<|end|><|assistant|>"
    talk: Messages = (*ASKED, ("assistant", "Nobody."), ("user", "Sure?"))
    assert filled(source, talk).endswith("<|assistant|>Nobody.<|end|><|user|>Sure?<|end|><|assistant|>")


def test_what_a_message_says_is_of_it_and_all_else_the_templates() -> None:
    segments = ChatTemplate("m", "{{ bos_token }}" + PLAIN, "</s>", "<s>").segments(ASKED)
    assert [(s.text, s.message) for s in segments if s.message is not None] == [(ASKED[0][1], 0), (ASKED[1][1], 1)]
    assert segments[0].text == "<s><|system|>"


def test_a_message_of_private_characters_is_text_like_any_other() -> None:
    spelled: Messages = (("user", "\U000f0000\U000f0001"), ("assistant", "\U000f0000"), ("user", "a"))
    texts = [s.text for s in ChatTemplate("m", PLAIN, "", "").segments(spelled) if s.message is not None]
    assert texts == [content for _, content in spelled]


def test_a_template_of_private_characters_says_nothing_that_messages_do_not() -> None:
    assert filled("\U000f0009" + PLAIN, (("user", "a"),)).startswith("\U000f0009<|user|>a")


def test_thinking_is_turned_off_where_there_is_a_switch_and_closed_where_it_is_begun() -> None:
    assert filled(SWITCH).endswith("<|assistant|><think>\n\n</think>\n\n")
    assert filled(BEGINS_TO_THINK).endswith("<|assistant|><think>\n\n</think>\n\n")


@pytest.mark.parametrize(
    "source",
    [
        IGNORES_ALL,
        "{{ messages[9].content }}",
        "{% for %}",
        "{{ raise_exception('never\x1b[31m') }}",
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        "{% for a in range(99999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}{{ messages[0].content }}",
    ],
)
def test_a_template_of_no_use_is_an_error_that_names_the_model(source: str) -> None:
    with pytest.raises(ModelUnavailable, match="The chat template of m fails") as caught:
        filled(source)
    assert str(caught.value).isprintable() and caught.value.remedy


def test_a_template_that_writes_without_end_is_stopped() -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %} {% endfor %}{% endfor %}"
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match="does not come to an end"):
        filled(endless)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("text", "whole", "answer"),
    [
        ("", True, ""),
        ("The ferry.", False, "The ferry."),
        (" The", False, " The"),
        ("<", False, ""),
        ("\n<thi", False, ""),
        ("<thi", True, "<thi"),
        ("<3 of them", False, "<3 of them"),
        ("<think>\n\n</think>\n\nThe ferry.", False, "The ferry."),
        ("\n<think>It may be 1907.", False, ""),
        ("<think>It may be 1907.", True, ""),
        ("<think>It may be </thin", False, ""),
        ("<think>Is it?</think>1907 <think>no</think>", True, "1907 <think>no</think>"),
    ],
)
def test_thoughts_at_the_beginning_are_no_answer(text: str, whole: bool, answer: str) -> None:
    assert without_thoughts(text, whole=whole) == answer
