"""Milvus as Beleg asks it: a few calls with types, time limits, and errors that say what to do.

The client (pymilvus) takes seconds to import, and is imported where a store is opened, not before. What it would do
besides is switched off: it reads no `.env`, prints nothing, and asks past no proxy.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any

from rag.errors import StoreSilent, StoreUnusable
from rag.index.milvus_in_process import running
from rag.index.rows import Vectors
from rag.localization import gettext
from rag.system.logs import notice
from rag.system.milvus_address import TOKEN, MilvusAddress
from rag.text.sanitize import one_line

_TO_CONNECT, _TO_ASK, _TO_SEND = 10.0, 30.0, 120.0  # seconds
_NO_ANSWER, _NO_COLLECTION, _NOT_LOADED = 2, 100, 101  # codes
_AT_ONCE = 1_000  # rows
_NOTE = "beleg.note"  # a property of a collection
_SHOWN = 200  # characters of a server's own words
# gRPC prints to standard error, across a full screen too, and looks for a proxy in the environment.
_SILENT = {"GRPC_VERBOSITY": "NONE", "GRPC_ENABLE_FORK_SUPPORT": "0", "PYTHON_DOTENV_DISABLED": "1"}
# A server that is back is asked at once: gRPC would wait longer and longer, and let new connections wait with it.
_CHANNEL = {"grpc.enable_http_proxy": 0, "grpc.use_local_subchannel_pool": 1, "grpc.max_reconnect_backoff_ms": 1_000}

Row = Mapping[str, object]


class Milvus:
    """An open connection. Raises StoreUnusable whatever it is asked, where it is not answered."""

    def __init__(self, client: Any, address: MilvusAddress, secret: str, held: ExitStack) -> None:
        self._client, self._secret, self._held = client, secret, held
        self.shown = address.shown

    def close(self) -> None:
        with self._held, self._guard():
            self._client.close()

    def lite(self) -> bool:
        """Whether this is Milvus Lite, which cuts a text into words in fewer ways."""
        with self._guard():
            return "lite" in str(self._client.get_server_version(timeout=_TO_ASK)).lower()

    def fields(self, collection: str) -> dict[str, str] | None:
        """Return what kind each field of a collection is, by name; None where there is no such collection."""
        with self._guard():
            if not self._client.has_collection(collection, timeout=_TO_ASK):
                return None
            told = self._client.describe_collection(collection, timeout=_TO_ASK)
            return {str(field["name"]): _kind(field) for field in told["fields"]}

    def create(self, collection: str, make: Callable[[Any], tuple[Any, Any]], note: str = "") -> None:
        """Make a collection of what `make` returns for the client: its schema and its indexes. Loads it.

        A `note` can be read as soon as it is there.
        """
        how: dict[str, Any] = {"properties": {_NOTE: note}} if note else {}
        with self._guard():
            schema, indexes = make(self._client)
            how |= {"schema": schema, "index_params": indexes, "consistency_level": "Session"}
            self._client.create_collection(collection, **how, timeout=_TO_SEND)

    def note(self, collection: str) -> str:
        """Return what was noted of a collection as it was made, "" where nothing was."""
        with self._guard():
            told = self._client.describe_collection(collection, timeout=_TO_ASK)
            return str((told.get("properties") or {}).get(_NOTE, ""))

    def drop(self, collection: str) -> None:
        """Drop a collection; one that is not there is no error."""
        with self._guard():
            self._client.drop_collection(collection, timeout=_TO_SEND)

    def count(self, collection: str) -> int:
        """Return how many rows there are now."""
        return int(str(self.rows(collection, "", ["count(*)"])[0]["count(*)"]))

    def rows(self, collection: str, where: str, fields: Sequence[str]) -> list[dict[str, object]]:
        """Return these fields of the rows that are so now."""
        how: dict[str, Any] = {"filter": where, "output_fields": list(fields), "consistency_level": "Strong"}
        found = self._loaded(collection, lambda: self._client.query(collection, **how, timeout=_TO_ASK))
        return [{name: row[name] for name in fields} for row in found]

    def every(self, collection: str, where: str, fields: Sequence[str]) -> list[dict[str, object]]:
        """Return as `rows`, however many there are: a server answers with so many at once and no more."""
        how: dict[str, Any] = {"filter": where, "output_fields": list(fields), "consistency_level": "Strong"}
        found: list[dict[str, object]] = []

        def read() -> None:
            found.clear()
            rows = self._client.query_iterator(collection, batch_size=_AT_ONCE, **how, timeout=_TO_ASK)
            while batch := rows.next():
                found.extend({name: row[name] for name in fields} for row in batch)
            rows.close()

        self._loaded(collection, read)
        return found

    def flush(self, collection: str) -> None:
        """Have what was written put into a segment of its own, with its indexes."""
        with self._guard():
            self._client.flush(collection, timeout=_TO_SEND)

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        """Write rows, in place of those with their ids."""
        with self._guard():
            self._client.upsert(collection, [dict(row) for row in rows], timeout=_TO_SEND)

    def delete(self, collection: str, where: str) -> None:
        """Delete the rows that are so."""
        how = {"filter": where, "consistency_level": "Strong"}
        self._loaded(collection, lambda: self._client.delete(collection, **how, timeout=_TO_SEND))

    def search(self, collection: str, field: str, asked: str | Vectors, most: int, where: str) -> dict[int, float]:
        """Return the scores of the best rows, by id, best first.

        What this connection has written is seen; what others have, as of its last read of `rows` or `count`.
        """
        how: dict[str, Any] = {"data": [asked], "anns_field": field, "limit": most, "filter": where}
        how |= {"output_fields": ["id"], "consistency_level": "Session"}
        found = self._loaded(collection, lambda: self._client.search(collection, **how, timeout=_TO_ASK))
        return {int(hit["id"]): float(hit["distance"]) for hit in found[0]}

    def _loaded(self, collection: str, call: Callable[[], Any]) -> Any:
        """Return what a call does, with the collection loaded: a server may have been started anew."""
        from pymilvus.exceptions import MilvusException

        with self._guard():
            try:
                return call()
            except MilvusException as error:
                if error.code != _NOT_LOADED:
                    raise
                self._client.load_collection(collection, timeout=_TO_SEND)
                return call()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with _told(self.shown, self._secret):
            yield


def connected(address: MilvusAddress) -> Milvus:
    """Return a connection; the token comes from the environment. Raises StoreUnusable."""
    _require(address)
    os.environ.update({name: value for name, value in _SILENT.items() if name not in os.environ})
    from pymilvus import MilvusClient

    for name in ("pymilvus", "milvus_lite", "grpc"):  # they print, and quote what they were asked
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [logging.NullHandler()], False
    secret = os.environ.get(TOKEN, "").strip() if address.folder is None else ""
    if not address.loopback:
        _tell(address, secret)
    with ExitStack() as held:
        url = held.enter_context(running(address.folder)) if address.folder is not None else address.url
        # One of its own: connections that clients share are closed by whoever closes first.
        how = {"db_name": address.database, "timeout": _TO_CONNECT, "dedicated": True, "grpc_options": _CHANNEL}
        with _told(address.shown, secret):
            client = MilvusClient(uri=url, token=secret, **how)
        held = held.pop_all()
    return Milvus(client, address, secret, held)


def _tell(address: MilvusAddress, secret: str) -> None:
    """Tell the person what leaves this machine, and what can be read on the way."""
    if address.encrypted:
        said = gettext("Words and vectors of your documents and questions are sent to {host}, which searches them.")
    elif secret:
        said = gettext(
            "Words and vectors of your documents and questions are sent to {host}, which searches them; on the way "
            "they can be read, and so can your token."
        )
    else:
        said = gettext(
            "Words and vectors of your documents and questions are sent to {host}, which searches them; on the way "
            "they can be read."
        )
    notice(said.format(host=address.shown))


def _require(address: MilvusAddress) -> None:
    needed = ("pymilvus", "milvus_lite") if address.folder is not None else ("pymilvus",)
    if missing := [name for name in needed if find_spec(name) is None]:
        raise StoreUnusable(
            gettext("To ask Milvus, {package} is missing.").format(package=missing[0].replace("_", "-")),
            gettext("Install it: pip install 'beleg[milvus]'; or search the library itself: --store sqlite"),
        )


@contextmanager
def _told(place: str, secret: str) -> Iterator[None]:
    """Turn what the client raises into an error that says what to do."""
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        raise _unusable(int(error.code), str(error.message), place, secret) from error
    except (RpcError, ConnectionError) as error:
        raise _unusable(_NO_ANSWER, str(error), place, secret) from error
    except ValueError as error:
        if "closed channel" not in str(error):  # what gRPC says where the connection was closed meanwhile
            raise
        raise _unusable(_NO_ANSWER, str(error), place, secret) from error


def _unusable(code: int, message: str, place: str, secret: str) -> StoreUnusable:
    said = one_line(message.replace(secret, "…") if secret else message, _SHOWN)
    if code in (_NO_COLLECTION, _NOT_LOADED):
        return StoreUnusable(
            gettext("A collection of Milvus at {place} has been dropped meanwhile ({said}).").format(
                place=place, said=said
            ),
            gettext("Start Beleg anew: it sends what is missing."),
        )
    if code == _NO_ANSWER or any(sign in message for sign in ("UNAVAILABLE", "DEADLINE", "timeout")):
        return StoreSilent(
            gettext("Milvus at {place} does not answer ({said}).").format(place=place, said=said),
            gettext("Start it or correct its address (--store), or search the library itself: --store sqlite"),
        )
    return StoreUnusable(
        gettext("Milvus at {place} refused what it was asked ({said}).").format(place=place, said=said),
        gettext("A token comes from {name}; `--store sqlite` searches the library itself.").format(name=TOKEN),
    )


def _kind(field: Mapping[str, Any]) -> str:
    """Return what a field is, as far as two collections that differ in it cannot be asked alike."""
    kind = str(getattr(field["type"], "name", field["type"]))
    return f"{kind}({field['params']['dim']})" if "dim" in field["params"] else kind
