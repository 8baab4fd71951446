"""Which store is searched: the library's own file, or the Milvus that the setting `store` names.

With a name behind the address (`milvus:http://HOST#NAME`) the library is a copy of one that many write, and is
searched itself, once it is in step with that.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import LibraryUnusable, StoreSilent, StoreUnusable
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Store
from rag.index.vector_index import renew_index
from rag.localization import gettext
from rag.settings import Settings
from rag.system.atomic_write import write_private
from rag.system.locks import preparing
from rag.system.logs import named, notice
from rag.system.milvus_address import is_milvus, is_shared, parse_milvus
from rag.system.private_files import private_folder

if TYPE_CHECKING:
    from rag.index.milvus_client import Milvus

_WRITER = "writer"  # in the folder `state`: who we are for those that we share libraries with


def open_store(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> Store:
    """Return the store of the library as it is now, or in the snapshot.

    `look` is called while much is sent, and may raise to stop that. Raises LibraryUnusable or StoreUnusable.
    """
    if not is_milvus(settings.store) or is_shared(settings.store):
        return SqliteStore.of(library)
    from rag.index.milvus_store import open_milvus

    return open_milvus(library, parse_milvus(settings.store), look)


def send(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> None:
    """Send what was added and removed to a store beside the library; what is beyond repair there is made anew.

    Raises as `open_store`.
    """
    if is_shared(settings.store):
        with closing(Sharing(settings)) as sharing:
            sharing.follow(library, look)
    elif is_milvus(settings.store):
        from rag.index.milvus_store import renew_milvus

        renew_milvus(library, parse_milvus(settings.store), look)


def renew_store(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> None:
    """Bring whatever is searched up to date, after documents were added. Raises as `open_store`."""
    send(library, settings, look)
    if (not is_milvus(settings.store) or is_shared(settings.store)) and library.count()[0]:
        renew_index(library)


def open_in_step(settings: Settings, *, create: bool = False, look: Callable[[], object] = lambda: None) -> Library:
    """Open the library, in step with the shared one where the store names one: then it is made if there is none.

    Raises LibraryUnusable or StoreUnusable.
    """
    shared = is_shared(settings.store)
    library = Library(settings.library, create=create or shared)
    try:
        with closing(Sharing(settings)) as sharing:
            sharing.asked(library, look)
    except BaseException:
        library.close()
        raise
    return library


def hand_on(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> None:
    """Send what was changed here to the shared library, if it is a copy of one; what cannot be sent now is later."""
    try:
        with closing(Sharing(settings)) as sharing:
            sharing.follow(library, look)
    except StoreUnusable as error:
        notice(str(error))


class Sharing:
    """The connection by which a library is kept in step with a shared one, opened when it is needed.

    Where the store is none that is shared it does nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._milvus: Milvus | None = None
        self._silent = False  # whether that was told

    def follow(self, library: Library, look: Callable[[], object] = lambda: None) -> None:
        """Bring the library in step. Not within a snapshot. Raises LibraryUnusable or StoreUnusable."""
        if not is_shared(self._settings.store):
            return
        if library.read_only:
            raise LibraryUnusable(
                gettext("The library in {folder} can only be read: you may not write there.").format(
                    folder=library.folder
                ),
                gettext("Name another --library: it is filled from the shared one."),
            )
        from rag.index.milvus_client import connected
        from rag.index.shared_library import follow

        address = parse_milvus(self._settings.store)
        self._milvus = self._milvus or connected(address)
        follow(library, self._milvus, address.shared, writer_here(self._settings.state), look)

    def asked(self, library: Library, look: Callable[[], object] = lambda: None) -> None:
        """Bring the library in step to be asked: where the server is silent that is told, and it is asked as it is."""
        try:
            self.follow(library, look)
            self._silent = False
        except StoreSilent as error:
            if not library.count()[0]:
                raise
            if not self._silent:
                notice(f"{error.reason} " + gettext("The library is asked as it was last read from there."))
            self._silent = True

    @contextmanager
    def snapshot(self, library: Library, look: Callable[[], object]) -> Iterator[None]:
        """Read all that is read within from one state of the library, as of `asked`."""
        self.asked(library, look)
        with library.snapshot():
            yield

    def close(self) -> None:
        """Close the connection."""
        if self._milvus is not None:
            self._milvus.close()


def writer_here(state: Path) -> str:
    """Return what names this person on this machine in shared libraries; made once. Raises StoreUnusable."""
    file = state / _WRITER
    try:
        if not file.exists():
            private_folder(state)
            with preparing(state / f"{_WRITER}.lock", gettext("the name that shared libraries know you by")):
                if not file.exists():
                    write_private(file, uuid.uuid4().hex.encode())
        name = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        name = named(error)
    if not (len(name) == 32 and name.isalnum()):
        raise StoreUnusable(
            gettext("{file} does not say who you are for shared libraries ({reason}).").format(file=file, reason=name),
            gettext("See that you may write there; where it is damaged, remove it, and index your files again."),
        )
    return name
