"""What threads tell the screen, and what widgets ask of it.

A thread that loads, answers or indexes never touches a widget: it posts one of the first
group. A widget never decides: it posts one of the second group, and the screen acts.

Nobody compares them: what dataclasses would write for that is written at each start, before the first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

from rag.localization import gettext
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from rag.answering.attribution import Statement
    from rag.index.report import Report
    from rag.models.catalogue import CatalogueModel
    from rag.settings import Settings
    from rag.system.long_work import Step
    from tui.slash import Command

# --- from threads ---------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Counted(Message):
    """How much the library holds."""

    documents: int
    chunks: int
    about: str  # which documents they are, on a line; "" of none and of very many


@dataclass(eq=False, repr=False)
class CountedAnew(Counted):
    """Another program has changed the library; so much it holds now."""


@dataclass(eq=False, repr=False)
class Suggested(Message):
    """Questions that the library as it is can answer; none where none was found."""

    questions: tuple[str, ...]


@dataclass(eq=False, repr=False)
class Noticed(Message):
    """What the person should know of the library that was opened: it was brought up to date, say."""

    notice: str


@dataclass(eq=False, repr=False)
class Preparing(Message):
    """The models are made ready for this machine, once, which takes a while; or another program is waited for."""

    text: str = field(default_factory=lambda: gettext("preparing the models, once"))


@dataclass(eq=False, repr=False)
class PreparedOn(Message):
    """How far the models are prepared; None once they are, or it has failed."""

    step: Step | None


@dataclass(eq=False, repr=False)
class Loaded(Message):
    """The models are ready; `model` is the name of what answers."""

    model: str


@dataclass(eq=False, repr=False)
class LoadFailed(Message):
    """The models or the library cannot be used; `reason` says why and what to do, `status` the same in a few words."""

    reason: str
    status: str = field(default_factory=lambda: gettext("cannot answer: ctrl+r tries again"))


@dataclass(eq=False, repr=False)
class Kept(Message):
    """Other models cannot be used, `reason` says why; those of the settings before answer again."""

    reason: str
    settings: Settings
    model: str


@dataclass(eq=False, repr=False)
class LibraryGone(LoadFailed):
    """The library that was open was deleted or moved."""

    status: str = field(default_factory=lambda: gettext("the library is gone"))


@dataclass(eq=False, repr=False)
class Searched(Message):
    """A turn's question was completed to `standalone`, and is searched for."""

    turn: int
    standalone: str


@dataclass(eq=False, repr=False)
class Found(Message):
    """A turn's passages were found, and are read, sentence by sentence."""

    turn: int
    passages: int


@dataclass(eq=False, repr=False)
class ReadOn(Message):
    """The LLM, which is to write, has read so many tokens of so many."""

    turn: int
    done: int
    total: int


@dataclass(eq=False, repr=False)
class Wrote(Message):
    """The statements of a turn's answer so far."""

    turn: int
    statements: tuple[Statement, ...]
    joined: bool  # one text, or a statement a paragraph


@dataclass(eq=False, repr=False)
class Ended(Message):
    """A turn is over: answered, failed with an `error`, or stopped (neither).

    `unsaved` says why a finished turn could not be saved.
    """

    turn: int
    answer: Answer | None = None
    error: str = ""
    unsaved: str = ""


@dataclass(eq=False, repr=False)
class IndexedOn(Message):
    """So many files of so many are indexed; `name` is the next. While `total` is 0 it says what is done first."""

    done: int
    total: int
    name: str

    @property
    def told(self) -> str:
        """The same, for the status line."""
        count = f"{self.done}/{self.total} " if self.total else ""
        return gettext("indexing {what}").format(what=f"{count}{one_line(self.name, 24)}")


@dataclass(eq=False, repr=False)
class PathsTyped(Message):
    """Where a question was expected there is a `line` that names files and folders, and nothing else."""

    line: str
    paths: list[str]


@dataclass(eq=False, repr=False)
class ManyFound(Message):
    """`question` is to be asked before so many files are indexed, and `go_on` does it."""

    question: str
    go_on: Callable[[], None]


@dataclass(eq=False, repr=False)
class IndexEnded(Message):
    """Indexing is over: with a report, with an `error`, or stopped before its end."""

    report: Report | None
    error: str = ""
    stopped: bool = False


@dataclass(eq=False, repr=False)
class Offered(Message):
    """An LLM that writes can be pulled; None where one is here, or named."""

    writer: CatalogueModel | None


@dataclass(eq=False, repr=False)
class PulledOn(Message):
    """How far a model is that is pulled, or what is done beside that: trying it, say."""

    told: str


@dataclass(eq=False, repr=False)
class PullEnded(Message):
    """A pull is over: `writer` is here and can write, or there is an `error`, or it was stopped (neither).

    `unsaved` says why the settings could not be told to use it.
    """

    writer: str = ""
    error: str = ""
    unsaved: str = ""


@dataclass(eq=False, repr=False)
class Removed(Message):
    """Documents were removed, or taken back: what is told of it, or why it was not done."""

    note: str = ""
    error: str = ""


# --- from widgets ---------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class Asked(Message):
    """The person has sent a question, or questions, a line each; `looked`: it is known not to name files."""

    question: str
    looked: bool = False


@dataclass(eq=False, repr=False)
class SourceWanted(Message):
    """The person wants to see source `n` of the selected answer, or of `turn`."""

    n: int
    turn: int | None = None


@dataclass(eq=False, repr=False)
class SourceOpened(Message):
    """The person wants to see source `n` in its document; without a number, the one whose card is open."""

    n: int | None = None


@dataclass(eq=False, repr=False)
class AnswerWanted(Message):
    """The person wants to go to the answer that is selected."""


@dataclass(eq=False, repr=False)
class Commanded(Message):
    """A command was typed instead of a question."""

    command: Command


@dataclass(eq=False, repr=False)
class AgainWanted(Message):
    """The question of a turn is to be asked again."""

    turn: int


@dataclass(eq=False, repr=False)
class TurnSelected(Message):
    """A turn was selected: its sources are wanted."""

    turn: int
