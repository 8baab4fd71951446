"""Beleg's engine: documents in, answers with evidence out. No user interface, and no network but to pull a model.

    from rag import Answered, Assistant, Library
    from rag.settings import load

    settings = load({"library": "my-library"})
    with Library(settings.library) as library, Assistant(settings, library) as assistant:
        for event in assistant.ask("How many troops are in Kursk?"):
            if isinstance(event, Answered):
                print(event.answer.text)

    from rag.index.metadata_filter import chosen, wanted

    only = chosen(library.entries(), wanted(["work"], since="2024")).ids  # assistant.ask(question, documents=only)

`docs/python.md` has more. Importing this package imports nothing else; models are loaded by what needs them.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.answering.answer import Answer, Answered, Retrieved, Searching, Writing
    from rag.answering.assistant import Assistant
    from rag.index.library import Library
    from rag.serving.service import Service
    from rag.settings import Settings

# onnxruntime's wheels report their use to Microsoft, from any process that lives for some seconds, and mark the
# machine with an id, unless this is set before they are imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# pydantic looks through all packages that are installed for plugins of its own, and runs them: time at each start.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

__version__ = "0.1.0"
__all__ = ["Answer", "Answered", "Assistant", "Library", "Retrieved", "Searching", "Service", "Settings", "Writing"]

_DEFINED_IN = {
    "Answer": "rag.answering.answer",
    "Answered": "rag.answering.answer",
    "Assistant": "rag.answering.assistant",
    "Library": "rag.index.library",
    "Retrieved": "rag.answering.answer",
    "Searching": "rag.answering.answer",
    "Service": "rag.serving.service",
    "Settings": "rag.settings",
    "Writing": "rag.answering.answer",
}


def __getattr__(name: str) -> object:
    """Import a name of `__all__` when it is asked for."""
    if name not in _DEFINED_IN:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_DEFINED_IN[name]), name)
