"""Ordinary questions as they are typed into a chat: "is my rent going up", "darf ich hier parken".

They are made of templates and of what fills them, `question_kinds/everyday_templates.txt`, with a fixed seed. Around
them, as around a question of any other kind, there may be small talk: "hey, ", "kurze Frage: ".
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("question_kinds") / "everyday_templates.txt"
_EACH = 6  # questions of each template
_AROUND = {
    "en": "hey, |hi, |hello, |ok, so |so |um, |please |just wondering, |quick question: |one more thing: "
    "|thanks, and |and |well, |tell me, |hey, one question: |sorry, |ok thanks. ",
    "de": "hey, |hi, |hallo, |ok, |also |äh, |bitte |mal eine Frage: |kurze Frage: |noch was: "
    "|danke, und |und |sag mal, |ich habe eine Frage: |Entschuldigung, |guten Tag, |super, danke. ",
}


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of a language, and what fills their slots, by name."""

    lines: tuple[str, ...]
    fillers: dict[str, list[str]]


def templates() -> dict[str, Templates]:
    """Return the templates by language."""
    found: dict[str, Templates] = {}
    for part in re.split(r"^## ", _FILE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        language, *lines = filter(None, part.splitlines())
        fillers = [line.split(" = ", 1) for line in lines if " = " in line]
        plain = tuple(line for line in lines if " = " not in line)
        found[language] = Templates(plain, {name: phrases.split(" | ") for name, phrases in fillers})
    return found


def questions() -> list[list[str]]:
    """Return the questions, those of one template together."""
    chance = random.Random(7)
    return [
        [_typed(_filled(line, each.fillers, chance), language, chance) for _ in range(_EACH)]
        for language, each in templates().items()
        for line in each.lines
    ]


def _filled(line: str, fillers: dict[str, list[str]], chance: random.Random) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: chance.choice(fillers[match[1]]), line)


def _typed(line: str, language: str, chance: random.Random) -> str:
    """Return a question as somebody might type it: a capital or none, a question mark or none."""
    line = chance.choices((line, line.lower(), line[0].upper() + line[1:]), (2, 2, 3))[0]
    if chance.random() < 0.2:
        line = around(line, language, chance)
    return line + chance.choices(("", "?", "??", "."), (5, 4, 0.3, 0.3))[0]


def around(line: str, language: str, chance: random.Random) -> str:
    """Return the question with small talk before it."""
    return chance.choice(_AROUND[language].split("|")) + line
