"""Which workers a person means by `--workers`, and a Ray that has them.

`ray:N` begins a Ray of N workers on this machine and ends it again, `ray://HOST:PORT` uses a cluster that is there.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType

from rag.errors import UsageError, WorkersUnavailable
from rag.localization import gettext
from rag.settings import Settings
from rag.text.sanitize import one_line

_HERE = re.compile(r"ray:(\d{1,3})", re.ASCII)
_CLUSTER = re.compile(r"ray://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})", re.ASCII)
_SHOWN = 100  # characters
# Ray counts who uses it on a server of its makers, unless told not to.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_STORE = 300_000_000  # bytes of shared memory for what is handed over, of a Ray on this machine


@dataclass(frozen=True, slots=True)
class Workers:
    """What `--workers` names: so many on this machine, or those of the cluster at `address`."""

    here: int = 0
    address: str = ""


def parse_workers(text: str) -> Workers:
    """Return what a person means by `--workers`. Raises UsageError."""
    if (match := _HERE.fullmatch(text.strip())) and int(match[1]):
        return Workers(here=int(match[1]))
    if (match := _CLUSTER.fullmatch(text.strip())) and int(match[2]) <= 65535:
        return Workers(address=text.strip())
    raise UsageError(
        gettext("--workers {given} names no workers.").format(given=one_line(text)[:_SHOWN]),
        gettext("Write ray:4 for four on this machine, or ray://HOST:10001 for those of a Ray cluster."),
    )


@dataclass(frozen=True, slots=True)
class Connected:
    """Workers at hand: how many, how many of Ray's processors each takes, and the settings that they work by."""

    count: int
    processors: int
    settings: Settings
    here: bool


@contextmanager
def connected(workers: Workers, settings: Settings) -> Iterator[Connected]:
    """Have Ray's workers at hand within the block.

    Each has as many processors as the setting `threads` says, on this machine an equal part of those.
    Raises WorkersUnavailable where Ray is not installed, or the cluster does not answer.
    """
    ray = imported()
    handlers = _handlers()
    try:
        if workers.here:
            _begin(ray, workers.here)
        else:
            _join(ray, workers.address)
        _restore(handlers)  # Ray ends a program by a handler of its own: signals are heeded as before
        yield _at_hand(ray, workers, settings)
    finally:
        ray.shutdown()
        _restore(handlers)


def _at_hand(ray: ModuleType, workers: Workers, settings: Settings) -> Connected:
    if workers.here:
        part = max(1, settings.threads // workers.here)
        return Connected(workers.here, 1, replace(settings, threads=part), here=True)
    there = int(ray.cluster_resources().get("CPU", 1))
    return Connected(max(1, there // settings.threads), min(there, settings.threads), settings, here=False)


def imported() -> ModuleType:
    """Return Ray. Raises WorkersUnavailable where it is not installed."""
    os.environ.update(_QUIET)
    try:
        import ray
    except ImportError as error:
        raise WorkersUnavailable(
            gettext("Workers need Ray, which is not installed."), gettext("Install it: pip install 'beleg[ray]'")
        ) from error
    # Ray tells of workers that died on standard output, where answers go, and has no setting for that.
    ray._private.worker._worker_logs_enabled = False
    return ray


def _begin(ray: ModuleType, count: int) -> None:
    try:
        ray.init(
            address="local",
            num_cpus=count,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            object_store_memory=_STORE,
            _node_ip_address="127.0.0.1",
        )
    except (RuntimeError, OSError, ValueError) as error:
        raise WorkersUnavailable(
            gettext("No workers could be begun on this machine ({error}).").format(error=one_line(str(error))[:_SHOWN]),
            gettext("Leave --workers out."),
        ) from error


def _join(ray: ModuleType, address: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # what goes wrong is told below
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (RuntimeError, OSError, ValueError) as error:  # ConnectionError among them
        raise WorkersUnavailable(
            gettext("The Ray cluster at {address} does not answer ({error}).").format(
                address=address, error=one_line(str(error))[:_SHOWN]
            ),
            gettext(
                "See there by `ray status`. It must run the same versions of Python and Ray as this machine; where it "
                "asks for a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN."
            ),
        ) from error


def _handlers() -> dict[signal.Signals, object]:
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}


def _restore(handlers: dict[signal.Signals, object]) -> None:
    for each, handler in handlers.items():
        if handler is not None:  # None: not from Python, and so not ours to put back
            signal.signal(each, handler)  # type: ignore[arg-type]
