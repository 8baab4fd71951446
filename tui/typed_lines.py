"""Lines of standard input: where a person types them, they can be edited and earlier ones brought back (↑, ctrl+r).

That is readline, which comes with Python and is what the person's shell has: the same keys, the same ~/.inputrc. It
writes only what is typed, where prompt_toolkit draws the line anew at every key, which screen readers read out and
TERM=dumb cannot show: the two that `--plain` is for. In a pipe there is nothing of it, not even the import.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence

from rag.text.sanitize import one_line

PROMPT = "> "


def edited() -> bool:
    """Whether lines are typed and shown on a terminal, so that they can be edited."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def lines(earlier: Sequence[str]) -> Iterator[str]:
    """Yield each line of standard input until its end; `earlier` are those that can be brought back where it is typed.

    Where standard input is a terminal, but not standard output, it is asked for on standard error.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    yield from _typed(earlier) if edited() else _read()


def _typed(earlier: Sequence[str]) -> Iterator[str]:
    remember = _history(earlier)
    while True:
        print()
        try:
            line = input(PROMPT)
        except EOFError:
            print()  # ctrl+d leaves the cursor behind the prompt
            return
        remember(one_line(line))
        yield line


def _history(earlier: Sequence[str]) -> Callable[[str], None]:
    """Have readline bring these lines back, and return what adds one to them."""
    try:
        import readline
    except ImportError:  # as on Windows, whose terminal edits by itself
        return lambda _: None
    readline.set_auto_history(False)  # it would keep what is pasted with its line breaks and escapes
    readline.clear_history()
    last = ""

    def remember(line: str) -> None:
        nonlocal last
        if line and line != last:
            readline.add_history(line)
            last = line

    for line in earlier:
        remember(one_line(line))
    return remember


def _read() -> Iterator[str]:
    asking = sys.stdin.isatty()
    while True:
        if asking:
            print(f"\n{PROMPT}", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line.removesuffix("\n")
