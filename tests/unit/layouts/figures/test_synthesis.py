from __future__ import annotations

import numpy as np

from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.preview import examples
from layouts.figures import synthesis


def example(kind, name):
    return next(examples(usual_config(kind, classes={name: 1})))


def test_a_spectrum_shows_both_machines_and_marks_what_is_expected():
    one = example(Kind.JOURNAL, "misalignment")
    drawn = synthesis.spectrum(one)
    assert [trace.name for trace in drawn.data] == ["without the fault", "with the fault"]
    np.testing.assert_allclose(drawn.data[1].y, one.amplitudes.astype(np.float32))
    marks = [(shape.x0, shape.x1) for shape in drawn.layout.shapes]
    assert marks == [(mark.low_hz, mark.high_hz) for mark in one.marks]
    assert drawn.layout.yaxis.title.text == "Amplitude [g]"
    assert drawn.layout.xaxis.type == "log"


def test_an_envelope_spectrum_and_a_wave_have_their_units():
    one = example(Kind.ROLLING, "outer race")
    assert synthesis.envelope_spectrum(one).layout.yaxis.title.text == "Envelope [g]"
    assert len(synthesis.envelope_spectrum(one).layout.shapes) == 3
    assert synthesis.wave(one).layout.xaxis.title.text == "Time [s]"
