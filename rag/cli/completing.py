"""What a shell may complete on the line: files, documents, tags, models.

All of it is looked up in the library and the folders that the line so far, the environment and the settings name.
What cannot be looked up is not completed: a shell shows no errors between two keystrokes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from rag.errors import BelegError
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from rag.settings import Settings

    Completions = list[CompletionItem[str]]

_MOST = 200  # names: more than that nobody reads


def files(_: click.Context, __: click.Parameter, incomplete: str) -> Completions:
    """Complete files and folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def document(context: click.Context, _: click.Parameter, incomplete: str) -> Completions:
    """Complete a document's name."""
    from rag.index.names_kept import document_names

    return _begun(_looked_up(context, lambda of: document_names(of.library, incomplete, _MOST)), incomplete)


def documents(context: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Complete documents' names, and files and folders where none begins so."""
    return document(context, parameter, incomplete) or files(context, parameter, incomplete)


def tag(context: click.Context, _: click.Parameter, incomplete: str) -> Completions:
    """Complete a tag that documents have."""
    from rag.index.names_kept import tag_names

    return _begun(_looked_up(context, lambda of: tag_names(of.library)), incomplete)


def llm(context: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Complete the name of an LLM that was pulled, or a file."""
    return _begun(_looked_up(context, lambda of: _here(of, "llm")), incomplete) or files(context, parameter, incomplete)


def model_here(context: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Complete the name of any model that was pulled, or a file or folder."""
    return _begun(_looked_up(context, lambda of: _here(of)), incomplete) or files(context, parameter, incomplete)


def model_known(_: click.Context, __: click.Parameter, incomplete: str) -> Completions:
    """Complete the name of a model that can be pulled."""
    from rag.models.catalogue import catalogue

    with suppress(BelegError):
        return _begun(catalogue(), incomplete)
    return []


def _here(settings: Settings, role: str = "") -> list[str]:
    from rag.models.pulled import pulled

    return [model.name for model in pulled(settings.models) if role in ("", model.role)]


def _looked_up(context: click.Context, look: Callable[[Settings], list[str]]) -> list[str]:
    from rag.cli.flags import given
    from rag.settings import load

    flags: dict[str, Any] = given(context, context.params)
    with suppress(BelegError, OSError):
        return look(load(flags))
    return []


def _begun(names: Iterable[str], incomplete: str) -> Completions:
    """Return the names that begin so; those with signs that no line shows as they are cannot be typed either."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete) and one_line(name) == name]
