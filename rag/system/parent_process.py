"""A child process that does not outlive the process that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Have this process end when the process `parent`, which started it, is gone, however that ended; on Linux.

    The system goes by the thread that started it, which has to live as long as the child is used.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before it could be asked after
        os.kill(os.getpid(), signal.SIGKILL)
