"""Which files paths stand for: each once, by whatever way it is named, and never a pipe that is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.documents.discovery import Source, check, find
from rag.errors import UsageError


def sources(given: list[str]) -> list[Source]:
    return list(find(given).files.values())


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("The mill burned down in 1907.", encoding="utf-8")
    (folder / "deep" / "b.md").write_text("# Bridge\n\nThe bridge was repaired.", encoding="utf-8")
    (folder / ".hidden.txt").write_text("Nobody should read this.", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def test_folders_are_walked_for_known_endings_and_names_are_relative(articles: Path) -> None:
    assert [source.name for source in sources([str(articles)])] == ["a.txt", "deep/b.md"]


def test_files_globs_and_folders_give_each_file_once(articles: Path) -> None:
    given = [str(articles / "a.txt"), str(articles / "*.txt"), str(articles / "**" / "*.md"), str(articles)]
    assert [source.name for source in sources(given)] == ["a.txt", "deep/b.md"]


def test_a_glob_names_files_relative_to_the_folder_before_its_first_wildcard(articles: Path) -> None:
    assert [source.name for source in sources([str(articles / "*" / "b.md")])] == ["deep/b.md"]


@pytest.mark.parametrize("given", ["no-such-file.txt", "no-such-folder/", "nothing-*.txt"])
def test_a_path_that_stands_for_nothing_is_a_usage_error(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError, match=r"no-such|nothing-"):
        sources([str(tmp_path / given)])


@pytest.mark.parametrize("given", ["~nobody-of-that-name/x", "nothing-there.txt", "nothing-*.txt", "a\0b", "\ud800"])
def test_a_path_can_be_checked_before_anything_is_walked(given: str) -> None:
    with pytest.raises(UsageError):
        check(given)


@pytest.mark.parametrize("name", ["ordner [neu]", "was?", "*", "[a", "[!x]", "a]b[c", "**"])
def test_a_folder_whose_name_looks_like_a_pattern_is_meant_by_its_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("The mill.", encoding="utf-8")
    (folder / "deep" / "[b].md").write_text("The bridge.", encoding="utf-8")
    for given in (folder, folder / "**" / "*", folder / "*"):
        assert [source.path for source in sources([str(given)])] == [folder / "a.txt", folder / "deep" / "[b].md"]
    assert [source.name for source in sources([str(folder / "*.txt")])] == ["a.txt"]
    assert [source.name for source in sources([str(folder / "deep" / "[b].md")])] == ["[b].md"]


def test_a_pattern_is_a_pattern_where_no_folder_has_its_name(tmp_path: Path) -> None:
    for name in ("a1", "a2", "b1", ".a3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text("The mill.", encoding="utf-8")
    assert [source.name for source in sources([str(tmp_path / "a[0-9]" / "*.txt")])] == ["a1/x.txt", "a2/x.txt"]
    assert [source.name for source in sources([str(tmp_path / "a?")])] == ["a1/x.txt", "a2/x.txt"]
    assert [source.name for source in sources([str(tmp_path / "**")])] == ["a1/x.txt", "a2/x.txt", "b1/x.txt"]


def test_links_in_circles_end(articles: Path) -> None:
    for name in ("one", "two", "three"):
        (articles / name).symlink_to(articles)
        (articles / "deep" / name).symlink_to(articles)
    (articles / "self.txt").symlink_to(articles / "self.txt")
    for given in (articles, articles / "**" / "*", articles / "**" / "**" / "*.*", articles / "one" / "two" / "three"):
        found = find([str(given)])
        assert [path.name for path in found.files] == ["a.txt", "b.md"]
        assert [path.name for path in found.refused] == ["self.txt"]


def test_a_link_to_a_file_is_the_file_and_one_that_leads_nowhere_is_named(articles: Path, tmp_path: Path) -> None:
    (tmp_path / "blob").write_text("A file without an ending, as some programs store them.", encoding="utf-8")
    (articles / "c.txt").symlink_to(tmp_path / "blob")
    (articles / "lost.txt").symlink_to(tmp_path / "nothing")
    found = find([str(articles)])
    assert [(str(path.relative_to(tmp_path)), source.name) for path, source in found.files.items()] == [
        *(("articles/a.txt", "a.txt"), ("blob", "c.txt"), ("articles/deep/b.md", "deep/b.md")),
    ]
    assert found.refused == {articles / "lost.txt": "the file it is a link to is gone"}


def test_very_deep_folders_are_walked(tmp_path: Path) -> None:
    levels = [tmp_path / "d"]
    while len(levels) < 1500:
        levels.append(levels[-1] / "d")
    for level in levels:
        level.mkdir()
    (levels[-1] / "a.txt").write_text("The mill.", encoding="utf-8")
    assert len(sources([str(tmp_path)])) == 1
    assert len(sources([str(levels[0] / ".." / "**" / "a.*")])) == 1
    (levels[-1] / "a.txt").unlink()
    for level in reversed(levels):  # those who clean up after tests descend by recursion
        level.rmdir()
