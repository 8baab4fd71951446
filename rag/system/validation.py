"""What files of ours may hold, by types: msgspec checks them, which takes a sixth of the time to import pydantic.

(Requests to the servers are checked by pydantic, which describes them to other programs, too.)
"""

from __future__ import annotations

from sys import float_info
from typing import Annotated

from msgspec import Meta, Struct

FiniteFloat = Annotated[float, Meta(ge=-float_info.max, le=float_info.max)]  # neither infinite nor no number


class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A table or object: no key but these, no value of another type."""
