"""Milvus Lite in this process: a folder that one process at a time may open, asked like a server.

It is asked by a socket in a folder of the person's own. Left to itself the client would have it listen on a port of
this machine, without a password, for whoever else works here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rag.errors import StoreUnusable
from rag.localization import gettext
from rag.system.logs import named
from rag.system.private_files import private_folder

_GRACE = 2.0  # seconds for what is being answered


@dataclass(slots=True)
class _Running:
    """A folder's engine, the server in front of it, and how many ask it."""

    server: Any
    engine: Any
    place: TemporaryDirectory[str]
    asking: int = 0

    @property
    def url(self) -> str:
        return f"unix:{_socket(self.place)}"


_running: dict[Path, _Running] = {}  # one for each folder: a process that opens it twice locks itself out
_one_at_a_time = threading.Lock()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Have a folder's Milvus Lite run here; yield its URL. Raises StoreUnusable where another process has it open."""
    with _one_at_a_time:
        if folder not in _running:
            _running[folder] = _started(folder)
        _running[folder].asking += 1
        url = _running[folder].url
    try:
        yield url
    finally:
        with _one_at_a_time:
            _running[folder].asking -= 1
            if not _running[folder].asking:
                _stop(_running.pop(folder))


def _started(folder: Path) -> _Running:
    from milvus_lite.adapter.grpc.server import start_server_in_thread
    from milvus_lite.exceptions import DataDirLockedError

    place: TemporaryDirectory[str] = TemporaryDirectory(prefix="beleg-")  # 0700; a socket's path must be short
    try:
        private_folder(folder)
        # An address of gRPC's: "unix" and the path are put together as a host and its port would be.
        server, engine, _ = start_server_in_thread(str(folder), "unix", _socket(place))
    except DataDirLockedError as error:
        place.cleanup()
        raise StoreUnusable(
            gettext("{folder} is open in another program: Milvus Lite serves one at a time.").format(folder=folder),
            gettext("Close the other one (a chat, say), or run a server of Milvus for both."),
        ) from error
    except (OSError, ValueError, KeyError) as error:
        place.cleanup()
        raise StoreUnusable(
            gettext("{folder} cannot be opened by Milvus Lite ({error}).").format(folder=folder, error=named(error)),
            gettext("Name another one, or move it away: it is made anew from the library."),
        ) from error
    return _Running(server, engine, place)


def _stop(lite: _Running) -> None:
    lite.server.stop(grace=_GRACE).wait(_GRACE)
    lite.engine.close()
    with suppress(OSError):
        lite.place.cleanup()


def _socket(place: TemporaryDirectory[str]) -> str:
    return str(Path(place.name) / "milvus")
