"""The LLM that is offered to whoever has none but the embedded one, which is too small to write well."""

from __future__ import annotations

from rag.localization import number
from rag.models.catalogue import CatalogueModel, catalogue
from rag.models.pulled import pulled
from rag.settings import Settings

WRITER = "qwen2.5-coder-1.5b"


def offered(settings: Settings) -> CatalogueModel | None:
    """Return the LLM to be offered; None where one is named in the settings, or was pulled.

    Nothing is asked of a network. Raises ModelUnavailable where the catalogue is damaged.
    """
    if settings.llm is not None or any(model.role == "llm" for model in pulled(settings.models)):
        return None
    return catalogue()[WRITER]


def size_of(model: CatalogueModel) -> str:
    """Return a model's size as a person reads it."""
    return f"{number(model.size / 1e9, 1)} GB" if model.size >= 1e9 else f"{number(model.size / 1e6)} MB"


def how_to_have(model: CatalogueModel, program: str = "beleg") -> str:
    """Return the command that brings a model here and has the settings name it, with its size."""
    return f"{program} models pull {model.name} && {program} models use {model.name} ({size_of(model)})"
