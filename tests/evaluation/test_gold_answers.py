"""Held: a question file's right answers are found where they stand, and what does not fit is refused with a reason."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import SEEDS

from rag.documents.document import read
from rag.errors import UsageError
from rag.evaluation.gold_answers import Gold, ends_in, find, from_row, letters, paragraph, word_f1

#         0         1         2         3         4
#         01234567890123456789012345678901234567890
FERRY = "The ferry to Husum was sold in 1933. The Ferry\nto Husum sank.\n\nIt cost 11.000 marks, or 11 a seat."

Texts = Callable[[str], Sequence[tuple[str, str]]]


def library(*documents: tuple[str, str]) -> Texts:
    return lambda wanted: [each for each in documents if ends_in(each[0], wanted)]


FILES = library(("ships/ferry.txt", FERRY), ("ships/index.md", "Ships."), ("index.md", "All."))


def gold(texts: Texts = FILES, **row: Any) -> Gold:
    return from_row(row, texts)


def refusal(texts: Texts = FILES, **row: Any) -> str:
    with pytest.raises(UsageError) as caught:
        from_row(row, texts)
    return str(caught.value)


def places(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_an_answer_alone_is_a_wording_without_a_place() -> None:
    assert gold(answer="1933") == Gold(answerable=True, answers=("1933",))
    assert gold(answer=["1933", "in 1933"]).answers == ("1933", "in 1933")


def test_a_question_without_an_answer_needs_nothing_else() -> None:
    assert gold(answerable=False) == gold(answerable=False, answer=None, document=None, start=None) == Gold(False)


def test_null_is_the_same_as_nothing() -> None:
    assert gold(answerable=None, answer="1933", document=None, words=None, sentence=None, start=None, end=None) == gold(
        answer="1933"
    )


def test_offsets_are_taken_as_they_are() -> None:
    found = gold(document="ferry.txt", start=31, end=35)
    assert found == Gold(True, (), "ships/ferry.txt", ((31, 35),), ((0, 61),))
    assert places(FERRY, found.spans) == ["1933"]


def test_words_are_looked_up_in_the_document() -> None:
    found = gold(document="ferry.txt", words="1933", answer="nineteen thirty-three")
    assert (found.spans, found.answers) == (((31, 35),), ("nineteen thirty-three",))


def test_without_words_the_answer_is_looked_up_and_without_either_the_sentence() -> None:
    assert gold(document="ferry.txt", answer="1933", sentence="It cost").spans == ((31, 35),)
    assert gold(document="ferry.txt", sentence="It cost 11.000 marks").spans == ((63, 83),)


def test_the_sentence_serves_where_the_answer_is_in_another_language() -> None:
    assert gold(document="ferry.txt", answer="elf Mark", sentence="or 11 a seat").spans == ((85, 97),)


def test_of_several_answers_one_that_stands_there_is_enough_but_words_must_all_stand_there() -> None:
    assert gold(document="ferry.txt", answer=["1933", "neunzehnhundert"]).spans == ((31, 35),)
    assert "neunzehn" in refusal(document="ferry.txt", words=["1933", "neunzehnhundert"])


def test_all_places_of_all_words_count_in_order_and_once() -> None:
    found = gold(document="ferry.txt", words=["Husum", "1933", "Husum"])
    assert places(FERRY, found.spans) == ["Husum", "1933", "Husum"]
    assert found.spans == ((13, 18), (31, 35), (50, 55))


def test_offsets_win_over_words_that_stand_elsewhere_too() -> None:
    assert gold(document="ferry.txt", words="Husum", start=50, end=55).spans == ((50, 55),)


def test_offsets_agree_with_the_words_whatever_the_white_space() -> None:
    found = gold(document="ferry.txt", answer="1933", words="The  Ferry to Husum", start=37, end=55)
    assert places(FERRY, found.spans) == ["The Ferry\nto Husum"]


def test_the_seeds_say_where_their_answers_are() -> None:
    texts = library(*((path.name, read(path).text) for path in sorted(SEEDS.glob("*.txt"))))
    rows = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if not row["answerable"] or row["document"].endswith(".txt")]
    assert len(rows) > 40
    for row in rows:
        by_offsets = from_row(row, texts)
        by_words = from_row(row | {"start": None, "end": None}, texts)
        assert set(by_offsets.spans) <= set(by_words.spans)
        assert len(by_offsets.spans) == row["answerable"]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("to Husum", "to Husum, to\n  Husum", ["to Husum", "to\n  Husum"]),
        (" to\tHusum ", "to\u00a0Husum", ["to\u00a0Husum"]),
        ("ferry", "The ferry, the Ferry", ["ferry"]),  # in this case first
        ("FERRY", "The ferry, the Ferry", ["ferry", "Ferry"]),  # in any case where there is none in this
        ("3", "1933, then 3", ["3"]),  # whole words first
        ("ferry", "Ferryman and Ferry", ["Ferry"]),  # rather whole in another case than a part in this
        ("Ferry", "Ferryman", ["Ferry"]),  # a part where there is none whole
        ("11", "11.000, 2.11 and 11.", ["11"]),
        ("2024", "am 3.11.2024.", ["2024"]),
        ("2024", "am 3.11.2024 und 2024", ["2024", "2024"]),  # a year is whole in its date
        ("Husum", "_Husum_, Husum's", ["Husum", "Husum"]),
        ("(a+b)*", "x (a+b)* y", ["(a+b)*"]),  # no pattern
        ("Mühle", unicodedata.normalize("NFD", "die Mühle"), [unicodedata.normalize("NFD", "Mühle")]),
        (unicodedata.normalize("NFD", "Mühle"), "die Mühle", ["Mühle"]),
        ("𝔥𝔦", "😀 𝔥𝔦", ["𝔥𝔦"]),
        ("Dagebüll", "Husum", []),
        (" \n", "a b", []),
        ("Husum", "", []),
    ],
)
def test_words_are_found_whole_and_in_their_case_before_anything_else(words: str, text: str, found: list[str]) -> None:
    assert places(text, find(words, text)) == found


@given(st.lists(st.text("aB.1 ", min_size=1, max_size=4), min_size=1, max_size=12), st.integers(0, 11))
def test_a_piece_of_a_text_is_found_in_it(pieces: list[str], chosen: int) -> None:
    text = "|".join(pieces)
    piece = pieces[chosen % len(pieces)]
    found = places(text, find(piece, text))
    assert bool(found) == bool(piece.strip())
    assert all(" ".join(each.split()).lower() == " ".join(piece.split()).lower() for each in found)


@pytest.mark.parametrize(
    ("text", "words", "around"),
    [
        ("One.\n\nTwo, three.\n\nFour.", "three", "Two, three."),
        ("One.\n\nTwo, three.\n\nFour.", "One", "One."),
        ("One.\n\nTwo, three.\n\nFour.", "Four", "Four."),
        ("One.\r\n \t\r\nTwo,\r\nthree.\r\n\r\nFour.", "three", "Two,\r\nthree."),
        ("One.\n\n\n\nTwo.\n\n\n\nThree.", "Two", "Two."),
        ("One.\nTwo.", "Two", "One.\nTwo."),
        ("One.\n\nTwo.\n\nThree.", "Two. Three", "Two.\n\nThree."),  # words in two paragraphs lie in both
    ],
)
def test_a_paragraph_goes_from_blank_line_to_blank_line(text: str, words: str, around: str) -> None:
    (span,) = find(words, text)
    assert places(text, [paragraph(text, span)]) == [around]


def test_a_text_without_blank_lines_is_not_one_paragraph() -> None:
    text = "a " * 5000 + "Husum" + " b" * 5000
    assert paragraph(text, (10_000, 10_005)) == (8_000, 12_005)


@pytest.mark.parametrize(
    ("path", "end", "does"),
    [
        ("a/b.txt", "b.txt", True),
        ("a/b.txt", "a/b.txt", True),
        ("a/b.txt", "./b.txt", True),
        ("a/xb.txt", "b.txt", False),
        ("xa/b.txt", "a/b.txt", False),
        ("b.txt", "a/b.txt", False),
        ("a/b.txt", "a", False),
        ("a/b.txt", "B.txt", False),
        ("a/b.txt", "", False),
        ("Mu\u0308hle.txt", "M\u00fchle.txt", True),
    ],
)
def test_a_document_is_named_by_the_last_components_of_its_path(path: str, end: str, does: bool) -> None:
    assert ends_in(path, end) == does
    assert Gold(True, document=end).stands_in(path) == does


def test_a_document_named_by_its_path_is_known_by_its_name_in_the_library() -> None:
    paths = {"/home/me/ships/ferry.txt": ("ferry.txt", FERRY)}
    texts: Texts = lambda wanted: [row for path, row in paths.items() if ends_in(path, wanted)]  # noqa: E731
    found = gold(texts, document="me/ships/ferry.txt", words="1933")
    assert found.document == "ferry.txt" and found.stands_in("ferry.txt")


def test_a_document_called_exactly_that_is_meant_and_those_that_end_so_are_not() -> None:
    found = gold(document="index.md", words="All.")
    assert (found.document, found.others) == ("index.md", ("ships/index.md",))
    assert found.stands_in("index.md") and not found.stands_in("ships/index.md")


def test_documents_that_cannot_be_told_apart_are_refused() -> None:
    two = library(("a/b.txt", "1"), ("c/b.txt", "1"))
    assert refusal(two, document="b.txt", words="1").startswith("b.txt stands for 2 documents in the library.")
    same = library(("b.txt", "1"), ("b.txt", "1"))
    assert refusal(same, document="b.txt", words="1").startswith("2 documents in the library are called b.txt")


def test_two_documents_of_one_name_are_refused_even_if_a_path_tells_them_apart() -> None:
    paths = {"/x/b.txt": ("b.txt", "1"), "/y/b.txt": ("b.txt", "1")}
    texts: Texts = lambda wanted: [row for path, row in paths.items() if ends_in(path, wanted)]  # noqa: E731
    assert refusal(texts, document="x/b.txt", words="1").startswith("2 documents in the library are called b.txt")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "says neither"),
        ({"document": "ferry.txt"}, "says neither"),
        ({"document": "boat.txt", "words": "1933"}, "no document boat.txt in the library"),
        ({"words": "1933"}, "`words` is given, but no `document`"),
        ({"answer": "1933", "start": 31, "end": 35}, "`start` is given, but no `document`"),
        ({"answer": "x", "sentence": "It cost"}, "`sentence` is given, but no `document`"),
        ({"document": "ferry.txt", "words": "1934"}, 'The words "1934" are not in ships/ferry.txt.'),
        ({"document": "ferry.txt", "answer": "1934"}, 'The words "1934" are not in ships/ferry.txt.'),
        ({"document": "ferry.txt", "sentence": "No."}, 'The words "No." are not in ships/ferry.txt.'),
        ({"document": "ferry.txt", "start": 31}, "one is missing"),
        ({"document": "ferry.txt", "end": 35, "words": "1933"}, "one is missing"),
        ({"document": "ferry.txt", "start": 31, "end": 31}, "are no place in ships/ferry.txt: its text has 98"),
        ({"document": "ferry.txt", "start": -4, "end": 31}, "are no place"),
        ({"document": "ferry.txt", "start": 0, "end": 99}, "are no place"),
        ({"document": "ferry.txt", "start": 0, "end": 10**5000}, "are no place"),
        (
            {"document": "ferry.txt", "start": 30, "end": 34, "answer": "1933"},
            'stands "193" in ships/ferry.txt, not "1933"',
        ),
        ({"document": "ferry.txt", "start": 31, "end": 35, "words": ["a", "b"]}, 'not "a"'),
        ({"answerable": False, "answer": "1933"}, "`answer` is given for a question that is not"),
        ({"answerable": False, "document": "b.txt"}, "`document` is given for a question that is not"),
        ({"answerable": False, "start": 0}, "`start` is given for a question that is not"),
        ({"answerable": 0, "answer": "1933"}, "`answerable` is neither true nor false"),
        ({"answerable": "false"}, "`answerable` is neither true nor false"),
        ({"answer": 1933}, "`answer` is not text or a list of texts"),
        ({"answer": ["1933", ["1934"]]}, "`answer` is not text or a list of texts"),
        ({"answer": []}, "`answer` is empty"),
        ({"answer": " \n"}, "`answer` is empty"),
        ({"answer": ["1933", ""]}, "`answer` is empty"),
        ({"document": "ferry.txt", "words": True}, "`words` is not text or a list of texts"),
        ({"document": "ferry.txt", "sentence": ["It cost"]}, "`sentence` is not text."),
        ({"document": ["ferry.txt"], "words": "1933"}, "`document` is not the name"),
        ({"document": "", "words": "1933"}, "`document` is empty"),
        ({"document": "\ud800", "words": "1933"}, "no document ? in"),
        ({"document": "ferry.txt", "words": "\ud800"}, 'The words "?" are not in'),
        ({"document": "ferry.txt", "start": True, "end": 35}, "are not whole numbers"),
        ({"document": "ferry.txt", "start": 31.0, "end": 35.0}, "are not whole numbers"),
        ({"document": "ferry.txt", "start": "31", "end": "35"}, "are not whole numbers"),
        ({"document": "ferry.txt", "start": float("nan"), "end": float("inf")}, "are not whole numbers"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_with_its_reason(row: dict[str, Any], reason: str) -> None:
    message = refusal(**row)
    assert reason in message
    assert message.isprintable() and message.encode("utf-8") and len(message) < 300


HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["1933", "ferry.txt"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.dictionaries(
        st.sampled_from(["answerable", "answer", "document", "words", "sentence", "start", "end"]), HOSTILE, max_size=5
    )
)
def test_whatever_a_row_holds_it_is_an_answer_with_places_in_its_document_or_a_usage_error(row: dict[str, Any]) -> None:
    try:
        found = from_row(row, FILES)
    except UsageError as error:
        assert error.reason
        return
    assert not found.answerable or found.answers or found.spans
    assert len(found.paragraphs) == len(found.spans)
    for (start, end), (before, after) in zip(found.spans, found.paragraphs, strict=True):
        assert 0 <= before <= start < end <= after <= len(FERRY)


def test_a_place_is_inside_over_and_beside_an_answer_by_its_characters() -> None:
    found = Gold(True, (), "b.txt", ((10, 20), (50, 60)), ((5, 30), (45, 65)))

    def judged(start: int, end: int, document: str = "a/b.txt") -> tuple[bool, bool, bool]:
        place = {"document": document, "start": start, "end": end}
        return found.is_inside(place), found.overlaps(place), found.is_beside(place)

    assert judged(10, 20) == judged(0, 70) == judged(49, 61) == (True, True, True)
    assert judged(11, 20) == judged(19, 51) == (False, True, True)
    assert judged(20, 50) == judged(5, 10) == judged(29, 40) == (False, False, True)
    assert judged(30, 45) == judged(0, 5) == (False, False, False)
    assert judged(10, 20, "xb.txt") == (False, False, False)


@pytest.mark.parametrize(
    ("text", "right", "f1"),
    [
        ("The ferry sank in 1933.", "ferry sank in 1933", 1.0),  # articles and punctuation do not count
        ("Die Fähre sank.", "eine FÄHRE sank", 1.0),
        ("red boat", "red ship", 0.5),  # 1 of 2 and 1 of 2
        ("a red boat sank", "boat", 0.5),  # 1 of 3 and 1 of 1: 2/(3+1)
        ("no no no", "no no", 0.8),  # 2 of 3 and 2 of 2: 4/(3+2)
        ("11,000", "11.000", 1.0),
        ("11000", "11.000", 0.0),
        ("Mu\u0308hle", "M\u00fchle", 1.0),
        ("STRASSE", "Straße", 1.0),
        ("Паром затонул", "паром", 2 / 3),
        ("the", "die", 1.0),  # nothing left of either
        ("the", "boat", 0.0),
        ("", "boat", 0.0),
    ],
)
def test_word_f1_is_that_of_squad_for_any_script(text: str, right: str, f1: float) -> None:
    assert word_f1(text, right) == pytest.approx(f1)
    assert word_f1(right, text) == pytest.approx(f1)


def test_letters_are_letters_and_digits_in_one_case() -> None:
    assert letters("„Die Stra\u00dfe“ (11.000_a)!") == "diestrasse11000a"
    assert letters("Mu\u0308hle") == letters("M\u00dcHLE") == "m\u00fchle"
