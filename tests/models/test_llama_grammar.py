"""Held: what is written by a grammar matches it, whatever the model would rather write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.models.llama_grammar import Grammar
from rag.models.writer import Messages, Task
from rag.settings import Settings

ASKED: Messages = (("system", "You answer briefly."), ("user", "Which rivers flow through Köln and Wien?"))
CHECKS = r"""
root ::= item+
item ::= "- " ("yes" | "no") ": " [0-9] [0-9]? "\n"
"""
GRAMMARS = {
    'root ::= "NO" | "[" [1-9] "]"': r"NO|\[[1-9]\]",
    'root ::= "{\\"answer\\": \\"" [^"\\\\\\n]{1,12} "\\"}"': r'\{"answer": "[^"\\\n]{1,12}"\}',
    CHECKS: r"(- (yes|no): [0-9][0-9]?\n)+",
    'root ::= "Ü" [äöü]{3} "ß🙂"': r"Ü[äöü]{3}ß🙂",
    "root ::= [a-z]+ (\" \" [a-z]+){2,4} \".\"": r"[a-z]+( [a-z]+){2,4}\.",
}  # fmt: skip


@pytest.fixture(scope="module")
def llm(cache: Path) -> Iterator[Generator]:
    """The embedded LLM."""
    opened = load_generator(Settings(cache=cache, threads=1))
    yield opened
    opened.close()


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_what_is_written_to_its_end_matches_the_grammar(llm: Generator, grammar: str) -> None:
    ((_, written),) = llm.write([Task(ASKED, 60, grammar)])
    if written.ending == "end":
        assert re.fullmatch(GRAMMARS[grammar], written.text)
    else:
        assert grammar == CHECKS and re.match(GRAMMARS[grammar], written.text)


def test_beside_others_what_is_written_by_a_grammar_is_the_same(llm: Generator) -> None:
    tasks = [Task(ASKED, 30, grammar) for grammar in ("", *GRAMMARS)]
    together = dict(llm.write(tasks))
    for place, task in enumerate(tasks):
        assert list(llm.write([task])) == [(0, together[place])]
    ((_, free),) = llm.write([Task(ASKED, 30)])
    assert together[0] == free and together[1] != free


def test_a_text_that_the_model_would_write_by_itself_is_the_same_by_a_grammar_that_allows_it(llm: Generator) -> None:
    ((_, free),) = llm.write([Task(ASKED, 20)])
    ((_, held),) = llm.write([Task(ASKED, 20, "root ::= [^\\x00]*")])
    assert held.text == free.text


def test_only_when_the_likely_tokens_are_of_no_use_are_all_looked_at(llm: Generator) -> None:
    model = llm._model
    (wanted,) = model.tokens("Zebra") if len(model.tokens("Zebra")) == 1 else model.tokens("Z")
    piece = model.piece(wanted).decode()
    logits = np.linspace(1, 0, model.vocabulary, dtype=np.float32)
    logits[wanted] = -50  # the least likely of all
    end = next(token for token in range(model.vocabulary) if model.ends(token))
    grammar = Grammar(model, f'root ::= "{piece}"')
    chosen = [grammar.choose(logits), grammar.choose(logits)]
    assert chosen[1] is not None and model.ends(chosen[1]) and end <= chosen[1]
    assert chosen[0] is not None and piece.startswith(model.piece(chosen[0]).decode())


def test_no_control_token_is_written_as_text(llm: Generator) -> None:
    """llama.cpp takes them for the text that they are written as, and a text in angle brackets matches."""
    model = llm._model
    (control,) = model.tokens("<|im_start|>", special=True)
    logits = np.zeros(model.vocabulary, dtype=np.float32)
    logits[control] = 9
    assert Grammar(model, "root ::= [^\\x00]*").choose(logits) not in (control, None)


@pytest.mark.parametrize("grammar", ["root ::= (", "leaf ::= [a]", "root ::= leaf", "no grammar", "root ::= root [a]"])
def test_a_grammar_that_is_none_is_a_value_error(llm: Generator, grammar: str) -> None:
    with pytest.raises(ValueError, match="no grammar"):
        list(llm.write([Task(ASKED, 5, grammar)]))


def test_where_the_vocabulary_has_no_words_for_a_grammar_the_text_ends(llm: Generator) -> None:
    logits = np.full(llm._model.vocabulary, -np.inf, dtype=np.float32)
    assert Grammar(llm._model, 'root ::= "a"').choose(logits) is None
