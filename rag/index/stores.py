"""Which store is searched: the library's own file, or the Milvus that the setting `store` names."""

from __future__ import annotations

from collections.abc import Callable

from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Store
from rag.index.vector_index import renew_index
from rag.settings import Settings
from rag.system.milvus_address import is_milvus, parse_milvus


def open_store(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> Store:
    """Return the store of the library as it is now, or in the snapshot.

    `look` is called while much is sent, and may raise to stop that. Raises LibraryUnusable or StoreUnusable.
    """
    if not is_milvus(settings.store):
        return SqliteStore.of(library)
    from rag.index.milvus_store import open_milvus

    return open_milvus(library, parse_milvus(settings.store), look)


def send(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> None:
    """Send what was added and removed to a store beside the library; what is beyond repair there is made anew.

    Raises as `open_store`.
    """
    if is_milvus(settings.store):
        from rag.index.milvus_store import renew_milvus

        renew_milvus(library, parse_milvus(settings.store), look)


def renew_store(library: Library, settings: Settings, look: Callable[[], object] = lambda: None) -> None:
    """Bring whatever is searched up to date, after documents were added. Raises as `open_store`."""
    if is_milvus(settings.store):
        send(library, settings, look)
    elif library.count()[0]:
        renew_index(library)
