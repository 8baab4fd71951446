"""Bring the translations up to date with the messages in the code, and compile them.

    python tools/localization/catalogue.py update      what is new is added to each .po, what is gone leaves; compiles
    python tools/localization/catalogue.py take FILE   take the translations of another .po over; then as update
    python tools/localization/catalogue.py missing     list what has no translation yet; 1 if anything

What is written in `rag/localization/locales/LANGUAGE/LC_MESSAGES/beleg.po` is for a person to translate.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from rag.cli.help import messages
from rag.localization import DOMAIN, LANGUAGES, LOCALES
from tui.command import _group

ROOT = Path(__file__).parents[2]
PACKAGES = ("rag", "tui")
# A key's description is its third argument; footers and the help look it up when they show it.
KEYWORDS = {**DEFAULT_KEYWORDS, "NC_": ((1, "c"), 2), "Binding": (3,)}
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
_ALWAYS = datetime(2026, 11, 27, tzinfo=UTC)  # no date that changes from run to run: git knows when


def empty(language: str | None = None) -> Catalog:
    """Return a catalogue without a message."""
    return Catalog(
        locale=language,
        project="Beleg",
        version="1",
        header_comment="# What Beleg says, by the messages in its code.",
        msgid_bugs_address="",
        last_translator="Beleg",
        language_team="Beleg",
        creation_date=_ALWAYS,
        revision_date=_ALWAYS,
        charset="utf-8",
        fuzzy=False,
    )


def extracted() -> Catalog:
    """Return every message in the code, with the files that it stands in, and every one that --help shows."""
    catalogue = empty()
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, METHODS, keywords=KEYWORDS, comment_tags=["Translators:"])
        for file, _line, message, comments, context in found:
            if message:
                catalogue.add(message, locations=[(f"{package}/{file}", None)], auto_comments=comments, context=context)
    for message in messages(_group().make_context("beleg", [], resilient_parsing=True)):
        catalogue.add(message, locations=[("--help", None)])
    return catalogue


def po(language: str) -> Path:
    """Return where the translations into a language are written."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translated(path: Path, language: str) -> Catalog:
    """Return translations as they are written; none where there is no file yet."""
    if not path.exists():
        return empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def update(language: str, other: Path | None = None) -> Catalog:
    """Write the translations of what is in the code now, with those of `other` where there are none; compile them."""
    catalogue = translated(po(language), language)
    more = list(translated(other, language)) if other is not None else []
    for message in more:
        known = catalogue.get(message.id, message.context) if message.id else None
        if message.id and _has_words(message.string) and (known is None or not _has_words(known.string)):
            catalogue.delete(message.id, message.context)  # adding to what is there would keep its empty string
            catalogue.add(message.id, message.string, context=message.context)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    po(language).parent.mkdir(parents=True, exist_ok=True)
    with po(language).open("wb") as file:
        write_po(file, catalogue, width=120, omit_header=False, sort_output=True, include_lineno=False)
    with po(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """Return the messages without a translation."""
    return [str(message.id) for message in catalogue if message.id and not _has_words(message.string)]


def _has_words(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def main(arguments: list[str]) -> int:
    """Do what is asked; return the exit code."""
    lacking = []
    for language in LANGUAGES[1:]:
        if arguments[:1] == ["missing"]:
            catalogue = translated(po(language), language)
            catalogue.update(extracted(), no_fuzzy_matching=True)
        elif arguments[:1] == ["take"] and len(arguments) == 2:
            catalogue = update(language, Path(arguments[1]))
        elif arguments == ["update"]:
            catalogue = update(language)
        else:
            print(__doc__)
            return 2
        lacking += [f"{language}: {message}" for message in missing(catalogue)]
    print("\n".join(lacking) or "nothing is missing")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
