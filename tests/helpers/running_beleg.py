"""Runs the command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from permissions import bound_by_modes

COMMAND = "import sys; from tui.command import main; sys.exit(main(['doctor', *sys.argv[1:]]))"
Findings = list[dict[str, Any]]


def beleg(folder: Path, cache: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    environment = clean | {"BELEG_CACHE": str(cache), "BELEG_LIBRARY": str(folder / "library"), **more}
    command = [sys.executable, "-m", "rag", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200)


def doctor(
    *arguments: str, before: str = "", prefix: tuple[str, ...] = (), **environment: str
) -> tuple[int, Findings, str]:
    """Run the command; return its exit code, what it found, and its narration."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", before + COMMAND, "--json", *arguments],
        env=clean | environment, capture_output=True, text=True, timeout=120, preexec_fn=bound_by_modes(),
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    findings: Findings = json.loads(done.stdout)
    assert all(each["remedy"] for each in findings if each["state"] != "fine"), findings
    assert (done.returncode == 4) == any(each["state"] == "broken" for each in findings), findings
    return done.returncode, findings, done.stderr


def about(findings: Findings, topic: str, name: str = "") -> Findings:
    return [each for each in findings if each["topic"] == topic and each["name"].startswith(name)]


def broken(findings: Findings) -> list[str]:
    return [f"{each['topic']}: {each['name']}: {each['value']}" for each in findings if each["state"] == "broken"]
