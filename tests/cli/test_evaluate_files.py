"""Held: what `beleg eval` writes is all there is to know about a run, and outlives Ctrl-C and a full disk."""

from __future__ import annotations

import json
import math
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from evaluation_fixtures import BETTER, ROWS, Desk, Quoting, judge
from fake_assistant import names, records, write_rows
from project import SEEDS

from rag.answering.assistant import Assistant, Retrieval
from rag.answering.feature_weights import shipped
from rag.batch.progress import Progress
from rag.cli.main import main
from rag.errors import UsageError
from rag.evaluation.run import Judged, lines, measured, read_run, thresholds
from rag.settings import Settings


@pytest.fixture
def desk(
    small_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(small_library, tmp_path / "here", monkeypatch, capsys)


@pytest.fixture
def run(tmp_path: Path) -> list[Judged]:
    return judge(write_rows(tmp_path / "known.jsonl", ROWS), Quoting())


# --- files ------------------------------------------------------------------------------


def test_every_record_is_written_with_what_is_right_and_can_be_read_back(desk: Desk) -> None:
    found = desk.json("-o", "run.jsonl")
    run = read_run(desk.folder / "run.jsonl")
    assert [row["id"] for row in run] == [row["id"] for row in ROWS] and run == records(desk.folder / "run.jsonl")
    for row in run:
        assert {"question", "status", "answer", "citations", "passages", "detail", "gold", "scores", "right"} <= set(
            row
        )
        assert row["gold"]["answerable"] is (row["id"] not in ("lamps", "whales"))
    cost = next(row for row in run if row["id"] == "cost")
    assert cost["detail"]["declined"]["quote"] == "Sie kostete 80.000 Mark." and cost["right"] is True
    assert (cost["scores"]["answered"], cost["scores"]["recall@1"]) == (0.0, 1.0)
    assert {one.name: one.value for one in measured(run)} == {n: f["value"] for n, f in found["figures"].items()}
    assert names(desk.folder) == ["known.jsonl", "run.jsonl"]


def test_the_page_holds_the_figures_and_the_plot_and_nothing_from_elsewhere(desk: Desk) -> None:
    assert desk("--html", "run.html", "-o", "run.jsonl") == 0
    html = (desk.folder / "run.html").read_text(encoding="utf-8")
    assert "<title>Evaluation: known</title>" in html
    for name, shown in (("cited", r"0\.571 \([01]\.\d+ – [01]\.\d+\)"), ("median_s", r"0\.50 s \(0\.50 s – 0\.50 s\)")):
        assert re.search(rf"<th[^>]*>{name}</th><td>{shown}</td>", html), name
    limit = shipped().thresholds.refuse["balanced"]
    at = next(point for point in thresholds(read_run(desk.folder / "run.jsonl")) if point.threshold >= limit)
    (used,) = re.findall(r"In use: (.*?)</p>", html)
    assert at.refused is not None and at.accurate is not None
    assert used.replace("\N{NO-BREAK SPACE}", " ") == (
        f"{limit:.2f}. It refuses {100 * at.refused:.0f} % of the unanswerable questions, "
        f"and the first citation is right in {100 * at.accurate:.0f} % of the answerable ones."
    )
    assert html.count("<svg") == 2 and html.count('<circle class="dot"') == 10
    assert html.count('<circle class="dot sure"') == 1  # nine questions are one bin
    assert [
        re.sub(": .*", "", each) for each in re.findall(r'<th scope="row">((?:careful|balanced|eager)\b.*?)</th>', html)
    ] == [
        "careful",
        "balanced, in use",
        "eager",
    ]
    assert "Karl Lohse”" in html and "no answer in the documents" in html
    flags = re.findall(r'<article .*?data-flags="(.*?)"', html)
    assert [row["id"] for row, flag in zip(ROWS, flags, strict=True) if flag] == ["lamps", "now", "cost", "fate"]
    assert not re.search(r"https?://|url\(|@import|(?:src|href)=\"(?!#)", html)


def test_a_page_of_questions_of_one_kind_has_no_plot_of_accuracy_against_refusal(desk: Desk) -> None:
    write_rows(desk.file, [row for row in ROWS if row.get("answerable", True)])
    assert desk("--html", "run.HTM") == 0
    html = (desk.folder / "run.HTM").read_text(encoding="utf-8")
    assert html.count("<svg") == 1 and "against refusal" not in html and ">cited</th>" in html


@pytest.mark.parametrize(
    ("flag", "name", "said"),
    [
        ("-o", "run.csv", "run.csv does not end in .jsonl"),
        ("-o", "run", "run does not end in .jsonl"),
        ("-o", "run.html", "run.html does not end in .jsonl"),
        ("--html", "run.jsonl", "run.jsonl does not end in .html"),
        ("-o", "known.jsonl", "would overwrite the questions"),
        ("-o", "../here/known.jsonl", "would overwrite the questions"),
        ("-o", "link.jsonl", "would overwrite the questions"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_before_anything_is_asked(
    flag: str, name: str, said: str, desk: Desk
) -> None:
    (desk.folder / "link.jsonl").symlink_to("known.jsonl")
    before = (desk.file).read_bytes()
    assert desk(flag, name) == 2
    assert said in desk.err and desk.told.opened == 0
    assert (desk.file).read_bytes() == before and names(desk.folder) == ["known.jsonl", "link.jsonl"]


@pytest.mark.parametrize(("flag", "name"), [("-o", "run.jsonl"), ("--html", "run.html")])
def test_where_a_file_cannot_be_written_the_figures_are_told_all_the_same(
    flag: str, name: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.batch.journal.os.fsync", full)
    assert desk(flag, name) == 4
    assert f"{name} cannot be written: " in desk.err and "Name a file in a folder of yours." in desk.err
    assert re.search(r"^cited +0\.571 ", desk.out, re.MULTILINE)


def test_a_full_disk_leaves_the_run_that_was_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk("-o", "run.jsonl")
    before = (desk.folder / "run.jsonl").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.batch.journal.os.fsync", full)
    assert desk("-o", "run.jsonl", told=Quoting(BETTER)) == 4
    assert "run.jsonl cannot be written: No space left on device" in desk.err
    assert (desk.folder / "run.jsonl").read_bytes() == before
    assert names(desk.folder) == ["known.jsonl", "run.jsonl", "run.jsonl.old"]  # the last is a copy


# --- read back ---------------------------------------------------------------------------


def test_a_run_is_read_back_as_it_was(run: list[Judged], tmp_path: Path) -> None:
    odd = {**run[0], "answer": "Zwei\u2028Zeilen, 🦆\r und halbe: \udc80", "id": "ü\u0085"}
    path = tmp_path / "run.jsonl"
    path.write_bytes(lines([odd, *run]).encode("utf-8", "backslashreplace"))
    assert read_run(path) == [odd, *run]
    assert len(records(path)) == len(run) + 1 and path.read_bytes().count(b"\n") == len(run) + 1
    path.write_bytes(b"\n" + lines(run).replace("\n", "\r\n\r\n").encode())
    assert read_run(path) == run
    path.write_bytes(b"")
    assert read_run(path) == []


def spoilt(row: Judged, **change: Any) -> str:
    return json.dumps({**row, **change}) + "\n"


@pytest.mark.parametrize(
    "change",
    [
        {"id": 5},
        {"id": None},
        {"conversation": None},
        {"conversation": ["a"]},
        {"scores": None},
        {"scores": []},
        {"scores": {}},
        {"scores": {"error": 0.0}},
        {"scores": {"seconds": 0.0}},
        *({"scores": {"error": 0.0, "seconds": 1.0, "cited": cited}} for cited in ("1", True, [1], {})),
        *({"scores": {"error": 0.0, "seconds": 1.0, "cited": cited}} for cited in (math.nan, math.inf, -1, 10**400)),
    ],
    ids=lambda change: str(change)[:60],
)
def test_a_row_that_is_none_of_a_run_makes_the_file_none(
    change: dict[str, Any], run: list[Judged], tmp_path: Path
) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(lines(run) + spoilt(run[0], **change), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_run(path)
    assert str(caught.value) == f"{path} is no run of `beleg eval`. Name what `beleg eval -o` wrote."


@pytest.mark.parametrize(
    "content",
    [
        b"no JSON",
        b"5",
        b"null",
        b'"id"',
        b"[]",
        b'["id", "scores"]',
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b"\0",
        b"1" * 5000,
    ],
    ids=lambda content: str(content[:20]),
)
def test_a_file_of_anything_else_is_no_run(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is no run of `beleg eval`"):
        read_run(path)


def test_records_without_scores_are_no_run_and_a_folder_or_nothing_cannot_be_read(
    run: list[Judged], tmp_path: Path
) -> None:
    path = tmp_path / "batch.jsonl"
    path.write_text(lines([{key: row[key] for key in row if key != "scores"} for row in run]), encoding="utf-8")
    with pytest.raises(UsageError, match="is no run"):
        read_run(path)
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_run(tmp_path)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_run(tmp_path / "nothing.jsonl")


# --- stopped ----------------------------------------------------------------------------


@pytest.mark.usefixtures("heeding")
def test_stopped_by_ctrl_c_it_writes_and_tells_what_there_is(desk: Desk) -> None:
    handler = signal.getsignal(signal.SIGINT)
    assert desk("-o", "run.jsonl", "--html", "run.html", "--fail-under", "cited=1", told=Quoting(stop_at=5)) == 130
    assert signal.getsignal(signal.SIGINT) is handler and desk.err.endswith("beleg: stopped\n")
    assert len(desk.told.asked) == 5
    run = read_run(desk.folder / "run.jsonl")
    by_id = {row["question"]: row["id"] for row in ROWS}
    assert {row["id"] for row in run} == {by_id[text] for text, _ in desk.told.asked[:4]}
    assert [row["id"] for row in run] == [row["id"] for row in ROWS if row["id"] in {one["id"] for one in run}]
    assert re.search(r"^error +0\.000 .* 4$", desk.out, re.MULTILINE) and "4 of 10 done" in desk.err
    assert "<b>4</b> questions" in (desk.folder / "run.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("heeding")
def test_ctrl_c_after_the_last_question_stops_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    count = Progress.add

    def add(self: Progress, status: str) -> None:
        count(self, status)
        if sum(self.counts.values()) == len(ROWS):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Progress, "add", add)
    assert desk() == 0 and "10 of 10 done" in desk.err


@pytest.mark.usefixtures("heeding")
def test_stopped_before_the_first_answer_it_writes_nothing_and_leaves_the_run_that_was_there(desk: Desk) -> None:
    desk("-o", "run.jsonl")
    before = (desk.folder / "run.jsonl").read_bytes()
    assert desk("-o", "run.jsonl", "--html", "run.html", told=Quoting(stop_at=1)) == 130
    assert desk.out == "" and desk.err.endswith("beleg: stopped\n")
    assert (desk.folder / "run.jsonl").read_bytes() == before
    assert names(desk.folder) == ["known.jsonl", "run.jsonl"]


def test_a_run_that_was_there_is_kept_under_another_name(desk: Desk) -> None:
    desk.json("-o", "run.jsonl")
    before = read_run(desk.folder / "run.jsonl")
    desk.json("-o", "run.jsonl", "--limit", "2")
    assert len(read_run(desk.folder / "run.jsonl")) == 2
    assert read_run(desk.folder / "run.jsonl.old") == before


# --- the real models --------------------------------------------------------------------

REAL = ["kursk-troops-en", "kursk-troops-blinken-en", "rosetta-weight-de", "kursk-losses-de", "hestray-cable-de"]


@pytest.fixture
def real(settings: Settings, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that have a handful of the seed questions asked of the seeds, with the embedded models."""
    monkeypatch.setenv("BELEG_CACHE", str(settings.cache))
    rows = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    write_rows(desk.file, [row for row in rows if row["id"] in REAL])
    return ["--library", str(settings.library), "--threads", "2", "eval", "known.jsonl", "-q", "--json"]


def test_the_seed_questions_are_measured_and_again_with_the_same_result(
    real: list[str], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*real, "-o", "run.jsonl", "--fail-under", "cited=0.5", "--fail-under", "recall@5=1"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert {name: figures[name]["n"] for name in ("cited", "refused", "contains", "balance")} == {
        "cited": 4,
        "refused": 1,
        "contains": 4,
        "balance": 5,
    }
    assert 0 < figures["median_s"]["value"] <= figures["p95_s"]["value"] < 200
    run = {row["id"]: row for row in read_run(desk.folder / "run.jsonl")}
    assert set(run) == set(REAL) and run["kursk-troops-blinken-en"]["conversation"] == "kursk-troops-en"
    assert run["kursk-troops-en"]["scores"]["cited"] == 1 and "11.000" in run["kursk-troops-en"]["answer"]
    assert run["kursk-troops-en"]["right"] is True and run["rosetta-weight-de"]["right"] is True
    assert "Kursk" in run["kursk-troops-blinken-en"]["detail"]["standalone"]  # it was asked as what follows
    for row in run.values():
        assert (row["detail"]["declined"] is not None) is (row["status"] == "not_found")
    assert main([*real, "--compare", "run.jsonl"]) == 0
    differences = json.loads(capsys.readouterr().out)["differences"]
    assert {one["difference"] for name, one in differences.items() if name != "median_s"} == {0.0}


@pytest.mark.usefixtures("heeding")
def test_ctrl_c_while_the_model_reads_keeps_what_was_answered_before(
    real: list[str], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    select, asked = Assistant._select, []

    def interrupted(self: Assistant, found: Retrieval, *rest: Any) -> Any:
        asked.append(found.query.text)
        if len(asked) == 3:
            signal.raise_signal(signal.SIGINT)
        return select(self, found, *rest)

    monkeypatch.setattr(Assistant, "_select", interrupted)
    assert main([*real, "-o", "run.jsonl"]) == 130
    run = read_run(desk.folder / "run.jsonl")
    assert sorted(row["question"] for row in run) == sorted(asked[:2]) and len(asked) == 3
