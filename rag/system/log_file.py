"""The log as a file that several processes write, and what a log says of an exception.

`logging`'s own rotating file loses lines where two processes turn it over at once. Here every
record opens the file anew and is one write at its end, which systems keep whole; only who turns
the file over holds a lock, and who has not noticed writes its line to the file before.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from traceback import format_exception, walk_tb

from rag.system.log_words import FILE, Words, words
from rag.system.private_files import private_folder, private_opener
from rag.text.sanitize import one_line

_KEPT = 3  # files before the present one
_CAUSES = 8  # of an exception that are told
_FRAMES = 24  # of each, the innermost
_TOLD = 2000  # characters of a text in a full log
_HIDDEN = "(hidden)"
_SHOWN = (bool, int, float, str, type(None))


class LogFile(logging.Handler):
    """Appends records to a file, which is turned over at `most` bytes. A disk that is full is no error."""

    def __init__(self, file: Path, most: int, full: bool) -> None:
        super().__init__()
        self.name = FILE
        self.setFormatter(_Lines(full))
        self._file, self._most = file, most

    def emit(self, record: logging.LogRecord) -> None:
        data = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
        with suppress(OSError):
            private_folder(self._file.parent)  # somebody may have removed it
            if self._size() + len(data) > self._most:
                self._turn_over()
            handle = private_opener(str(self._file), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            try:
                os.write(handle, data)
            finally:
                os.close(handle)

    def _size(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

    def _turn_over(self) -> None:
        from filelock import FileLock, Timeout

        with suppress(Timeout), FileLock(f"{self._file}.lock", timeout=1, mode=0o600):
            if self._size() <= self._most // 2:
                return  # another process has done it
            for number in range(_KEPT, 0, -1):
                older = self._file if number == 1 else self._file.with_name(f"{self._file.name}.{number - 1}")
                if older.exists():
                    older.replace(self._file.with_name(f"{self._file.name}.{number}"))


class _Lines(logging.Formatter):
    """Records as lines: time, process, level, logger, message; then, indented, where in the code it was."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03dZ"
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def __init__(self, full: bool) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
        self._full = full

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.makeLogRecord(record.__dict__ | {"exc_info": None, "exc_text": None, "stack_info": None})
        shown.msg, shown.args = self._message(record), ()
        lines = [super().format(shown)]
        if record.exc_info and (error := record.exc_info[1]) is not None:
            told = format_exception(error) if self._full else trace(error)
            lines += [f"    {line}" for part in told for line in part.rstrip("\n").split("\n")]
        return "\n".join(lines)

    def _message(self, record: logging.LogRecord) -> str:
        if not isinstance(record.msg, str):
            return _HIDDEN
        args = tuple(map(self._shown, record.args)) if isinstance(record.args, tuple) else ()
        try:
            return record.msg % args if args else record.msg
        except (TypeError, ValueError):  # a slip in a line of the log ends nobody's work
            return record.msg

    def _shown(self, value: object) -> object:
        """Return what is written of an argument: of exceptions, paths and whatever else, nothing."""
        if isinstance(value, Words):
            return one_line(words(value.text), _TOLD) if self._full else _HIDDEN
        if isinstance(value, str):
            return one_line(value, _TOLD)
        return value if isinstance(value, _SHOWN) else _HIDDEN


def trace(error: BaseException) -> Iterator[str]:
    """Yield an exception and its causes, with the places in the code that each passed, and no word of a message."""
    told: set[int] = set()
    waiting = [error]
    while waiting and len(told) < _CAUSES:
        each = waiting.pop(0)
        if id(each) in told:
            continue
        yield f"{'' if not told else 'after '}{type(each).__module__}.{type(each).__qualname__}"
        told.add(id(each))
        places = [(frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in walk_tb(each.__traceback__)]
        for file, line, name in places[-_FRAMES:]:
            yield f"  {_place(file)}:{line} {name}"
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]


def _place(file: str) -> str:
    """Return a source file's name from its package on: the folders above are the person's own."""
    parts = Path(file).parts
    return "/".join(parts[-2:]) if len(parts) > 1 else file
