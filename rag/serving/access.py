"""Who is let in: which names the server may be called by, which web pages may ask, the token, how often.

A web page can have the browser of the person ask any address, also one of this machine, by a name that it has pointed
there (DNS rebinding) or by a form (CSRF). So the Host has to be one that means this server, and a page that asks has
to be of this machine. What is no browser sends neither Origin nor Sec-Fetch-Site.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cachetools import LRUCache

from rag.errors import UsageError
from rag.localization import gettext
from rag.serving.problems import Problem

TOKEN = "BELEG_SERVE_TOKEN"  # the variable of the environment
SHORTEST_TOKEN = 16  # characters
OPEN = frozenset({"/health", "/docs", "/openapi.json"})  # these say nothing of the library
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?))(?::[0-9]{1,5})?", re.ASCII)
_ORIGIN = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.ASCII)
_PER_SECOND, _AT_ONCE = 100.0, 1000.0  # requests of an address
_ADDRESSES = 4096
LARGEST_HEADERS = 16_384  # bytes, with the address

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Access:
    """What is let in: calls by one of `names`, or with `any_ip` by any address in figures, and with `token` if any."""

    names: frozenset[str]
    any_ip: bool = False
    token: str = ""


def access_for(host: str, names: Sequence[str], token: str) -> Access:
    """Return who is let in at an address that is listened at.

    Raises UsageError where others than this machine could ask without a token, and for a token that can be guessed.
    """
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise UsageError(
            gettext("The token in {name} is no use: it needs {n} characters or more, letters and digits say.").format(
                name=TOKEN, n=SHORTEST_TOKEN
            ),
            _how_to_make_a_token(),
        )
    called = frozenset(name.lower().strip("[]") for name in (*names, host))
    if is_loopback(host):
        return Access(_LOOPBACK | called, token=token)
    if not token:
        raise UsageError(
            gettext("At {host} other machines could ask, and nobody is let in there without a token.").format(
                host=host
            ),
            _how_to_make_a_token(),
        )
    return Access(_LOOPBACK | called, any_ip=True, token=token)


def _how_to_make_a_token() -> str:
    return gettext("Set one: export {name}=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')").format(
        name=TOKEN
    )


def is_loopback(host: str) -> bool:
    """Whether what listens at an address hears this machine only."""
    ip = _ip(host)
    return ip.is_loopback if ip is not None else host.lower() == "localhost"


def refusal(access: Access, path: str, headers: Headers) -> Problem | None:
    """Return why a request is not let in, None where it is."""
    found: dict[bytes, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value.decode("latin-1").strip())
    if not _called_rightly(access, found.get(b"host", [])):
        return Problem(
            403,
            gettext("The request is for another host than this one."),
            gettext("Ask 127.0.0.1 or localhost, or name the host with --allow-host."),
            "wrong_host",
        )
    if not _no_strange_page(found.get(b"origin", []), found.get(b"sec-fetch-site", [])):
        return Problem(
            403,
            gettext("A web page of elsewhere may not ask."),
            gettext("Ask from a program, or from a page of this machine."),
            "wrong_origin",
        )
    if access.token and path not in OPEN and not _has_token(access.token, found.get(b"authorization", [])):
        return Problem(
            401,
            gettext("The token is missing or wrong."),
            gettext("Send it in the header Authorization: Bearer TOKEN; it stands in {name}.").format(name=TOKEN),
            "wrong_token",
        )
    return None


def _called_rightly(access: Access, hosts: list[str]) -> bool:
    if len(hosts) != 1 or (matched := _HOST.fullmatch(hosts[0].lower())) is None:
        return False
    name = matched[1] or matched[2]
    return name in access.names or (access.any_ip and _ip(name) is not None)


def _no_strange_page(origins: list[str], sites: list[str]) -> bool:
    if origins:
        return all(_ORIGIN.fullmatch(origin) for origin in origins)
    return all(site in ("same-origin", "none") for site in sites)


def _has_token(token: str, given: list[str]) -> bool:
    """Whether it is given, in a time that says nothing of how far it was right."""
    scheme, _, value = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    right = hmac.compare_digest(value.strip().encode("latin-1"), token.encode("latin-1"))
    return right and scheme.lower() == "bearer"


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def too_long(raw_path: bytes, query: bytes, headers: Headers) -> Problem | None:
    """Return that an address and headers are too long, None where they are not.

    uvicorn's own limit is for headers that come in parts: what comes at once it takes.
    """
    if len(raw_path) + len(query) + sum(len(name) + len(value) + 4 for name, value in headers) <= LARGEST_HEADERS:
        return None
    return headers_too_large()


def headers_too_large() -> Problem:
    """Return that an address and headers are too long."""
    return Problem(
        431,
        gettext("The address and the headers have more than {n} bytes.").format(n=LARGEST_HEADERS),
        gettext("Send long questions in the body of a POST."),
        "headers_too_large",
    )


def no_http() -> Problem:
    """Return that what came is no request of HTTP."""
    return Problem(
        400,
        gettext("This is no HTTP that can be read."),
        gettext("In an address percent-encode all but ASCII: %C3%BC for ü; curl -G --data-urlencode does."),
        "no_http",
    )


def too_many() -> Problem:
    """Return that more connections are open than are served."""
    return Problem(503, gettext("Too many connections at once."), gettext("Ask again in a moment."), "busy")


class Rates:
    """How often each address has asked of late. For one thread."""

    def __init__(self, per_second: float = _PER_SECOND, at_once: float = _AT_ONCE) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left: LRUCache[str, tuple[float, float]] = LRUCache(_ADDRESSES)  # and when that was so

    def allow(self, address: str) -> bool:
        """Count a request of an address; return whether it is not too often."""
        now = time.monotonic()
        left, then = self._left.get(address, (self._at_once, now))
        left = min(self._at_once, left + (now - then) * self._per_second)
        self._left[address] = (left - 1 if left >= 1 else left, now)
        return left >= 1


def too_often() -> Problem:
    """Return that an address asks too often."""
    return Problem(429, gettext("Too many requests at once."), gettext("Ask again in some seconds."), "rate_limit")
