"""What files of ours may hold, by types: msgspec checks them, which takes a sixth of the time to import pydantic.

(Requests to the servers are checked by pydantic, which describes them to other programs, too.)
"""

from __future__ import annotations

import re
from copy import deepcopy
from sys import float_info
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

FiniteFloat = Annotated[float, Meta(ge=-float_info.max, le=float_info.max)]  # neither infinite nor no number


class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A table or object: no key but these, no value of another type."""


_WHERE = re.compile(r" - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD = re.compile(r"(?:required|unknown) field `([^`]+)`$")


def told(error: msgspec.ValidationError, data: object, kind: Any) -> str:
    """Return where what cannot be converted to `kind` is wrong, and why: "support.length.de-en: Expected `float` …".

    Rows of lists are counted from 1. msgspec leaves out the keys of tables of any names: they are looked for.
    """
    said, where = str(error), _WHERE.search(str(error))
    reason = said[: where.start()] if where else said
    steps = [step.groups() for step in _STEP.finditer(where["path"])] if where else []
    if where and where["key"]:
        steps.append((None, "..."))
    whole: Any = deepcopy(data)
    at, names = whole, list[str]()
    for name, row in steps:
        key: str | int = name if name else int(row) if row != "..." else _culprit(at, whole, kind, said)
        names.append(str(key + 1) if isinstance(key, int) else key)
        at = at[key]
    if field := _FIELD.search(reason):
        names.append(field[1])
    return ": ".join(filter(None, (".".join(names), reason)))


def _culprit(table: dict[str, Any], whole: object, kind: Any, said: str) -> str:
    """Return the key of a table, a part of `whole`, by which alone the same is wrong; nothing else is left in it."""
    entries = dict(table)
    for key, value in entries.items():
        table.clear()
        table[key] = value
        try:
            msgspec.convert(whole, kind)
        except msgspec.ValidationError as error:
            if str(error) == said:
                return key
    raise ValueError(said)
