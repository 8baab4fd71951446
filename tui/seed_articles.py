"""The articles that come with Beleg, to try it with."""

from __future__ import annotations

from pathlib import Path


def seeds() -> Path | None:
    """Return the folder of the articles that come with Beleg, or None where they were left out."""
    import rag

    package = Path(rag.__file__).parent
    return next((folder for folder in (package / "seeds", package.parent / "seeds") if folder.is_dir()), None)
