"""Settings of databases of others, from whose tables and views sources may be made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

DATABASE_NAME = re.compile(r"[\w-]{1,40}")
SQLITE = "sqlite:///"
POSTGRESQL = re.compile(r"postgresql(\+psycopg)?://")
POSTGRESQL_PORT = 5432


class WrongDatabase(ValueError):
    """An entry that cannot be meant; the text says why, without the address."""


def source_databases(text: str, data_folder: Path, own_url: str) -> Mapping[str, str]:
    """Addresses by name out of ``plant=postgresql://reader:…@host/db;rig=sqlite:////data/rig.db``.

    Raises
    ------
    WrongDatabase
        If an entry cannot be meant, or is what the site keeps for itself.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, url = (piece.strip() for piece in part.partition("="))
        if not DATABASE_NAME.fullmatch(name) or name in found:
            raise WrongDatabase("each name once, of letters, digits, - and _")
        if url.startswith(SQLITE):
            path = Path(url.removeprefix(SQLITE))
            if not path.is_absolute() or "?" in url:
                raise WrongDatabase(f"“{name}” needs an absolute path: sqlite:////data/rig.db")
            is_own = path.resolve().is_relative_to(data_folder.resolve()) or url == own_url
        elif POSTGRESQL.match(url):
            url = POSTGRESQL.sub("postgresql+psycopg://", url)
            is_own = _place(url) == _place(own_url)
        else:
            raise WrongDatabase(f"“{name}” is neither sqlite:/// nor postgresql://")
        if is_own:
            raise WrongDatabase(f"“{name}” is what the site keeps for itself")
        found[name] = url
    return found


def _place(url: str) -> tuple[str, int, str] | None:
    """Host, port and database, whoever asks."""
    if not POSTGRESQL.match(url):
        return None
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or POSTGRESQL_PORT, parts.path.strip("/")
