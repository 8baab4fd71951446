"""Batches as arrays, and what is learned from them: on a small network with words of its own."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from batches import aligned, batch, grouped, rows
from code_switching import Switcher
from examples import Example, Text
from learning import losses, on_device, read, scored
from network import WIDTH, Network
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from vocabulary import Encoder, Tokens, pack, packed

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", *"the mill burned in 1907 when did it burn a bakery is so .".split()]
TEXTS = (Text("the mill", ("a bakery is in it .", "it burned in 1907 .", "so is it ."), (1,)), Text("", ("so .",)))
EXAMPLE = Example("when did it burn", TEXTS, (0, 1, 13, 17))
UNANSWERED = Example("when did the bakery burn", (Text("", ("the mill burned .",)),), None)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    torch.manual_seed(0)
    return Encoder(
        Tokens(tokenizer), torch.randn(len(WORDS), WIDTH) / 20, Network(1), Switcher({"mill": (["so"], [1.0])})
    )


def test_sentences_and_answers_are_at_their_tokens(encoder: Encoder) -> None:
    made = batch([rows(EXAMPLE, encoder.tokens), rows(UNANSWERED, encoder.tokens)])
    words = [[WORDS[at] for at in line] for line in made.ids]
    text, low, high, first, last = made.spans[0]
    assert words[text][low:high] == ["it", "burned", "in", "1907", "."] and words[text][first : last + 1] == ["1907"]
    assert words[0][: made.asked[0]] == ["[CLS]", "when", "did", "it", "burn", "[SEP]"]
    assert made.right.tolist() == [[False, True, False, False], [False, False, False, False]]
    at = made.candidates[0, 3]
    assert made.lows.flat[at] < made.highs.flat[at] and at // made.lows.shape[1] == 1
    assert (made.candidates[1] >= 0).tolist() == [True, False, False, False]


def test_no_group_is_larger_than_asked_unless_one_question_alone_is(encoder: Encoder) -> None:
    groups = list(grouped([EXAMPLE, UNANSWERED] * 30, encoder.tokens, 120, random.Random(0)))
    assert sum(len(group) for group in groups) == 60
    for group in groups:
        made = batch([each for _, each in group])
        assert made.ids.size <= 120 or len(group) == 1


def test_a_teachers_sentences_stand_in_the_order_of_the_pupils_and_a_missing_one_is_marked(encoder: Encoder) -> None:
    own = [rows(EXAMPLE, encoder.tokens)]
    fewer = Example(EXAMPLE.question, (Text("", TEXTS[0].sentences[:2]), TEXTS[1]), None)
    made = aligned([rows(fewer, encoder.tokens)], own)
    known = made.candidates[0] >= 0
    assert known.tolist() == [True, True, False, True]
    at = made.candidates[0, 3]
    assert [WORDS[n] for n in made.ids[1, made.lows.flat[at] : made.highs.flat[at]]] == ["so", "."]


def test_it_learns_which_sentence_answers_in_which_words_and_that_none_does(encoder: Encoder) -> None:
    torch.manual_seed(1)
    network, table = Network(1), nn.Embedding.from_pretrained(encoder.table, freeze=True)
    given = on_device(batch([rows(EXAMPLE, encoder.tokens), rows(UNANSWERED, encoder.tokens)]), "cpu")
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3)
    for _ in range(40):
        found = losses(network, table, given, None)
        found.total(0.0).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
    scores, first, last = read(network, table, given)
    assert scores.argmax(1).tolist() == [2, 0]  # the second sentence; none
    assert [int(first[0]), int(last[0])] == given["spans"][0, 3:].tolist()


def test_a_teacher_counts_where_it_read_every_sentence_and_only_there(encoder: Encoder) -> None:
    network, table = Network(1), nn.Embedding.from_pretrained(encoder.table, freeze=True)
    given = on_device(batch([rows(EXAMPLE, encoder.tokens)]), "cpu")
    hints = scored(network, table, given)
    assert float(losses(network, table, given, hints).taught.detach()) == pytest.approx(0.0, abs=1e-3)
    assert float(losses(network, table, given, hints + torch.eye(5)[2]).taught.detach()) > 0.01
    hints[0, 1] = -1e4
    assert float(losses(network, table, given, hints).taught.detach()) == 0.0


def test_what_is_packed_is_the_same_for_the_words_that_were_named(encoder: Encoder, tmp_path: Path) -> None:
    assert pack(encoder, ["the mill"], tmp_path) == 5
    again = packed(tmp_path)
    assert again.tokens.of("the mill") == encoder.tokens.of("the mill")
    known = [WORDS.index(word) for word in ("the", "mill", "[CLS]", "[SEP]")]
    assert np.allclose(again.table[known], encoder.table[known], atol=1e-3)
    assert not again.table[WORDS.index("bakery")].any()
    assert again.switcher.forms() == {"so"} and len(again.network.layers) == 1
