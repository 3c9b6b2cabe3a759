from __future__ import annotations

import pytest

from diagnostics.synthesis.faults import JournalFault, RollingFault
from diagnostics.synthesis.rolling_faults import DEEP_GROOVE_6205
from diagnostics.synthesis.signatures import Seen, expected_lines


def lines(fault):
    return {line.name: line for line in expected_lines(fault, DEEP_GROOVE_6205)}


@pytest.mark.parametrize("mixed", [one for one in JournalFault if len(one.parts) == 2], ids=str)
def test_two_faults_show_the_lines_of_both(mixed):
    parts = {name for part in mixed.parts for name in lines(part)}
    assert set(lines(mixed)) == parts


def test_bands_are_those_of_the_specification():
    assert (
        lines(JournalFault.OIL_WHIRL)["whirl"].low,
        lines(JournalFault.OIL_WHIRL)["whirl"].high,
    ) == (0.42, 0.48)
    looseness = lines(JournalFault.LOOSENESS)
    assert (looseness["looseness"].low, looseness["looseness"].high) == (0.43, 0.48)
    assert set(looseness) == {"looseness", "1 ×", "2 ×"}
    slip = lines(JournalFault.LUBRICATION)["stick-slip"]
    assert (slip.low, slip.high, slip.seen) == (2, 5, Seen.HERTZ)
    bursts = lines(JournalFault.CAVITATION)["bursts"]
    assert (bursts.low, bursts.high) == (1_500, 2_500)


def test_damage_is_named_as_analysts_do():
    assert list(lines(RollingFault.BALL)) == ["2 × BSF", "4 × BSF", "6 × BSF"]
    assert lines(RollingFault.OUTER_RACE)["BPFO"].high == pytest.approx(DEEP_GROOVE_6205.bpfo)
    assert lines(RollingFault.HEALTHY) == lines(JournalFault.HEALTHY) == {}
