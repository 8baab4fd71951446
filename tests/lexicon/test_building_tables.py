"""Held: parallel text and a dictionary give two small tables, and bad files an error that says where."""

from __future__ import annotations

import gzip
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.lexicon import Translator, open_lexicon
from rag.lexicon.building import tables as build
from rag.text.language import stems

WHO = {"Koch": "cook", "Nachbar": "neighbour", "Ferge": "ferryman", "Außenminister": "foreign minister"}
DOES = {"kauft": "buys", "malt": "paints", "sucht": "seeks"}
WHAT = {"Brot": "bread", "Boote": "boats", "Pferde": "horses", "Sprachen": "languages"}
DING = """# Version :: toy
Brot {n} | Brote {pl} :: bread | breads
Zaun {m} | Zäune {pl} :: fence | fences
Winter {m} :: winter
Mantel {m} :: coat
Wintermantel {m} :: winter coat; overcoat
Radar {m} :: radar
"""


def pairs() -> list[tuple[str, str]]:
    """Every one does everything to everything, and every other sentence begins with "today"."""
    made = []
    for number, (who, does, what) in enumerate(product(WHO, DOES, WHAT)):
        if number % 2:
            made.append((f"Heute {does} der {who} {what}.", f"Today the {WHO[who]} {DOES[does]} {WHAT[what]}."))
        else:
            made.append((f"Der {who} {does} heute {what}.", f"The {WHO[who]} {DOES[does]} {WHAT[what]} today."))
    return made + [(f"Wir sprachen mit dem {who}.", f"We spoke with the {WHO[who]}.") for who in WHO]


def rows() -> dict[str, list[str]]:
    return build.statistics(build.usable(pairs()), lambda _: None)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.lexicon", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def written(folder: Path) -> Path:
    return write(folder / "pairs.tsv", "".join(f"{left}\t{right}\n" for left, right in pairs()))


def test_every_form_has_its_count_and_what_it_stood_for() -> None:
    got = rows()
    for word, english in {**DOES, **WHAT}.items():
        count, best = got[word][:2]
        assert int(count) == sum(word in source.strip(".").split() for source, _ in pairs())
        assert best.rpartition(":")[0] == english
        assert 50 <= int(best.rpartition(":")[2]) <= 100


def test_a_compound_stands_for_a_phrase() -> None:
    assert rows()["Außenminister"][1].startswith("foreign minister:")


def test_a_capital_at_the_start_of_a_sentence_is_undone() -> None:
    got = rows()
    assert "Heute" not in got and got["heute"][0] == str(len(WHO) * len(DOES) * len(WHAT))
    assert "Der" not in got and "der" in got


def test_case_tells_nouns_from_verbs() -> None:
    got = rows()
    assert got["Sprachen"][0] == "12" and got["Sprachen"][1].startswith("languages:")
    assert got["sprachen"][0] == "4" and got["sprachen"][1].startswith("spoke:")


def test_figures_have_no_rows() -> None:
    figures = [("Der Koch kauft 11.000 Boote.", "The cook buys 11,000 boats.")] * 2
    assert not [form for form in build.statistics(build.usable(figures), lambda _: None) if form[0].isdigit()]


def test_tokens_keep_their_case_and_lose_what_the_languages_write_differently() -> None:
    assert build.tokens("Müller’s Haus, 11.000 Boote – heute!") == ["Müller", "Haus", "11000", "Boote", "heute"]


@pytest.mark.parametrize(
    ("left", "right"),
    [("", ""), ("Das Haus.", ""), ("– !", "The house."), ("Haus", "word " * 6), ("Haus " * 61, "house " * 61)],
)
def test_what_cannot_be_a_translation_is_not_used(left: str, right: str) -> None:
    assert build.usable([(left, right)]) == []


def test_a_pair_is_used_once() -> None:
    assert build.usable([("Das Haus.", "The house."), ("Das Haus!", "The house")]) == [
        (("Das", "Haus"), ("The", "house"))
    ]


def test_the_dictionary_is_kept_as_far_as_it_does_not_follow() -> None:
    seen = {"Brot": ["20", "bread:100"], "Winter": ["30", "winter:95"], "Mantel": ["20", "coat:90"]}
    listed = {
        "Brote": ["breads"],  # a relative gives it
        "Wintermantel": ["winter coat"],  # its parts give it
        "Radar": ["radar"],  # it stands for itself
        "Zaun": ["fence"],
        "Zaunes": ["fence"],  # another entry gives it
        "Wintergast": ["visitor"],
        "Wasserskorpion": ["nepid"],  # technical
        "Ahornsirupglas": ["fence jar"],
    }
    kept = build.shortened("de", seen, listed, {"fence": 3, "jar": 1, "visitor": 2})
    assert set(kept) == {"Zaun", "Wintergast", "Ahornsirupglas"}
    translator = Translator("de", seen, kept)
    for form in set(listed) - {"Radar", "Wasserskorpion"}:
        assert stems(translator.word(form).translations[0].english, "en") == stems(listed[form][0], "en")


def test_the_command_writes_a_lexicon_that_can_be_opened(tmp_path: Path) -> None:
    done = run(
        "build", "--pairs", written(tmp_path), "--dictionary", write(tmp_path / "ding.txt", DING),
        "-o", tmp_path / "new" / "folder", "--about-pairs", "toys", "--about-dictionary", "a toy, free",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lexicon = open_lexicon("de", tmp_path / "new" / "folder")
    assert lexicon is not None
    assert lexicon.read("Heute malt der Außenminister Zäune.").text == "Today paints the foreign minister fence."
    statistics = (tmp_path / "new" / "folder" / "de-en.statistics.tsv").read_text(encoding="utf-8")
    dictionary = (tmp_path / "new" / "folder" / "de-en.dictionary.tsv").read_text(encoding="utf-8")
    assert "# from toys\n" in statistics and "# from a toy, free\n" in dictionary
    assert "Zaun\tfence" in dictionary and "Brot" not in dictionary and "Radar" not in dictionary


def test_the_same_pairs_packed_and_in_two_files_give_the_same_table(tmp_path: Path) -> None:
    lines = written(tmp_path).read_bytes().splitlines(keepends=True)
    packed, rest = tmp_path / "a.tsv.gz", write(tmp_path / "b.tsv", b"".join(b"more\t" + line for line in lines[20:]))
    packed.write_bytes(gzip.compress(b"".join(lines[:20])))
    for folder, options in [("one", [tmp_path / "pairs.tsv"]), ("two", [packed, rest])]:
        done = run("build", *(part for path in options for part in ("--pairs", path)), "-o", tmp_path / folder)
        assert done.returncode == 0, done.stderr
    one, two = tmp_path / "one", tmp_path / "two"
    assert (one / "de-en.statistics.tsv").read_bytes() == (two / "de-en.statistics.tsv").read_bytes()
    assert not list(tmp_path.rglob("*.dictionary.tsv"))  # none was given


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bytes.tsv", b"Das Haus\tthe house\nDer Zaun \xff\tthe fence\n", "bytes.tsv"),
        ("no tab.tsv", b"Das Haus\tthe house\nDer Zaun the fence\n", "no tab.tsv, line 2"),
        ("packed.gz", gzip.compress(b"Das Haus\tthe house\n", mtime=0)[:20], "packed.gz"),
        ("plain.gz", b"Das Haus\tthe house\n", "plain.gz"),
        ("nowhere.tsv", None, "nowhere.tsv"),
        ("empty.tsv", b"", "None of the pairs"),
        ("unlike.tsv", b"Haus\tone two three four five six seven\n", "None of the pairs"),
    ],
)
def test_pairs_that_cannot_be_used_are_one_clear_line(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    if content is not None:
        write(tmp_path / name, content)
    done = run("build", "--pairs", tmp_path / name, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("content", [None, b"Zaun \xff :: fence\n"])
def test_a_dictionary_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        write(tmp_path / "ding.txt", content)
    done = run("build", "--pairs", written(tmp_path), "--dictionary", tmp_path / "ding.txt", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "ding.txt" in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


def test_pairs_are_read_one_by_one(tmp_path: Path) -> None:
    read = build.read_pairs([write(tmp_path / "a.tsv", "7\tDas Haus\tthe house\nodd\n")], "de")
    assert next(read) == ("Das Haus", "the house")
    with pytest.raises(UsageError, match=r"a\.tsv, line 2.* in de,"):
        next(read)


def test_the_command_looks_words_up() -> None:
    done = run("look", "Geheimdienst", "Quandtzyrolan")
    assert done.returncode == 0
    first, second = done.stdout.splitlines()
    assert first.startswith("Geheimdienst = ") and "Dienst: secret service " in first
    assert second == "Quandtzyrolan: (stands for itself)"


def test_a_language_without_a_lexicon_is_named() -> None:
    done = run("look", "--language", "xx", "mola")
    assert (done.returncode, done.stdout) == (2, "")
    assert "xx" in done.stderr
