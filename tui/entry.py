"""What the command `beleg` runs first: it sees to Ctrl-C while everything else is still being imported."""

import signal
import sys

from rag.system.importing import many_imports


def main() -> int:
    """Run `beleg`; return its exit code.

    Until the command heeds signals itself (`rag.system.signals`) one ends the process as it ends any
    program: Python's own way is a traceback out of the midst of an import.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    with many_imports():
        from tui.command import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
