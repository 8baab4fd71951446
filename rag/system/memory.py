"""How much memory this process may have."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path


def total_memory() -> int:
    """Return the bytes of memory that there are, or that a container allows; 0 where the system does not say."""
    found = []
    with suppress(OSError):
        match = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.M)
        found += [int(match[1]) * 1024] if match else []
    with suppress(OSError, ValueError):  # the latter: "max", that is, no limit
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    with suppress(OSError, ValueError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min((each for each in found if each > 0), default=0)
