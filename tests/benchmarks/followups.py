"""Follow-up questions: what a conversation makes of them, measured on dialogues whose answers are known.

    python tests/benchmarks/followups.py [--set NAME] [--completion]

The dialogues are those of `followup_dialogues/` over the texts beside them: development.txt was looked at while the
rules were made, heldout.txt was not. `--set seeds` takes the follow-ups of the seeds, `--set topics_heldout` the
questions on texts of many subjects: each that stands alone is asked after questions on two other texts; the persons
sets ask for what belongs to a person, and a mere "Why?". Prints for follow-ups how many are completed with what they
lack; for how many the passage that answers is found first, and among three, by the completed question; how many have
the answer in the first quote (first) and in any (cited), and how many are answered, but not with it (misled); for
those that no document answers how many are refused; for questions that stand alone how many are left as they are;
then each that went wrong. `--completion` asks nothing: what
it prints depends only on how a question is completed, with no answer to take a name from but that in the dialogue's
file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from rag.answering.assistant import Answer, Answered, Assistant
from rag.answering.query_rewriting import standalone
from rag.index.library import Library
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.settings import load

SEEDS = Path(__file__).parents[2] / "seeds"
FOLDER = Path(__file__).with_name("followup_dialogues")
_OWN_TEXTS = ("topics_training", "topics_heldout", "persons_development", "persons_heldout")
TEXTS_OF = {"heldout": "texts", "development": "texts"} | {name: name for name in _OWN_TEXTS}  # by set


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Questions asked before, and the one that is measured; `hangs` says whether it is a follow-up.

    `lacks` are words that it has to be completed with, `answer` are words of the sentence that answers, "" where
    only completion is measured. Where it is `unanswered`, no document answers it.
    """

    before: tuple[str, ...]
    question: str
    hangs: bool
    answer: str
    lacks: tuple[str, ...]
    unanswered: bool = False


def dialogues(name: str) -> list[Dialogue]:
    """Return the dialogues of a file of FOLDER."""
    return list(_read((FOLDER / f"{name}.txt").read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[Dialogue]:
    before: list[str] = []
    for line in text.splitlines():
        if line.startswith("? "):
            before.append(line[2:])
        elif line.startswith("x "):
            yield Dialogue(tuple(before), line[2:], True, "", (), unanswered=True)
        elif line[:2] in ("> ", "= "):
            question, answer, *lacks = line[2:].split(" | ")
            words = tuple(lacks[0].split(", ")) if lacks else ()
            yield Dialogue(tuple(before), question, line[0] == ">", "" if answer == "-" else answer, words)
        elif not line:
            before = []


def of_topics(name: str) -> list[Dialogue]:
    """Return the dialogues of a file of questions on several texts: what hangs after its own question before.

    What stands alone comes after the questions on two other texts, each time others.
    """
    whole = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in whole[whole.index("\n\n") :].splitlines() if line]
    openings: list[list[str]] = []
    for line in lines:
        if line.startswith("# "):
            openings.append([])
        elif line.startswith("? "):
            openings[-1].append(line[2:])
    found, text, before, count = [], -1, "", 0
    for line in lines:
        question, *answer = line[2:].split(" | ")
        if line.startswith("# "):
            text += 1
        elif line.startswith("? "):
            before = question
        elif line.startswith("> "):
            found.append(Dialogue((before,), question, True, answer[0], ()))
        else:
            others = openings[text + 1 :] + openings[:text]
            first, last = others[(count + 2) % len(others)], others[count % len(others)]
            found.append(Dialogue((first[count % len(first)], last[count % len(last)]), question, False, answer[0], ()))
            count += 1
    return found


def of_seeds() -> list[Dialogue]:
    """Return the follow-ups of the seeds."""
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    found = []
    for row in rows.values():
        if row["follows"] and row["answerable"]:
            before, at = list[str](), row["follows"]
            while at:
                before.insert(0, rows[at]["question"])
                at = rows[at]["follows"]
            found.append(Dialogue(tuple(before), row["question"], True, row["answer"], ()))
    return found


def completed(each: Dialogue) -> str:
    """Return the question as it is completed where no answer is known."""
    turns: list[tuple[str, str]] = []
    for question in each.before:
        turns.append((standalone(question, turns), ""))
    return standalone(each.question, turns)


def has_what_it_lacks(each: Dialogue, whole: str) -> bool:
    """Whether a question was completed with what it lacks, or at all, where that is not known."""
    if not each.lacks:
        return whole != each.question
    return all(word.casefold() in whole.casefold() for word in each.lacks)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a dialogue's last question; `rank` is that of the passage that answers, from 1, 0 if not found."""

    dialogue: Dialogue
    whole: str
    rank: int
    first: bool
    cited: bool
    answered: bool
    quotes: tuple[str, ...]


@contextmanager
def library_of(texts: Path) -> Iterator[Assistant]:
    """Yield an assistant that answers from a folder of texts."""
    with TemporaryDirectory() as folder:
        settings = load({"library": folder})
        with Library(settings.library, create=True) as library:
            index([str(texts)], library, load_embedder(settings))
            with Assistant(settings, library) as assistant:
                yield assistant


def asked(assistant: Assistant, rows: Sequence[Dialogue]) -> Iterator[Result]:
    """Yield what the assistant makes of each dialogue."""
    known: dict[tuple[str, ...], list[Answer]] = {(): []}
    for each in rows:
        for at in range(1, len(each.before) + 1):
            if each.before[:at] not in known:
                earlier = known[each.before[: at - 1]]
                known[each.before[:at]] = [*earlier, _ask(assistant, each.before[at - 1], earlier)]
        answer = _ask(assistant, each.question, known[each.before])
        texts = [" ".join(passage.shown.split()) for passage in answer.passages]
        rank = next((n for n, text in enumerate(texts, 1) if each.answer in text), 0)
        shown = tuple(" ".join(citation.quote.text.split()) for citation in answer.citations)
        holds = _holds(each, answer, 1), _holds(each, answer, 3)
        yield Result(each, answer.standalone, rank, *holds, answer.status == "answered", shown)


def _ask(assistant: Assistant, question: str, earlier: list[Answer]) -> Answer:
    *_, last = assistant.ask(question, (), earlier)
    assert isinstance(last, Answered)
    return last.answer


def _holds(each: Dialogue, answer: Answer, most: int) -> bool:
    wanted = " ".join(each.answer.split())
    return any(wanted in " ".join(citation.quote.text.split()) for citation in answer.citations[:most])


def _shares(name: str, counts: dict[str, int], of: int) -> None:
    print(
        f"{name:14} n={of}  " + "  ".join(f"{key} {value} ({value / max(of, 1):.2f})" for key, value in counts.items())
    )


def report_completion(rows: Sequence[Dialogue]) -> None:
    following = [each for each in rows if each.hangs and not each.unanswered]
    alone = [each for each in rows if not each.hangs]
    right = [each for each in following if has_what_it_lacks(each, completed(each))]
    left = [each for each in alone if completed(each) == each.question]
    _shares("follow-ups", {"completed": len(right)}, len(following))
    _shares("stand alone", {"left alone": len(left)}, len(alone))
    for each in rows:
        if each not in right and each not in left:
            print(f"    {each.before[-1]}  {each.question}  ->  {completed(each)}")


def report(results: Sequence[Result]) -> None:
    following = [each for each in results if each.dialogue.hangs and not each.dialogue.unanswered]
    alone = [each for each in results if not each.dialogue.hangs]
    unanswered = [each for each in results if each.dialogue.unanswered]
    counts = {
        "completed": sum(has_what_it_lacks(each.dialogue, each.whole) for each in following),
        "passage @1": sum(each.rank == 1 for each in following),
        "@3": sum(1 <= each.rank <= 3 for each in following),
        "first": sum(each.first for each in following),
        "cited": sum(each.cited for each in following),
        "misled": sum(each.answered and not each.cited for each in following),
    }
    _shares("follow-ups", counts, len(following))
    if unanswered:
        _shares("  no answer", {"refused": sum(not each.answered for each in unanswered)}, len(unanswered))
    answerable = [each for each in alone if each.dialogue.answer]
    _shares("stand alone", {"left alone": sum(each.whole == each.dialogue.question for each in alone)}, len(alone))
    _shares("  answerable", {"cited": sum(each.cited for each in answerable)}, len(answerable))
    for each in results:
        if wrong := _went_wrong(each):
            shown = " / ".join(quote[:60] for quote in each.quotes)
            print(f"    {wrong}: {each.dialogue.before[-1]}  {each.whole}  [{each.dialogue.answer}] ({shown})")


def _went_wrong(each: Result) -> str:
    """Return what went wrong with a dialogue, in words; "" for nothing."""
    if each.dialogue.unanswered:
        return "answered" if each.answered else ""
    hangs = each.dialogue.hangs
    fine = has_what_it_lacks(each.dialogue, each.whole) if hangs else each.whole == each.dialogue.question
    kept = not each.dialogue.answer or each.cited
    return ("" if fine else "completion  ") + ("" if kept else f"not cited, passage {each.rank}")


@click.command()
@click.option("--set", "name", type=click.Choice([*TEXTS_OF, "seeds"]), default="heldout")
@click.option("--completion", is_flag=True, help="Measure only how questions are completed.")
def main(name: str, completion: bool) -> None:
    """Measure what a conversation makes of follow-up questions."""
    rows = of_seeds() if name == "seeds" else of_topics(name) if name.startswith("topics") else dialogues(name)
    if completion:
        report_completion(rows)
        return
    with library_of(SEEDS if name == "seeds" else FOLDER / TEXTS_OF[name]) as assistant:
        report(list(asked(assistant, rows)))


if __name__ == "__main__":
    main()
