"""The two forms of reading material, and what is held out of it."""

import gzip
import json
from pathlib import Path

import pytest
from material import Faulty, files, held_out, read
from train import DATA

WRITTEN = """== de | minutes | Protokoll
1 Anwesend waren neunzehn Mitglieder.
2 Die Pumpe kostet 420 Euro.
? de 1 | neunzehn | Wie viele kamen?
? en 2,1 | 420 Euro | What does the pump cost?
! en 2 | What did the old pump cost?
! de | Wer war entschuldigt?
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "one.txt"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_written_passage_has_its_sentences_and_questions_with_the_places_that_answer(tmp_path: Path) -> None:
    (passage,) = read([written(tmp_path, WRITTEN)])
    assert (passage.language, passage.title, len(passage.sentences)) == ("de", "Protokoll", 2)
    asked = [(question.language, question.right, question.answer) for question in passage.questions]
    assert asked == [("de", (0,), "neunzehn"), ("en", (1, 0), "420 Euro"), ("en", (), ""), ("de", (), "")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("? de 1 | zwanzig | Wie viele?", "one.txt:8: the answer is not in that sentence"),
        ("? de 9 | neunzehn | Wie viele?", "one.txt:8: the answer is not in that sentence"),
        ("What is this?", "one.txt:8: not understood"),
    ],
)
def test_a_line_that_cannot_be_is_named_with_its_number(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(Faulty, match=said):
        read([written(tmp_path, WRITTEN + line + "\n")])


def test_collected_questions_of_one_passage_share_its_sentences(tmp_path: Path) -> None:
    rows = [
        {
            "q": "When?",
            "source": "s",
            "title": "A_b",
            "passage": 3,
            "right": [0],
            "answer": "1907",
            "sentences": ["In 1907."],
        },
        {"q": "Who?", "source": "s", "title": "A_b", "passage": 3, "right": [], "answer": ""},
    ]
    with gzip.open(tmp_path / "c.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    (passage,) = read([tmp_path / "c.jsonl.gz"])
    assert passage.title == "A b" and passage.sentences == ("In 1907.",)
    assert [question.text for question in passage.questions] == ["When?", "Who?"] and not passage.written


def test_only_material_is_read_of_a_folder_where_its_licences_lie_too(tmp_path: Path) -> None:
    written(tmp_path, WRITTEN)
    (tmp_path / "LICENSES.md").write_text("# Licences\n", encoding="utf-8")
    with gzip.open(tmp_path / "c.jsonl.gz", "wt", encoding="utf-8"):
        pass
    assert [file.name for file in files(tmp_path)] == ["c.jsonl.gz", "one.txt"]
    assert len(read(files(tmp_path))) == 1


def test_all_that_lies_beside_the_material_is_what_names_its_licences() -> None:
    assert {path.name for path in DATA.iterdir()} - {path.name for path in files(DATA)} == {"LICENSES.md"}


def test_what_is_held_out_depends_on_the_title_alone_so_that_more_material_changes_nothing(tmp_path: Path) -> None:
    many = read([written(tmp_path, "".join(WRITTEN.replace("Protokoll", f"Protokoll {n}") for n in range(60)))])
    trained, kept = held_out(many)
    assert 0 < len(kept) < len(trained) and len(kept) + len(trained) == 60
    fewer = held_out(many[:30])[1]
    assert {passage.title for passage in fewer} == {passage.title for passage in kept} & {p.title for p in many[:30]}
