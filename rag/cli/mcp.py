"""`beleg mcp`: an assistant of another program asks, by the Model Context Protocol."""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.cli.help import Command
from rag.cli.options import options, say, settings_to_answer
from rag.errors import BelegError, UsageError
from rag.localization import gettext

if TYPE_CHECKING:
    from rag.system.cancellation import CancelToken

PORT = 8643
_HOST = "127.0.0.1"
_LOOK = 0.2  # seconds


@click.command(cls=Command)
@click.option("--http", is_flag=True, help="Over HTTP on this machine (http://127.0.0.1:PORT/mcp), not by the streams.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 is any that is free.")
@click.option(
    "--allow-index",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Let the client index what lies in this folder; without it nothing can be changed.",
)
@options
@click.pass_context
def mcp(context: click.Context, /, http: bool, port: int, folders: tuple[Path, ...], **flags: Any) -> None:
    """Let an assistant of another program ask, by the Model Context Protocol; needs beleg[mcp].

    Its tools are search, ask, documents and read, its resources beleg://document/ID. It is started by
    the client, which speaks to it by standard input and output, and ends with it:

    \b
    {"mcpServers": {"beleg": {"command": "beleg", "args": ["mcp"]}}}

    With --http it listens on this machine only; with a token in BELEG_SERVE_TOKEN only for those who
    send it (Authorization: Bearer TOKEN).
    """
    if find_spec("mcp") is None:
        raise UsageError(
            gettext("For this the package mcp is needed, and is not installed."),
            gettext("Install it: pip install 'beleg[mcp]'"),
        )
    from rag.serving.access import TOKEN, access_for
    from rag.serving.listening import listener
    from rag.serving.model_context.server import server
    from rag.serving.model_context.transports import PATH, over_http, over_standard_streams
    from rag.serving.service import Service

    cancel: CancelToken = context.obj
    access = access_for(_HOST, (), os.environ.get(TOKEN, ""))
    settings = settings_to_answer(context, flags)
    with ExitStack() as stack:
        at = stack.enter_context(listener(_HOST, port)) if http else None
        service = stack.enter_context(Service(settings, wait=http))  # who starts it by the streams sees no exit
        made = server(service, [folder.resolve() for folder in folders])
        if at is None:
            thread = over_standard_streams(made)
        else:
            thread = stack.enter_context(over_http(made, service, access, at))
            address = f"http://{_HOST}:{at.getsockname()[1]}{PATH}"
            say(gettext("{model} answers at {address} (MCP)").format(model=service.model, address=address))
        while thread.is_alive() and service.alive:
            thread.join(_LOOK)
            cancel.check()
        if not http and service.alive:
            return  # the client has gone
    raise BelegError(gettext("Beleg has stopped answering."), gettext("Start it again; the log says why."))
