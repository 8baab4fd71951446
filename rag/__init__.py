"""Beleg's engine: documents in, answers with evidence out. No user interface, and no network but to pull a model.

    from rag.settings import load
    from rag.index.library import Library
    from rag.answering.assistant import Answered, Assistant

    settings = load({"library": "my-library"})
    with Library(settings.library) as library, Assistant(settings, library) as assistant:
        for event in assistant.ask("How many troops are in Kursk?"):
            if isinstance(event, Answered):
                print(event.answer.text)

    from rag.index.metadata_filter import chosen, wanted

    only = chosen(library.entries(), wanted(["work"], since="2024")).ids  # assistant.ask(question, documents=only)

Importing this package imports nothing heavy; models are loaded by what needs them.
"""

import os

# onnxruntime's wheels report their use to Microsoft, from any process that lives for some seconds, and mark the
# machine with an id, unless this is set before they are imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# pydantic looks through all packages that are installed for plugins of its own, and runs them: time at each start.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

__version__ = "0.1.0"
