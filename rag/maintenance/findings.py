"""What `beleg doctor` finds: facts a report of a fault needs, and what to do where one of them is a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rag.errors import BelegError
from rag.localization import N_, gettext
from rag.system.logs import Words, logger

State = Literal["fine", "notice", "broken"]
_ANEW = N_("Install Beleg anew with pip.")
_RIGHT = N_("See that you have the right to read it and to look into its folder.")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact; where it is no fine one, `remedy` is what to do. Never a word of a document or a question.

    It is in the interface's language, but for the topic, which is looked up where it is shown; and English for scripts.
    """

    topic: str
    name: str
    value: str
    state: State = "fine"
    remedy: str = ""


Probe = Callable[[], Iterable[Finding]]


def examined(probes: Mapping[str, Probe]) -> list[Finding]:
    """Return what the probes find, by topic; one that fails is a finding itself, and the others go on."""
    found: list[Finding] = []
    for topic, probe in probes.items():
        try:
            for finding in probe():
                found.append(finding)  # one by one: what came before a failure stays
        except ModuleNotFoundError as error:
            name = error.name or gettext("a package")
            found.append(Finding(topic, name, gettext("not installed"), "broken", gettext(_ANEW)))
        except BelegError as error:
            found.append(Finding(topic, gettext("cannot be used"), error.reason, "broken", error.remedy))
        except PermissionError as error:
            name = gettext("may not be looked at")
            found.append(Finding(topic, name, f"{error.filename}", "broken", gettext(_RIGHT)))
        except Exception as error:  # whatever is wrong with a machine: this is the command for that
            logger("doctor").error("%s: %s: %s", topic, type(error).__name__, Words(error), exc_info=error)
            remedy = gettext("The log says where: please report it.")
            found.append(Finding(topic, gettext("cannot be looked at"), type(error).__name__, "broken", remedy))
    return found
