"""What tests of pulling share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pulling_models import CONTENT, FILE, REPO, Pulling
from small_hub import SmallHub, serving


@pytest.fixture
def pulling(tmp_path: Path) -> Pulling:
    return Pulling(tmp_path / "models")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    """A hub that holds one file; the environment names it, and what other tests have set is as it is by default."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving(SmallHub({f"{REPO}/{FILE}": CONTENT})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served
