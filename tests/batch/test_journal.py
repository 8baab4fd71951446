"""Held: an answer that was counted is on disk, and a run that is taken up again ends as if it had never ended."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_assistant import names, records
from journal_fixtures import FACTS, FORMS, IDS, opened, record, resumed, run

from rag.batch.journal import Form, replace_file
from rag.errors import UsageError
from rag.output.csv_sheet import as_csv

# --- order, and what is on disk when --------------------------------------------------


def test_the_file_grows_in_order_while_later_answers_wait_in_the_journal(path: Path) -> None:
    with opened(path) as ledger:
        ledger.begin()
        seen = []
        for identity in ("ä/1", "d", "a", "=c"):
            ledger.add(record(identity))
            seen.append([row["id"] for row in records(path)])
            assert [row["id"] for row in records(ledger.journal)[1:]] == list(ledger.records)
        ledger.finish(True)
    assert seen == [[], [], ["a", "ä/1"], list(IDS)]
    assert names(path.parent) == [path.name]
    assert path.read_text(encoding="utf-8").count("“ü”") == 4 and "detail" not in path.read_text(encoding="utf-8")


def test_an_answer_is_synced_before_it_is_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[str, list[str], list[str]]] = []
    with opened(path) as ledger:
        ledger.begin()
        sync = os.fsync

        def spied(handle: int) -> None:
            sync(handle)
            (file,) = [each for each in (path, ledger.journal) if os.fstat(handle).st_ino == each.stat().st_ino]
            ids = [row.get("id", "") for row in records(file)]
            synced.append((file.name, list(filter(None, ids)), list(ledger.records)))

        monkeypatch.setattr(os, "fsync", spied)
        ledger.add(record("ä/1"))
        ledger.add(record("a"))
    assert synced == [
        ("answers.jsonl.part", ["ä/1"], []),
        ("answers.jsonl.part", ["ä/1", "a"], ["ä/1"]),
        ("answers.jsonl", ["a", "ä/1"], ["ä/1", "a"]),
    ]


def test_a_file_is_synced_before_it_takes_the_others_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("old", encoding="utf-8")
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(
        os, "fsync", lambda _: seen.append((path.read_text(), path.with_name("answers.jsonl.new").read_text()))
    )
    replace_file(path, "new")
    assert seen == [("old", "new")] and path.read_text(encoding="utf-8") == "new"
    assert names(path.parent) == [path.name]


# --- beginning and going on -------------------------------------------------------------


def test_earlier_answers_are_kept_and_an_unfinished_run_is_not_overwritten(path: Path) -> None:
    path.write_text("earlier", encoding="utf-8")
    with opened(path) as ledger:
        ledger.begin()
        assert ledger.kept == path.with_name("answers.jsonl.old") and ledger.kept.read_text() == "earlier"
        ledger.add(record("d"))
    with opened(path) as another, pytest.raises(UsageError, match=r"unfinished run \(answers.jsonl.part\).*--resume"):
        another.begin()
    assert resumed(path) == ["d"]


@pytest.mark.parametrize("form", [None, as_csv])
def test_resuming_what_was_never_begun_begins_it(path: Path, form: Form | None) -> None:
    assert resumed(path, form) == []
    assert names(path.parent) == [path.name]


def test_a_finished_run_of_lines_has_nothing_left_to_do_and_one_of_a_form_says_so(path: Path, tmp_path: Path) -> None:
    run(path, *map(record, IDS), whole=True)
    before = path.read_bytes()
    assert resumed(path) == list(IDS) and path.read_bytes() == before
    table = tmp_path / "answers.csv"
    run(table, *map(record, IDS), form=as_csv, whole=True)
    with pytest.raises(UsageError, match=r"finished run.*nothing to go on with"):
        resumed(table, as_csv)


OTHERWISE = [
    ({"model": "x"}, "the model was m and is x"),
    ({"model_sha256": "1" * 64}, "the model's file has changed"),
    ({"embedder": "x"}, "the embedder was e and is x"),
    ({"embedder_fingerprint": "x"}, "the embedder's files have changed"),
    ({"mode": "compose"}, "the mode was quote and is compose"),
    ({"passages": "8"}, "the number of passages was 5 and is 8"),
    ({"context": "512"}, "the context was 4096 and is 512"),
    ({"library": "other"}, "the library has changed"),
    ({"version": "0.2.0"}, "the version of Beleg was 0.1.0 and is 0.2.0"),
    ({"mode": "compose", "library": "other"}, "the mode was quote and is compose; the library has changed"),
]


@pytest.mark.parametrize(("facts", "said"), OTHERWISE)
@pytest.mark.parametrize("form", [None, as_csv])
@pytest.mark.parametrize("again", [(), ("error",)])
def test_a_run_goes_on_under_the_same_conditions_only(
    path: Path, facts: dict[str, str], said: str, form: Form | None, again: Sequence[str]
) -> None:
    run(path, record("d"), form=form)
    before = path.with_name("answers.jsonl.part").read_bytes()
    with pytest.raises(UsageError) as caught:
        resumed(path, form, again, **facts)
    assert f"{path} was begun under other conditions: {said}." in caught.value.reason
    assert "--resume=anyway" in caught.value.remedy and caught.value.exit_code == 2
    assert path.with_name("answers.jsonl.part").read_bytes() == before


@pytest.mark.parametrize(("facts", "said"), OTHERWISE)
def test_it_goes_on_anyway_where_that_is_wanted_and_says_what_is_otherwise(
    path: Path, facts: dict[str, str], said: str
) -> None:
    run(path, record("d"))
    with opened(path, **facts) as ledger:
        ledger.resume(anyway=True)
        assert "; ".join(ledger.differences) == said and list(ledger.records) == ["d"] and ledger.unknown == []
    assert resumed(path, **facts) == ["d"]  # its journal holds how it goes on


def test_what_an_older_journal_does_not_say_is_unknown_and_no_difference(path: Path) -> None:
    run(path, record("d"))
    journal = path.with_name("answers.jsonl.part")
    _, _, rest = journal.read_text(encoding="utf-8").partition("\n")
    older = {"beleg": 1, "model": "m", "embedder": "e", "mode": "quote", "library": "stamp"}
    journal.write_text(json.dumps(older) + "\n" + rest, encoding="utf-8")
    with pytest.raises(UsageError, match="the library has changed"):
        resumed(path, library="other")
    with opened(path) as ledger:
        ledger.resume()
        assert list(ledger.records) == ["d"] and ledger.differences == []
        assert ledger.unknown == [
            "model's file",
            "embedder's files",
            "number of passages",
            "context",
            "version of Beleg",
        ]


def test_lines_without_a_journal_say_their_model_embedder_and_mode_only(path: Path) -> None:
    run(path, *map(record, IDS), whole=True)
    for facts, said in OTHERWISE:
        if set(facts) & {"model", "embedder", "mode"}:
            with pytest.raises(UsageError, match=said.partition(";")[0]):
                resumed(path, **facts)
        else:
            assert resumed(path, **facts) == list(IDS)


@pytest.mark.parametrize("head", ["[]", "7", '"m"', "null", json.dumps(record("d")), "{", "[" * 100_000])
def test_a_journal_whose_head_is_none_is_named(path: Path, head: str) -> None:
    run(path, record("d"))
    path.with_name("answers.jsonl.part").write_text(head + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"answers\.jsonl\.part, line 1: that is no record"):
        resumed(path)


@pytest.mark.parametrize("value", [7, None, ["m"], {"m": 1}])
def test_a_fact_that_is_no_text_is_unknown(path: Path, value: object) -> None:
    run(path, record("d"))
    path.with_name("answers.jsonl.part").write_text(json.dumps(FACTS | {"mode": value}) + "\n", encoding="utf-8")
    with opened(path) as ledger:
        ledger.resume()
        assert ledger.unknown == ["mode"]


def test_a_journal_is_its_owners_and_the_answers_are_as_other_files_are(path: Path) -> None:
    before = os.umask(0o022)
    try:
        run(path, record("d"), record("a"))
    finally:
        os.umask(before)
    assert path.with_name("answers.jsonl.part").stat().st_mode & 0o777 == 0o600
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("other", [{"id": "z"}, {"question": "What else?"}])
def test_answers_to_other_questions_are_refused(path: Path, other: dict[str, str]) -> None:
    run(path, record("a"), {**record("d"), **other})
    with pytest.raises(UsageError, match="not to a question of this file"):
        resumed(path)


def test_lines_in_which_something_failed_keep_their_journal(path: Path) -> None:
    run(path, record("a"), record("ä/1", "error"), record("=c"), record("d"), whole=True)
    assert names(path.parent) == ["answers.jsonl", "answers.jsonl.part"]
    with pytest.raises(UsageError, match="the library has changed"):
        resumed(path, again=["error"], library="other")
    assert resumed(path) == list(IDS) and names(path.parent) == ["answers.jsonl", "answers.jsonl.part"]
    assert resumed(path, again=["error"]) == ["a", "=c", "d"]
    assert names(path.parent) == ["answers.jsonl"]


@pytest.mark.parametrize("form", [None, as_csv])
def test_a_run_that_came_to_its_end_is_no_obstacle_to_the_next_though_something_failed(
    path: Path, form: Form | None
) -> None:
    old = ["answers.jsonl.old", "answers.jsonl.part.old"]
    run(path, record("a", "error"), record("ä/1"), record("=c"), record("d"), form=form, whole=True)
    first = [each.read_bytes() for each in (path, path.with_name("answers.jsonl.part"))]
    run(path, record("a"), record("ä/1", "error"), record("=c"), record("d"), form=form, whole=True)
    assert names(path.parent) == ["answers.jsonl", old[0], "answers.jsonl.part", old[1]]
    assert [path.with_name(name).read_bytes() for name in old] == first
    assert resumed(path, form, again=["error"]) == ["a", "=c", "d"]
    run(path, form=form)  # of which nothing failed: what is kept is of that run alone
    assert names(path.parent) == sorted(["answers.jsonl.part", old[0], *(["answers.jsonl"] if form is None else [])])


@pytest.mark.parametrize("form", [None, as_csv])
def test_a_run_that_was_gone_on_with_and_cut_off_is_an_unfinished_one(path: Path, form: Form | None) -> None:
    run(path, record("a", "error"), record("ä/1"), record("=c"), record("d"), form=form, whole=True)
    with opened(path, form) as ledger:
        ledger.resume(("error",))
    with opened(path, form) as ledger, pytest.raises(UsageError, match="unfinished run"):
        ledger.begin()


@pytest.mark.parametrize("head", [b"", b"{", b'{"over": 1}\n', b"[true]\n", b'{"over": true, "a": "' + b"a" * 200_000])
def test_a_journal_that_does_not_say_so_is_of_an_unfinished_run(path: Path, head: bytes) -> None:
    path.with_name("answers.jsonl.part").write_bytes(head)
    with opened(path) as ledger, pytest.raises(UsageError, match="unfinished run"):
        ledger.begin()


@pytest.mark.parametrize("form", [None, as_csv])
def test_only_what_failed_is_asked_again(path: Path, form: Form | None) -> None:
    run(path, record("a"), record("ä/1", "error"), record("=c", "not_found"), record("d"), form=form, whole=True)
    assert resumed(path, form, again=["error"]) == ["a", "=c", "d"]
    assert names(path.parent) == [path.name] and b"It broke" not in path.read_bytes()


@pytest.mark.parametrize("ending", FORMS)
def test_other_forms_are_written_at_the_end_and_the_journal_stays_while_it_is_needed(
    tmp_path: Path, ending: str
) -> None:
    path, form = tmp_path / f"answers{ending}", FORMS[ending]
    run(path, record("d"), record("a"), form=form)
    assert names(tmp_path) == [f"answers{ending}.part"]
    with opened(path, form) as ledger:
        ledger.resume()
        ledger.finish(False)  # stopped
    assert names(tmp_path) == [f"answers{ending}", f"answers{ending}.part"]
    assert path.read_text(encoding="utf-8") == form([record("a"), record("d")])
    with opened(path, form) as ledger:
        ledger.resume()
        ledger.add(record("=c", "error"))
        ledger.add(record("ä/1"))
        ledger.finish(True)  # to its end, but something failed
    assert names(tmp_path) == [f"answers{ending}", f"answers{ending}.part"]
    assert resumed(path, form, again=["error"]) == ["d", "a", "ä/1"]
    assert names(tmp_path) == [f"answers{ending}"]
    assert path.read_text(encoding="utf-8") == form([record(identity) for identity in IDS])


def test_answers_that_wait_for_their_turn_outlive_a_part_of_the_run_that_is_whole(path: Path) -> None:
    run(path, record("a"), record("d"), whole=False)
    with opened(path) as ledger:
        ledger.resume()
        ledger.finish(True)  # all that was to be asked, as with a smaller --limit
    assert resumed(path) == ["a", "d"]
    assert [row["id"] for row in records(path)] == list(IDS) and names(path.parent) == [path.name]
