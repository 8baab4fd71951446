"""The process in which documents are taken apart: what a damaged or hostile file can reach.

It is started by `rag.documents.reader_process`, gets the bytes of one document after the other by a
pipe and gives back their text by another. It may use so much memory and no more, write no
file, and leaves no core; its standard streams lead nowhere, so that what native libraries
print disturbs nothing. It ends when the pipe does, and with the process that started it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

from rag.documents import readers
from rag.localization import use
from rag.system.parent_process import end_with

REQUEST = struct.Struct("!IHQ")  # seconds, bytes of the ending, bytes of the document; both follow
REPLY = struct.Struct("!IQ")  # bytes of JSON, bytes of text; both follow
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes
_GRACE = 5  # seconds, after which it ends by itself if nobody has ended it


def main(requests: int, replies: int, memory: int, parent: int, language: str = "en") -> None:
    """Serve the requests that come by one descriptor, with answers by the other, in at most `memory` bytes.

    `parent` is the process that started it, `language` the one in which it says why a document cannot be read.
    """
    use(language)
    end_with(parent)
    limit(memory)
    with os.fdopen(requests, "rb") as asked, os.fdopen(replies, "wb") as told:
        while len(head := asked.read(REQUEST.size)) == REQUEST.size:
            seconds, ending, size = REQUEST.unpack(head)
            suffix = asked.read(ending).decode()
            signal.alarm(seconds + _GRACE)
            facts, text = _answer(suffix, asked.read(size), memory)
            signal.alarm(0)
            # What was once in use is not given back, and would be taken for the next document's.
            last = "memory" in facts or _peak() > memory // 2
            packed = json.dumps({**facts, "last": last}).encode()
            told.write(REPLY.pack(len(packed), len(text)) + packed + text)
            told.flush()
            if last:
                return


def limit(memory: int) -> None:
    """Let this process use so many bytes of memory, write no file, and leave no core."""
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # where the system knows no such limit, or has a lower one
            resource.setrlimit(kind, (most, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _answer(suffix: str, raw: bytes, memory: int) -> tuple[dict[str, Any], bytes]:
    """Return the facts and the text of a document, or what was wrong, or that it was too little memory.

    Native libraries call that a damaged file, too; how much was in use tells them apart.
    """
    try:
        found = readers.extract(suffix, raw)
        text = found.text.encode()
    except MemoryError:
        return {"memory": True}, b""
    except (readers.Unreadable, UnicodeEncodeError) as error:
        if _peak() > 0.7 * memory:
            return {"memory": True}, b""
        return {"unreadable": str(error)[:500]}, b""
    facts = {
        "title": found.title[:1000],
        "date": found.date,
        "pages": found.pages,
        "why_empty": found.why_empty,
        "omissions": [astuple(omission) for omission in found.omissions],
        "encoding": found.encoding,
        "doubts": found.doubts,
    }
    return facts, text


def _peak() -> int:
    """Return the most bytes that were ever in use.

    What the system says of resources begins, on Linux, with what the parent had in use.
    """
    with suppress(OSError, ValueError, StopIteration), Path("/proc/self/status").open(encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT
