"""Wheels that hold pieces of a file, in a folder that stands for a package index."""

from __future__ import annotations

import zipfile
from pathlib import Path


def make_wheel(folder: Path, package: str, members: dict[str, bytes]) -> Path:
    """Write a wheel of a package, version 1.0, that holds these files."""
    plain = package.replace("-", "_")
    info = f"{plain}-1.0.dist-info"
    wheel = folder / f"{plain}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{plain}/{name}", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def only_from(folder: Path) -> dict[str, str]:
    """Return the environment in which pip finds packages in that folder and nowhere else."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": "/dev/null"}
