"""Where a Milvus is, from what the person wrote: `milvus:./library.db` or `milvus:http://HOST:PORT`.

With `#NAME` behind it, it is a library of that name there, which many write and ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from rag.errors import UsageError
from rag.localization import N_, gettext
from rag.system.server_address import is_host, stays_here

SCHEME = "milvus:"
TOKEN = "BELEG_MILVUS_TOKEN"  # variable of the environment: a key, or NAME:PASSWORD
_PORT = 19530
_SHAPE = N_("It is written milvus:./NAME.db (Milvus Lite, here) or milvus:http://HOST:PORT.")
_SHARED = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """A folder of Milvus Lite's, or a server; it holds no token.

    `shown` names it to a person. `shared` is the name of a library that many write there, "" where it is asked for
    one that lies here.
    """

    shown: str
    folder: Path | None = None
    url: str = ""
    database: str = ""
    loopback: bool = True  # what is sent there stays on this machine
    encrypted: bool = False
    shared: str = ""


def is_milvus(store: str) -> bool:
    """Whether what the person named as store is a Milvus."""
    return store.strip().lower().startswith(SCHEME)


def parse_milvus(store: str) -> MilvusAddress:
    """Return the address. Raises UsageError, which repeats nothing that may be a password."""
    given = store.strip()[len(SCHEME) :].strip()
    if not given.isprintable():
        raise UsageError(gettext("The address of Milvus holds control characters."), gettext(_SHAPE))
    place, sign, name = given.rpartition("#")
    if not sign or name.lower().endswith(".db"):  # a "#" in a path is a part of it
        return _place(given)
    if not _SHARED.fullmatch(name):
        raise UsageError(
            gettext("The address of Milvus has no name of a shared library behind the #."),
            gettext("A name begins with a letter; up to 40 letters of a to z, digits and _ are in it."),
        )
    address = _place(place)
    return replace(address, shown=f"{address.shown}#{name}", shared=name)


def is_shared(store: str) -> bool:
    """Whether what the person named as store is a library that many write. Raises as `parse_milvus`."""
    return is_milvus(store) and bool(parse_milvus(store).shared)


def _place(given: str) -> MilvusAddress:
    if given.lower().startswith(("http://", "https://")):
        return _server(given)
    if not given.lower().endswith(".db"):
        raise UsageError(
            gettext("The address of Milvus is neither a file that ends in .db nor begins with http:// or https://."),
            gettext(_SHAPE),
        )
    try:
        folder = Path(given).expanduser().absolute()
    except RuntimeError as error:  # "~name" for a person that this machine does not know
        raise UsageError(
            gettext("There is no home folder for {path}.").format(path=given), gettext("Write the path in full.")
        ) from error
    return MilvusAddress(str(folder), folder)


def _server(given: str) -> MilvusAddress:
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise UsageError(gettext("The address of Milvus has no host or port that can be."), gettext(_SHAPE)) from error
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            gettext("The address of Milvus holds a name, a password or a token (what stands before @ or after ?)."),
            gettext("A token, or NAME:PASSWORD, belongs in the environment, as {name}.").format(name=TOKEN),
        )
    host = parts.hostname or ""
    if port == 0 or ":" in host or not is_host(host):  # the client cannot ask IPv6 addresses without a name
        raise UsageError(gettext("The address of Milvus has no such host or port."), gettext(_SHAPE))
    if "/" in (database := parts.path.strip("/")):
        raise UsageError(
            gettext("The address of Milvus has more behind the host than the name of a database."), gettext(_SHAPE)
        )
    shown = f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else _PORT)}"
    named = f"{shown}/{database}" if database else shown
    return MilvusAddress(named, None, shown, database, stays_here(host), parts.scheme == "https")
