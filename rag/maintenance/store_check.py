"""Does the store that is searched hold what the library does? One line, for `beleg check` and `beleg doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from rag.localization import N_, gettext, ngettext, pgettext
from rag.maintenance.findings import Finding
from rag.system.milvus_address import is_milvus, parse_milvus

if TYPE_CHECKING:
    from rag.settings import Settings

_SEND = N_("`beleg index` with a path sends what is missing, and so does the next question.")


def store(settings: Settings) -> Iterator[Finding]:
    """Yield where is searched, and whether that is up to date. Changes nothing. Raises StoreUnusable."""
    from rag.index.library import FILE, Library
    from rag.index.schema import FORMAT

    if not is_milvus(settings.store):
        yield Finding("store", pgettext("doctor", "searched"), gettext("the library itself"))
        return
    address = parse_milvus(settings.store)
    if address.folder is not None and not address.folder.exists():
        none = gettext("there is none yet in {place}").format(place=address.shown)
        yield Finding("store", "milvus", none, "notice", gettext(_SEND))
        return
    if not (settings.library / FILE).is_file() or _format(settings) != FORMAT:
        yield Finding("store", "milvus", address.shown)
        return
    from rag.index.milvus_client import connected
    from rag.index.milvus_sending import differences
    from rag.index.shared_library import behind

    with Library(settings.library) as library, closing(connected(address)) as milvus:
        count = library.count()[1]
        if reason := behind(library, milvus, address.shared) if address.shared else differences(library, milvus):
            yield Finding("store", "milvus", f"{address.shown}: {reason}", "notice", gettext(_SEND))
        else:
            said = ngettext("{place}: {n} chunk, as in the library", "{place}: {n} chunks, as in the library", count)
            yield Finding("store", "milvus", said.format(place=address.shown, n=count))


def _format(settings: Settings) -> int:
    """Return the format of the library's file, which is brought up to date where it is opened to be asked."""
    from rag.index.library import FILE
    from rag.index.migrations import library_format
    from rag.system.sqlite_files import open_to_read

    db, _ = open_to_read(settings.library / FILE, 10)
    with closing(db):
        return library_format(db)
