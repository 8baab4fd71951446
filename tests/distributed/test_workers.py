"""Held: which workers a line names, and that without Ray, or its cluster, that is told with the way out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running_beleg import beleg

from rag.distributed.workers import Workers, parse_workers
from rag.errors import UsageError


@pytest.mark.parametrize(
    "given, meant",
    [
        ("ray:1", Workers(here=1)),
        (" ray:16 ", Workers(here=16)),
        ("ray://head.example.org:10001", Workers(address="ray://head.example.org:10001")),
        ("ray://[::1]:10001", Workers(address="ray://[::1]:10001")),
    ],
)
def test_workers_are_so_many_here_or_those_of_a_cluster(given: str, meant: Workers) -> None:
    assert parse_workers(given) == meant


@pytest.mark.parametrize(
    "given",
    ["", "4", "ray", "ray:", "ray:0", "ray:-1", "ray:٣", "ray://", "ray://host", "ray://host:99999", "ray://a b:1",
     "http://host:1", "ray://host:1/x", "ray:9999", "ray://user:pass@host:1", "ray://\x1b[31m:1"],
)  # fmt: skip
def test_whatever_names_no_workers_is_told_with_what_does(given: str) -> None:
    with pytest.raises(UsageError, match="Write ray:4") as told:
        parse_workers(given)
    assert "\x1b" not in str(told.value)


def test_a_name_of_no_workers_ends_the_command_before_a_model_is_loaded(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.txt").write_text("The mill stands.", encoding="utf-8")
    for command in (["index", "a.txt"], ["batch", "a.txt"]):
        done = beleg(tmp_path, cache, *command, "--workers", "four")
        assert done.returncode == 2 and "--workers four names no workers. Write ray:4" in done.stderr
    assert not (tmp_path / "library").exists()


def test_a_cluster_that_is_not_there_is_told_with_its_address(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.txt").write_text("The mill stands.", encoding="utf-8")
    done = beleg(tmp_path, cache, "index", "a.txt", "--workers", "ray://127.0.0.1:9")
    assert done.returncode == 4 and "Traceback" not in done.stderr
    assert "The Ray cluster at ray://127.0.0.1:9 does not answer" in done.stderr and "`ray status`" in done.stderr


def test_without_ray_the_way_to_have_it_is_told_and_nothing_of_it_is_imported_unasked() -> None:
    program = (
        "import sys; sys.modules['ray'] = None\n"
        "import rag.cli.main, rag.index.update, rag.batch.runner\n"
        "assert not [name for name in sys.modules if name.startswith('rag.distributed')]\n"
        "from rag.distributed.workers import imported\n"
        "imported()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "Workers need Ray, which is not installed. Install it: pip install 'beleg[ray]'" in done.stderr
