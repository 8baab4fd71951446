"""Held: what tells that a folder's documents may have changed, and what does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from rag.errors import BelegError
from rag.index.watch import moments
from rag.system.cancellation import CancelToken, Stopped


def told(folder: Path, act: Callable[[], Any], seconds: float = 3.0) -> bool:
    """Whether a change is told within so many seconds of what is done in a folder that is watched."""
    stop = CancelToken()
    found = moments([folder], folder / "library", stop.check)
    next(found)
    act()
    Timer(seconds, stop.cancel).start()
    try:
        next(found)
    except Stopped:
        return False
    finally:
        stop.cancel()
    return True


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name in ("deep/a.txt", "library/library.sqlite", ".git/index.txt"):
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text("x", encoding="utf-8")
    return tmp_path / "docs"


def written(name: str) -> Callable[[Path], Any]:
    return lambda docs: (docs / name).write_text("y", encoding="utf-8")


SIGNS: dict[str, tuple[Callable[[Path], Any], bool]] = {
    "a file that is written": (written("deep/a.txt"), True),
    "a new file": (written("b.md"), True),
    "a file that is deleted": (lambda docs: (docs / "deep" / "a.txt").unlink(), True),
    "a folder that is renamed": (lambda docs: (docs / "deep").rename(docs / "other"), True),
    "patterns of what is left out": (written("deep/.belegignore"), True),
    "a folder that goes": (lambda docs: docs.rename(docs.with_name("gone")), True),
    "a file of no document's ending": (written("deep/a.png"), False),
    "a hidden file": (written(".b.txt"), False),
    "a file in a hidden folder": (written(".git/index.txt"), False),
    "the library itself": (written("library/library.txt"), False),
    "a file that is read": (lambda docs: (docs / "deep" / "a.txt").read_bytes(), False),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_documents_have_changed_is_told_and_no_other(docs: Path, sign: str) -> None:
    act, wanted = SIGNS[sign]
    assert told(docs, lambda: act(docs), 10.0 if wanted else 2.0) == wanted


def test_a_file_that_is_written_in_many_steps_is_one_change(docs: Path) -> None:
    stop = CancelToken()
    found = moments([docs], docs / "library", stop.check)
    next(found)
    Timer(4.0, stop.cancel).start()
    for step in range(8):
        Timer(step / 5, lambda: (docs / "deep" / "a.txt").write_text(str(time.time()), encoding="utf-8")).start()
    count = 0
    with pytest.raises(Stopped):
        for _ in found:
            count += 1
    assert count == 1


def test_a_folder_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    assert told(docs, docs.mkdir, 10.0)


def test_a_system_that_watches_no_more_folders_is_told_with_what_to_do(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Iterator[Any]:
        raise OSError(28, "OS file watch limit reached.")
        yield

    monkeypatch.setattr("watchfiles.watch", full)
    with pytest.raises(BelegError, match="max_user_watches"):
        next(moments([docs], docs / "library"))
