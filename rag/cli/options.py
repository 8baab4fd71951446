"""What all commands share: the flags of the settings, where narration goes, exit codes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.cli import completing
from rag.cli.flags import SETTINGS, given
from rag.errors import BelegError, UsageError
from rag.localization import LANGUAGES, from_environment, gettext, use
from rag.system import logs

if TYPE_CHECKING:
    from rag.index.library import Library
    from rag.index.metadata_filter import Filter
    from rag.settings import Settings
    from rag.system.cancellation import CancelToken

ANSWERED, UNDER, USAGE, NOT_FOUND, UNUSABLE, FAILED = 0, 1, 2, 3, 4, 5  # and STOPPED, of `signals`


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what may stand before or after any command's name."""
    for option in (
        click.option(
            "--library", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The library's folder."
        ),
        click.option(
            "--store",
            metavar="STORE",
            help="Where is searched: sqlite (the library itself), milvus:./NAME.db or milvus:http://HOST:PORT; "
            "with #NAME behind it a library that many write.",
        ),
        click.option(
            "--embedder",
            metavar="FOLDER|openai:URL",
            help="A sentence-transformers model, or openai:URL#MODEL for a server's embeddings.",
        ),
        click.option(
            "--llm",
            metavar="FILE|NAME",
            shell_complete=completing.llm,
            help="Who writes in compose mode: a .gguf file, a name that `beleg models` lists, or openai:URL#MODEL.",
        ),
        click.option(
            "--reader",
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="A cross-encoder or an extractive reader, in transformers' format.",
        ),
        click.option(
            "--mode", type=click.Choice(["quote", "compose"]), help="Quote the documents, or let the model write."
        ),
        click.option(
            "--eager", "care", flag_value="eager", help="Answer where it is not so sure: more answers, more wrong ones."
        ),
        click.option(
            "--careful", "care", flag_value="careful", help="Answer only what is sure: fewer answers, fewer wrong ones."
        ),
        click.option("--balanced", "care", flag_value="balanced", help="Between the two, whatever the settings say."),
        click.option("--threads", type=click.IntRange(1, 256), help="Processor threads to use."),
        click.option(
            "--lang",
            type=click.Choice(LANGUAGES),
            help="The interface's language; without it the environment's (LANGUAGE, LC_ALL, LANG).",
        ),
    ):
        function = option(function)
    return function


def first_language(line: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the language to speak until the settings are read, of which a file may ask for another.

    It is looked for in the line before click is: what click says of a line, or shows of a command, it says and shows
    before it has come to a --lang that stands behind.
    """
    named = environ.get("BELEG_LANG", "")
    for word, following in pairwise([*line, ""]):
        if word == "--":
            break
        option, given, value = word.partition("=")
        if option == "--lang":
            named = value if given else following
    return named if named in LANGUAGES else from_environment(environ)


def limits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what limits a command to some of the documents."""
    for option in (
        click.option("--until", metavar="DATE", help="Only documents dated up to then, to the end of a year or month."),
        click.option(
            "--since",
            metavar="DATE",
            help="Only documents dated from then on: 2024, 2024-06 or 2024-06-30. Those without a date are left out.",
        ),
        click.option(
            "--tag",
            multiple=True,
            metavar="TAG",
            shell_complete=completing.tag,
            help="Only documents with this tag; given again, with all of them.",
        ),
    ):
        function = option(function)
    return function


def workers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add who does the heavy part of a command."""
    return click.option(
        "--workers",
        metavar="ray:N|URL",
        callback=_known_workers,
        help="Spread the work over N processes here, or a Ray cluster (ray://HOST:10001); needs beleg[ray].",
    )(function)


def _known_workers(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """Have workers that are none told before a model is loaded or a library made."""
    if given is not None:
        from rag.distributed.workers import parse_workers

        parse_workers(given)
    return given


def limit_from(flags: dict[str, Any]) -> Filter:
    """Return which documents the flags of `limits` let through. Raises UsageError."""
    from rag.index.metadata_filter import wanted

    try:
        return wanted(flags["tag"], flags["since"], flags["until"])
    except ValueError as error:
        raise _unusable(error) from error


def limited(library: Library, limit: Filter) -> tuple[str, ...]:
    """Return the ids of the documents that are let through, () for all, and tell what only wants a date.

    Raises UsageError where none is.
    """
    from rag.index.metadata_filter import chosen

    if not limit:
        return ()
    choice = chosen(library.entries(), limit)
    if choice.told:
        say(choice.told)
    return choice.ids


def tags_from(given: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are kept. Raises UsageError for what is none."""
    from rag.documents.tags import tag, united

    try:
        return united(map(tag, given))
    except ValueError as error:
        raise _unusable(error) from error


def _unusable(error: ValueError) -> UsageError:
    """Return the error that a phrase says, such as "a tag is empty"."""
    said = str(error)
    return UsageError(f"{said[:1].upper()}{said[1:]}.", "")


def settings_from(context: click.Context, flags: dict[str, Any]) -> Settings:
    """Settings from the flags before and after the command's name; those after it win. The log begins here."""
    from rag.settings import load

    settings = load(given(context, flags))
    use(settings.lang or from_environment(os.environ))
    begin_log(settings, context.info_name or "")
    return settings


def settings_to_answer(context: click.Context, flags: dict[str, Any]) -> Settings:
    """Settings as of `settings_from`; an LLM that is named for nothing is told of, and need not be there."""
    settings = settings_from(context, flags)
    if settings.mode == "quote" and given(context, flags)["llm"] is not None:
        say(gettext("--llm is for compose mode (--mode compose): quotes are chosen without an LLM."))
    if settings.mode == "compose":
        _tell_writer(settings)
    return settings


def _tell_writer(settings: Settings) -> None:
    """Tell whoever lets the embedded LLM write of one that writes well, and of one that may not write that it does not.

    A damaged catalogue is told by `models`, a missing file where it is loaded.
    """
    from rag.models.bundled import admission_for
    from rag.models.offer import how_to_have, offered

    with suppress(BelegError):
        if (known := admission_for(settings)) is not None and not known.writes:
            said = gettext("{name} may not write, see `beleg models`: quotes are shown.")
            say(said.format(name=settings.llm or gettext("the embedded LLM")))
    with suppress(BelegError):
        if (model := offered(settings)) is not None:
            said = gettext("The LLM that came with Beleg is a small one; for one that writes well: {command}")
            say(said.format(command=how_to_have(model)))


def begin_log(settings: Settings, command: str) -> None:
    """Have what happens from here on logged, and notices told on standard error."""
    facts = {name: getattr(settings, name) for name in (*SETTINGS, "cache", "context", "passages", "log")}
    logs.start(settings.logs, settings.log, command, facts)
    logs.listen(say)


def log_anyway() -> None:
    """Have a log for an error that came before the settings were read; none where they cannot be."""
    if logs.begun():
        return
    with suppress(BelegError, ImportError):
        from rag.settings import load

        begin_log(load({}), "")


def open_library(folder: Path, *, create: bool = False) -> Library:
    """Open a library, and tell what was done to bring it up to date. Raises LibraryUnusable."""
    from rag.index.library import Library

    return _told(Library(folder, create=create))


def open_in_step(settings: Settings, cancel: CancelToken, *, create: bool = False) -> Library:
    """As `open_library`, of the settings' library; one that is shared is brought in step. Raises StoreUnusable, too."""
    from rag.index import stores

    return _told(stores.open_in_step(settings, create=create, look=cancel.check))


def _told(library: Library) -> Library:
    if library.notice:
        say(library.notice)
    return library


def say(text: str) -> None:
    """Narrate on standard error; that nobody reads it any more must not end a night's run."""
    with suppress(OSError, ValueError):  # the latter if it is closed
        click.echo(text, err=True)
