"""The process that documents are read in: it may die, hang, eat or lie, and only that one file is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from document_files import GOOD, SENTENCES, SUFFIXES
from hostile_archives import page, paragraph, pdf_of_one_page_named_often, word

from rag.documents import reader_process, readers
from rag.documents.reader_child import REPLY
from rag.documents.reader_process import Limits, ReaderProcess
from rag.documents.readers import Unreadable
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder

pytestmark = pytest.mark.slow

ENDLESS = pdf_of_one_page_named_often(1_000_000)
GREEDY = word(paragraph("ha ") * 2_000_000)
WORDS = page("<p>The mill at Oberwiesen burned down in 1907, and nobody was hurt.</p>")


def refused(reader: ReaderProcess, suffix: str, raw: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        reader.extract(suffix, raw)
    return str(caught.value)


def children() -> set[int]:
    """Return the processes that this one has started and that have not ended."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess(Limits(seconds=60, memory=1_000_000_000)) as reader:
        yield reader


@pytest.mark.parametrize("suffix", sorted(GOOD))
def test_every_format_gives_what_it_gives_in_this_process(reader: ReaderProcess, suffix: str) -> None:
    assert reader.extract(suffix, GOOD[suffix]) == readers.extract(suffix, GOOD[suffix])


def test_what_is_no_document_has_the_reason_it_has_in_this_process(reader: ReaderProcess) -> None:
    assert "the PDF is damaged" in refused(reader, ".pdf", GOOD[".pdf"][:500])
    before = children()
    assert refused(reader, ".docx", b"nothing") == "it is not a whole Word document (File is not a zip file)"
    assert children() == before  # the same process goes on


@pytest.mark.usefixtures("german")
def test_it_says_why_a_document_cannot_be_read_in_the_language_of_the_interface() -> None:
    with ReaderProcess() as reader:
        assert refused(reader, ".pdf", GOOD[".pdf"][:500]).startswith("das PDF ist beschädigt (")
        assert refused(reader, ".docx", b"nothing") == "nicht vollständig als Word-Dokument (File is not a zip file)"


def test_it_has_limits_and_no_standard_streams() -> None:
    before = children()
    with ReaderProcess(Limits(memory=2_000_000_000)) as reader:
        reader.extract(".html", WORDS)
        (child,) = children() - before
        limits = Path(f"/proc/{child}/limits").read_text()
        for name, most in (("Max address space", "2000000000"), ("Max file size", "0"), ("Max core file size", "0")):
            assert limits.split(name)[1].split()[:2] == [most, most]
        assert {str(Path(f"/proc/{child}/fd/{number}").readlink()) for number in range(3)} == {"/dev/null"}
    assert children() <= before


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read() -> None:
    with ReaderProcess(Limits(seconds=1, seconds_per_megabyte=0)) as reader:
        began = time.monotonic()
        assert refused(reader, ".pdf", ENDLESS) == "reading it took more than 1 s"
        assert time.monotonic() - began < 10
        reader._limits = Limits()
        assert "Oberwiesen" in reader.extract(".html", WORDS).text


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_is_read() -> None:
    with ReaderProcess(Limits(memory=400_000_000)) as reader:
        assert refused(reader, ".docx", GREEDY) == "reading it needs more than 0.4 GB of memory"
        assert "Oberwiesen" in reader.extract(".html", WORDS).text


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_reader_that_is_killed_costs_one_file(number: signal.Signals) -> None:
    before, killed = children(), list[int]()

    def look() -> None:
        if not killed:
            killed.extend(children() - before)
            os.kill(killed[0], number)

    with ReaderProcess(look=look) as reader:
        assert refused(reader, ".pdf", ENDLESS) == f"its reader was killed ({number.name})"
        assert reader.extract(".docx", GOOD[".docx"]).title == "Die Mühle"


def test_a_reader_that_dies_between_two_files_costs_none() -> None:
    before = children()
    with ReaderProcess() as reader:
        reader.extract(".docx", GOOD[".docx"])
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert reader.extract(".docx", GOOD[".docx"]).title == "Die Mühle"


def test_reading_stops_when_it_is_told_to_and_leaves_nothing_behind() -> None:
    class Enough(Exception):
        pass

    def look() -> None:
        raise Enough

    before, descriptors = children(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with ReaderProcess(look=look) as reader, pytest.raises(Enough):
            reader.extract(".pdf", ENDLESS)
    assert children() <= before
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_it_works_from_a_thread() -> None:
    found: list[str] = []

    def read() -> None:
        with ReaderProcess() as reader:
            found.append(reader.extract(".docx", GOOD[".docx"]).title)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join(60)
    assert found == ["Die Mühle"]


ORPHAN = """
import sys, time
from pathlib import Path
from rag.documents.reader_process import ReaderProcess
with ReaderProcess() as reader:
    reader.extract(".html", sys.stdin.buffer.read())
    print(reader._child._process.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_when_the_process_that_asks_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None and parent.stdout is not None
        parent.stdin.write(WORDS)
        parent.stdin.close()
        child = int(parent.stdout.readline())
        parent.kill()
    assert within(20, lambda: ended(child))


BUSY = """
import sys
from pathlib import Path
from rag.documents.reader_process import ReaderProcess
told = []
def look():
    if not told:
        told.append(print(reader._child._process.pid, flush=True))
with ReaderProcess(look=look) as reader:
    reader.extract(".pdf", Path(sys.argv[1]).read_bytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its time is up")
def test_it_ends_in_the_midst_of_a_document_when_the_process_that_asks_is_killed(tmp_path: Path) -> None:
    (tmp_path / "endless.pdf").write_bytes(ENDLESS)
    with subprocess.Popen(
        [sys.executable, "-c", BUSY, str(tmp_path / "endless.pdf")], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert within(60, lambda: spent(child) > 200)  # it is long past its beginning
        parent.kill()
        parent.wait()
        assert within(1, lambda: ended(child))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its time is up")
@pytest.mark.parametrize("module", ["documents.reader_child", "models.trial_child"])
def test_a_child_whose_parent_has_gone_before_it_begins_ends_at_once(module: str) -> None:
    gone = {"do": "try", "path": "/", "runtime": {}, "threads": 1, "memory": 0, "seconds": 60, "parent": 2**22 + 1}
    reader, trial = f"main(0, 1, 10**9, {gone['parent']})", f"run({gone}, print)"
    work = {"documents.reader_child": reader, "models.trial_child": trial}[module]
    program = f"from rag.{module} import *; {work}; print('went on')"
    done = subprocess.run([sys.executable, "-c", program], input=b"", capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")


def spent(pid: int) -> int:
    """Return the processor time a process has used, in hundredths of a second."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


def ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


# --- a reader that a document has got hold of ----------------------------------------------


def reply(text: bytes = b"The mill.", **facts: object) -> bytes:
    told = {"omissions": [], "encoding": "", "doubts": ""}
    whole = {"title": "", "date": None, "pages": [0], "why_empty": "", **told, **facts}
    packed = json.dumps(whole).encode()
    return REPLY.pack(len(packed), len(text)) + packed + text


NONSENSE = {
    "not UTF-8": reply(b"\xff\xfe"),
    "signs that no text shows": reply(b"a\x00b"),
    "a surrogate": reply(b"\xed\xa0\x80"),
    "a page beyond the text": reply(pages=[0, 10]),
    "a page before it": reply(pages=[-1]),
    "pages in no order": reply(b"x" * 9, pages=[0, 5, 3]),
    "no page": reply(pages=[]),
    "an omission that is no row": reply(omissions=["images"]),
    "an omission without a number": reply(omissions=[["images", "3", None, ""]]),
    "more omissions than kinds of them": reply(omissions=[["images", 3, None, ""]] * 101),
    "an encoding of pages": reply(encoding="x" * 4000),
    "a page that is no number": reply(pages=[0, "1"]),
    "a page that is a truth": reply(pages=[0, True]),
    "a first page that begins later": reply(pages=[5]),
    "a title that is no text": reply(title=5),
    "a title of any length": reply(title="x" * 5000),
    "a date that is none": reply(date="yesterday; rm -rf"),
    "a list": REPLY.pack(2, 0) + b"[]",
    "nothing known": REPLY.pack(2, 0) + b"{}",
    "no JSON": REPLY.pack(2, 0) + b"}{",
    "deep JSON": REPLY.pack(50_000, 0) + b"[" * 50_000,
    "facts without end": REPLY.pack(2**32 - 1, 0),
    "text without end": REPLY.pack(2, 2**63),
}


def lie(monkeypatch: pytest.MonkeyPatch, said: bytes, then: str = "time.sleep(60)") -> None:
    """Have the next child be a process that answers just this."""
    program = (
        "import os, sys, time\nrequests, replies = map(int, sys.argv[1:3])\nos.read(requests, 1)\n"
        f"said = {said!r}\nwhile said: said = said[os.write(replies, said):]\n{then}"
    )
    monkeypatch.setattr(reader_process, "_PROGRAM", program)


@pytest.mark.parametrize("kind", NONSENSE)
def test_an_answer_that_no_reader_gives_is_not_believed(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    lie(monkeypatch, NONSENSE[kind])
    with ReaderProcess() as reader:
        assert refused(reader, ".docx", GOOD[".docx"]) == "its reader gave an answer that makes no sense"
        monkeypatch.undo()
        assert reader.extract(".docx", GOOD[".docx"]).title == "Die Mühle"


def test_the_answer_that_the_tests_of_lies_begin_with_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    lie(monkeypatch, reply(b"The mill.", title="A", pages=[0, 4], date="1907-05"))
    with ReaderProcess() as reader:
        assert reader.extract(".docx", GOOD[".docx"]) == readers.Extract("The mill.", "A", "1907-05", (0, 4), "")


def test_a_reason_is_one_short_line_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    lie(monkeypatch, reply(unreadable="x\x1b[31m\x00" + "y" * 5000))
    with ReaderProcess() as reader:
        said = refused(reader, ".docx", GOOD[".docx"])
        assert len(said) <= 500 and "\x1b" not in said and "\x00" not in said


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("time.sleep(60)", "reading it took more than 1 s"),
        ("os.close(replies); time.sleep(60)", "its reader was killed (SIGKILL)"),
        ("sys.exit(3)", "its reader ended before it was done (exit code 3)"),
        ("while True: os.write(replies, b'x'); time.sleep(.01)", "reading it took more than 1 s"),
    ],
)
def test_half_an_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, then: str, said: str) -> None:
    lie(monkeypatch, REPLY.pack(1_000_000, 5) + b"{", then)
    with ReaderProcess(Limits(seconds=1, seconds_per_megabyte=0)) as reader:
        assert refused(reader, ".docx", GOOD[".docx"]) == said


# --- indexing --------------------------------------------------------------------------------


def test_indexing_goes_on_after_a_file_that_ends_its_reader(tmp_path: Path, embedder: Embedder) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.pdf").write_bytes(ENDLESS)
    (docs / "b.docx").write_bytes(GOOD[".docx"])
    (docs / "c.txt").write_bytes(GOOD[".txt"])
    with Library(tmp_path / "library", create=True) as library:
        report = index([str(docs)], library, embedder, limits=Limits(seconds=3, seconds_per_megabyte=0))
    assert report.new == ["b.docx", "c.txt"]
    assert [reason for _, reason in report.unreadable] == ["reading it took more than 3 s"]


@pytest.mark.parametrize(
    "suffix", [suffix for suffix in SUFFIXES if suffix not in {".txt", ".text", ".md", ".markdown"}]
)
def test_every_format_is_read_where_nothing_may_be_written(suffix: str) -> None:
    with ReaderProcess() as reader:
        assert SENTENCES[0] in " ".join(reader.extract(suffix, GOOD[suffix]).text.split())


@pytest.mark.usefixtures("embedder")
def test_the_command_takes_no_document_apart_in_its_own_process(tmp_path: Path, cache: Path) -> None:
    for suffix in (".html", ".pdf", ".docx", ".epub"):
        (tmp_path / f"a{suffix}").write_bytes(GOOD[suffix])
    code = (
        "import sys\nfrom rag.cli.main import main\nassert main(['index', sys.argv[1]]) == 0\n"
        "print([name for name in ('trafilatura', 'lxml', 'pypdfium2', 'docx', 'chardet') if name in sys.modules])"
    )
    environment = os.environ | {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(tmp_path / "library")}
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n" and "4 new" in done.stderr
