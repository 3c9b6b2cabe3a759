from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from services.datasets import tallies
from services.datasets.tallies import BETWEEN, MOST_VALUES, Counted, Tally, pair_name, text_of


def member(**facts):
    return Counted(
        {k: str(v) for k, v in facts.items()}, (("clipped", "2 samples"),), (("x", "g"),)
    )


@pytest.fixture
def members():
    rng = np.random.default_rng(5)
    return [
        member(label=rng.choice(["ball", "inner"]), load=rng.integers(3), bearing=rng.integers(4))
        for _ in range(60)
    ]


def tally_of(members):
    tally = Tally()
    tally.add(members)
    return tally


def test_values_and_pairs_are_counted(members):
    tally = tally_of(members)
    assert tally.values["label"] == Counter(one.facts["label"] for one in members)
    pairs = Counter(one.facts["label"] + BETWEEN + one.facts["load"] for one in members)
    assert tally.pairs[pair_name("load", "label")] == pairs
    assert (tally.warnings, tally.channels) == ({"clipped": 60}, {f"x{BETWEEN}g": 60})


def test_taking_away_is_the_opposite_of_adding(members):
    tally = tally_of(members)
    tally.add(members[:20], -1)
    assert tally == tally_of(members[20:])
    tally.add(members[:20])
    assert tally == tally_of(members)
    tally.add(members, -1)
    assert tally == Tally()


def test_it_is_kept_as_json(members):
    tally = tally_of(members)
    assert Tally.from_json(json.loads(json.dumps(tally.to_json()))) == tally


def test_fields_with_a_value_for_each_are_left_out_for_good():
    tally = tally_of([member(label="ball", serial=n, load=1) for n in range(MOST_VALUES + 1)])
    assert "serial" not in tally.values
    assert list(tally.pairs) == [pair_name("label", "load")]
    tally.add([member(label="inner", serial=1)])
    assert "serial" not in tally.values
    assert tally.left_out == {"serial"}


def test_classes_are_always_counted():
    tally = tally_of([member(label=f"class {n}", load=1) for n in range(MOST_VALUES + 1)])
    assert len(tally.values["label"]) == MOST_VALUES + 1
    assert tally.pairs == {}


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (7.0, "7"), (0.1, "0.1"), (True, "True"), ("6 o'clock",) * 2]
)
def test_numbers_have_one_spelling(value, text):
    assert text_of(value) == text


def generated(number):
    """As the generator tells: some facts for each recording alone, most of them few values."""
    rng = np.random.default_rng(number)
    alone = {f"drawn_{n}": round(rng.random(), 5) for n in range(4) if number < 180}
    few = {f"kind_{n}": number % (n + 2) for n in range(10)}
    same = {f"fixed_{n}": n for n in range(10)}
    return member(label=f"class {number % 11}", machine=number % 20, **alone, **few, **same)


def test_many_facts_are_kept_in_little_room():
    tally = tally_of([generated(number) for number in range(220)])
    plain = json.dumps({name: dict(cells) for name, cells in tally.pairs.items()})
    text = json.dumps(tally.to_json())
    assert len(text) < len(plain) / 4
    assert Tally.from_json(json.loads(text)) == tally
    # A database may keep objects in an order of its own.
    assert Tally.from_json(json.loads(json.dumps(tally.to_json(), sort_keys=True))) == tally


def test_a_tally_that_was_kept_in_full_is_read(members):
    tally = tally_of(members)
    kept = tally.to_json()
    kept["pairs"] = {name: dict(cells) for name, cells in tally.pairs.items()}
    assert Tally.from_json(kept) == tally


def test_all_tables_together_are_bounded_and_those_of_classes_stay(monkeypatch):
    monkeypatch.setattr(tallies, "MOST_CELLS_IN_ALL", 900)
    tally = tally_of([generated(number) for number in range(220)])
    assert sum(map(len, tally.pairs.values())) <= 900
    assert pair_name("label", "kind_3") in tally.pairs
    assert pair_name("drawn_0", "drawn_1") in tally.left_out
    before = set(tally.pairs)
    tally.add([generated(500)])
    assert set(tally.pairs) <= before


def test_a_text_with_the_sign_between_two_is_kept(members):
    tally = tally_of([*members, member(label="ball", load=f"1{BETWEEN}2")])
    assert Tally.from_json(json.loads(json.dumps(tally.to_json()))) == tally
