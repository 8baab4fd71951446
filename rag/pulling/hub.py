"""Files of models from a hub, by huggingface_hub: what there is, and a file from where it was left.

Its own download of files begins anew in each process, so the bytes are asked for here, by its client.
HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and the proxies of the environment hold.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.catalogue import Hub, is_inside
from rag.system.cancellation import CancelToken
from rag.system.private_files import open_to_write
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    import httpx2

Answer = TypeVar("Answer")
Tell = Callable[[str], None]
Report = Callable[[int], None]  # told how many bytes of a file are here

_SECONDS = 30.0  # without a byte, after which a connection counts as cut
_TRIES, _TRIES_TO_CONNECT = 5, 2  # in a row that bring nothing; to find the hub at all
_WAIT = 1.0  # seconds before the hub is asked again, doubled each time, where it does not say
_LONGEST_WAIT = 300  # seconds that a hub may ask to be left alone for
_BLOCK = 1 << 16
_BUSY = {408, 429, 500, 502, 503, 504}
_MOST = 100_000_000_000  # bytes of a file
# What transformers and sentence-transformers read of a folder; weights are safetensors, never pickles.
_NEEDED = ("*.json", "*.safetensors", "*.model", "vocab.txt", "merges.txt")
_FOLDER = re.compile(r"\d+_\w+", re.ASCII)  # of sentence-transformers' modules, 1_Pooling


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file on the hub. `etag` is its sha256 where it is large, else git's hash of it; `size` in bytes."""

    name: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What is to be fetched: files of one commit of a repository."""

    repo: str
    revision: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def look(hub: Hub, whole: bool, tell: Tell, cancel: CancelToken) -> Listing:
    """Return what is to be fetched: the file that `hub` names, or all that is needed of the `whole` repository.

    Raises ModelUnavailable, and Stopped once `cancel` is cancelled.
    """
    with _reaching(hub.repo, hub.revision):
        return _patiently(lambda: _listed(hub) if whole else _one(hub), lambda: 0, tell, cancel)


def fetch(listing: Listing, file: HubFile, target: Path, report: Report, tell: Tell, cancel: CancelToken) -> None:
    """Bring a file to `target`, what is there of it already kept. It is not checked.

    Raises ModelUnavailable, OSError for the disk, and Stopped once `cancel` is cancelled: what is here then stays.
    """
    with _reaching(listing.repo, listing.revision, file.name):
        _patiently(
            lambda: _rest(listing, file, target, report, cancel),
            lambda: target.stat().st_size if target.exists() else 0,
            tell,
            cancel,
        )


def _endpoint() -> str:
    """Return where the hub is: HF_ENDPOINT as it is now, which the client itself reads only once."""
    from huggingface_hub import constants

    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT


def _one(hub: Hub) -> Listing:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    name = next(iter(hub.files))
    url = hf_hub_url(hub.repo, name, revision=hub.revision, endpoint=_endpoint())
    found = get_hf_file_metadata(url, timeout=_SECONDS, endpoint=_endpoint())
    return Listing(hub.repo, _commit(found.commit_hash), (_file(name, found.size, found.etag),))


def _listed(hub: Hub) -> Listing:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=_endpoint())
    found = api.model_info(hub.repo, revision=hub.revision, files_metadata=True, timeout=_SECONDS)
    files = []
    for each in found.siblings or []:
        if _needed(each.rfilename):
            etag = each.lfs.sha256 if each.lfs is not None else each.blob_id
            files.append(_file(each.rfilename, each.size, etag))
    if not any(file.name.endswith(".safetensors") for file in files):
        remedy = gettext("Beleg loads no pickled weights: name another model.")
        raise ModelUnavailable(gettext("{repo} has no weights as safetensors.").format(repo=hub.repo), remedy)
    return Listing(hub.repo, _commit(found.sha), tuple(files))


def _needed(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    if not is_inside(name) or (folder and not _FOLDER.fullmatch(folder)):
        return False
    return any(fnmatchcase(file, pattern) for pattern in _NEEDED)


def _commit(given: object) -> str:
    if not isinstance(given, str) or not re.fullmatch(r"[0-9a-f]{40}", given):
        raise ValueError("no commit is named")
    return given


def _file(name: str, size: object, etag: object) -> HubFile:
    if type(size) is not int or not 0 <= size <= _MOST:
        raise ValueError(f"no size of {name} is named")
    if not isinstance(etag, str) or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", etag):
        raise ValueError(f"no hash of {name} is named")
    return HubFile(name, size, etag)


def _rest(listing: Listing, file: HubFile, target: Path, report: Report, cancel: CancelToken) -> None:
    """Ask for what is missing of a file, and append it. Raises what the client raises."""
    import httpx2
    from huggingface_hub import get_session, hf_hub_url, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    have = target.stat().st_size if target.exists() else 0
    report(have)
    if have == file.size and target.exists():
        return
    url = hf_hub_url(listing.repo, file.name, revision=listing.revision, endpoint=_endpoint())
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if 0 < have < file.size:
        headers["Range"] = f"bytes={have}-"
    with get_session().stream("GET", url, headers=headers, timeout=_SECONDS) as answer:
        hf_raise_for_status(answer)
        if "Range" not in headers or not _goes_on(answer, have):
            have = 0
        with open_to_write(target, have) as out:
            for block in answer.iter_bytes(_BLOCK):
                cancel.check()
                have += len(block)
                if have > file.size:
                    raise ValueError(f"more than the {file.size:,} bytes that were announced")
                out.write(block)
                report(have)
    if have < file.size:
        raise httpx2.RemoteProtocolError("the answer ended too soon")


def _goes_on(answer: httpx2.Response, have: int) -> bool:
    """Return whether an answer begins where what is here ends; other servers send all of it."""
    return answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _patiently(ask: Callable[[], Answer], progress: Callable[[], int], tell: Tell, cancel: CancelToken) -> Answer:
    """Ask again where the connection is cut or the hub is busy, as long as that brings anything forward."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    tries = 0
    while True:
        before = progress()
        try:
            return ask()
        except (httpx2.TransportError, HfHubHTTPError) as error:
            cancel.check()  # it may have come of a stop
            tries = 1 if progress() > before else tries + 1
            wait = _wait(error, tries)
            most = _TRIES_TO_CONNECT if isinstance(error, httpx2.ConnectError) and not before else _TRIES
            if wait is None or tries >= most:
                raise
            tell(gettext("{trouble}: asking again in {seconds:g} s").format(trouble=_short(error), seconds=wait))
            if cancel.wait(wait):
                cancel.check()


def _wait(error: Exception, tries: int) -> float | None:
    """Return how many seconds to wait before the hub is asked again; None where that is of no use."""
    from huggingface_hub.errors import HfHubHTTPError

    if not isinstance(error, HfHubHTTPError):
        return _WAIT * float(2 ** (tries - 1))
    asked: str = error.response.headers.get("Retry-After", "").strip()
    if error.response.status_code not in _BUSY or (asked.isdecimal() and int(asked) > _LONGEST_WAIT):
        return None
    return float(asked) if asked.isdecimal() else _WAIT * float(2**tries)


def _short(error: Exception) -> str:
    """Return what went wrong, without what a server says of it."""
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(error, HfHubHTTPError):
        return gettext("the hub answered {status}").format(status=error.response.status_code)
    return gettext("the connection failed ({error})").format(error=_of(error))


def _of(error: Exception) -> str:
    return type(error).__name__


@contextmanager
def _reaching(repo: str, revision: str, name: str = "") -> Iterator[None]:
    """Say in a sentence what goes wrong between here and the hub."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # requests tell no versions of other libraries
    import httpx2
    from huggingface_hub import errors

    host = one_line(_endpoint(), 80)
    what = gettext("{name} of {repo}").format(name=name, repo=repo) if name else repo
    again = gettext("Ask again later: it goes on where it stopped.")
    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise ModelUnavailable(
            gettext("The hub is not asked: HF_HUB_OFFLINE is set."), gettext("Unset it to pull from there.")
        ) from error
    except errors.GatedRepoError as error:
        remedy = gettext("Accept them on its page ({host}/{repo}), then set HF_TOKEN to a token of yours.").format(
            host=host, repo=repo
        )
        raise ModelUnavailable(
            gettext("{repo} is given out only to those who accept its terms.").format(repo=repo), remedy
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.RemoteEntryNotFoundError) as error:
        raise ModelUnavailable(
            gettext("{host} has no {what} at {revision}, or not for everybody.").format(
                host=host, what=what, revision=revision
            ),
            gettext("See whether that is its name; of a private one, set HF_TOKEN."),
        ) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        waits = error.response.headers.get("Retry-After", "")
        asks = gettext(" and asks to wait {waits} s").format(waits=one_line(waits, 20)) if waits else ""
        raise ModelUnavailable(
            gettext("{host} answered {status}{asks} for {what}.").format(
                host=host, status=status, asks=asks, what=what
            ),
            again,
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        said = one_line(str(error), 120)
        raise ModelUnavailable(
            gettext("{host} cannot be reached ({error}: {said}).").format(host=host, error=_of(error), said=said), again
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, errors.FileMetadataError) as error:
        remedy = gettext("See that HF_ENDPOINT is a hub, and that no proxy answers in its place.")
        said = one_line(str(error), 120)
        raise ModelUnavailable(
            gettext("{host} answers nonsense for {what} ({said}).").format(host=host, what=what, said=said), remedy
        ) from error
