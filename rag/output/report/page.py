"""The answers of a batch as one page to read in a browser: find, filter, go through, print.

The page is a file among others: it asks nothing of any other place, and its policy lets
nothing run or style it but its own script and sheet, each named by its hash. All its text
is in the HTML, so that it reads without the script, which only finds and filters.

It is made from records (see `rag.output.json_record.detailed`), which may have lain in a file since an
earlier version: what `detail` lacks is left out, and marks are clipped to their quote. No
text of a record is markup, and none becomes part of an element's id: answers are numbered.
The page with its filters is in the interface's language; what stands around an answer, in that of its question. In
the template `_` is the one, and `gettext`, where a row has set it, the other.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from rag.localization import N_, gettext, interface_language, language_of_words, ngettext, number, pgettext, words
from rag.output.json_record import has_pages, recorded_version
from rag.output.report.answer_text import Piece, language_code, paragraphs
from rag.output.report.plots import HEIGHT, WIDTH, Bin, Errors, Point, chart, reliability
from rag.output.terminal import also_in, date_and_page, older, states_counted
from rag.settings import Care, Mode, said_of
from rag.text.sanitize import one_line, plain

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent
_NEAREST = 3  # passages shown where the documents do not say
_LONGEST_CONTEXT = 120  # characters of the headings over a quote
_LONGEST = 420  # characters of such a passage
_CUT = 1200  # so much of a paragraph, on either side of its quote, is in a record at most
_WRONG = 0.5  # a score below is a mistake
_LIST = re.compile(r"^\s*(?:[-*+•–|]|\d{1,3}[.)])\s", re.MULTILINE)  # lines that have to stay lines
_STATES = {
    "answered": ("●", N_("Answered")),
    "not_found": ("○", N_("Not found")),
    "about": ("◆", N_("Library")),
    "error": ("▲", N_("Error")),
}


def page(
    records: Sequence[Mapping[str, Any]],
    title: str,
    *,
    figures: Sequence[tuple[str, str]] = (),
    plot: Sequence[Point] = (),
    threshold: float | None = None,
    errors: Sequence[Errors] = (),
    bins: Sequence[Bin] = (),
) -> str:
    """Return the page of these records, which has any text as UTF-8.

    `figures` are names and values for a table at its head. Of `plot` a line is drawn,
    accuracy against refusal, on which the `threshold` in use is marked, and of `bins` how sure
    answers were said to be against how often they were right. `errors` are those of each care,
    for a table. Records of an evaluation may hold `gold` ({"answerable", "answers", "document"}) and `scores` (a number
    or None by name): they are shown, and answers with a score below one half can be picked.
    """
    documents = _documents(records)
    places = {name: place for place, (name, _) in enumerate(documents)}
    style, script = _file("report.css"), _file("report.js")
    counts = Counter(record["status"] for record in records)
    html = _template().render(
        title=title,
        security=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        frame=interface_language(),
        states={state: (shape, gettext(name)) for state, (shape, name) in _STATES.items()},
        counts=counts,
        counted=[said for said in states_counted(counts).values() if said[0]],
        words=words,
        differing=sum(bool(_detail(record).get("figures")) for record in records),
        scored=any(record.get("scores") for record in records),
        wrong=sum(map(_wrong, records)),
        documents=documents,
        made=_made(records),
        rows=[_row(number, record, places) for number, record in enumerate(records, 1)],
        figures=figures,
        chart=chart(plot, threshold) if plot else None,
        errors=errors,
        reliability=reliability(bins) if bins else None,
        width=WIDTH,
        height=HEIGHT,
    )
    # Halves of characters, which PDFs may hold, have no UTF-8: they are written out.
    return html.encode("utf-8", "backslashreplace").decode("utf-8")


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@cache
def _template() -> Template:
    # jinja2 is there in any case, since llama-cpp-python needs it; imported late, for a quick start.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup, escape

    def shown(value: Any) -> Any:
        """What stands for a value in the page: no text gets into it but through here."""
        return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    site = Environment(autoescape=True, undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True)

    def bold(said: str, value: int) -> Markup:
        return escape(said).format(n=Markup("<b>{}</b>").format(value))

    site.globals |= {"_": gettext, "ngettext": ngettext, "pgettext": pgettext}
    site.filters |= {"line": one_line, "percent": _percent, "decimal": partial(number, decimals=2), "bold": bold}
    return site.from_string(_file("report.html.j2"))


# --- the answers -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """A citation as it is shown: its place, and its quote in pieces among its paragraph."""

    n: int
    place: str
    language: str
    before: str
    quote: tuple[tuple[str, bool], ...]  # and whether these are the answering words
    after: str
    gloss: str
    lines: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """An answer as it is shown; `answer` in paragraphs."""

    number: int
    record: Mapping[str, Any]
    documents: str
    flags: str
    language: str
    around: str  # the language of the words around it
    understood: str
    support: float
    answer: tuple[tuple[Piece, ...], ...]
    sources: tuple[_Source, ...]
    figures: tuple[tuple[int, str], ...]
    nearest: tuple[tuple[str, str, str], ...]  # place, language, text
    expected: str
    scores: tuple[tuple[str, str, str], ...]  # name, "right" or "wrong" or "", value


def _row(number: int, record: Mapping[str, Any], places: Mapping[str, int]) -> _Row:
    detail = _detail(record)
    standalone = detail.get("standalone") or ""
    shown = {each.get("n"): each for each in detail.get("citations") or ()}
    language = language_code(detail.get("language"))
    sources = tuple(_source(citation, shown.get(citation["n"], {}), language) for citation in record["citations"])
    figures = tuple((n, figure) for n, figure in detail.get("figures") or ())
    flags = ["differ"] * bool(figures) + ["wrong"] * _wrong(record)
    return _Row(
        number=number,
        record=record,
        documents=" ".join(map(str, sorted({places[each["document"]] for each in record["citations"]}))),
        flags=" ".join(flags),
        language=language,
        around=language_of_words(language),
        understood=standalone if one_line(standalone) != one_line(record["question"]) else "",
        support=_number(detail.get("support")) or 0.0,
        answer=paragraphs(record, detail),
        sources=sources,
        figures=figures,
        nearest=tuple(_nearest(record, detail)) if record["status"] == "not_found" else (),
        expected=_expected(record.get("gold")),
        scores=tuple(_scores(record)),
    )


def _detail(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return record.get("detail") or {}


def _source(citation: Mapping[str, Any], shown: Mapping[str, Any], language: str) -> _Source:
    before, after = shown.get("before") or "", shown.get("after") or ""
    if len(before) >= _CUT:  # begins somewhere within a sentence, and often within a word
        before = "… " + before.partition(" ")[2]
    if len(after) >= _CUT:
        after = after.rpartition(" ")[0] + " …"
    support, copies = _number(citation.get("support")), citation.get("also_in")
    copied = also_in([str(name) for name in copies], language) if isinstance(copies, list) else ""
    outdated = older(recorded_version(citation.get("older_than")), language)
    # To the letter, as marks count in it; records of an earlier version have it in one place only.
    quote = shown["quote"] if isinstance(shown.get("quote"), str) else citation["quote"]
    pages = 2 if has_pages(citation, shown) else 1
    when = date_and_page(citation["date"], citation["page"], pages, language)
    above = one_line(str(citation.get("context") or ""), _LONGEST_CONTEXT)
    about = [citation["title"], above, *when, _where(citation)]
    sure = "" if support is None else words(language).gettext("support {value}").format(value=f"{support:.2f}")
    return _Source(
        n=citation["n"],
        place=" · ".join(filter(None, [*about, outdated, copied, sure])),
        language=language_code(shown.get("language")),
        before=before,
        quote=tuple(_parts(quote, citation["start"], shown.get("marks"))),
        after=after,
        gloss=citation.get("gloss") or "",
        lines=bool(_LIST.search(before + quote + after)),
    )


def _where(passage: Mapping[str, Any]) -> str:
    return f"{passage['document']}:{passage['start']}-{passage['end']}"


def _parts(quote: str, start: int, marks: Any) -> Iterator[tuple[str, bool]]:
    """Yield the quote in pieces, each with whether it is marked; what is no mark within it is none."""
    at = 0
    for left, right in sorted(_spans(marks)):
        left, right = max(at, left - start), min(len(quote), right - start)
        if left < right:
            yield quote[at:left], False
            yield quote[left:right], True
            at = right
    yield quote[at:], False


def _spans(marks: Any) -> Iterator[tuple[int, int]]:
    for mark in marks if isinstance(marks, list | tuple) else ():
        if isinstance(mark, list | tuple) and len(mark) == 2 and all(type(end) is int for end in mark):
            yield mark[0], mark[1]


def _nearest(record: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for passage in (detail.get("nearest") or record["passages"])[:_NEAREST]:
        about = [passage["title"]] if passage.get("title") else []
        text = one_line(passage.get("text") or "", _LONGEST)
        yield " · ".join([*about, _where(passage)]), language_code(passage.get("language")), text


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _expected(gold: Any) -> str:
    if not gold:
        return ""
    if not gold.get("answerable"):
        return gettext("no answer in the documents")
    answers = [gettext("“{words}”").format(words=each) for each in gold.get("answers") or ()]
    expected = gettext(" or ").join(answers) or gettext("an answer")
    if not gold.get("document"):
        return expected
    return gettext("{words} in {document}").format(words=expected, document=gold["document"])


def _scores(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, score in (record.get("scores") or {}).items():
        if (value := _number(score)) is not None:
            yield name, "right" if value >= 1 else "" if value > 0 else "wrong", f"{value:.2f}"


def _wrong(record: Mapping[str, Any]) -> bool:
    values = map(_number, (record.get("scores") or {}).values())
    return any(value is not None and value < _WRONG for value in values)


# --- the head --------------------------------------------------------------------------


def _documents(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return the documents that are cited, by name, each with the number of answers that do."""
    cited = Counter(name for record in records for name in {each["document"] for each in record["citations"]})
    return sorted(cited.items(), key=lambda pair: (one_line(pair[0]).casefold(), pair[0]))


def _made(records: Sequence[Mapping[str, Any]]) -> str:
    """Return what the answers were made with."""
    heads = {
        "model": gettext("model {names}"),
        "embedder": gettext("embedder {names}"),
        "mode": gettext("mode {names}"),
        "care": gettext("care {names}"),
    }
    said = []
    for name, head in heads.items():
        found = (str(record.get(name) or ("balanced" if name == "care" else "")) for record in records)
        values = [value for value in dict.fromkeys(found) if value]
        if values and (name, values) != ("care", ["balanced"]):
            said.append(head.format(names=gettext(" and ").join(map(_manner, values))))
    return " · ".join(said)


def _manner(value: str) -> str:
    """Return a mode or a care in words; any other value as it is."""
    return said_of(value) if value in (*get_args(Mode), *get_args(Care)) else value  # type: ignore[arg-type]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
