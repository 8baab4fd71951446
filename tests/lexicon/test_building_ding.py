"""Held: a line of Ding gives the word forms it lists, with the English that a reader would think of first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.lexicon.building.ding import entries

FREQUENCY = {"house": 90, "houses": 60, "tree": 90, "trees": 60, "home": 80, "walk": 80, "go": 90, "building": 70}


def listed(*lines: str) -> dict[str, list[str]]:
    return entries(lines, FREQUENCY)


def test_sub_entries_correspond_on_both_sides() -> None:
    assert listed("Haus {n} | Häuser {pl} :: house | houses") == {"Haus": ["house"], "Häuser": ["houses"]}


def test_where_they_do_not_correspond_only_the_first_counts() -> None:
    assert listed("Haus {n} | Häuser {pl} | Gehöft {n} :: house | trees") == {"Haus": ["house"]}


def test_all_variants_stand_for_all_variants() -> None:
    assert listed("gehen; laufen {vi} :: to go; to walk") == {"gehen": ["go", "walk"], "laufen": ["go", "walk"]}


@pytest.mark.parametrize(
    "line",
    [
        "Baum {m} :: tree",
        "Baum {m} [bot.] :: tree [bot.]",
        "Baum (im Wald) :: (large) tree",
        "Baum <Laubbaum> :: tree <wood>",
        "der Baum /B./ :: the tree /T./",
        "Baum {m} [bot.] (im Wald); hoher Baum :: the tree [bot.] (in the wood; high)",
        "Baum! :: tree!",
    ],
)
def test_grammar_regions_and_remarks_are_left_out(line: str) -> None:
    assert listed(line) == {"Baum": ["tree"]}


@pytest.mark.parametrize(
    "line", ["hoher Baum :: tree", "Tannen-Baum :: tree", "Baum 2 :: tree", "Ö :: tree", "Baum", ""]
)
def test_phrases_and_what_is_no_word_are_left_out(line: str) -> None:
    assert listed(line) == {}


def test_the_head_of_the_file_is_no_entry() -> None:
    assert listed("# Version :: devel", "Baum :: tree\n") == {"Baum": ["tree"]}


@pytest.mark.parametrize(
    ("line", "word", "english"),
    [
        ("wandern {vi} :: to walk", "wandern", "walk"),
        ("etw. bebauen {vt} :: to develop sth.", "bebauen", "develop"),
        ("sich freuen {vr} :: to be glad", "freuen", "glad"),
        ("jdm. danken {vi} :: to thank sb.", "danken", "thank"),
        ("er ging :: he walked", "ging", "walked"),
        ("das Heim :: the home", "Heim", "home"),
        ("Wächterhaus {n} :: keeper's house", "Wächterhaus", "keeper's house"),
    ],
)
def test_only_the_word_itself_is_left(line: str, word: str, english: str) -> None:
    assert listed(line) == {word: [english]}


def test_an_explanation_is_no_translation() -> None:
    assert listed("Richtfest {n} :: feast when the roof is on; topping-out") == {"Richtfest": ["topping-out"]}


def test_common_english_comes_before_rare() -> None:
    assert listed("Heim {n} :: domicile; home")["Heim"][0] == "home"
    assert listed("Heim {n} :: abode; domicile")["Heim"][0] == "abode"  # both rare: as listed


@pytest.mark.parametrize("mark", ["[obs.]", "[slang]", "[vulg.]", "[pej.]"])
def test_dated_and_coarse_meanings_come_last(mark: str) -> None:
    assert listed(f"Bau {{m}} :: house {mark}; building")["Bau"][0] == "building"
    assert listed(f"Bau {{m}} {mark} :: house", "Bau {m} :: building")["Bau"][0] == "building"
    assert listed("Bau {m} :: house; building")["Bau"][0] == "house"


def test_what_several_lines_say_of_a_word_is_gathered() -> None:
    assert set(listed("Bau {m} :: building", "Bau {m} (Höhle) :: house")["Bau"]) == {"building", "house"}
    assert listed("Bau :: house; building", "Bau :: building", "Bau :: building")["Bau"][0] == "building"


def test_no_more_is_kept_than_a_reader_would_look_at() -> None:
    kept = listed("Bau :: house; building; home; tree; walk; go; trees; houses")["Bau"]
    assert kept[:2] == ["house", "building"] and len(kept) <= 3
    assert listed("Bau :: house; zyrolith") == {"Bau": ["house"]}  # far less likely


@settings(max_examples=200, deadline=None)
@given(line=st.text(alphabet="aBäß {}[]()<>/|;:.'-…\t", max_size=60))
def test_any_line_gives_words_of_letters_and_english_of_at_most_three_words(line: str) -> None:
    for word, english in listed(line).items():
        assert word.isalpha()
        assert all(option and len(option.split()) <= 3 and option == option.strip() for option in english)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Haus {n} (zum Wohnen; groß) :: house", {"Haus": ["house"]}),
        ("Rad {n} :: wheel (of a cart; big | old)", {"Rad": ["wheel"]}),
        ("sogenannt {adj} :: so-called", {"sogenannt": ["so-called"]}),
        ("vorneweg {adv} :: a priori", {"vorneweg": ["a priori"]}),
    ],
)
def test_marks_inside_remarks_separate_nothing_and_words_stay_whole(line: str, expected: dict[str, list[str]]) -> None:
    assert listed(line) == expected
