from __future__ import annotations

import zlib

from services.api_keys import secrets

BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_checksum_is_the_crc_to_the_base_62():
    for body in ("", "sk_live_", "sk_test_" + "x" * 43):
        digits = secrets.checksum(body)
        value = sum(BASE_62.index(digit) * 62**n for n, digit in enumerate(reversed(digits)))
        assert (value, len(digits)) == (zlib.crc32(body.encode()), 6)


def test_no_two_keys_are_alike():
    made = [secrets.make("live") for _ in range(20)]
    assert len({one.text for one in made}) == len({one.prefix for one in made}) == 20
    assert all(secrets.prefix_of(one.text) == one.prefix for one in made)
