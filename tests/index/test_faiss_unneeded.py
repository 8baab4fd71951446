"""Held: a library that keeps no file of vectors is searched without FAISS, which takes its time to be imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from library_fixtures import fill

from rag.index.library import Library
from rag.models.embedder import Embedder

PROGRAM = (
    "import sys, pathlib, numpy\n"
    "from rag.index.library import Library\n"
    "from rag.index.vector_index import open_index\n"
    "with Library(pathlib.Path(sys.argv[1])) as library:\n"
    "    vector = library.vectors()[1][0]\n"
    "    print(len(open_index(library).nearest(vector, 5)) > 0, 'faiss' in sys.modules)\n"
)


def test_a_library_that_keeps_no_file_is_searched_without_faiss(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, {"ferry.txt": "The ferry sank on a stormy night. Its captain swam ashore."}, embedder)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "library")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["True", "False"]
