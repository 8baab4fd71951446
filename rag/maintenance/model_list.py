"""What `beleg models` lists: the models that came with Beleg, those that are here, and those that can be pulled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import ModelUnavailable
from rag.localization import gettext, number, pgettext
from rag.models import bundled
from rag.models.admission import Admission, admission_of
from rag.models.catalogue import CatalogueModel, Role, catalogue
from rag.models.pulled import Pulled, path_of, pulled
from rag.settings import SERVER, Settings, is_path
from rag.text.sanitize import one_line

State = Literal["embedded", "pulled", "yours", "server", "missing", "to pull"]
EMBEDDED: Mapping[Role, str] = {"llm": "smollm2-135m", "embedder": "all-minilm-l6-v2", "reader": "beleg-reader"}


_WIDEST = 40  # characters of a name
_NUMBERS = (2, 3, 4)  # the columns of the table that are flush right


@dataclass(frozen=True, slots=True)
class Row:
    """A model as it is listed. Sizes are in bytes, `context` in tokens; 0 and "" where it is not known."""

    name: str
    role: Role
    state: State
    in_use: bool
    size: int
    memory: int
    languages: tuple[str, ...]
    licence: str
    context: int
    verified: bool  # whether its files' sha256 was known before it came here
    run: bool  # whether it was run by those who wrote the catalogue
    tried: Admission | None  # what an LLM is let do, and the figures measured; None where nobody knows
    path: str
    get: str  # how to have it, or to use it


def listed(settings: Settings) -> list[Row]:
    """Return all models, by role: the embedded one, what is here, what could be."""
    here = {model.name: model for model in pulled(settings.models)}
    rows = [*_embedded(settings)]
    rows += [_catalogued(known, here.get(name), settings) for name, known in catalogue().items()]
    rows += [_of_their_own(model, settings) for name, model in here.items() if name not in catalogue()]
    rows += _named(settings, rows)
    roles = list(EMBEDDED)
    order = ("embedded", "yours", "server", "missing", "pulled", "to pull")
    return sorted(rows, key=lambda row: (roles.index(row.role), order.index(row.state)))


def _embedded(settings: Settings) -> Iterator[Row]:
    llm = bundled.package_folder(bundled.LLM_PACKAGE) / bundled.LLM_FILE
    embedder = bundled.package_folder(bundled.EMBEDDER_PACKAGE) / "model"
    facts: tuple[tuple[Role, Path, int, tuple[str, ...], int], ...] = (
        ("llm", llm, 500_000_000, ("en",), 8_192),
        ("embedder", embedder, 400_000_000, ("de", "en"), 256),
        ("reader", bundled.READER_FILE, 300_000_000, ("de", "en"), 512),
    )
    for role, path, memory, languages, context in facts:
        yield Row(
            name=EMBEDDED[role],
            role=role,
            state="embedded",
            in_use=getattr(settings, role) is None,
            size=_size(path),
            memory=memory,
            languages=languages,
            licence="Apache-2.0",
            context=context,
            verified=True,
            run=True,
            tried=admission_of(settings.state, bundled.LLM_SHA256) if role == "llm" else None,
            path=str(path),
            get=f"beleg models use none --role {role}",
        )


def _catalogued(known: CatalogueModel, here: Pulled | None, settings: Settings) -> Row:
    path = str(path_of(settings.models, here)) if here else ""
    return Row(
        name=known.name,
        role=known.role,
        state="pulled" if here else "to pull",
        in_use=bool(here) and _in_use(known.role, known.name, path, settings),
        size=here.size if here else known.size,
        memory=known.memory,
        languages=known.languages,
        licence=known.licence,
        context=known.context,
        verified=known.hub is not None and known.hub.verified,
        run=known.run,
        tried=_tried(known.hub.files.values() if known.hub else (), settings) if known.role == "llm" else None,
        path=path,
        get=f"beleg models {'use' if here else 'pull'} {known.name}",
    )


def _of_their_own(model: Pulled, settings: Settings) -> Row:
    path = str(path_of(settings.models, model))
    return Row(
        name=model.name,
        role=model.role,
        state="pulled",
        in_use=_in_use(model.role, model.name, path, settings),
        size=model.size,
        memory=0,
        languages=(),
        licence="",
        context=0,
        verified=model.verified,
        run=False,
        tried=_tried([facts.sha256 for facts in model.files.values()], settings) if model.role == "llm" else None,
        path=path,
        get=f"beleg models use {model.name}",
    )


def _tried(sha256: Iterable[str], settings: Settings) -> Admission | None:
    return next(filter(None, (admission_of(settings.state, each) for each in sha256)), None)


def _in_use(role: Role, name: str, path: str, settings: Settings) -> bool:
    return str(getattr(settings, role)) in (name, path)


def _named(settings: Settings, rows: list[Row]) -> Iterator[Row]:
    """Yield what the settings name that is in no other row: files and folders of the person's own, and a server."""
    for role in EMBEDDED:
        given = getattr(settings, role)
        if given is None or any(row.role == role and row.in_use for row in rows):
            continue
        is_server = str(given).startswith(SERVER)
        exists = not is_server and (is_path(str(given)) and Path(given).exists())
        yield Row(
            name=one_line(str(given)),
            role=role,
            state="server" if is_server else "yours" if exists else "missing",
            in_use=True,
            size=_size(Path(given)) if exists else 0,
            memory=0,
            languages=(),
            licence="",
            context=0,
            verified=False,
            run=False,
            tried=None,
            path=str(given) if exists else "",
            get="" if exists or is_server else f"beleg models use none --role {role}",
        )


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all in a folder; 0 where it may not be looked at."""
    with suppress(OSError, ModelUnavailable):
        files = path.rglob("*") if path.is_dir() else [path]
        return sum(each.stat().st_size for each in files if each.is_file())
    return 0


def as_table(rows: list[Row], memory: int) -> str:
    """Return the rows as text; `memory` is how much there is, in bytes, 0 if unknown."""
    heads = {
        "llm": gettext("Write, in compose mode (LLMs)"),
        "embedder": gettext("Find (embedders)"),
        "reader": gettext("Judge (readers)"),
    }
    columns = (gettext("size"), gettext("memory"), gettext("context"), gettext("languages"), gettext("licence"))
    cells: list[tuple[str, ...]] = [("", "", *columns, gettext("admitted to"))]
    cells += [_cells(row, memory) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines, role = ["  " + _line(cells[0], widths)], ""
    for row, texts in zip(rows, cells[1:], strict=True):
        if row.role != role:
            role = row.role
            lines += ["", heads[role]]
        lines.append(("* " if row.in_use else "  ") + _line(texts, widths))
    return "\n".join(lines)


def _cells(row: Row, memory: int) -> tuple[str, ...]:
    much = bool(memory and row.memory > memory)
    name, shown = one_line(row.name), row.languages[:4]
    languages = " ".join(shown) + (" …" if len(row.languages) > len(shown) else "")
    return (
        name if len(name) <= _WIDEST else f"…{name[1 - _WIDEST :]}",  # of a path the end tells most
        _state(row),
        _bytes(row.size),
        _bytes(row.memory) + ("!" if much else ""),
        number(row.context) if row.context else "?",
        languages or "?",
        row.licence or "?",
        _let_do(row),
    )


def _let_do(row: Row) -> str:
    """Return what an LLM is let do, with the share of sentences that were right in its trial."""
    if row.role != "llm":
        return ""
    if row.tried is None:
        command = f"beleg models try {one_line(row.name, 60)}"
        return gettext("not tried: {command}").format(command=command)
    let_do = ((pgettext("task", "writing"), row.tried.writes), (pgettext("task", "judging"), row.tried.judges))
    tasks = [task for task, let in let_do if let]
    languages = f" {' '.join(row.tried.languages)}" if row.tried.writes else ""
    right = row.tried.figures.get("right")
    share = "" if right is None else " (" + gettext("{share} right").format(share=f"{right:.0%}") + ")"
    return (", ".join(tasks) or gettext("nothing")) + languages + share


def _state(row: Row) -> str:
    states: dict[State, str] = {
        "embedded": gettext("embedded"),
        "pulled": gettext("pulled"),
        "yours": gettext("yours"),
        "server": gettext("server"),
        "missing": gettext("missing"),
        "to pull": gettext("to pull"),
    }
    unsure = not row.verified and row.state in ("to pull", "pulled")
    return states[row.state] + (", " + gettext("unverified") if unsure else "")


def _line(texts: tuple[str, ...], widths: list[int]) -> str:
    right = {2, 3, 4}
    shown = [
        text.rjust(wide) if at in right else text.ljust(wide)
        for at, (text, wide) in enumerate(zip(texts, widths, strict=True))
    ]
    return "  ".join(shown).rstrip()


def _bytes(count: int) -> str:
    if not count:
        return "?"
    return f"{number(count / 1e9, 1)} GB" if count >= 1e9 else f"{max(1, count // 1_000_000)} MB"
