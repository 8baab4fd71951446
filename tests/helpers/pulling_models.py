"""Pulls a small model into a folder, and keeps what was told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from small_hub import COMMIT

from rag.models.catalogue import CatalogueModel, Hub, Role, Wheels
from rag.models.pulled import Pulled
from rag.pulling.pull import Way, pull
from rag.system.cancellation import CancelToken

REPO, FILE = "owner/small-gguf", "small.gguf"
CONTENT = b"GGUF" + bytes(range(256)) * 4000  # 1 MB


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def model(
    files: dict[str, str] | None = None, *, wheels: Wheels | None = None, size: int = len(CONTENT), role: Role = "llm"
) -> CatalogueModel:
    """A model of one file, whose sha256 is known unless `files` says otherwise."""
    known = {FILE: sha256(CONTENT)} if files is None else files
    hub = Hub(REPO, COMMIT, any(known.values()), known)
    return CatalogueModel("small", "Small", role, ("en",), "MIT", size, 512, 1, False, hub, wheels)


@dataclass
class Pulling:
    """Pulls into a folder, and keeps what was told and shown."""

    store: Path
    told: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    cancel: CancelToken = field(default_factory=CancelToken)

    def __call__(self, asked: CatalogueModel) -> Pulled:
        return pull(asked, self.store, Way(self.told.append, lambda *_: self.positions.append, self.cancel))

    @property
    def files(self) -> dict[str, bytes]:
        """What lies in the folders of models."""
        paths = (path for path in self.store.glob("*/**/*") if path.is_file())
        return {path.relative_to(self.store).as_posix(): path.read_bytes() for path in paths}
