"""An actor for workers that are tried."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


class Sleeper:
    """Returns what it is given after so many hundredths of a second; dies of what is told in words."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def about(self) -> int:
        return os.getpid()

    def do(self, given: int | str) -> tuple[int | str, int]:
        if given == "dies" or (given == "dies once" and not (self._folder / "died").exists()):
            (self._folder / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if given == "fails":
            raise ZeroDivisionError("of its own")
        time.sleep(given / 100 if isinstance(given, int) else 0)
        return given, os.getpid()
