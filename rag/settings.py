"""One frozen `Settings`: defaults < TOML file < `BELEG_*` in the environment < flags.

The file is `settings.toml` in the platform's configuration folder, or what
BELEG_SETTINGS names. A value that makes no sense is an error that says where it stands.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import platformdirs

from rag.errors import UsageError
from rag.localization import N_, gettext, interface_language, words
from rag.system.cores import usable_cores
from rag.system.logs import Level

if TYPE_CHECKING:
    from msgspec import Meta

Mode = Literal["quote", "compose"]
Care = Literal["careful", "balanced", "eager"]
KvType = Literal["f16", "q8_0"]
SQLITE = "sqlite"
_FOLDERS = ("library", "cache", "models", "state", "logs")
_YES_OR_NO = {"yes": True, "on": True, "no": False, "off": False}  # beside true and false, 1 and 0
SERVER = "openai:"  # what the setting `llm` begins with where it names a server


def said_of(value: Mode | Care, language: str | None = None) -> str:
    """Return a mode or a care in words of a language, the interface's where none is given: "quote", "zitieren".

    As values they are written in English, whatever the language.
    """
    said = words(language or interface_language())
    return {
        "quote": said.pgettext("mode", "quote"),
        "compose": said.pgettext("mode", "compose"),
        "careful": said.pgettext("care", "careful"),
        "balanced": said.pgettext("care", "balanced"),
        "eager": said.pgettext("care", "eager"),
    }[value]


def manner(mode: Mode, care: Care, language: str | None = None) -> str:
    """Return how questions are answered, in a word or two (see `said_of`): "quote", "quote, careful"."""
    how = said_of(mode, language)
    return how if care == "balanced" else f"{how}, {said_of(care, language)}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a person can set. The names are those of the TOML file, the environment and the flags.

    Made from what a person gives it is checked by these types (`_value`).
    """

    library: Path = field(default_factory=lambda: platformdirs.user_data_path("beleg", appauthor=False))
    cache: Path = field(default_factory=lambda: platformdirs.user_cache_path("beleg", appauthor=False))
    embedder: Path | str | None = None  # a folder, or openai:URL#MODEL as text; None is the embedded model
    llm: str | None = None  # a .gguf file's path, a model's name, or openai:URL#MODEL; None is the embedded model
    reader: Path | None = None  # a folder; None is our own
    mode: Mode = "quote"
    care: Care = "balanced"  # how sure an answer must be before it is given
    threads: Annotated[int, Meta(ge=1, le=256)] = field(default_factory=usable_cores)
    context: Annotated[int, Meta(ge=512, le=1_000_000)] = 4096  # tokens, prompt and answer together
    gpu_layers: Annotated[int, Meta(ge=0, le=1000)] | None = None  # of the LLM; None is all, if there is a GPU to use
    kv_type: KvType | None = None  # how the LLM keeps its context; None is f16 unless it is large
    workers: str | None = None  # of `index` and `batch`: ray:N or ray://HOST:PORT; None is this process alone
    passages: Annotated[int, Meta(ge=5, le=50)] = 5
    store: str = SQLITE  # where is searched: in the library itself, or milvus:./NAME.db, milvus:http://HOST:PORT
    models: Path = field(default_factory=lambda: platformdirs.user_data_path("beleg", appauthor=False) / "models")
    state: Path = field(default_factory=lambda: platformdirs.user_state_path("beleg", appauthor=False))
    log: Level = "on"  # "full" shows questions and documents in it
    logs: Path = field(default_factory=lambda: platformdirs.user_log_path("beleg", appauthor=False))
    keys: dict[str, str] = field(default_factory=dict)  # of the chat: what a key does, and keys, apart by commas
    animation: bool = True  # of the chat
    lang: Literal["de", "en"] | None = None  # of the interface; None is that of the environment


NAMES = tuple(each.name for each in fields(Settings))


def load(flags: dict[str, Any]) -> Settings:
    """Return the settings in force; `flags` that are None were not given. Raises UsageError."""
    return load_with_origins(flags)[0]


def load_with_origins(flags: dict[str, Any]) -> tuple[Settings, dict[str, str]]:
    """Return the settings in force, and where those come from that are no defaults. Raises UsageError."""
    file = settings_file()
    layers = [(N_("flags"), {key: value for key, value in flags.items() if value is not None})]
    layers.append((N_("the environment"), _environment()))
    layers.append((str(file), _toml(file)))
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for name, layer in layers:
        for key, value in layer.items():
            if key not in merged:
                merged[key], origin[key] = value, name
    return _checked(merged, origin), origin


def load_what_makes_sense(flags: dict[str, Any]) -> Settings:
    """Return the settings in force, with the default where one is of no use: to look at what is wrong."""
    merged: dict[str, Any] = {}
    for layer in (partial(dict, flags), _environment, partial(_toml, settings_file())):
        with suppress(UsageError):
            for key, value in layer().items():
                with suppress(UsageError):
                    _checked({key: value}, {})
                    if value is not None:
                        merged.setdefault(key, value)
    return _checked(merged, {})


def _place(origin: dict[str, str], name: str, otherwise: str = N_("nowhere")) -> str:
    """Return where a setting comes from, in the interface's language."""
    return gettext(origin.get(name, otherwise))


def _checked(merged: dict[str, Any], origin: dict[str, str]) -> Settings:
    made: dict[str, Any] = {}
    for name, given in merged.items():
        try:
            made[name] = _value(name, given)
        except ValueError as error:
            raise UsageError(
                gettext("The setting {key} from {place} is of no use: {reason}.").format(
                    key=name, place=_place(origin, name), reason=error
                ),
                gettext("Known settings are {names}.").format(names=", ".join(NAMES)),
            ) from error
    settings = Settings(**made)
    paths: dict[str, Any] = {}
    try:
        for name in (*_FOLDERS, "embedder", "reader"):
            if isinstance(path := getattr(settings, name), Path):
                paths[name] = path.expanduser().absolute()
        if settings.llm is not None:
            name, path = "llm", settings.llm
            paths[name] = in_full(path)
    except RuntimeError as error:  # "~name" for a person that this machine does not know
        raise UsageError(
            gettext("The setting {name} from {place} is of no use: there is no home folder for {path}.").format(
                name=name, place=_place(origin, name, N_("the defaults")), path=path
            ),
            gettext("Write the path in full."),
        ) from error
    paths["store"] = _store(settings.store, _place(origin, "store"))
    return replace(settings, **paths)


def with_values(settings: Settings, given: Mapping[str, object]) -> Settings:
    """Return settings with others of a person's values. Raises ValueError for one that makes no sense."""
    return replace(settings, **{name: _value(name, value) for name, value in given.items()})


@cache
def _kinds() -> Mapping[str, Any]:
    from msgspec import Meta

    return get_type_hints(Settings, localns={"Meta": Meta}, include_extras=True)


def _value(name: str, given: object) -> Any:
    """Return the value of a setting by its type: text does for paths, too, and for numbers. Raises ValueError."""
    if name not in NAMES:
        raise ValueError(gettext("there is no such setting"))
    if name in _FOLDERS and isinstance(given, str | Path):  # what most give, and nothing else, before the first paint
        return Path(given)
    import msgspec

    kind = _kinds()[name]
    if name == "embedder":  # a server's name stays text
        kind = str | None if isinstance(given, str) and given.startswith(SERVER) else Path | None
    given = str(given) if isinstance(given, Path) else given
    if kind is bool and isinstance(given, str):
        given = _YES_OR_NO.get(given.lower(), given)
    try:
        return msgspec.convert(given, kind, strict=not isinstance(given, str), dec_hook=_as_path)
    except msgspec.ValidationError as error:
        raise ValueError(_wanted(kind)) from error


def _as_path(kind: type, given: object) -> Path:
    if kind is not Path or not isinstance(given, str):
        raise ValueError(given)
    return Path(given)


def _wanted(kind: Any) -> str:
    """Return what a value that is not of this type is not, in the person's words; msgspec has only its own."""
    from msgspec import inspect

    match inspect.type_info(kind):
        case inspect.UnionType(types=(one, *_)) | one:
            pass
    match one:
        case inspect.LiteralType(values=known):
            return gettext("it is none of {known}").format(known=", ".join(map(str, known)))
        case inspect.IntType(ge=least, le=most):
            return gettext("it is no whole number from {least} to {most}").format(least=least, most=most)
        case inspect.BoolType():
            return gettext("it is neither true nor false")
        case inspect.DictType():
            return gettext("it gives no texts to names")
        case inspect.CustomType():
            return gettext("it is no path")
    return gettext("it is no text")


def _store(given: str, place: str) -> str:
    """Return what names a store, a path in full. Raises UsageError, which repeats nothing that may be a password."""
    if given == SQLITE:
        return given
    from rag.system.milvus_address import SCHEME, is_milvus, parse_milvus

    if is_milvus(given):
        return SCHEME + parse_milvus(given).shown
    raise UsageError(
        gettext("The setting {key} from {place} is of no use: {reason}.").format(
            key="store", place=place, reason=gettext("it begins with none of the known names")
        ),
        gettext("Known are sqlite, milvus:./NAME.db and milvus:http://HOST:PORT."),
    )


def in_full(llm: str) -> str:
    """Return what names an LLM, a path in full; names and servers stay as they are. Raises RuntimeError (no home).

    A path is what has a separator in it, or ends in .gguf.
    """
    if llm.startswith(SERVER) or not is_path(llm):
        return llm
    return str(Path(llm).expanduser().absolute())


def is_path(given: str) -> bool:
    """Return whether what a person gives for a model is a path, and no name."""
    separators = filter(None, (os.sep, os.altsep))
    return given.startswith("~") or given.lower().endswith(".gguf") or any(sign in given for sign in separators)


def settings_file() -> Path:
    """Return where the settings file is, if there is one."""
    named = os.environ.get("BELEG_SETTINGS")
    if not named:
        return platformdirs.user_config_path("beleg", appauthor=False) / "settings.toml"
    try:
        return Path(named).expanduser()
    except RuntimeError:  # nobody's home: there is no such file, and `_toml` says so
        return Path(named)


def _environment() -> dict[str, Any]:
    names = {f"BELEG_{name.upper()}": name for name in NAMES}
    return {names[key]: value for key, value in os.environ.items() if key in names and value}


def _toml(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        import tomllib  # once there is something to read: the chat's first paint waits for this

        return tomllib.loads(text)
    except FileNotFoundError:
        if os.environ.get("BELEG_SETTINGS"):
            raise UsageError(
                gettext("There is no settings file {file}.").format(file=file), gettext("Correct BELEG_SETTINGS.")
            ) from None
        return {}
    except RecursionError as error:
        raise UsageError(
            gettext("{file} cannot be read as settings: it is nested too deep.").format(file=file),
            gettext("Correct or remove it."),
        ) from error
    except (OSError, ValueError) as error:  # the latter: not UTF-8, not TOML, or a number of thousands of digits
        raise UsageError(
            gettext("{file} cannot be read as settings: {error}.").format(file=file, error=error),
            gettext("Correct or remove it."),
        ) from error
