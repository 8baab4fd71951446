"""`beleg serve`: other programs of this machine ask, over HTTP."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from rag.cli.help import Command
from rag.cli.options import options, say, settings_to_answer
from rag.errors import BelegError, UsageError
from rag.localization import gettext

if TYPE_CHECKING:
    from rag.system.cancellation import CancelToken

PORT = 8642
_LOOK = 1.0  # seconds


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 is any that is free.")
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen. Any but this machine's own needs a token in BELEG_SERVE_TOKEN.",
)
@click.option(
    "--allow-host", "names", multiple=True, metavar="NAME", help="A name by which the server may be called, too."
)
@options
@click.pass_context
def serve(context: click.Context, /, port: int, host: str, names: tuple[str, ...], **flags: Any) -> None:
    """Let other programs ask over HTTP, until it is stopped; needs beleg[serve].

    \b
    POST /ask                    answers, as JSON or as events (Accept: text/event-stream)
    GET  /search?query=          passages
    GET  /documents              and /documents/ID/text?start=&end=
    POST /v1/chat/completions    for chat clients that speak OpenAI's: the model is called beleg
    GET  /docs                   all of it

    It listens on this machine only (127.0.0.1), and then lets every program of it ask. With a token
    in BELEG_SERVE_TOKEN only those who send it (Authorization: Bearer TOKEN). There is no encryption:
    on a network, put what speaks TLS before it.
    """
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise UsageError(
            gettext("For this Starlette and uvicorn are needed, and are not installed."),
            gettext("Install them: pip install 'beleg[serve]'"),
        )
    from rag.serving.access import TOKEN, access_for

    cancel: CancelToken = context.obj
    access = access_for(host, names, os.environ.get(TOKEN, ""))
    settings = settings_to_answer(context, flags)
    from rag.serving.listening import listener, serving
    from rag.serving.service import Service

    with listener(host, port) as at:
        service = Service(settings)
        with serving(service, access, at) as thread:
            shown = f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{at.getsockname()[1]}"
            say(
                gettext("{model} answers at {address} (the page /docs says what can be asked)").format(
                    model=service.model, address=address
                )
            )
            sys.stderr.flush()
            while thread.is_alive() and service.alive:
                cancel.wait(_LOOK)
                cancel.check()
    raise BelegError(gettext("Beleg has stopped answering."), gettext("Start it again; the log says why."))
