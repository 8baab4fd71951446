"""Opens what answers: the library, and the models that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.system.importing import many_imports
from rag.system.milvus_address import is_shared

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.settings import Settings


def bring_in_step(settings: Settings) -> None:
    """Bring a library that is shared in step before it is counted; it is made if there is none. Raises BelegError."""
    if is_shared(settings.store):
        from rag.index.stores import open_in_step

        open_in_step(settings).close()


def open_assistant(settings: Settings) -> Assistant:
    """Open the library and the models, the LLM too where it is to write. Raises BelegError."""
    with many_imports():
        from rag.models.bundled import begin_reader

        reader = begin_reader(settings)  # which opens while the rest is imported
        from rag.answering.assistant import Assistant
        from rag.index.stores import open_in_step

    library = open_in_step(settings)
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
