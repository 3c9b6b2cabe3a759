from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from services.errors import Unavailable
from services.sealing import reseal, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRET = "JBSWY3DPEHPK3PXP – for machine №7"


def test_a_secret_comes_back_and_cannot_be_read_in_between(server):
    sealed = seal(SECRET)
    assert unseal(sealed) == SECRET
    assert "JBSW" not in sealed
    assert seal(SECRET) != sealed


def test_keys_are_replaced_without_loss(server):
    server.config["ENCRYPTION_KEYS"] = (OLD,)
    sealed = seal(SECRET)
    server.config["ENCRYPTION_KEYS"] = (NEW, OLD)
    again = reseal(sealed)
    assert unseal(sealed) == unseal(again) == SECRET
    server.config["ENCRYPTION_KEYS"] = (NEW,)
    assert unseal(again) == SECRET
    with pytest.raises(Unavailable, match="ENCRYPTION_KEYS"):
        unseal(sealed)


def test_what_was_changed_is_refused(server):
    sealed = seal(SECRET)
    with pytest.raises(Unavailable):
        unseal(sealed[:-3] + "AA=")
