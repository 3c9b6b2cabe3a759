"""A secret under a passphrase: AES-256-GCM with a key that scrypt makes slow to guess."""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from services.errors import Invalid

METHOD = "scrypt-aes256gcm-1"
# 128 MiB and about half a second for each guess.
COST, BLOCK_SIZE, PARALLEL = 2**17, 8, 1
SHORTEST_PASSPHRASE = 12


def seal(secret: str, passphrase: str) -> bytes:
    """The secret as JSON that only the passphrase opens.

    Raises
    ------
    Invalid
        If the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid(
            f"A passphrase has at least {SHORTEST_PASSPHRASE} characters, got {len(passphrase)}."
        )
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, secret.encode(), METHOD.encode())
    texts = {
        name: b64encode(value).decode()
        for name, value in (("salt", salt), ("nonce", nonce), ("sealed", sealed))
    }
    return json.dumps({"method": METHOD, **texts}).encode()


def unseal(content: bytes, passphrase: str) -> str:
    """The secret.

    Raises
    ------
    Invalid
        If the passphrase is another one, or the content was changed.
    """
    try:
        given = json.loads(content)
        if given["method"] != METHOD:
            raise Invalid("The secret key was sealed by a newer version. Update Rotorscope first.")
        salt, nonce, sealed = (
            b64decode(given[name], validate=True) for name in ("salt", "nonce", "sealed")
        )
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, METHOD.encode()).decode()
    except InvalidTag as error:
        raise Invalid("The passphrase is not the one that the key was sealed with.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise Invalid("The archive is damaged: the sealed key cannot be read.") from error


def _key(passphrase: str, salt: bytes) -> bytes:
    derive = Scrypt(salt=salt, length=32, n=COST, r=BLOCK_SIZE, p=PARALLEL)
    return derive.derive(passphrase.encode())
