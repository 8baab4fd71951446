"""One program at a time: where several would prepare the same file, one does and the others wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rag.localization import gettext
from rag.system.cancellation import CancelToken
from rag.system.logs import notice
from rag.system.private_files import FILE_MODE

if TYPE_CHECKING:
    from filelock import BaseFileLock

_EVERY = 0.1  # seconds between two looks at whether the other is done


@contextmanager
def preparing(lock: Path, what: str, cancel: CancelToken | None = None) -> Iterator[None]:
    """Hold the lock file `lock` while `what` is prepared; wait, and say so, while another program does.

    Its folder must be there. The system lets go of the lock when a process ends, however it ends:
    the file that stays behind is no obstacle. Whoever gets in looks first whether it is done.
    Raises OSError where the file cannot be made, and Stopped once `cancel` is cancelled.
    """
    from filelock import FileLock, Timeout

    held = FileLock(lock, mode=FILE_MODE, thread_local=False)
    try:
        held.acquire(timeout=0)
    except Timeout:
        notice(gettext("another program is preparing {what}: waiting for it").format(what=what))
        _wait(held, cancel or CancelToken())
    try:
        yield
    finally:
        # Removed while it is held: filelock takes no lock on a file without a name.
        with suppress(OSError):
            lock.unlink()
        held.release()


def _wait(lock: BaseFileLock, cancel: CancelToken) -> None:
    from filelock import Timeout

    try:
        lock.acquire(timeout=-1, poll_interval=_EVERY, cancel_check=lambda: cancel.cancelled)
    except Timeout:
        cancel.check()
        raise
