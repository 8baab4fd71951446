"""Held: a text is read in the encoding it has, or it is said that it may be another; never is it silently wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rag.documents.document import read
from rag.documents.readers import Unreadable
from rag.documents.readers.encodings import decode

GERMAN = (
    "Am Morgen öffnete Frau Jürgens die Tür der Bäckerei, und der Geruch von frischen Brötchen zog über die Straße. "
    "Der Müller brachte drei Säcke Mehl, größer als üblich. „Das reicht für die ganze Woche“, sagte er und schüttelte "
    "sich den Staub aus der Jacke. Später gab es Käsekuchen für alle, die beim Aufräumen geholfen hatten."
)
ENGLISH = (
    "The café on the corner opened early – far too early, Mrs. O’Hara said. “We’ll need £40 more a week,” she told "
    "the owner, who smiled and poured her another cup. Nobody could have guessed what the builders had found below "
    "the floor: a well, three metres deep, and a box of letters from a naïve young sailor."
)
FRENCH = (
    "L’été dernier, la bibliothèque a prêté près de mille livres à des élèves. Où sont-ils passés ? Le maître a reçu "
    "plusieurs lettres, mais aucune réponse n’a été envoyée. Même les plus âgés espèrent que ça changera bientôt."
)
POLISH = (
    "Wczoraj późnym wieczorem sąsiedzi usłyszeli głośny dźwięk z piwnicy. Ktoś zostawił otwarte okno, więc zaczęło "
    "padać do środka. Właściciel sklepu już następnego dnia kupił nową żarówkę i zamknął drzwi na dwa zamki."
)
RUSSIAN = (
    "Вчера вечером соседи услышали громкий звук из подвала. Кто-то оставил окно открытым, и внутрь пошёл дождь. "
    "На следующий день хозяин магазина купил новую лампочку и закрыл дверь на два замка."
)
HAVE = [
    *((GERMAN, name) for name in ("cp1252", "mac-roman")),
    *((GERMAN.replace("„", "»").replace("“", "«"), name) for name in ("latin-1", "iso8859-15", "cp850", "cp437")),
    (ENGLISH, "cp1252"), (ENGLISH, "mac-roman"), (FRENCH.replace("’", "'"), "latin-1"), (FRENCH, "cp1252"),
    (POLISH, "cp1250"), (POLISH, "iso8859-2"), (POLISH, "cp852"),
    (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (RUSSIAN, "iso8859-5"),
    ("電車が来たので、私たちは急いで乗りました。席はもう空いていませんでした。", "cp932"),
    ("電車が来たので、私たちは急いで乗りました。席はもう空いていませんでした。", "euc_jp"),
    ("電車が来たので、私たちは急いで乗りました。席はもう空いていませんでした。", "iso2022_jp"),
    ("火车来了，我们赶紧上车。车上已经没有座位了，大家只好站着。", "gb18030"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codec"), HAVE)
def test_a_text_is_read_in_the_encoding_it_has(text: str, codec: str) -> None:
    found = decode(text.encode(codec))
    assert (found.text, found.doubts) == (text, "")
    assert found.encoding


@pytest.mark.parametrize("codec", ["cp1252", "mac-roman", "cp850", "cp437", "latin-1"])
@pytest.mark.parametrize(("text", "length"), [(GERMAN, 30), (GERMAN, 60), (FRENCH, 40), (FRENCH, 80)])
def test_a_piece_of_a_text_is_right_or_told(text: str, length: int, codec: str) -> None:
    text = text.encode(codec, "ignore").decode(codec)
    for start in range(0, len(text) - length, 11):
        piece = text[start : start + length]
        found = decode(piece.encode(codec))
        assert found.text == piece or found.doubts, (piece, found)


@pytest.mark.parametrize("word", ["für", "Tür", "Straße", "schön", "Öl", "Käse"])
def test_one_umlaut_in_a_sentence_is_enough(word: str) -> None:
    sentence = f"Wir brauchen morgen noch etwas, und zwar {word}, vor dem Abend."
    found = decode(sentence.encode("cp1252"))
    assert found.text == sentence or found.doubts
    assert found.text == sentence and found.encoding == "windows-1252"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [GERMAN, "Nur eine Zeile, ohne alles.", RUSSIAN])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wide_encodings_are_read_with_a_mark_and_without(mark: str, text: str, codec: str) -> None:
    found = decode((mark + text).encode(codec))
    assert (found.text, found.encoding, found.doubts) == (mark + text, codec, "")


@pytest.mark.parametrize("text", [GERMAN, "\ufeff" + GERMAN, "plain words only", RUSSIAN])
def test_utf_8_needs_no_name(text: str) -> None:
    found = decode(text.encode())
    assert (found.text, found.encoding, found.doubts) == (text, "", "")


def test_where_two_readings_fit_both_are_named() -> None:
    found = decode("Price: 5 ¤".encode("iso8859-1"))
    assert "windows-1252" in found.doubts and " or " in found.doubts


def test_utf_8_that_is_damaged_is_read_and_told() -> None:
    raw = GERMAN.encode()
    cut = decode(raw[: raw.rindex("ä".encode()) + 1])
    assert cut.text.startswith(GERMAN[:250]) and cut.text.endswith("\ufffd")
    assert cut.doubts == "damaged: 1 place unreadable"
    mixed = decode(raw + b" Gr\xfc\xdfe, M\xfcller")
    assert GERMAN in mixed.text and mixed.doubts == "damaged: 3 places unreadable"


@pytest.mark.parametrize(
    "raw",
    [
        random.Random(3).randbytes(300),
        b"\xff\xfe" + random.Random(4).randbytes(4000),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00" + random.Random(5).randbytes(60),
        b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01\x00\x00\x00",
        bytes(range(256)),
    ],
)
def test_binary_data_is_no_text(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="binary"):
        decode(raw)


def test_what_a_page_declares_is_believed_as_browsers_do() -> None:
    assert decode("5 € – „ja“".encode("cp1252"), "ISO-8859-1").text == "5 € – „ja“"
    assert decode("Zażółć".encode("iso8859-2"), "latin2").text == "Zażółć"
    assert (
        decode("Grüße".encode(), "iso-8859-1").text == "Grüße"
    )  # valid UTF-8 with letters beyond ASCII is no accident
    assert decode(GERMAN.encode("cp1252"), "shift_jis").text == GERMAN


def test_what_is_declared_gives_way_where_signs_would_be_lost_by_it() -> None:
    polish = "Źródło wody było głębokie, a śnieg leżał jeszcze na ścieżce do młyna. Ścieżka wiodła przez las."
    assert decode(polish.encode("cp1250"), "iso-8859-2").text == polish
    assert decode("Zażółć gęślą jaźń".encode("iso8859-2"), "iso-8859-2").text == "Zażółć gęślą jaźń"
    assert decode(b"M\xb3yn \x81 stoi.", "iso-8859-2").text.startswith("Młyn")  # \x81 is nothing in either


def test_a_label_in_a_text_is_not_believed_before_its_letters() -> None:
    russian = "Мельница у реки построена в 1907 году. Её высота девятнадцать метров, и она работает до сих пор."
    assert decode(f"<meta charset=iso-8859-1> {russian}".encode("koi8-r")).text.endswith(russian)


@pytest.mark.parametrize("ending", [".txt", ".md"])
def test_the_text_of_a_document_is_what_the_file_holds_once_decoded(ending: str) -> None:
    text = GERMAN.replace(". ", ".\r\n")
    document = read(Path(f"a{ending}"), raw=text.encode("cp1252"))
    assert (document.text, document.encoding, document.doubts) == (text, "windows-1252", "")
    wide = read(Path(f"a{ending}"), raw=text.encode("utf-16"))
    assert (wide.text, wide.encoding) == ("\ufeff" + text, "utf-16-le")
