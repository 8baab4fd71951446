"""Held: words that sound alike share pieces, numbers are whole, and no word is too strange."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.char_ngrams import pieces


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Militärpartnerschaft", "military"),
        ("Militärpartnerschaft", "partnership"),
        ("Präsident", "president"),
        ("Republik", "republic"),
        ("Zentrum", "centre"),
        ("Foto", "photo"),
        ("Kuba", "Cuba"),
        ("Theorie", "theory"),
        ("Wasserstraße", "Strasse"),
        ("São Paulo", "Sao Paulo"),
    ],
)
def test_words_that_sound_alike_share_pieces(german: str, english: str) -> None:
    assert set(pieces(german)) & set(pieces(english))


@pytest.mark.parametrize(("german", "english"), [("Mühle", "factory"), ("Vertrag", "treaty"), ("Bach", "stream")])
def test_words_that_do_not_sound_alike_share_none(german: str, english: str) -> None:
    assert not set(pieces(german)) & set(pieces(english))


def test_half_of_the_pieces_of_a_shared_word_agree() -> None:
    shared = set(pieces("military")) & set(pieces("Militärpartnerschaft"))
    assert len(shared) >= len(set(pieces("military"))) / 2


@pytest.mark.parametrize("written", ["11000", "11.000", "11,000", "11\u00a0000"])
def test_a_number_is_one_piece(written: str) -> None:
    assert pieces(written) == ["11000"]
    assert pieces(f"({written})") == ["11000"]


@pytest.mark.parametrize("text", ["the and of who", "der die das und wer", "Der THE Und", "", " \n–"])
def test_function_words_have_no_pieces(text: str) -> None:
    assert pieces(text) == []


def test_repeats_are_kept_in_order() -> None:
    once = pieces("Mühle")
    assert len(once) >= 2
    assert pieces("Mühle 7 Mühle") == [*once, "7", *once]


def test_the_ends_of_a_word_are_marked() -> None:
    assert pieces("Bachlauf")[0].startswith("<") and pieces("Bachlauf")[-1].endswith(">")
    assert pieces("x") == ["<x>"]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=100))
def test_any_text_has_the_same_pieces_each_time(text: str) -> None:
    found = pieces(text)
    assert found == pieces(text)
    assert all(found)


@settings(max_examples=200, deadline=None)
@given(word=st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=12))
def test_any_word_of_letters_has_pieces_or_is_a_function_word(word: str) -> None:
    for piece in pieces(word):
        assert 2 <= len(piece) <= 4
    assert pieces(f"{word}7")[-1] == "7"
