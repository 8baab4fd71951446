"""`beleg search`: the passages that a question would be answered from."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import click

from rag.cli.help import Command
from rag.cli.options import limit_from, limited, limits, open_in_step, options, say, settings_from
from rag.localization import ngettext
from rag.localization.languages import language_name


@click.command(cls=Command)
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@click.option("-k", "--top-k", type=click.IntRange(1, 50), help="How many passages.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@limits
@options
@click.pass_context
def search(context: click.Context, /, words: tuple[str, ...], top_k: int | None, as_json: bool, **flags: Any) -> None:
    """Find passages, in German and English, for a question or words in either."""
    from rag.answering.request import clean
    from rag.index.hybrid_search import retrieve
    from rag.index.stores import open_store
    from rag.models.bundled import load_embedder
    from rag.output.json_record import passage_record
    from rag.output.terminal import found

    limit = limit_from(flags)
    settings = settings_from(context, flags)
    query = clean(" ".join(words))
    with open_in_step(settings, context.obj) as library:
        embedder = load_embedder(settings)
        with library.snapshot():
            library.refuse_other(embedder)
            documents = limited(library, limit)
            with closing(open_store(library, settings, context.obj.check)) as store:
                asked_for, passages = retrieve(query, library, store, embedder, top_k or settings.passages, documents)
    if as_json:
        for passage in passages:
            click.echo(json.dumps({**passage_record(passage), "text": passage.chunk.text}, ensure_ascii=False))
    else:
        click.echo(found(passages, asked_for.language))
    told = ngettext("{n} passage, question in {language}", "{n} passages, question in {language}", len(passages))
    say(told.format(n=len(passages), language=language_name(asked_for.language)))
