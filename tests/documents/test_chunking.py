"""Held: the chunks of a document joined are the document, hold whole sentences and know their headings."""

from __future__ import annotations

import textwrap
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.documents.chunking import MOST, TARGET, Chunk, searched, split, split_with_sentences
from rag.documents.document import Document
from rag.errors import UnreadableDocument
from rag.text.sentences import sentences

LONGEST = MOST + TARGET // 3  # of a chunk, the white space after it left out


def document(text: str, title: str = "Die Mühle", language: str = "de", body: int = 0) -> Document:
    return Document(
        id="0123456789abcdef",
        path="/texte/muehle.md",
        name="muehle.md",
        title=title,
        date=None,
        language=language,
        text=text,
        body=body,
        pages=(0,),
        sha256="",
    )


def check_whole(source: Document, chunks: list[Chunk]) -> None:
    """Assert that the chunks are the text, each of them a part of it that is not empty."""
    at = 0
    for chunk in chunks:
        assert chunk.start == at < chunk.end
        assert chunk.text == source.text[chunk.start : chunk.end]
        assert chunk.document_id == source.id
        assert chunk.language
        at = chunk.end
    assert at == len(source.text)
    assert "".join(chunk.text for chunk in chunks) == source.text


# --- any text --------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="aBz 19.,!?\n\t\r\f#|-\u00a0\u3000\ufeff", max_size=400),
    st.lists(
        st.sampled_from(
            ["Die Mühle brennt. ", "# Bach\n\n", "Der Steg\n\n", "- Rad\n", "| a | b |\n", "w" * 700, "\n\n"]
        )
    ).map("".join),
)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["de", "en", "xx"]), body=st.integers(0, 60))
@example(text="\ufeff" + "a" * 2500 + "\n\n# B\n\n", language="de", body=0)
def test_the_chunks_of_any_text_joined_are_the_text(text: str, language: str, body: int) -> None:
    source = document(text, language=language, body=min(body, len(text)))
    chunks = split(source)
    if any(map(str.isalnum, text[source.body :])):
        check_whole(source, chunks)
    else:
        assert chunks == []
    for chunk in chunks:
        assert any(map(str.isalnum, chunk.text))
        last = max(end for _, end in [(0, 0), *sentences(chunk.text, language)])
        first = min(start for start, _ in [(len(chunk.text), 0), *sentences(chunk.text, language)])
        assert last - first <= LONGEST + source.body


# --- ordinary prose --------------------------------------------------------------------

WORDS = ["Mühle", "Bach", "Säge", "Müller", "Steg", "Dorf", "Rad", "Korn", "alte", "neue", "große", "brannte", "fiel"]
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=3, max_size=25).map(lambda found: f"Die {' '.join(found)} dort.")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=12).map(" ".join)
PROSE = st.lists(PARAGRAPH, min_size=1, max_size=8).map("\n\n".join)


@settings(max_examples=60, deadline=None)
@given(text=PROSE)
def test_chunks_of_prose_are_whole_sentences_of_bearable_length(text: str) -> None:
    source = document(text)
    chunks = split(source)
    check_whole(source, chunks)
    spans = sentences(text, "de")
    starts, ends = {start for start, _ in spans}, {end for _, end in spans}
    for chunk in chunks:
        assert chunk.start in starts
        assert chunk.start + len(chunk.text.rstrip()) in ends
        assert len(chunk.text.rstrip()) <= LONGEST
    # Two neighbours that would fit a small chunk together are one.
    for left, right in pairwise(chunks):
        assert right.end - left.start > TARGET


def test_a_chunk_ends_with_the_paragraph_once_it_is_long_enough() -> None:
    paragraph = " ".join(["Die alte Mühle am Bach hatte ein großes Rad aus Holz."] * 6)
    chunks = split(document("\n\n".join([paragraph] * 6)))
    assert [chunk.text.strip() for chunk in chunks] == [f"{paragraph}\n\n{paragraph}"] * 3


def test_a_few_last_words_join_the_chunk_before() -> None:
    paragraph = " ".join(["Die alte Mühle am Bach hatte ein großes Rad aus Holz."] * 11)
    chunks = split(document(f"{paragraph}\n\nDas war alles."))
    assert len(chunks) == 1


# --- their sentences -------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["de", "en", "xx"]), body=st.integers(0, 60))
def test_the_sentences_of_any_text_lie_in_their_chunks_in_order_and_hold_all_its_words(
    text: str, language: str, body: int
) -> None:
    source = document(text, language=language, body=min(body, len(text)))
    at = source.body
    for chunk, spans in split_with_sentences(source):
        for start, end in spans:
            assert max(at, chunk.start) <= start < end <= chunk.end
            assert end - start <= MOST and text[start:end] == text[start:end].strip()
            assert not any(map(str.isalnum, text[at:start])) and any(map(str.isalnum, text[start:end]))
            at = end
    assert not any(map(str.isalnum, text[at:]))


WRAPPED = st.lists(SENTENCE, min_size=50, max_size=90).map(lambda found: textwrap.fill(" ".join(found), 90))


@settings(max_examples=60, deadline=None)
@given(text=WRAPPED)
def test_a_sentence_is_cut_once_though_its_chunk_begins_in_the_midst_of_a_line(text: str) -> None:
    cut = split_with_sentences(document(text))
    assert len(cut) > 1
    assert [span for _, spans in cut for span in spans] == sentences(text, "de")


def test_a_passage_in_another_language_than_its_document_is_cut_by_its_own_rules() -> None:
    english = " ".join(["The wheel of the old mill has been turning in the water of the brook for many years."] * 9)
    german = "Der Müller verließ das Haus am 3. Tag der Woche, und am 4. Tag kam er aus der Stadt zurück."
    text = f"{english}\n\n{german}\n\n{english} He was 25. Nobody else was there.\n"
    cut = split_with_sentences(document(text, language="en"))
    found = [text[start:end] for _, spans in cut for start, end in spans]
    assert german in found
    assert found[-2:] == ["He was 25.", "Nobody else was there."]


def test_a_text_of_more_sentences_than_are_borne_is_refused() -> None:
    source = document("Das Rad dreht sich. Der Bach fließt. Das Dorf schläft.")
    assert [len(spans) for _, spans in split_with_sentences(source, most=3)] == [3]
    with pytest.raises(UnreadableDocument, match="more than 2 sentences; split the file"):
        split_with_sentences(source, most=2)


# --- headings --------------------------------------------------------------------------

PROSE_OF_A_SECTION = " ".join(["Das Rad dreht sich im Wasser des Bachs."] * 3)


def by_start(text: str, words: str, title: str) -> Chunk:
    """Return the chunk that starts with `words`."""
    return next(chunk for chunk in split(document(text, title)) if chunk.text.startswith(words))


def test_a_heading_starts_a_chunk() -> None:
    for heading in ("## Der Steg", "Der Steg"):
        chunks = split(document(f"{PROSE_OF_A_SECTION}\n\n{heading}\n\n{PROSE_OF_A_SECTION}\n"))
        assert [chunk.text.split("\n")[0] for chunk in chunks] == [PROSE_OF_A_SECTION, heading]


def test_the_headings_above_a_chunk_are_its_context() -> None:
    text = "".join(
        f"{heading}\n\n{PROSE_OF_A_SECTION}\n\n"
        for heading in ("# Die Mühle", "## Gebäude", "### Dach", "### Keller", "## Leute", "# Das Dorf")
    )
    contexts = {chunk.text.split("\n")[0]: chunk.context for chunk in split(document(text))}
    assert contexts == {
        "# Die Mühle": "",
        "## Gebäude": "Die Mühle",
        "### Dach": "Die Mühle – Gebäude",
        "### Keller": "Die Mühle – Gebäude",
        "## Leute": "Die Mühle",
        "# Das Dorf": "Die Mühle",  # the title of the document
    }


def test_the_heading_travels_to_every_chunk_of_a_long_section() -> None:
    paragraphs = "\n\n".join(f"{PROSE_OF_A_SECTION} Es ist Teil {number}." for number in range(30))
    chunks = split(document(f"## Der Bach\n\n{paragraphs}\n", title="Wasser"))
    assert len(chunks) > 3
    assert {chunk.context for chunk in chunks[1:]} == {"Wasser – Der Bach"}
    words = searched("Wasser – Der Bach", chunks[1].text, [(0, len(chunks[1].text.strip()))], "de")
    assert words.startswith("Wasser – Der Bach\nDas Rad") and words.endswith(chunks[1].text.strip()[-20:])


def test_a_title_that_was_cut_from_the_text_is_no_context() -> None:
    text = f"{PROSE_OF_A_SECTION}\n\n## Der Bach\n\n{PROSE_OF_A_SECTION}"
    assert by_start(text, "## Der Bach", title="Das Rad dreht sich…").context == ""
    assert by_start(text, "## Der Bach", title="Wasser").context == "Wasser"


def test_a_chunk_is_searched_by_its_sentences_as_they_are_read() -> None:
    text = "Die Wär\u00adme\u00adpum\u00adpe[2]\nläuft. | x |"
    assert searched("", text, [(0, 27), (28, len(text))], "de") == "Die Wärmepumpe läuft.\nx"
    assert searched("Heizung", text, [(0, 27)], "de") == "Heizung\nDie Wärmepumpe läuft."


# --- the unusual -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " \n", "---\n***\n", "\ufeff"])
def test_a_text_without_words_has_no_chunks(text: str) -> None:
    assert split(document(text)) == []


def test_a_word_of_a_hundred_thousand_letters_is_cut() -> None:
    source = document("a" * 100_000)
    chunks = split(source)
    check_whole(source, chunks)
    assert max(len(chunk.text) for chunk in chunks) <= MOST
    assert len(chunks) <= 2 * 100_000 // MOST


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    source = document("Die " + "alte Mühle " * 400 + "fiel.")
    chunks = split(source)
    check_whole(source, chunks)
    assert max(len(chunk.text) for chunk in chunks) <= MOST
    assert all(chunk.text.endswith(" ") for chunk in chunks[:-1])


def test_what_stands_before_the_body_belongs_to_the_first_chunk() -> None:
    head = "---\ntitle: Die Mühle\n---\n\n"
    source = document(f"{head}{PROSE_OF_A_SECTION}", body=len(head) - 1)
    chunks = split(source)
    check_whole(source, chunks)
    assert len(chunks) == 1


def test_a_chunk_in_another_language_than_its_document_is_noticed() -> None:
    german = " ".join(["Das Rad der alten Mühle dreht sich seit vielen Jahren im Wasser des Bachs."] * 5)
    english = " ".join(["The wheel of the old mill has been turning in the water of the brook for many years."] * 5)
    chunks = split(document(f"# Deutsch\n\n{german}\n\n# English\n\n{english}\n"))
    assert [chunk.language for chunk in chunks] == ["de", "en"]
