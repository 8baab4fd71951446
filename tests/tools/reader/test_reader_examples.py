"""What is made of a passage: near misses, windows, other passages beside, and where the answer stands in each."""

import random
from collections.abc import Sequence

from code_switching import Switcher, moved
from examples import Drawing, Example, Shares
from material import Passage, Question

NOTHING = Shares(removed=0, exchanged=0, elsewhere=0, window=0, beside=0, untitled=0, german_text=0, german_question=0)
ASKED = Question("When did the mill burn?", "en", (1,), "1907")


def passage(title: str = "The mill", written: bool = True, questions: Sequence[Question] = (ASKED,)) -> Passage:
    sentences = ("The mill was old.", "It burned in 1907.", "It was built again.", "A bakery is in it.")
    return Passage("en", title, "g", sentences, tuple(questions), written)


def drawn(passages: Sequence[Passage], switcher: Switcher | None = None, seed: int = 0, **shares: float) -> Example:
    wanted = Shares(**{name: shares.get(name, getattr(NOTHING, name)) for name in Shares.__dataclass_fields__})
    return Drawing(passages, switcher, wanted, random.Random(seed)).example(passages[0], passages[0].questions[0])


def answered(example: Example) -> str:
    assert example.answer is not None
    text, sentence, start, end = example.answer
    assert sentence in example.texts[text].right
    return example.texts[text].sentences[sentence][start:end]


def test_the_answer_is_found_wherever_a_window_or_other_passages_move_it() -> None:
    passages = [passage(), passage("Another"), passage("A third")]
    for seed in range(40):
        example = drawn(passages, seed=seed, window=0.7, beside=0.7, most=3)
        assert answered(example) == "1907" and len(example.texts) <= 3
        assert sum(len(text.right) for text in example.texts) == 1


def test_where_the_answering_sentence_is_left_out_nothing_is_right_and_what_else_says_it_is_gone_too() -> None:
    both = Question("When did it burn?", "en", (1,), "1907")
    example = drawn(
        [Passage("en", "t", "g", ("In 1907 all was lost.", "It burned in 1907.", "So it is."), (both,), True)],
        removed=1,
    )
    assert example.answer is None and example.texts[0].sentences == ("So it is.",) and example.texts[0].right == ()


def test_a_figure_of_the_question_is_exchanged_for_another_and_nothing_answers_any_more() -> None:
    asked = Question("How many came in 1950?", "en", (0,), "The mill")
    example = drawn([passage(written=False, questions=[asked])], exchanged=1)
    assert "1950" not in example.question and example.answer is None and example.texts[0].right == ()


def test_words_are_carried_over_and_the_answer_goes_with_them_and_what_it_was_before_is_kept() -> None:
    german = Switcher({"burned": (["brannte"], [1.0]), "it": (["es"], [1.0]), "when": (["wann"], [1.0])})
    example = drawn([passage(written=False)], german, german_text=1, german_question=1)
    assert answered(example) == "1907"
    assert example.before is not None and example.before.texts[0].sentences[1] == "It burned in 1907."
    assert {len(text.sentences) for text in example.texts} == {len(text.sentences) for text in example.before.texts}


def test_the_same_seed_draws_the_same_examples() -> None:
    passages = [passage(f"{n}") for n in range(5)]
    first, again = (
        [next(stream) for stream in [iter(Drawing(passages, None, Shares(), random.Random(3)))] for _ in range(20)]
        for _ in range(2)
    )
    assert first == again


def test_a_stretch_moves_with_its_words_and_figures_with_the_words_before_them() -> None:
    text, places = Switcher({"old": (["uralte"], [1.0])}).switched("The old mill of 1907.", 1.0, random.Random(0))
    assert text == "The uralte mill of 1907."
    for stretch, went in (("old mill", "uralte mill"), ("ld", "uralte"), ("1907", "1907"), ("The", "The"), (".", ".")):
        at = "The old mill of 1907.".index(stretch)
        start, end = moved((at, at + len(stretch)), places)
        assert text[start:end] == went
