"""Random numbers that depend on what they are for, and not on when they are drawn."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *identity: object) -> np.random.Generator:
    """Random numbers of their own for one purpose, from the seed and a stable name.

    The order in which streams are asked for, and the process that asks, change nothing: so
    a recording is the same whether it is generated alone, first or last, and one more class
    or layer of noise leaves the others as they were. NumPy may change how it turns bits into
    normal numbers between releases; what was stored stays, what is made anew may differ.

    Parameters
    ----------
    seed : int
        At least 0.
    identity : object
        What the numbers are for, from the general to the particular; its text counts.

    Returns
    -------
    numpy Generator

    Examples
    --------
    >>> one, same, other = (stream(7, "journal", name, 1) for name in ("wear", "wear", "healthy"))
    >>> first = one.random()
    >>> first == same.random(), first == other.random()
    (True, False)
    """
    name = "/".join(str(part) for part in identity)
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")
    key = tuple(int(word) for word in words)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))
