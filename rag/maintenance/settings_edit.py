"""Changes one line of the settings file; all else in it, comments too, stays as it is."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import UsageError
from rag.localization import gettext
from rag.system.atomic_write import atomic_write
from rag.system.private_files import private_folder

_MODE = 0o600


@contextmanager
def changed(file: Path, key: str, value: str | None) -> Iterator[None]:
    """Set `key` in the settings file, or take it out (None), once the block has ended without an error.

    What can be wrong with the file shows before the block runs. Raises UsageError.
    """
    of_block = False
    file = Path(os.path.realpath(file))  # a link, to where somebody keeps such files, stays one
    try:
        private_folder(file.parent)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        mode = file.stat().st_mode & 0o777 if file.exists() else _MODE
        after = _with(before, key, value, file)
        with atomic_write(file, private=True, durable=True) as unfinished:
            unfinished.write_bytes(after.encode())
            unfinished.chmod(mode)
            of_block = True
            yield
            of_block = False
    except OSError as error:
        if of_block:
            raise
        raise UsageError(
            gettext("{file} cannot be written: {error}.").format(file=file, error=error.strerror),
            gettext("See that you may write it."),
        ) from error


def _with(text: str, key: str, value: str | None, file: Path) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        if value is not None:
            document[key] = value
        elif key in document:
            del document[key]
        made = tomlkit.dumps(document)
        right = tomllib.loads(made).get(key) == value
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise UsageError(
            gettext("{file} cannot be read as settings: {error}.").format(file=file, error=error),
            gettext("Correct or remove it."),
        ) from error
    if not right:
        raise UsageError(
            gettext("{key} cannot be set in {file}.").format(key=key, file=file),
            gettext("Write it there yourself: {key} = '{value}'").format(key=key, value=value),
        )
    return made
