from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.words import as_words, slug_of, slugs, words
from tests.unit.services.search.asking import found_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Größe", ["grosse"]),
        ("CWRU_12k drive-end", ["cwru", "12k", "drive", "end"]),
        ("Équilibrage", ["eqquilibrage"]),
        ("软", [f"q{ord('软'):06x}"]),
        ("½ x", ["1", "2", "x"]),
        ("–/&", []),
    ],
)
def test_words_are_letters_and_digits(text, expected):
    assert words(text) == expected


def test_a_code_is_never_taken_for_letters():
    assert words("q000061") != words("a")
    assert not found_in(words("q"), as_words("軸"), whole=False)


@settings(deadline=None, database=None, derandomize=True, max_examples=200)
@given(st.text(alphabet="aqzé軸ß1", min_size=1), st.text(alphabet="aqzé軸ß1"))
def test_what_begins_a_word_begins_its_code(begin, rest):
    assert found_in(words(begin), as_words(begin + rest), whole=False)


@settings(deadline=None, database=None, derandomize=True, max_examples=200)
@given(st.text())
def test_databases_get_plain_words_only(text):
    kept = as_words(text)
    assert kept == "" or kept.replace(" ", "").isascii()
    assert all(word.isalnum() for word in kept.split(" ") if kept)


def test_tags_are_one_however_they_are_written():
    assert slugs(["Bearing wear", "bearing-wear", " BEARING  WEAR!", "&"]) == ["bearing-wear"]
    assert slug_of("&") == ""
