"""The file ``.env`` beside the program: settings that the environment does not name.

It is read here and not by a shell, so that all commands work on the same installation, and that
a value may hold semicolons, spaces and whatever else passwords are made of. What ``dotenv`` would
pass over or take for something else is refused.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from settings import SettingsError

USUAL = Path(__file__).resolve().parent / ".env"
NAMED_BY = "SETTINGS_FILE"

# What a shell would put something else in place of.
_EXPANDED = re.compile(r"\$[A-Za-z_{(]|`")


def load(environment: MutableMapping[str, str], usual: Path = USUAL) -> None:
    """Add what the file says to what the environment says, which counts more.

    ``SETTINGS_FILE`` names another file, or none where it is empty. Where the environment names
    a ``DATA_FOLDER`` it means another installation, and the usual file is left alone.

    Raises
    ------
    SettingsError
        If the file cannot be read.
    """
    named = environment.get(NAMED_BY)
    if named is None:
        if "DATA_FOLDER" in environment or not usual.is_file():
            return
        named = str(usual)
    if not named:
        return
    try:
        text = Path(named).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings in {named} cannot be read: {error}") from error
    for name, value in parse(text, named).items():
        environment.setdefault(name, value)


def parse(text: str, source: str = ".env") -> dict[str, str]:
    """The settings of a file by their names; the last of a name counts.

    Quotes around a value are left out, and so is what follows a ``#`` after a space.

    Raises
    ------
    SettingsError
        If a line is no setting, or has what only a shell could put a value in place of. It
        names the line and not what stands there, which may be a password.

    Examples
    --------
    >>> parse("PORT=8060  # free\\nIMPORT_FOLDERS=rig=/data/rig;old=/mnt/x")
    {'PORT': '8060', 'IMPORT_FOLDERS': 'rig=/data/rig;old=/mnt/x'}
    """
    found = {}
    for binding in parse_stream(StringIO(text)):
        written = binding.original.string
        # Empty lines before a setting belong to it.
        line = binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
        name, value = binding.key, binding.value
        if name is None and not binding.error:
            continue  # a comment
        if name is None or value is None:
            raise SettingsError(f"Line {line} of {source} is no setting: expected NAME=value.")
        if f"='{value}'" not in written and _EXPANDED.search(value):
            raise SettingsError(
                f"Line {line} of {source}: nothing is put in place of “$” or “`” in {name}. "
                "Write the value itself; in single quotes if these signs belong to it."
            )
        found[name] = value
    return found
