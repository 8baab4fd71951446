"""Whoever is killed while a library that many write is brought in step leaves documents whole or absent."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from library_fixtures import assert_whole, fill
from milvus_server import MilvusServer
from sharing_people import LONG, MILL, Person, stored

from rag.index.library import Library
from rag.index.milvus_client import connected
from rag.models.embedder import Embedder
from rag.system.milvus_address import parse_milvus

# --- killed in the middle -------------------------------------------------------------------

# Follows, and ends without a word before what comes after so many steps.
_KILLED = """
import os, signal, sys
from contextlib import closing
from pathlib import Path
from rag.index import shared_collections
from rag.index.library import Library
from rag.index.milvus_client import Milvus, connected
from rag.index.shared_ledger import Ledger
from rag.index.shared_library import follow
from rag.system.milvus_address import parse_milvus
left = int(sys.argv[4])
def counting(kind, name):
    real = getattr(kind, name)
    def step(self, *arguments, **more):
        global left
        if left == 0: os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(self, *arguments, **more)
    setattr(kind, name, step)
for name in ("create", "upsert", "delete"): counting(Milvus, name)
for name in ("add", "remove", "tag"): counting(Library, name)
for name in ("keep", "drop", "read", "note"): counting(Ledger, name)
shared_collections._PARTS = 1
folder = Path(sys.argv[2])
with Library(folder / "library") as library, closing(connected(parse_milvus(sys.argv[1]))) as milvus:
    follow(library, milvus, "valley", sys.argv[3])
"""


def killed(store: str, folder: Path, steps: int) -> bool:
    command = [sys.executable, "-c", _KILLED, store, str(folder), folder.name, str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=dict(os.environ))
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "steps"),
    [("anna", 1), ("anna", 4), ("anna", 7), ("anna", 9), ("anna", 14), ("ben", 1), ("ben", 3), ("ben", 6)],
)
def test_whoever_is_killed_leaves_documents_whole_or_absent_and_goes_on(
    tmp_path: Path, embedder: Embedder, who: str, steps: int
) -> None:
    before = {"mill.txt": MILL, "long.txt": LONG, "ferry.txt": "The ferry sank."}
    after = {"mill.txt": MILL.replace("1907", "1908"), "long.txt": LONG + "Das war es.", "new.txt": "Geese fly south."}
    with ExitStack() as held:
        server = held.enter_context(MilvusServer(tmp_path / "served"))
        milvus = held.enter_context(closing(connected(parse_milvus(server.store))))
        anna, ben, reader = (
            Person(
                tmp_path / name, held.enter_context(Library(tmp_path / name / "library", create=True)), milvus, embedder
            )
            for name in ("anna", "ben", "reader")
        )
        fill(anna.library, anna.folder, before, embedder)
        for each in (anna, ben):
            each.follows()
        fill(anna.library, anna.folder, after, embedder)
        anna.removes("ferry")
        if who == "ben":
            anna.follows()
        assert killed(server.store, tmp_path / who, steps)
        reader.follows()
        for each in (reader, ben):
            assert_whole(each.library)
            texts = each.texts()
            assert texts.keys() >= {"mill.txt", "long.txt"}
            assert all(text in (before.get(name), after.get(name)) for name, text in texts.items())
        for each in (anna, ben, anna):
            each.follows()
        assert anna.texts() == ben.texts() == after
        assert_whole(ben.library)
        named, there = stored(milvus)
        assert there == named and len(named) == 3
