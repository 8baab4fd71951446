"""Commands run as somebody who may not do everything: tests often run as root, whom no mode of a file stops."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_DROP_FROM_BOUNDING_SET = 24  # prctl's PR_CAPBSET_DROP
_OVERRIDES = (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def bound_by_modes() -> Callable[[], None] | None:
    """Return a `preexec_fn` after which modes of files hold for root too."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def drop() -> None:
        for each in _OVERRIDES:
            if prctl(_DROP_FROM_BOUNDING_SET, each, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")

    return drop


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Take the right to write from a folder and all in it that are folders."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    modes = {path: path.stat().st_mode for path in folders}
    for path in folders:
        path.chmod(0o555)
    try:
        yield folder
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
