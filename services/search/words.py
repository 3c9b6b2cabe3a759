"""Text as searches compare it, the same on every database.

SQLite and PostgreSQL part text into words differently. So it is parted here, and they get
words of plain letters and digits, about which they agree.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# What is longer is compared by its beginning.
LONGEST_WORD = 200
# Begins the code of a letter beyond ASCII; the letter itself is doubled.
MARK = "q"


def words(text: str) -> list[str]:
    """The words of a text: without case, accents and signs, other letters as their numbers.

    A text that begins another one has words that begin the other's, letter by letter.

    Examples
    --------
    >>> words("Größe 12k_DE"), words("1D-CNN"), words("–")
    (['grosse', '12k', 'de'], ['1d', 'cnn'], [])
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = (sign for sign in folded if not unicodedata.combining(sign))
    parted = "".join(sign if sign.isalnum() else " " for sign in letters).split()
    return ["".join(map(_plain, word))[:LONGEST_WORD] for word in parted]


def as_words(*texts: str) -> str:
    """The words of texts, parted by spaces, as they are kept.

    Examples
    --------
    >>> as_words("Inner race", "0 hp")
    'inner race 0 hp'
    """
    return " ".join(word for text in texts for word in words(text))


def slug_of(text: str) -> str:
    """What a tag is known by: its letters and digits, with hyphens between the words.

    Examples
    --------
    >>> slug_of(" Bearing  Wear! "), slug_of("Größe_2"), slug_of("軸受")
    ('bearing-wear', 'größe-2', '軸受')
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return "-".join("".join(sign if sign.isalnum() else " " for sign in folded).split())


def slugs(texts: Iterable[str]) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(filter(None, map(slug_of, texts))))


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter * 2 if letter == MARK else letter
    return f"{MARK}{ord(letter):06x}"
