"""Whether the library is still as it was opened: other programs may change it, and a person may delete it.

SQLite goes on reading a file that was deleted, and makes one that is missing. So the file itself
is looked at: two calls of the system, every two seconds while the chat idles and before each
question. Only where it is another than before is the library opened and counted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from rag.errors import BelegError, LibraryUnusable, NoLibrary
from rag.localization import gettext
from rag.localization.languages import language_name
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line
from tui.messages import CountedAnew, LibraryGone, Noticed

if TYPE_CHECKING:
    from rag.index.library import Library

Post = Callable[[Message], Any]

EVERY = 2.0  # seconds
_MOST = 2000  # documents that are looked at to say which they are


def about(library: Library) -> str:
    """Return on a line which languages documents have, and which is the newest; "" of very many."""
    if not 0 < library.count()[0] <= _MOST:
        return ""
    entries = library.entries()
    languages = Counter(entry.language for entry in entries if entry.language).most_common(4)
    newest = max(entries, key=lambda entry: (entry.date or "", entry.indexed))
    dated = f" ({newest.date})" if newest.date else ""
    told = gettext("newest: {title}").format(title=f"{one_line(newest.title, 60)}{dated}")
    return f"{' · '.join(f'{count} {language_name(code)}' for code, count in languages)} · {told}"


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it lies there: which one it is, and the sizes and times of it and of its log."""

    identity: tuple[int, int]
    state: tuple[int, ...]


class LibraryWatch:
    """Looks after the library in a folder; may be used by several threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: _File | None = None  # as it was looked at last
        self._identity: tuple[int, int] | None = None  # of the file that was opened; None: there was none yet
        self._stamp = ""  # of the content that was counted last
        self._told = ""  # that it was lost, and what can be done, once that was told
        self._ours = 0  # pieces of work of our own that change it
        self._looking = threading.Lock()
        self._watching: threading.Thread | None = None

    def count(self, post: Post) -> tuple[int, int, str]:
        """Return how much the library holds: nothing where there never was one. Raises LibraryUnusable if it is lost.

        What is found is what was known before: it is told as no change.
        """
        with self._looking:
            try:
                return self._open(post)
            except NoLibrary:
                if self._identity is None:
                    return 0, 0, ""
                raise LibraryUnusable(*self._gone()) from None

    def check(self, post: Post) -> None:
        """Tell what others have done to the library since. Raises LibraryUnusable if it is lost."""
        with self._looking:
            now = self._file()
            same = now is not None and now.identity == self._identity
            if now != self._known and not (same and self._ours):
                self._known = now
                if self._identity is not None and not same and not self._told:
                    self._told = " ".join(self._gone() if now is None else self._another())
                    post(LibraryGone(self._told))
                if now is not None:
                    self._count_anew(post)
            if self._told:
                raise LibraryUnusable(self._told)

    def _count_anew(self, post: Post) -> None:
        told, stamp = self._told, self._stamp
        with suppress(BelegError):  # one that is being made, or cannot be used: it is told when it is to be used
            counts = self._open(post)
            if told or stamp != self._stamp:
                post(CountedAnew(*counts))
        if told:  # the one that the question was meant for is lost, though there is one
            raise LibraryUnusable(told)

    def lost(self) -> str:
        """Say that the library that was opened is not there any more; "" if it is."""
        now = self._file()
        if self._identity is None or (now is not None and now.identity == self._identity):
            return ""
        return (self._gone() if now is None else self._another())[0]

    def missing(self) -> bool:
        """Whether there was a library, and now is none."""
        return self._identity is not None and self._file() is None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What happens to the library within is our own doing."""
        with self._looking:
            self._ours += 1
        try:
            yield
        finally:
            with self._looking:
                self._ours -= 1
            with suppress(BelegError):
                self.count(lambda _: None)

    def start(self, post: Post, quitting: CancelToken, busy: Callable[[], bool]) -> None:
        """Look every few seconds from now on, unless the chat is `busy`, until it quits; begun once."""
        if self._watching is None:
            self._watching = threading.Thread(target=self._watch, args=(post, quitting, busy), daemon=True)
            self._watching.start()

    def _watch(self, post: Post, quitting: CancelToken, busy: Callable[[], bool]) -> None:
        while not quitting.wait(EVERY):
            if not busy() and not self._ours:
                with suppress(LibraryUnusable):  # which was told
                    self.check(post)

    def _open(self, post: Post) -> tuple[int, int, str]:
        from rag.index.library import Library

        now = self._file()  # before it is opened: what changes after that is seen the next time
        with Library(self.folder) as library:
            if library.notice:
                post(Noticed(library.notice))
            self._stamp, counts = library.stamp, (*library.count(), about(library))
        self._known, self._identity, self._told = now, now.identity if now else None, ""
        return counts

    def _file(self) -> _File | None:
        """Return the file as it lies there; None where it is gone. One that may not be looked at is as it was."""
        from rag.index.library import FILE

        file = self.folder / FILE
        try:
            found = file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return self._known
        state = [found.st_size, found.st_mtime_ns]
        with suppress(OSError):
            log = file.with_name(f"{FILE}-wal").stat()
            state += [log.st_size, log.st_mtime_ns]
        return _File((found.st_dev, found.st_ino), tuple(state))

    def _gone(self) -> tuple[str, str]:
        """Return that the library is gone, and what to do."""
        reason = gettext("The library in {folder} is gone: it was deleted or moved while it was open.")
        remedy = gettext(
            "Put it back, or bring back a backup (beleg restore FILE), and the chat goes on; "
            "or add documents (ctrl+l) for a new one."
        )
        return reason.format(folder=self.folder), remedy

    def _another(self) -> tuple[str, str]:
        """Return that there is another library in its place, and what to do."""
        reason = gettext("The library in {folder} was deleted, and there is another one in its place.")
        return reason.format(folder=self.folder), gettext("That one is opened now: ask again.")
