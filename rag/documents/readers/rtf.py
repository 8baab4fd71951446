"""RTF documents.

striprtf, the library in use, loses footnotes and headings, takes a table's rows apart, and reads what was deleted or
is hidden; so the few hundred control words that matter are followed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rag.documents.readers.blocks import PAGE_NUMBER, Block, joined, without_page_numbers
from rag.documents.readers.extraction import RAISED, Extract, Omission, Unreadable, clean
from rag.documents.readers.rtf_story import Story
from rag.documents.readers.rtf_tokens import Font, Letters, Token, code_page, tokens
from rag.localization import gettext

_DEEPEST = 2000  # groups in groups
_SIGNS = {"~": "\u00a0", "_": "-", "\n": "\n", "\r": "\n"}
_WORDS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "column": "\n",
    "chpgn": PAGE_NUMBER,
}  # fmt: skip
_HEADERS = {"header", "headerl", "headerr", "headerf"}
_FOOTERS = {"footer", "footerl", "footerr", "footerf"}
# Destinations that are text, though readers who do not know them are told to pass over them.
_READ = {
    "shppict",
    "shpinst",
    "shptxt",
    "nesttableprops",
    "moMath",
    "moMathPara",
    "ud",
    "fldrslt",
    "result",
    "footnote",
}
_SKIPPED = {
    "fonttbl", "colortbl", "stylesheet", "info", "listtable", "listoverridetable", "revtbl", "rsidtbl", "pntxta",
    "pntxtb", "sp", "shprslt", "nonshppict", "nonesttables", "xe", "tc", "bkmkstart", "bkmkend", "objdata", "objclass",
    "fldinst", "formfield", "datafield", "private", "template", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc",
    "aftncn", "filetbl", "themedata", "upr", "atnid", "atnauthor", "atnref", "atndate", "atnicn", "pn",
}  # fmt: skip
_COUNTED = {"pict": "images", "annotation": "comments"}
_INFO = {"title": "title", "revtim": "date", "creatim": "created"}


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in a group. `into` names the table or fact that its text is for, "" where it is text."""

    into: str = ""
    font: int = 0
    skip: int = 1  # bytes after a \\u that are for readers who do not know it
    hidden: bool = False
    deleted: bool = False
    raised: bool = False
    bold: bool = False
    starred: bool = False


def read_rtf(raw: bytes) -> Extract:
    """RTF: paragraphs, headings, lists and tables in their order; headers first, footers and notes last."""
    if not raw.lstrip().startswith(b"{\\rtf"):
        raise Unreadable(gettext("it is not an RTF document, whatever its name says"))
    parser = _Parser()
    for token in tokens(raw):
        parser.take(token)
    return parser.found()


@dataclass(slots=True)
class _Parser:
    letters: Letters = field(default_factory=Letters)
    state: _State = field(default_factory=_State)
    stack: list[tuple[_State, Story]] = field(default_factory=list)
    body: Story = field(default_factory=Story)
    story: Story = field(default_factory=Story)
    headers: list[Story] = field(default_factory=list)
    footers: list[Story] = field(default_factory=list)
    notes: list[Story] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    levels: dict[int, int] = field(default_factory=dict)  # of headings, by style
    default_font: int = 0
    instruction: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    name: str = ""
    style: int = 0
    to_skip: int = 0

    def __post_init__(self) -> None:
        self.story = self.body

    def take(self, token: Token) -> None:
        """Follow the next token."""
        if token.text:
            self._text(token.text)
            return
        self._put(self.letters.rest())
        if token.group == "{":
            self._open()
        elif token.group == "}":
            self._close()
        elif token.sign:
            self._sign(token.sign)
        elif token.word:
            self._word(token.word, token.number)

    def found(self) -> Extract:
        """Return what was read, also of a document that was cut off."""
        self._put(self.letters.rest())
        self.body.end()
        for number, note in enumerate(self.notes, 1):
            note.end()
            words = " ".join(joined(note.blocks).split())
            self.body.blocks.append(Block(f"[^{number}]: {words}" if words else ""))
        edges = [_edge(stories) for stories in (self.headers, self.footers)]
        at = len(self.body.blocks) - len(self.notes)
        blocks = [*edges[0], *self.body.blocks[:at], *edges[1], *self.body.blocks[at:]]
        title = " ".join(self.facts.get("title", "").split())
        first = next((block.text[2:] for block in blocks if block.text.startswith("# ")), "")
        left_out = tuple(Omission(what, count) for what, count in self.left_out.items() if count)
        return Extract(clean(joined(blocks)), clean(title or first), self._date(), omissions=left_out)

    def _date(self) -> str | None:
        said = self.facts.get("date") or self.facts.get("created") or ""
        numbers = dict(re.findall(r"(yr|mo|dy)(\d+)", said))
        if len(numbers) < 3 or not 1900 < int(numbers["yr"]) < 2200:
            return None
        return f"{int(numbers['yr']):04}-{int(numbers['mo']):02}-{int(numbers['dy']):02}"

    # --- groups --------------------------------------------------------------------------

    def _open(self) -> None:
        if len(self.stack) >= _DEEPEST:
            raise Unreadable(gettext("it has more than {most:,} groups in groups").format(most=_DEEPEST))
        self.stack.append((self.state, self.story))
        self.to_skip = 0

    def _close(self) -> None:
        if not self.stack:
            return
        before, self.state = self.state, self.stack[-1][0]
        story, self.story = self.story, self.stack.pop()[1]
        self.to_skip = 0
        if story is not self.story and story.anchor is self.story:
            story.end()
            self.story.hung += story.blocks
        if before.into == "mark" and self.state.into != "mark":
            self.story.take_mark()

    def _begin(self, word: str) -> bool:
        """Begin what a group is for, if a control word says that; return whether it does."""
        if self._begin_story(word):
            pass
        elif word in _COUNTED:
            self.left_out[_COUNTED[word]] += self.state.into == ""
            self.state = replace(self.state, into="skip")
        elif word in {"fonttbl", "stylesheet", "info"} or (word in _INFO and self.state.into == "info"):
            self.state = replace(self.state, into=_INFO.get(word, word))
        elif word == "fldinst":
            self.instruction = ""
            self.state = replace(self.state, into=word)
        elif word in _SKIPPED or (self.state.starred and word not in _READ):
            self.state = replace(self.state, into="skip")
        elif not self.state.starred:
            return False
        self.state = replace(self.state, starred=False)
        return True

    def _begin_story(self, word: str) -> bool:
        """Begin text that stands elsewhere than what is around it; return whether a control word says that."""
        if word in _HEADERS or word in _FOOTERS:
            self.story = Story()
            (self.headers if word in _HEADERS else self.footers).append(self.story)
        elif word == "footnote":
            self.story.put(f"[^{len(self.notes) + 1}]")
            self.story = Story()
            self.notes.append(self.story)
            self.state = _State(font=self.default_font, skip=self.state.skip)
        elif word == "shptxt":
            self.story = Story(anchor=self.story)
            self.state = replace(self.state, into="")
        elif word == "ud":  # what stands beside it is the same for readers without Unicode
            self.state = replace(self.state, into="")
        elif word in {"listtext", "pntext"}:
            self.state = replace(self.state, into="mark")
        elif word == "fldrslt":
            self._begin_result()
        else:
            return False
        return True

    def _begin_result(self) -> None:
        paged = self.instruction.split()[:1] in (["PAGE"], ["NUMPAGES"], ["SECTIONPAGES"])
        self.instruction = ""
        if paged:
            self._put(PAGE_NUMBER)
            self.state = replace(self.state, into="skip")

    # --- text ----------------------------------------------------------------------------

    def _text(self, text: bytes) -> None:
        if self.to_skip:
            skipped = min(self.to_skip, len(text))
            self.to_skip -= skipped
            text = text[skipped:]
        self._put(self.letters.add(text, self.state.font))

    def _put(self, text: str) -> None:
        """Put text where that of its group belongs."""
        into = self.state.into
        if not text or into == "skip":
            return
        if into in {"", "mark"}:
            self._shown(text)
        elif into == "fldinst":
            self.instruction += text
        elif into == "fonttbl":
            font = self.letters.fonts.setdefault(self.state.font, Font())
            font.name += text.partition(";")[0]
        elif into == "stylesheet":
            self.name += text
            if ";" in text:
                match = re.fullmatch(r"\s*(?:heading |.?berschrift ?)([1-9])\s*;?\s*", self.name.strip(), re.IGNORECASE)
                if match:
                    self.levels.setdefault(self.style, int(match[1]))
                elif self.name.strip(" ;").lower() == "title":
                    self.levels.setdefault(self.style, 1)
                self.name, self.style = "", 0
        elif into != "info":
            self.facts[into] = self.facts.get(into, "") + text

    def _shown(self, text: str) -> None:
        if self.state.deleted or self.state.hidden:
            what = "deleted passages" if self.state.deleted else "hidden passages"
            self.left_out[what] += bool(text.strip()) and self.story.dropped != what
            self.story.dropped = what
            return
        if self.state.into == "mark":
            self.story.mark += text
            return
        raised = self.state.raised and re.fullmatch(r"\s*\d+\s*", text)
        self.story.put(text.translate(RAISED) if raised else text, self.state.bold)

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self.state = replace(self.state, starred=True)
        elif self.to_skip:
            self.to_skip -= 1
        elif sign in "\\{}":
            self._put(sign)
        elif sign in "\r\n":
            self._word("par", None)
        else:
            self._put(_SIGNS.get(sign, ""))

    # --- control words -------------------------------------------------------------------

    def _word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._put(self.letters.unicode(number or 0, self.state.font))
            self.to_skip = self.state.skip
        elif word in _WORDS:
            self._put(_WORDS[word])
        elif word in _STATES:
            self.state = _STATES[word](self.state, number)
        elif self.state.into in {"fonttbl", "stylesheet"}:
            self._defined(word, number)
        elif self.state.into in _INFO.values():
            self.facts[self.state.into] = self.facts.get(self.state.into, "") + f"{word}{number}"
        elif self._begin(word):
            return
        elif word == "plain":
            self.state = _State(self.state.into, self.default_font, self.state.skip)
        elif word in {"ansicpg", "mac", "pc", "pca", "deff"}:
            self._document(word, number)
        elif self.state.into == "":
            self.story.word(word, number, self.levels)

    def _document(self, word: str, number: int | None) -> None:
        if word == "deff":
            self.default_font = number or 0
        else:
            pages = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
            self.letters.encoding = pages.get(word) or code_page(number)

    def _defined(self, word: str, number: int | None) -> None:
        """Take what is said of a font or a style."""
        if self.state.into == "fonttbl" and word == "fcharset":
            self.letters.fonts.setdefault(self.state.font, Font()).charset = number or 0
        elif self.state.into == "stylesheet" and word == "s":
            self.style = number or 0
        elif self.state.into == "stylesheet" and word == "outlinelevel" and (number or 0) < 9:
            self.levels[self.style] = (number or 0) + 1
        elif word == "panose":
            self.state = replace(self.state, into="skip")


_STATES: dict[str, Callable[[_State, int | None], _State]] = {
    "f": lambda state, number: replace(state, font=number or 0),
    "uc": lambda state, number: replace(state, skip=min(max(number or 0, 0), 100)),
    "v": lambda state, number: replace(state, hidden=number != 0),
    "deleted": lambda state, number: replace(state, deleted=number != 0),
    "super": lambda state, number: replace(state, raised=number != 0),
    "up": lambda state, number: replace(state, raised=number not in {0}),
    "sub": lambda state, _: replace(state, raised=False),
    "nosupersub": lambda state, _: replace(state, raised=False),
    "b": lambda state, number: replace(state, bold=number != 0),
}


def _edge(stories: list[Story]) -> list[Block]:
    """Return the lines of headers or footers, each text once, without page numbers."""
    lines: dict[str, None] = {}
    for story in stories:
        story.end()
        lines.update(dict.fromkeys(filter(None, (without_page_numbers(block.text) for block in story.blocks))))
    return [Block(line) for line in lines]
