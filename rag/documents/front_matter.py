"""Front matter: what a Markdown file says of itself before its text, in YAML (between `---`) or TOML (`+++`)."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from rag.documents.tags import tags_in

_LONGEST = 50_000  # characters: YAML is read slowly
_BLOCK = re.compile(
    rf"\ufeff?(?:---[ \t]*\r?\n(?P<yaml>.{{0,{_LONGEST}}}?)^(?:---|\.\.\.)"
    rf"|\+\+\+[ \t]*\r?\n(?P<toml>.{{0,{_LONGEST}}}?)^\+\+\+)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The title, date and tags of a file, as they are written; `end` is the offset where its text begins."""

    end: int
    title: str = ""
    date: str = ""
    tags: tuple[str, ...] = ()


def front_matter(text: str) -> FrontMatter | None:
    """Return the front matter that `text` begins with, None where there is none that can be read."""
    match = _BLOCK.match(text)
    if not match:
        return None
    fields = _yaml(match["yaml"]) if match["yaml"] is not None else _toml(match["toml"])
    if fields is None:
        return None
    known = {str(key).lower(): value for key, value in fields.items()}
    tags = known.get("tags")
    if tags is None and isinstance(known.get("taxonomies"), dict):
        tags = known["taxonomies"].get("tags")
    return FrontMatter(match.end(), _written(known.get("title")), _written(known.get("date")), tags_in(_named(tags)))


def _yaml(block: str) -> dict[Any, Any] | None:
    import yaml

    try:
        # BaseLoader makes strings of all scalars: a title "007" or a date "2024-02-30" is nothing to trip over.
        fields = yaml.load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _toml(block: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(block.replace("\r\n", "\n"))
    except (ValueError, RecursionError):  # the former: no TOML, or a number of thousands of digits
        return None


def _written(value: Any) -> str:
    if isinstance(value, str):
        return "" if value in {"~", "null"} else value
    return value.isoformat() if isinstance(value, datetime.date) else ""


def _named(value: Any) -> Any:
    """Return tags without what stands for none in YAML."""
    nothing = ("~", "null", "")
    if isinstance(value, list):
        return [each for each in value if each not in nothing]
    return None if value in nothing else value
