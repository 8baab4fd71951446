"""Tags: short names by which documents are chosen, given by a person or by a document's own front matter.

Two tags are one if they differ in nothing but case and the form of accents; each is kept as it was written first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import chain

from rag.localization import gettext
from rag.text.sanitize import one_line, plain

MOST = 50  # a document
LONGEST = 64  # characters
_UNSEEN = "[\u00ad\u200b\u2060\ufeff]"  # they take no room: nobody could type such a tag again


def tag(text: str) -> str:
    """Return a tag as it is kept: composed (NFC), on one line, without a "#" before it.

    Raises ValueError, saying why, for what is empty, too long, or holds what no text shows.
    """
    made = unicodedata.normalize("NFC", re.sub(_UNSEEN, "", text))
    made = " ".join(made.split()).lstrip("# ")
    shown = one_line(made.encode("utf-8", "replace").decode(), 40)
    if not made:
        raise ValueError(gettext("a tag is empty"))
    if len(made) > LONGEST:
        raise ValueError(gettext("the tag “{name}” is longer than {most} characters").format(name=shown, most=LONGEST))
    if plain(made) != made or any(unicodedata.category(character) == "Cs" for character in made):
        raise ValueError(gettext("there is a control character in the tag “{name}”").format(name=shown))
    return made


def key(name: str) -> str:
    """Return what is the same of tags that are one, and of no others."""
    return unicodedata.normalize("NFC", name.casefold())


def united(*groups: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of all groups, each once and as it is first written there, in order."""
    found: dict[str, str] = {}
    for name in chain(*groups):
        found.setdefault(key(name), name)
    return tuple(found[each] for each in sorted(found))


def without(names: Iterable[str], others: Collection[str]) -> tuple[str, ...]:
    """Return the tags that are none of the others."""
    keys = {key(other) for other in others}
    return tuple(name for name in names if key(name) not in keys)


def tags_in(field: object) -> tuple[str, ...]:
    """Return the tags of front matter: a list of them, or text that holds one, or more with commas between.

    What is none there is left out, and so is what is over MOST: a document is no less a document for it.
    """
    rows: list[object] = [field]
    if isinstance(field, list):
        rows = field
    elif isinstance(field, str):
        rows = [*(re.split(r"\s+(?=#)", field) if field.lstrip().startswith("#") else field.split(","))]
    made = []
    for row in rows:
        if isinstance(row, str | int) and not isinstance(row, bool):
            with suppress(ValueError):
                made.append(tag(str(row)))
    return united(made)[:MOST]
