"""The orders that the makers and the owners of the rigs have published."""

from __future__ import annotations

import pytest

from diagnostics.bearings.catalogue import CATALOGUE, look_up

# FTF, BSF, BPFO and BPFI of Timken's Table A-9.
TIMKEN = {
    "204K": (0.382, 1.992, 3.052, 4.948),
    "205K": (0.397, 2.328, 3.574, 5.426),
    "206K": (0.396, 2.311, 3.568, 5.432),
    "207K": (0.396, 2.303, 3.565, 5.435),
    "208K": (0.394, 2.256, 3.547, 5.453),
    "209K": (0.402, 2.461, 3.621, 5.379),
    "210K": (0.409, 2.665, 4.093, 5.907),
    "211K": (0.408, 2.620, 4.078, 5.922),
    "212K": (0.407, 2.584, 4.066, 5.934),
    "308K": (0.378, 1.925, 3.023, 4.977),
    "310K": (0.381, 1.981, 3.047, 4.953),
    "312K": (0.383, 2.020, 3.064, 4.936),
}


@pytest.mark.parametrize(("designation", "published"), TIMKEN.items())
def test_orders_that_timken_publishes(designation, published):
    orders = look_up(designation)[0].bearing.orders()
    ours = tuple(orders[name] for name in ("FTF", "BSF", "BPFO", "BPFI"))
    assert ours == pytest.approx(published, rel=0.003)


def test_every_timken_entry_is_checked():
    assert {entry.designation for entry in CATALOGUE if entry.maker == "Timken"} == set(TIMKEN)


@pytest.mark.parametrize(
    ("title", "shaft_hz", "published_hz"),
    [
        ("SKF 6205", 1.0, {"BPFO": 3.5848, "BPFI": 5.4152, "FTF": 0.39828}),
        ("SKF 6203", 1.0, {"BPFO": 3.0530, "BPFI": 4.9469, "FTF": 0.3817}),
        ("NICE", 25.0, {"BPFO": 81.125, "BPFI": 118.875}),
        ("Rexnord", 2000 / 60, {"BPFO": 236.4, "BPFI": 296.9, "BSF": 139.9, "FTF": 14.8}),
    ],
)
def test_frequencies_that_the_owners_of_the_rigs_publish(title, shaft_hz, published_hz):
    orders = look_up(title)[0].bearing.orders()
    for name, published in published_hz.items():
        assert orders[name] * shaft_hz == pytest.approx(published, rel=2e-3)


def test_the_same_size_of_two_makers_is_near():
    """Within the tolerance of the fault lines, but not equal."""
    skf, timken = (look_up(title)[0].bearing.bpfo for title in ("SKF 6205", "Timken 205K"))
    assert timken == pytest.approx(skf, rel=0.005)
    assert timken != skf


def test_titles_differ_and_every_entry_names_its_source():
    assert len({entry.title for entry in CATALOGUE}) == len(CATALOGUE)
    assert all(len(entry.source) > 20 for entry in CATALOGUE)


def test_looking_up():
    assert look_up("") == list(CATALOGUE)
    assert [entry.title for entry in look_up("6203 nsk")] == ["NSK 6203ZZ"]
    assert look_up("no such bearing") == []
