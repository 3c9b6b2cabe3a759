from __future__ import annotations

from services.accounts import backup_codes, passwords
from services.api_keys import secrets

# As they are where no test makes them quick.
IN_USE = (passwords.ROUNDS, secrets.ROUNDS, backup_codes.WORK)


def test_hashes_are_as_slow_as_they_were_meant_to_be():
    """OWASP's Password Storage Cheat Sheet asks for 10 rounds of bcrypt or more. Keys hold 256
    random bits and backup codes 60, which nobody tries out."""
    rounds, of_keys, work = IN_USE
    assert rounds >= 12
    assert of_keys >= 8
    assert work >= 2**14
