"""What an LLM is let do is kept by what its file holds; a file that does not fit is no admission."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.models import admission
from rag.models.admission import Admission, admission_of, forget, keep

KEY = "ab" * 32
GIVEN = Admission(True, False, ("de", "en"), {"right": 0.9, "told_apart.de-en": 0.82}, "2025-01-02T03:04:05+00:00")


def file(state: Path) -> Path:
    return next((state / "admissions").glob("*.json"))


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    assert admission_of(tmp_path, KEY) is None
    keep(tmp_path, KEY, GIVEN)
    assert admission_of(tmp_path, KEY) == GIVEN
    assert admission_of(tmp_path, "cd" * 32) is None
    keep(tmp_path, KEY, Admission(False, True, (), {}, "2025-02-02T03:04:05+00:00"))
    assert admission_of(tmp_path, KEY) == Admission(False, True, (), {}, "2025-02-02T03:04:05+00:00")
    forget(tmp_path, KEY)
    forget(tmp_path, KEY)
    assert admission_of(tmp_path, KEY) is None


@pytest.mark.parametrize("key", ["../../etc/passwd at localhost", "a/b\0c", "modèle \ud800", "x" * 5000])
def test_any_name_of_a_server_is_a_key(tmp_path: Path, key: str) -> None:
    name = key.encode("utf-8", "replace").decode()
    keep(tmp_path, name, GIVEN)
    assert admission_of(tmp_path, name) == GIVEN
    assert [path.parent.name for path in tmp_path.rglob("*.json")] == ["admissions"]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    keep(tmp_path, KEY, GIVEN)
    assert file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_trial_of_another_kind_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, KEY, GIVEN)
    monkeypatch.setattr(admission, "TRIAL", admission.TRIAL + 1)
    assert admission_of(tmp_path, KEY) is None


@pytest.mark.parametrize(
    "change",
    [
        {"writes": "yes"},
        {"judges": 1},
        {"languages": "de"},
        {"languages": [1]},
        {"figures": {"right": "all"}},
        {"figures": {"right": float("nan")}},
        {"model": "another"},
        {"further": 1},
        {"made": None},
    ],
)
def test_what_does_not_fit_is_no_admission(tmp_path: Path, change: dict[str, object]) -> None:
    keep(tmp_path, KEY, GIVEN)
    row = json.loads(file(tmp_path).read_text(encoding="utf-8"))
    file(tmp_path).write_text(json.dumps(row | change), encoding="utf-8")
    assert admission_of(tmp_path, KEY) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]"])
def test_damage_is_no_admission(tmp_path: Path, content: bytes) -> None:
    keep(tmp_path, KEY, GIVEN)
    file(tmp_path).write_bytes(content)
    assert admission_of(tmp_path, KEY) is None


def test_a_figure_that_is_no_number_is_left_out(tmp_path: Path) -> None:
    keep(tmp_path, KEY, Admission(False, False, (), {"right": float("nan"), "seconds": 3.0}, "2025"))
    kept = admission_of(tmp_path, KEY)
    assert kept is not None
    assert kept.figures == {"seconds": 3.0}
