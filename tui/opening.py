"""Opens what answers: the library, and the models that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.system.importing import many_imports

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.settings import Settings


def open_assistant(settings: Settings) -> Assistant:
    """Open the library and the models, the LLM too where it is to write. Raises BelegError."""
    with many_imports():
        from rag.models.bundled import begin_reader

        reader = begin_reader(settings)  # which opens while the rest is imported
        from rag.answering.assistant import Assistant
        from rag.index.library import Library

    library = Library(settings.library)
    try:
        assistant = Assistant(settings, library, reader)
    except BaseException:
        library.close()
        raise
    try:
        _ = assistant.model
    except BaseException:
        assistant.close()
        library.close()
        raise
    return assistant
