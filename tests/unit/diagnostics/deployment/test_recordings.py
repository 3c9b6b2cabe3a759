from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from diagnostics.deployment.manifest import ExportedHead
from diagnostics.deployment.recordings import ask
from diagnostics.errors import DeploymentError
from diagnostics.training.split import Candidate
from tests.exported import MANIFEST

SPEED = ExportedHead("speed_rpm", "rpm", 0.0, 1.0, 0.0, 1e4)


def model(**changes):
    """The class follows the sign of a window; its level is what it says beside."""

    def answer(windows):
        level = windows.mean(axis=(1, 2)).astype(float)
        above = (level > 0).astype(float)
        return np.stack([above, 1 - above], axis=1), level[:, None]

    return SimpleNamespace(manifest=replace(MANIFEST, heads=(SPEED,), **changes), answer=answer)


def read(samples):
    return lambda _recording, _channel, start, stop: np.asarray(samples, dtype=float)[start:stop]


def test_all_windows_vote_also_those_of_the_second_batch():
    # 40 windows, more than are asked at once: 30 above zero, 10 below.
    samples = np.repeat([2.0] * 30 + [-1.0] * 10, 8)
    recording = Candidate(1, "pump", "", "", samples.size, 100.0)
    said = ask(model(), recording, ["g"], [0], read(samples))
    assert (said.windows, said.winner, said.agreement) == (40, 0, 0.75)
    assert said.shares == pytest.approx((0.75, 0.25))
    assert said.estimates == pytest.approx((1.25,))


@pytest.mark.parametrize(
    ("units", "rate_hz", "samples", "sentence"),
    [
        (["g"], 100.0, [1.0] * 8 + [np.nan] * 8, "not finite"),
        (["Pa"], 100.0, [1.0] * 16, "is in Pa; the model takes g"),
        ([], 100.0, [1.0] * 16, "looks at channel 0"),
        (["g"], 50.0, [1.0] * 16, "50 Hz"),
    ],
)
def test_what_does_not_fit_is_said(units, rate_hz, samples, sentence):
    recording = Candidate(1, "pump", "", "", len(samples), rate_hz)
    with pytest.raises(DeploymentError, match=sentence):
        ask(model(), recording, units, [0], read(samples))
