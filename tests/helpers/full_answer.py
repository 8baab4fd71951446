"""An answer in which every field holds something, and the documents it is of: what is saved has to come back whole."""

from __future__ import annotations

import numpy as np

from rag.answering.assistant import Answer, Citation, Timings
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.documents.chunking import Chunk
from rag.documents.document import Document
from rag.index.hybrid_search import Passage
from rag.index.library import Sentence
from rag.index.versions import Version

MILL = "date 1907-05 Die Mühle brannte ab.\r\n\r\nNiemand kam 𝔷u Schaden. Es waren 11.000 Mark."
BRIDGE = "The bridge was opened in 1911.\fNobody came; 9,000 marks were spent."
NEWEST = Version("id-new", "mühle \ud83d.txt", "1908")


def document(text: str = MILL, name: str = "mühle.txt", date: str | None = "1907-05") -> Document:
    pages = (0, text.find("\f") + 1) if "\f" in text else (0,)
    return Document(f"id-{name}", f"/home/{name}", name, f"Title of {name}", date, "de", text, 3, pages, "f" * 64)


def passage(source: Document, start: int, end: int, rank: int = 1) -> Passage:
    chunk = Chunk(source.id, start, end, source.text[start:end], "Über die Mühle", "de")
    sentence = Sentence(start, end, np.ones(3, dtype=np.float32))
    return Passage(chunk, source, 0.1 + 0.2, rank, ("dense", "lexical"), (sentence,), ("copy of it.txt",), NEWEST)


def quote(source: Document, start: int, end: int) -> Quote:
    marks = ((start + 1, start + 3), (end - 2, end))
    return Quote(source, start, end, source.text[start:end], 1 / 3, marks, "The mill\x1b burned down.")


def answer(question: str = "How many marks?", *sources: Document) -> Answer:
    """An answer in which every field holds something."""
    first, second = sources or (document(), document(BRIDGE, "bridge.pdf", None))
    return Answer(
        question=question,
        standalone=f"{question} (of the mill)",
        language="en",
        status="answered",
        text="Es waren 11.000 Mark. [1]\n9,000 marks. [2]",
        statements=(Statement("Es waren 11.000 Mark.", (1,), True), Statement("9,000 marks.", (2, 1), False)),
        citations=(
            Citation(1, quote(first, 20, 60), 1, ("copy of it.txt", "backup/\ud83d.md"), NEWEST, "Money – Marks"),
            Citation(2, quote(second, 31, 50), 2),
        ),
        passages=(passage(first, 5, 40), passage(second, 4, len(second.text), 2)),
        figures=((1, "11.000 Mark"), (2, "9,000 marks")),
        model="smollm2",
        embedder="minilm",
        mode="compose",
        timings=Timings(0.1, 1 / 3, 2.0),
        prompts=("<|user|>\n„Wie viel?“ \ud83d", ""),
        support=2 / 3,
        declined=Quote(second, 0, 29, second.text[:29], 1 / 7),
        care="careful",
        limited=(2, 6),
        considered=(Quote(first, 20, 60, first.text[20:60], 2 / 3), Quote(second, 0, 29, second.text[:29], 1 / 7)),
    )
