"""The person's own editor, for a question that is longer than a line or two."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from rag.errors import BelegError
from rag.localization import gettext
from rag.text.sanitize import plain

_USUAL = ("sensible-editor", "nano", "vi")
_LONGEST = 1_000_000  # bytes that are read back


def command(environment: Mapping[str, str]) -> list[str]:
    """Return the editor to run: VISUAL, EDITOR, or the first usual one there is. Raises BelegError."""
    named = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError as error:
        reason = gettext("The editor {named!r} cannot be read as a command: {why}.").format(named=named, why=error)
        raise BelegError(reason, _remedy()) from error
    if words:
        return words
    found = next(filter(None, map(shutil.which, _USUAL)), None)
    if found is None:
        raise BelegError(gettext("There is no editor."), _remedy())
    return [found]


def _remedy() -> str:
    return gettext("Name one that waits until you are done: export EDITOR=nano")


def edited(app: App[Any], text: str) -> str:
    """Let the person edit a text in their editor, on the whole terminal; return what it is then. Raises BelegError.

    It lies in a file that only they can read, which is gone afterwards.
    """
    editor = command(os.environ)
    with tempfile.TemporaryDirectory(prefix="beleg-") as folder:
        file = Path(folder, "question.txt")
        file.write_text(text, encoding="utf-8")
        try:
            with app.suspend():
                done = subprocess.run([*editor, str(file)])
            if done.returncode:
                said = gettext("{editor} ended with {code}; the question is as it was.")
                raise BelegError(said.format(editor=editor[0], code=done.returncode))
            with file.open("rb") as stream:
                return plain(stream.read(_LONGEST).decode("utf-8", "replace")).rstrip("\n")
        except SuspendNotSupported as error:
            reason = gettext("No editor can be opened in this terminal.")
            raise BelegError(reason, gettext("Use ctrl+j for a new line.")) from error
        except OSError as error:
            reason = gettext("{editor} cannot be run: {why}.").format(editor=editor[0], why=error.strerror)
            raise BelegError(reason, _remedy()) from error
