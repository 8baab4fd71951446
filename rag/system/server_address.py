"""Where a server that runs a model is, from what the person wrote: `openai:http://host:port/v1#model`.

Of an embedder's, what it wants before a text may follow: `#model&query=query: &passage=passage: `.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from rag.errors import UsageError
from rag.localization import N_, gettext
from rag.text.sanitize import one_line

SCHEME = "openai:"
KEYS = ("BELEG_OPENAI_KEY", "OPENAI_API_KEY")  # variables of the environment; the first one that is set counts
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?", re.ASCII)
_SHAPE = N_("It is written openai:http://HOST:PORT/v1#MODEL.")
_SHOWN = 100  # characters
_PREFIXES = ("query", "passage")
_LONGEST_PREFIX = 500  # characters


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server's address; it holds no key.

    `url` is what paths are put after, `host` the host with its port, `model` "" for the first that the server has.
    """

    url: str
    host: str
    model: str
    loopback: bool  # what is sent there stays on this machine
    encrypted: bool


@dataclass(frozen=True, slots=True)
class EmbedderAddress:
    """Where an embedder is, and what it is to be given before a question and before a sentence."""

    server: ServerAddress
    query: str = ""
    passage: str = ""


def is_server(text: str) -> bool:
    """Whether what the person named as a model is a server, no file."""
    return text.strip().lower().startswith(SCHEME)


def parse_embedder_address(text: str) -> EmbedderAddress:
    """Return an embedder's address. Raises UsageError, as `parse_address`."""
    address, sign, rest = text.strip().partition("#")
    model, *told = rest.split("&")
    prefixes: dict[str, str] = {}
    for each in told:
        name, _, value = each.partition("=")
        prefix = unquote(value)
        if name not in _PREFIXES or name in prefixes or not prefix.isprintable() or len(prefix) > _LONGEST_PREFIX:
            raise UsageError(
                gettext("What follows the model in the server's address is neither query=… nor passage=…, once each."),
                gettext("It is written openai:http://HOST:PORT/v1#MODEL&query=query:%20&passage=passage:%20."),
            )
        prefixes[name] = prefix
    return EmbedderAddress(parse_address(address + sign + model), **prefixes)


def parse_address(text: str) -> ServerAddress:
    """Return the address. Raises UsageError, which repeats nothing that may be a key."""
    given = text.strip()[len(SCHEME) :] if is_server(text) else text.strip()
    if not given.isprintable() or " " in given:
        raise UsageError(gettext("The server's address holds spaces or control characters."), gettext(_SHAPE))
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise UsageError(gettext("The server's address has no host or port that can be."), gettext(_SHAPE)) from error
    _refuse_keys(parts)
    if parts.scheme not in ("http", "https"):
        raise UsageError(gettext("The server's address begins with neither http:// nor https://."), gettext(_SHAPE))
    host = parts.hostname or ""
    if port == 0 or not is_host(host):
        raise UsageError(
            gettext("The server's address has no such host or port: {host!r}.").format(host=one_line(host, _SHOWN)),
            gettext(_SHAPE),
        )
    shown = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return ServerAddress(
        url=f"{parts.scheme}://{shown}{parts.path.rstrip('/') or '/v1'}",
        host=shown,
        model=unquote(parts.fragment),
        loopback=stays_here(host),
        encrypted=parts.scheme == "https",
    )


def _refuse_keys(parts: SplitResult) -> None:
    """An address is shown, logged and kept in records: what may be a secret has no place in it."""
    if "@" in parts.netloc or parts.query:
        raise UsageError(
            gettext("The server's address holds a name, a password or a key (what stands before @ or after ?)."),
            gettext("A key belongs in the environment, as {name} or {other}, and is sent from there.").format(
                name=KEYS[0], other=KEYS[1]
            ),
        )


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_host(name: str) -> bool:
    """Whether this may be the name or the address of a machine."""
    return bool(_HOST.fullmatch(name) or _ip(name))


def stays_here(host: str) -> bool:
    """Whether what is sent to a host stays on this machine."""
    ip = _ip(host)
    return ip.is_loopback if ip is not None else host == "localhost" or host.endswith(".localhost")
