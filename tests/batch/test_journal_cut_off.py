"""Held: a run cut off at any byte ends as if it had not been."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_assistant import names
from journal_fixtures import IDS, record, resumed, run

from rag.batch.journal import Form
from rag.errors import UsageError
from rag.output.csv_sheet import as_csv

# --- cut off ----------------------------------------------------------------------------


def cuts(path: Path, form: Form | None, made: Sequence[str]) -> tuple[bytes, bytes]:
    """Return the journal and the file after these records."""
    run(path, *map(record, made), form=form)
    journal = path.with_name(path.name + ".part")
    left = journal.read_bytes(), path.read_bytes() if path.exists() else b""
    journal.unlink()
    return left


def lay(path: Path, journal: bytes, answers: bytes | None) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".part").write_bytes(journal)
    if answers is not None:
        path.write_bytes(answers)


@pytest.mark.usefixtures("no_sync")
def test_a_run_cut_off_at_any_byte_of_either_file_ends_as_if_it_had_not_been(path: Path) -> None:
    made = ("ä/1", "a", "d")
    run(path, *map(record, IDS), whole=True)
    whole = path.read_bytes()
    path.unlink()
    journal, answers = cuts(path, None, made)
    for cut in range(len(journal) + 1):
        # The journal is ahead of the file; what both hold of the answers is the shorter of the two.
        for end in (min(cut, len(answers)), len(answers) if cut % 2 else 0):
            lay(path, journal[:cut], answers[:end])
            had = resumed(path)
            assert set(made[: max(0, journal[:cut].count(b"\n") - 1)]) <= set(had)
            assert set(IDS[: answers[:end].count(b"\n")]) <= set(had)
            assert path.read_bytes() == whole and names(path.parent) == [path.name], (cut, end)
    for end in range(len(answers) + 1):
        lay(path, journal, answers[:end])
        assert set(resumed(path)) == set(made) and path.read_bytes() == whole, end


@pytest.mark.usefixtures("no_sync")
def test_a_run_to_a_table_cut_off_at_any_byte_of_its_journal_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    journal, _ = cuts(path, as_csv, ("ä/1", "a", "d"))
    for cut in range(len(journal) + 1):
        lay(path, journal[:cut], None)
        assert len(resumed(path, as_csv)) == max(0, journal[:cut].count(b"\n") - 1)
        assert path.read_text(encoding="utf-8") == as_csv([record(identity) for identity in IDS])
        assert names(tmp_path) == [path.name]


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\x00\n",
        b"\xff{}\n",
        b"\n",
        b"[]\n",
        b"7\n",
        b"{}\n",
        b"[" * 100_000 + b"\n",
        json.dumps({**record("d"), "status": "perhaps"}).encode() + b"\n",
        json.dumps({**record("d"), "passages": None}).encode() + b"\n",
        json.dumps({**record("d"), "id": 7}).encode() + b"\n",
    ],
)
@pytest.mark.parametrize("in_journal", [True, False])
def test_a_damaged_line_is_named_with_its_file_and_nothing_is_touched(
    path: Path, damage: bytes, in_journal: bool
) -> None:
    journal, answers = cuts(path, None, ("a", "ä/1"))
    first, second, rest = journal.partition(b"\n")
    lay(path, first + second + damage + rest if in_journal else journal, answers if in_journal else damage + answers)
    before = path.read_bytes(), path.with_name("answers.jsonl.part").read_bytes()
    said = rf"{path.name}{'.part, line 2' if in_journal else ', line 1'}: that is no record"
    with pytest.raises(UsageError, match=said):
        resumed(path)
    assert (path.read_bytes(), path.with_name("answers.jsonl.part").read_bytes()) == before
