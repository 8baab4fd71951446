"""What `beleg doctor` finds about how an LLM is run: on what, and how it keeps its context. None is loaded for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.localization import gettext, number
from rag.maintenance.findings import Finding

if TYPE_CHECKING:
    from rag.settings import Settings


def how_it_runs(settings: Settings) -> Iterator[Finding]:
    """Yield what an LLM is run on, and how it keeps its context, each with the reason."""
    from rag.models.llama_runtime import size_matters
    from rag.models.trial_verdicts import gpu_backends

    able, asked = gpu_backends(), settings.gpu_layers
    built = gettext("llama.cpp is built for the processor only")
    if able:
        built = gettext("llama.cpp is built for {what}").format(what=", ".join(able))
    where = gettext("the GPU") if asked is None else gettext("the GPU, {n} layers").format(n=asked)
    if asked == 0 or not able:
        where = gettext("the processor")
    why = built if asked is None else gettext("{why}, gpu_layers is {n}").format(why=built, n=asked)
    useless = bool(asked) and not able
    remedy = (
        gettext("Install llama-cpp-python built for your GPU, or take gpu_layers out of the settings.")
        if useless
        else ""
    )
    yield Finding("LLM's runtime", gettext("runs on"), f"{where}: {why}", "notice" if useless else "fine", remedy)
    if settings.kv_type is not None:
        kept = gettext("{type}, as kv_type says").format(type=settings.kv_type)
    elif size_matters(settings.kv_type, settings.context):
        kept = gettext("f16, or q8_0 where it would take more than a quarter of all memory")
    else:
        kept = gettext("f16: it is short")
    value = gettext("{n} tokens as {kept}").format(n=number(settings.context), kept=kept)
    yield Finding("LLM's runtime", gettext("context"), value)
