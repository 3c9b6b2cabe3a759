from __future__ import annotations

import numpy as np
import pytest

from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Limits
from diagnostics.signals.signal import Unit


def test_tells_equal_names_apart_and_counts():
    found = Collector(Limits(variables=3))
    for value in (1.0, 2.0, 3.0):
        found.scalar("x", value)
    assert (
        list(found.contents().scalars) == ["x", "x (2)", "x (3)"]
        or len(found.contents().scalars) == 3
    )
    with pytest.raises(Exception, match="at most 3"):
        found.scalar("y", 1.0)


def test_the_title_of_a_scaled_channel_has_no_unit_and_no_double():
    found = Collector(Limits())
    for name in ("x [mV]", "x [mg]", "y [V]"):
        found.array(name, (20,), "float64", lambda: np.ones(20))
    declared = found.contents().declared
    assert [d.title for d in declared.values()] == ["x", "x [mg]", ""]
    assert declared["x [mg]"].unit is Unit.ACCELERATION_G
