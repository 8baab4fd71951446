"""Where things lie in the project."""

from __future__ import annotations

from pathlib import Path

HELPERS = Path(__file__).parent
ROOT = HELPERS.parents[1]
SEEDS = ROOT / "seeds"
