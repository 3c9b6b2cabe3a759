from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.speed_axis import FrequencyAxis, from_hz, to_hz

FREQUENCIES_HZ = np.array([0.0, 29.95, 107.36])


@pytest.mark.parametrize("axis", FrequencyAxis)
def test_there_and_back(axis):
    values = from_hz(FREQUENCIES_HZ, axis, 1_797.0)
    np.testing.assert_allclose(to_hz(values, axis, 1_797.0), FREQUENCIES_HZ)
    assert axis.unit in axis.axis_title


def test_the_shaft_is_order_one_and_1797_cycles_per_minute():
    assert from_hz(FREQUENCIES_HZ, FrequencyAxis.ORDERS, 1_797.0)[1] == pytest.approx(1.0)
    assert from_hz(FREQUENCIES_HZ, FrequencyAxis.CPM)[1] == pytest.approx(1_797.0)


@pytest.mark.parametrize("speed_rpm", [None, 0.0, -1.0, np.inf, np.nan])
def test_orders_need_a_speed(speed_rpm):
    for convert in (from_hz, to_hz):
        with pytest.raises(SignalError, match="Orders need the speed of the shaft"):
            convert(FREQUENCIES_HZ, FrequencyAxis.ORDERS, speed_rpm)
