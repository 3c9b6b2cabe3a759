"""Secrets that are read again, such as an authenticator's, kept encrypted in the database."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from services.errors import Unavailable


def seal(secret: str) -> str:
    """The secret, encrypted with the newest key and signed."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again.

    Raises
    ------
    Unavailable
        If it was sealed with a key that this installation no longer has.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unavailable(
            "A stored secret cannot be read: the key that it was sealed with is missing in "
            "ENCRYPTION_KEYS. Ask an admin to put it back."
        ) from error


def reseal(sealed: str) -> str:
    """The same secret, sealed with the newest key.

    Raises
    ------
    Unavailable
        As :func:`unseal` does.
    """
    return seal(unseal(sealed))


def is_newest(sealed: str) -> bool:
    """Whether the newest key alone opens it."""
    newest: str = current_app.config["ENCRYPTION_KEYS"][0]
    try:
        Fernet(newest).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in current_app.config["ENCRYPTION_KEYS"]])
