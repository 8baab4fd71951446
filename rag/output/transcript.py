"""A conversation as a file: Markdown or HTML for people, JSON for programs.

Text of documents and models is never markup. In Markdown it is escaped where it would be
syntax (see `markdown_text`), in HTML everywhere; in both, and in JSON too, what a terminal
would obey is replaced or escaped. People read a quote as everywhere else (`Quote.reading`):
on one line, a row of a table with its column heads. In JSON it is there to the letter, too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.assistant import Answer, Citation
from rag.answering.sentence_selection import Quote
from rag.conversations.store import Conversation, Turn
from rag.documents.own_files import MARKDOWN
from rag.errors import UsageError
from rag.localization import LANGUAGES, gettext, language_of_words, words
from rag.output.json_record import record
from rag.output.markdown_text import CLOSE, OPEN, escaped, marked_spans, quoted
from rag.output.terminal import also_in, figures_differ, limited, nearest, older, place_in
from rag.settings import manner
from rag.system.atomic_write import atomic_write
from rag.text.moments import local
from rag.text.sanitize import one_line, plain

if TYPE_CHECKING:
    from jinja2 import Template

_NEAREST = 3  # passages shown where the documents do not say
_SECURITY = "default-src 'none'; style-src 'unsafe-inline'"


def write(conversation: Conversation, path: Path, overwrite: bool = False) -> None:
    """Write a conversation to a file, as what its ending says.

    The file is there whole or not at all. Raises UsageError for another ending, for a
    file that exists, without `overwrite`, and for one that cannot be written.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            gettext("{path} has no ending that says how to write it.").format(path=path),
            gettext("Name a file in .md, .html or .json."),
        )
    # Halves of characters, which PDFs may hold, have no UTF-8: they are written out, as in JSON.
    data = form(conversation).encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not overwrite:
            raise UsageError(
                gettext("{path} is there already.").format(path=path),
                gettext("Name another file, or have this one overwritten."),
            )
        with atomic_write(path) as unfinished:
            unfinished.write_bytes(data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            gettext("{path} cannot be written: {reason}.").format(path=path, reason=reason),
            gettext("Name a file in a folder you may write to."),
        ) from error


# --- JSON ------------------------------------------------------------------------------


def as_json(conversation: Conversation) -> str:
    """Return a conversation as JSON: its id, its title, and a record (see `rag.output.json_record`) of every turn."""
    turns = [
        {**record(str(n), turn.answer), "standalone": turn.answer.standalone, "when": turn.when}
        for n, turn in enumerate(conversation.turns, 1)
    ]
    facts = {"conversation": conversation.id, "title": conversation.title, "turns": turns}
    text = json.dumps(facts, ensure_ascii=False, indent=2)
    # The same strings to a program, but nothing to a terminal.
    return re.sub(r"[^\n -~]", lambda match: _written_out(match.group()), text) + "\n"


def _written_out(sign: str) -> str:
    return sign if plain(sign) == sign else f"\\u{ord(sign):04x}"


# --- Markdown --------------------------------------------------------------------------


def markdown(conversation: Conversation) -> str:
    """Return a conversation as Markdown (CommonMark), in which nothing but Beleg's own is markup."""
    blocks = [f"# {escaped(one_line(conversation.title))}"]
    for turn in conversation.turns:
        if not _says_it_all(conversation):
            blocks.append(f"## {escaped(one_line(turn.answer.question))}")
        blocks += _turn(turn)
    return "\n\n".join([*blocks, MARKDOWN]) + "\n"


def _turn(turn: Turn) -> list[str]:
    answer = turn.answer
    gettext = words(answer.language).gettext
    blocks = []
    if answer.standalone != answer.question:
        blocks.append(escaped(gettext("Understood as:") + " " + one_line(answer.standalone)))
    blocks.append(escaped(limited(answer)))
    blocks += [escaped(plain("".join(said for said, _ in pieces))) for pieces in _paragraphs(answer)]
    if answer.status == "not_found" and answer.passages:
        lines = [f"- {escaped(one_line(line))}" for line in nearest(answer.passages[:_NEAREST])]
        blocks += [gettext("Nearest passages (not evidence):"), "\n".join(lines)]
    if answer.figures:
        blocks.append(escaped(figures_differ(answer.figures, answer.language)))
    if answer.citations:
        blocks.append(gettext("Sources"))
    for citation in answer.citations:
        blocks.append(escaped(f"{OPEN}[{citation.n}]{CLOSE} {place(citation, answer.language)}"))
        blocks.append(quoted(citation.quote.reading, citation.quote.marks))
        if citation.quote.gloss:
            blocks.append(escaped(gettext("word by word:") + " " + one_line(citation.quote.gloss)))
    return [*filter(None, blocks), escaped(_made(turn))]


# --- what all forms for people say --------------------------------------------------------


def _says_it_all(conversation: Conversation) -> bool:
    """Whether the title is the one question there is: it need not stand there twice."""
    return len(conversation.turns) == 1 and conversation.title == conversation.turns[0].answer.question


def place(citation: Citation, language: str) -> str:
    """Return where a quote stands, on one line: its document, the headings over it, date, page, span, versions, copies.

    The words for that are in the `language` of the question.
    """
    quote, document = citation.quote, citation.quote.document
    where = f"{document.name}:{quote.start}-{quote.end}"
    more = filter(None, [older(citation.older_than, language), also_in(citation.also_in, language)])
    return one_line(" · ".join([*place_in(citation, language), where, *more]))


def _made(turn: Turn) -> str:
    answer = turn.answer
    how = manner(answer.mode, answer.care, answer.language)
    said = words(answer.language).gettext("Model {model} · embedder {embedder} · mode {mode} · {when}")
    return one_line(said.format(model=answer.model, embedder=answer.embedder, mode=how, when=local(turn.when)))


# --- HTML ------------------------------------------------------------------------------


def html(conversation: Conversation) -> str:
    """Return a conversation as a page that holds all it needs and asks nothing of any other place."""
    return _page().render(
        conversation=conversation,
        titled=_says_it_all(conversation),
        security=_SECURITY,
        nearest=lambda answer: nearest(answer.passages[:_NEAREST]),
        paragraphs=_paragraphs,
        parts=_parts,
        limited=limited,
        figures=lambda answer: figures_differ(answer.figures, answer.language),
        place=place,
        made=_made,
        words=words,
        language_of_words=language_of_words,
        language=_language(conversation),
        spoken=_spoken,
    )


def _language(conversation: Conversation) -> str:
    """Return the language that most of a conversation is in, one of LANGUAGES; English where none has most."""
    count = Counter(turn.answer.language for turn in conversation.turns)
    language, turns = count.most_common(1)[0]
    return language if language in LANGUAGES and 2 * turns > count.total() else "en"


def _spoken(answer: Answer) -> str:
    """Return the language of an answer's text: where it quotes, that of what is quoted, if that is one."""
    quoted = {citation.quote.document.language for citation in answer.citations}
    return quoted.pop() if answer.mode == "quote" and len(quoted) == 1 else answer.language


@cache
def _page() -> Template:
    # jinja2 is there in any case, since llama-cpp-python needs it; imported late, for a quick start.
    from jinja2 import Environment, StrictUndefined

    site = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    site.filters |= {"plain": plain, "line": one_line}
    return site.from_string((Path(__file__).parent / "transcript.html.j2").read_text(encoding="utf-8"))


def _paragraphs(answer: Answer) -> list[list[tuple[str, int]]]:
    """Return the answer's text in pieces, each with the number of the citation it is a marker of, or 0.

    Quotes are a paragraph each, what an LLM wrote is one. "[1]" in a statement's own words is no marker, so these
    are found after the statements.
    """
    cited = {citation.n for citation in answer.citations}
    paragraphs: list[list[tuple[str, int]]] = [[]]
    at = 0
    for statement in answer.statements:
        found = answer.text.find(statement.text, at)
        if found < 0:
            continue
        if at and answer.mode == "quote" and answer.text[at:found] == " ":
            paragraphs.append([])
            at = found
        end = found + len(statement.text)
        paragraphs[-1].append((answer.text[at:end], 0))
        at = end
        for n in statement.citations:
            if n in cited and answer.text.startswith(f" [{n}]", at):
                paragraphs[-1] += [(" ", 0), (f"[{n}]", n)]
                at += len(f" [{n}]")
    paragraphs[-1].append((answer.text[at:], 0))
    return paragraphs


def _parts(quote: Quote) -> list[tuple[str, bool]]:
    """Return the quote in pieces, each with whether it is marked."""
    reading, parts, at = quote.reading, [], 0
    for start, end in marked_spans(reading, quote.marks):
        parts += [(reading.text[at:start], False), (reading.text[start:end], True)]
        at = end
    return [*parts, (reading.text[at:], False)]


_FORMS: dict[str, Callable[[Conversation], str]] = {
    ".md": markdown,
    ".markdown": markdown,
    ".html": html,
    ".htm": html,
    ".json": as_json,
}
