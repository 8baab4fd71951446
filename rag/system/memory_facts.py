"""What the system says of the machine's memory."""

from __future__ import annotations

from pathlib import Path


def memory_fact(name: str) -> int:
    """Return a figure of /proc/meminfo ("MemTotal", "MemAvailable") in bytes; 0 where there is none."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    rows = (line.split() for line in lines if line.startswith(f"{name}:"))
    return next((int(row[1]) * 1024 for row in rows), 0)
