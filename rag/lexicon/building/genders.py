"""The genders of German nouns by their endings, fitted on a dictionary in Ding's format, which marks each noun's.

The last part of a compound says its gender, and so do derivations: an ending that nearly all nouns of a dictionary
share with one gender tells that of nouns that no dictionary has. Longer endings are exceptions to shorter ones.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rag.lexicon.genders import SHORTEST, endings, gender_of

_NOUN = re.compile(r"(?:^|[;|]\s*)([A-ZÄÖÜ][\wäöüß-]+) \{(m|f|n|pl)\}(?=\s*(?:$|[;|\[(/]))")
_SURE = 0.98  # share of the nouns with an ending that have its gender
_FEWEST = 6  # nouns that an ending is told from
_HELD_OUT = 5  # every fifth noun, to measure with


def nouns(lines: Iterable[str]) -> dict[str, str]:
    """Return the gender of each noun that has but one: m, f, n, or pl."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if not line.startswith("#") and "::" in line:
            for match in _NOUN.finditer(line.partition("::")[0]):
                found[match[1]].add(match[2])
    return {word: genders.pop() for word, genders in sorted(found.items()) if len(genders) == 1}


def fit(known: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the endings that are sure, each with its gender, without those that a shorter one says already."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for word, gender in known.items():
        for ending in endings(word):
            seen[ending][gender] += 1
    table: dict[str, list[str]] = {}
    for ending in sorted(seen, key=lambda ending: (len(ending), ending)):
        (gender, most), *_ = seen[ending].most_common(1)
        if seen[ending].total() < _FEWEST or most < _SURE * seen[ending].total():
            continue
        shorter = (table[ending[at:]] for at in range(1, len(ending) - SHORTEST + 1) if ending[at:] in table)
        if next(shorter, None) != [gender]:
            table[ending] = [gender]
    return table


def measured(known: Mapping[str, str]) -> tuple[int, int, int]:
    """Return how many nouns that were held out are told rightly, wrongly, and not at all."""
    words = sorted(known, key=lambda word: word[::-1].lower())
    held_out = words[::_HELD_OUT]
    table = fit({word: known[word] for word in set(words) - set(held_out)})
    told = [(gender_of(word, table.get), known[word]) for word in held_out]
    right = sum(one == other for one, other in told)
    none = sum(not one for one, _ in told)
    return right, len(told) - right - none, none
