"""What a JSON schema allows, in words: for whoever sent something else, and for the page of what can be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from rag.localization import gettext
from rag.text.sanitize import one_line

Schema = Mapping[str, Any]
_SHOWN = 100  # characters of a name, which may be any


def allowed(schema: Schema, gettext: Callable[[str], str] = gettext) -> str:
    """Return what a value may be: "a whole number from 1 to 50"; that it may be null, where it may, goes unsaid."""
    if "anyOf" in schema:
        kinds = [allowed(each, gettext) for each in schema["anyOf"] if each.get("type") != "null"]
        return gettext(" or ").join(kinds)
    if "enum" in schema:
        return gettext("one of {all}").format(all=", ".join(map(str, schema["enum"])))
    match schema.get("type"):
        case "string":
            most = schema.get("maxLength")
            return gettext("text of at most {n} characters").format(n=most) if most else gettext("text")
        case "integer":
            return _whole_number(schema, gettext)
        case "boolean":
            return gettext("true or false")
        case "array":
            return _list(schema, gettext)
    return gettext("an object")


def _whole_number(schema: Schema, gettext: Callable[[str], str]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and least == most:
        return gettext("only {n}").format(n=most)
    if least is not None and most is not None:
        return gettext("a whole number from {least} to {most}").format(least=least, most=most)
    if least is not None:
        return gettext("a whole number from {least} on").format(least=least)
    return gettext("a whole number")


def _list(schema: Schema, gettext: Callable[[str], str]) -> str:
    most, texts = schema.get("maxItems"), schema["items"].get("type") == "string"
    if most and schema.get("minItems") == 1:
        return gettext("a list of 1 to {n} objects").format(n=most)
    if most and texts:
        return gettext("a list of at most {n} texts").format(n=most)
    if most:
        return gettext("a list of at most {n} objects").format(n=most)
    return gettext("a list of texts") if texts else gettext("a list of objects")


def wrong(error: ValidationError, schema: Schema) -> str:
    """Return what is wrong first, and what is allowed there; never the value, which may be long and is the sender's.

    A name that is none comes before one that is missing: it is often what was meant for it.
    """
    found = error.errors(include_url=False, include_input=False)
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    if first["type"] == "json_invalid":
        reason = first["ctx"]["error"]
        return gettext("The body is no JSON that can be read: {reason}.").format(reason=reason)
    if not first["loc"]:
        return gettext("The body is no JSON object.")
    *_, last = first["loc"]
    path, place = _reached(schema, first["loc"])
    name = ".".join(map(str, path))
    if first["type"] == "extra_forbidden":
        return unknown(str(last), _names(place))
    if first["type"] == "missing":
        return gettext("{name} is missing: {allowed}.").format(name=name, allowed=allowed(place))
    return gettext("{name} is of no use: allowed is {allowed}.").format(name=name, allowed=allowed(place))


def _names(schema: Schema) -> list[str]:
    """Return what can be given, what is needed first."""
    return sorted(schema["properties"], key=lambda name: name not in schema.get("required", ()))


def unknown(name: str, known: Sequence[str]) -> str:
    """Return that nothing of a name can be given, and what can."""
    said = gettext("There is no {name} here; there are: {all}.")
    return said.format(name=one_line(name, _SHOWN), all=", ".join(known))


def _reached(schema: Schema, loc: Sequence[str | int]) -> tuple[list[str | int], Schema]:
    """Return how far a place leads in a schema, and what is there; what pydantic calls the kinds of a value is none."""
    path: list[str | int] = []
    at = schema
    for part in loc:
        inner = at.get("items") if isinstance(part, int) else at.get("properties", {}).get(part)
        if inner is None:
            break
        path.append(part)
        at = _resolved(inner, schema)
    return path, at


def _resolved(inner: Schema, schema: Schema) -> Schema:
    """Return what a reference means; of what may also be null, the rest."""
    kinds = [each for each in inner.get("anyOf", ()) if each.get("type") != "null"]
    if len(kinds) == 1:
        return _resolved(kinds[0], schema)
    if "$ref" in inner:
        found: Schema = schema["$defs"][inner["$ref"].rsplit("/", 1)[1]]
        return found
    return inner
