"""`beleg copy`: a library to another folder, or what is searched of it to a store."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from rag.cli.help import Command
from rag.cli.options import open_library, options, say, settings_from
from rag.localization import gettext, ngettext, number


@click.command(cls=Command)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="FOLDER|STORE",
    help="A folder for a second library, or a store: milvus:./NAME.db, milvus:http://HOST:PORT, "
    "with #NAME to share it.",
)
@options
@click.pass_context
def copy(context: click.Context, /, target: str, **flags: Any) -> None:
    """Copy the library to another folder, or what is searched of it to a store.

    The library stays as it is, and others may go on using it. Back from a store there is nothing to copy: leave
    `--store` out, and the library itself is searched again.
    """
    from rag.system.milvus_address import is_milvus

    settings = settings_from(context, flags)
    began = time.monotonic()
    with open_library(settings.library) as library:  # one of an older format is brought up to date first
        if is_milvus(target):
            from rag.index.stores import send
            from rag.settings import load

            store = load({"store": target}).store
            send(library, replace(settings, store=store), context.obj.check)
            documents, passages = library.count()
            said = gettext("what is searched of {documents} and {passages} is at {place} ({seconds} s)")
            place = store
        else:
            from rag.maintenance.library_copy import copy as copied

            folder = Path(target).expanduser().absolute()
            made = copied(library.folder, folder)
            documents, passages, place = made.documents, made.passages, str(folder)
            said = gettext("{documents} and {passages} are in {place} ({seconds} s)")
    count = ngettext("{n} document", "{n} documents", documents).format(n=number(documents))
    chunks = ngettext("{n} passage", "{n} passages", passages).format(n=number(passages))
    say(said.format(documents=count, passages=chunks, place=place, seconds=number(time.monotonic() - began, 1)))
    if is_milvus(target):
        say(gettext('search there: --store {store}, or store = "{store}" in the settings').format(store=place))
    else:
        say(gettext("use it: --library {folder}").format(folder=place))
