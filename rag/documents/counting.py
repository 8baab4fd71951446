"""How many files paths stand for, before any is read: so that nobody adds a whole disk unasked."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.documents.paths import absolute
from rag.documents.readers import READERS

MANY = 2000  # files from which on a person is asked
_SECONDS = 2.0  # that counting may take; a folder that takes longer holds many


@dataclass(frozen=True, slots=True)
class Counted:
    """So many files of known endings; `whole` is False where the time was over before the end."""

    files: int
    whole: bool

    @property
    def many(self) -> bool:
        return self.files >= MANY or not self.whole


def count(paths: Sequence[str], seconds: float = _SECONDS) -> Counted:
    """Count the files below `paths`, hidden ones and links to folders left out, for at most so many seconds.

    What patterns leave out is counted too, and a pattern as nothing.
    """
    ends, files = time.monotonic() + seconds, 0
    waiting = [str(absolute(path)) for path in paths]
    while waiting:
        if time.monotonic() > ends:
            return Counted(files, whole=False)
        at = waiting.pop()
        try:
            with os.scandir(at) as listing:
                for entry in listing:
                    if time.monotonic() > ends:  # one folder may hold a million
                        return Counted(files, whole=False)
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        files += Path(entry.name).suffix.lower() in READERS
        except NotADirectoryError:
            files += 1
        except (OSError, ValueError):
            continue  # a folder that cannot be read adds nothing, and is told of when it is indexed
    return Counted(files, whole=True)
