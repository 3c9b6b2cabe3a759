from __future__ import annotations

import numpy as np
import pytest

from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.faults import FAULTS, JournalFault, Kind
from diagnostics.synthesis.preview import examples


@pytest.mark.parametrize("kind", Kind)
def test_an_example_of_each_class(kind):
    found = list(examples(usual_config(kind)))
    assert [one.fault for one in found] == list(FAULTS[kind])
    for one in found:
        assert one.made.signal.duration_s == 1.0
        assert 0.49 < one.times_s[-1] < 0.5
        assert one.samples.size <= 800
        assert one.frequencies_hz[0] > 0
        assert one.frequencies_hz.size == one.amplitudes.size == one.sound.size < 1_000
        assert (np.diff(one.frequencies_hz) > 0).all()
        if one.marks:
            assert one.made.facts["severity_level"] == "severe"


def test_examples_of_a_high_rate_are_short():
    one = next(examples(usual_config(Kind.JOURNAL, sample_rate_hz=102_400.0)))
    assert one.made.signal.duration_s == 0.5


def test_the_highest_line_of_a_fault_lies_at_a_mark():
    for one in examples(usual_config(Kind.ROLLING, classes={"outer race": 1, "inner race": 1})):
        above = one.frequencies_hz > 50
        top_hz = one.frequencies_hz[above][one.amplitudes[above].argmax()]
        marks = one.marks
        assert any(0.98 * mark.low_hz <= top_hz <= 1.02 * mark.high_hz for mark in marks)


def test_reducing_keeps_the_peaks():
    (one,) = examples(usual_config(Kind.JOURNAL, classes={"cavitation": 1}))
    samples = one.made.signal.samples[0][:10_240]
    assert (one.samples.min(), one.samples.max()) == (samples.min(), samples.max())
    (mark,) = one.marks
    assert (mark.low_hz, mark.high_hz) == (1_500, 2_500)


def test_wear_has_marks_on_the_shaft_and_healthy_none():
    found = {one.fault: one for one in examples(usual_config(Kind.JOURNAL))}
    assert found[JournalFault.HEALTHY].marks == ()
    shaft_hz = found[JournalFault.WEAR].made.speed_rpm / 60
    assert [mark.low_hz for mark in found[JournalFault.WEAR].marks] == pytest.approx(
        [shaft_hz, 2 * shaft_hz]
    )
