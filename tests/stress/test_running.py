"""Held: what the other tests here look with sees what they are to see."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import running
from kills import rounds
from running import Done, Place

CODE = "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']{more})\n"


@pytest.mark.parametrize("more", ["", ", start_new_session=True"])
@pytest.mark.parametrize("kill_after", [None, 0.5])
def test_a_process_that_outlives_a_run_is_seen_and_ended(
    more: str, kill_after: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = "time.sleep(60)\n" if kill_after else ""
    monkeypatch.setattr(running, "_MAIN", CODE.format(more=more + ", stdout=-3, stderr=-3, stdin=-3") + wait)
    monkeypatch.setattr(running, "_LAST_WORDS", 0.3)
    done = Place(tmp_path, tmp_path).run(kill_after=kill_after)
    assert done.code == (None if kill_after else 0)
    assert len(done.left) == 1 and "python" in done.left[0] and "outlived" in done.complaints()[0]
    assert not running._started(-1, b"STRESS_RUN=none")


class Torn:
    """An operation whose kills leave something wrong."""

    name, row = "torn", 2

    def begin(self, place: Place) -> None:
        place.folder.mkdir()

    def run(self, _: Place, kill_after: float | None) -> Done:
        return Done(None if kill_after is not None else 0, "", "3/4 ", 1.0)

    def after_kill(self, _place: Place, _: Done, /) -> tuple[str, list[str]]:
        return "some", ["half a document"]

    def after_end(self, _place: Place, _: Done) -> list[str]:
        return []


def test_what_is_wrong_after_a_kill_is_told_with_its_seed_and_its_place_is_kept(tmp_path: Path) -> None:
    said: list[str] = []
    tally = rounds(Torn(), 4, 7, tmp_path, tmp_path, said.append)
    assert tally.kills == 4 and len(tally.wrong) == 4 and tally.reported == 12
    assert all("torn, seed 7, torn-" in each and "half a document" in each for each in tally.wrong)
    assert json.dumps(asdict(tally)) and tally.reached == {"some": 4}
    assert (tmp_path / "torn-0").is_dir() and "4 kills" in said[-1] and "4 wrong" in said[-1]
