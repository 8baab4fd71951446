"""The command as a person runs it: a process of its own, with a terminal to narrate to, that can be killed.

A place is a folder with all that a run may touch: library, cache, home, temporary files. Nothing is
looked at but exit codes, what was printed, and the files.
"""

from __future__ import annotations

import ctypes
import fcntl
import itertools
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Write = Callable[[str, Any], None]  # figures, by name
REPOSITORY = Path(__file__).resolve().parents[2]
_MAIN = "import sys; from tui.command import main; sys.exit(main())"
_PATIENCE = 300.0  # seconds until a run that does not end is taken for hung
_LAST_WORDS = 20.0  # seconds in which whatever a killed run has started must be gone
_COUNTED = re.compile(r"(\d+)/(\d+) ")
_MARK, _RUNS = "STRESS_RUN", itertools.count()
_TRANSIENT = ("-wal", "-shm", "-journal", ".lock")  # SQLite's and filelock's own, which come and go


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a run. `code` is None if it was killed; `left` are processes that outlived it."""

    code: int | None
    out: str
    err: str
    seconds: float
    left: tuple[str, ...] = ()

    @property
    def counted(self) -> int:
        """How many things the run had counted as done, by its bar: 3 of "3/12"."""
        return max((int(match[1]) for match in _COUNTED.finditer(self.err)), default=0)

    def complaints(self) -> list[str]:
        """What no run may end in, whatever was done to it."""
        found = [f"{word!r} reached the person: …{self.err[-600:]}" for word in _NEVER if word in self.err]
        return found + [f"{each} outlived it" for each in self.left]


_NEVER = ("Traceback", "database is locked", "Segmentation fault", "core dumped")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for runs, and the cache of prepared models they use; temporary files may lie elsewhere."""

    folder: Path
    cache: Path
    temporary: Path | None = None

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def tmp(self) -> Path:
        return self.temporary or self.folder / "tmp"

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a person whose home is here."""
        dropped = ("BELEG_", "XDG_", "PYTHON")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        for folder in (self.folder / "home", self.tmp):
            folder.mkdir(parents=True, exist_ok=True)
        return kept | {
            "PYTHONPATH": str(REPOSITORY),
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.tmp),
            "BELEG_LIBRARY": str(self.library),
            "BELEG_CACHE": str(self.cache),
            "TQDM_MININTERVAL": "0",  # every count is shown at once
            **more,
        }

    def run(
        self,
        *arguments: str,
        typed: str = "",
        kill_after: float | None = None,
        before: Callable[[], None] | None = None,
        **more: str,
    ) -> Done:
        """Run `beleg` here; kill it (SIGKILL) after so many seconds, unless it has ended by then."""
        mark = f"{os.getpid()}-{next(_RUNS)}"
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 160, 0, 0))
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _MAIN, *arguments],
            cwd=self.folder,
            env=self.environment(more) | {_MARK: mark},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=slave,
            start_new_session=True,
            preexec_fn=before,
        )
        os.close(slave)
        assert process.stdin is not None and process.stdout is not None
        try:
            try:
                process.stdin.write(typed.encode())
                process.stdin.close()
            except BrokenPipeError:
                pass
            out, err, killed = _listened(process, process.stdout.fileno(), master, started, kill_after)
        finally:
            os.close(master)
            process.stdout.close()
        seconds = time.monotonic() - started
        code = process.wait()
        left = _left(process.pid, mark)
        return Done(None if killed and code == -signal.SIGKILL else code, out, err, seconds, left)


def _listened(
    process: subprocess.Popen[bytes], out: int, err: int, started: float, kill_after: float | None
) -> tuple[str, str, bool]:
    """Take what the process writes until it ends; return that, and whether it was killed."""
    texts: dict[int, bytes] = {out: b"", err: b""}
    open_, killed = {out, err}, False
    ends = started + (kill_after if kill_after is not None else _PATIENCE)
    while open_:
        now = time.monotonic()
        if now >= ends and not killed:
            process.send_signal(signal.SIGKILL)
            killed = True
            if kill_after is None:
                raise AssertionError(f"hung: {process.args} after {now - started:.0f} s; {texts[err].decode()[-600:]}")
        if killed and now >= ends + _LAST_WORDS:
            break  # somebody who outlived it holds the pipe
        if process.poll() is not None and out not in open_:
            open_.discard(err)  # a terminal has no end of its own where others hold it
        ready, _, _ = select.select(list(open_), [], [], min(0.05, max(0.0, ends - now)) if not killed else 0.05)
        for one in ready:
            try:
                some = os.read(one, 1 << 16)
            except OSError:  # how a terminal says that nobody is left at the other end
                some = b""
            texts[one] += some
            if not some:
                open_.discard(one)
    return texts[out].decode("utf-8", "replace"), texts[err].decode("utf-8", "replace"), killed


def _left(session: int, mark: str) -> tuple[str, ...]:
    """Return what is still alive of what a run has started, after waiting for it to go."""
    ends = time.monotonic() + _LAST_WORDS
    while (alive := _started(session, f"{_MARK}={mark}".encode())) and time.monotonic() < ends:
        time.sleep(0.02)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    return tuple(f"process {pid} ({name})" for pid, name in alive.items())


def _started(session: int, mark: bytes) -> dict[int, str]:
    """Return the processes of a session, and those that began with the mark in their environment."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(") ")
                marked = mark in (entry / "environ").read_bytes().split(b"\0")
            except OSError:  # it has just gone, or is somebody else's
                continue
            state, _, _, belongs, *_ = rest.split()
            if (int(belongs) == session or marked) and state not in "ZX":
                found[int(entry.name)] = name
    return found


def rightless() -> None:
    """Give up, before a program is started, root's way past the rights of files; for others there is nothing to do."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def kinds() -> str:
    """Return what `beleg --help` says: commands that do not exist yet are not asked for."""
    shown = subprocess.run(
        [sys.executable, "-P", "-c", _MAIN, "--help"],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout


def knows(command: str) -> bool:
    """Whether `beleg` has this command."""
    return re.search(rf"^  {command}\s", kinds(), re.MULTILINE) is not None


def intact(file: Path) -> list[str]:
    """Return what SQLite finds wrong with a copy of a database, as it lies there after a crash."""
    with tempfile.TemporaryDirectory() as folder:
        for each in file.parent.glob(f"{file.name}*"):
            shutil.copy(each, folder)
        db = sqlite3.connect(Path(folder) / file.name)
        try:
            rows = [row[0] for row in db.execute("PRAGMA integrity_check")]
            rows += [f"a foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check")]
        except sqlite3.DatabaseError as error:
            rows = [str(error)]
        finally:
            db.close()
    return [f"{file.name}: {row}" for row in rows if row != "ok"]


def queried(file: Path, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query to a copy of a database; none where it is not there or not yet filled."""
    if not file.exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        for each in file.parent.glob(f"{file.name}*"):
            shutil.copy(each, folder)
        db = sqlite3.connect(Path(folder) / file.name)
        try:
            if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                return []
            return db.execute(query).fetchall()
        finally:
            db.close()


def files(folder: Path) -> list[str]:
    """Return the paths of what lies under a folder, without what SQLite and locks bring and take."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if not name.endswith(_TRANSIENT))


def linked(source: Path, target: Path) -> Path:
    """Copy a folder, its files by hard links: for files that are replaced, never written into."""
    shutil.copytree(source, target, copy_function=os.link)
    return target


def number(name: str, default: int) -> int:
    """Return a whole number that the environment gives, such as BELEG_STRESS_ROUNDS."""
    return int(os.environ.get(f"BELEG_STRESS_{name}", default))


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Part a whole number by weights; the parts sum up to it."""
    parts = [total * weight // sum(weights) for weight in weights]
    parts[0] += total - sum(parts)
    return parts
