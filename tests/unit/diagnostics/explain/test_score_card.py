import numpy as np
import pytest
import torch
from torch import nn

from diagnostics.explain.ranks import likeness
from diagnostics.explain.registry import METHODS
from diagnostics.explain.rhythm import band_share, rhythm_spectrum
from diagnostics.explain.score_card import score_card, with_random_weights
from diagnostics.explain.spectral import frames, spectrum, spread_frames, spread_spectrum
from tests.unit.diagnostics.explain.nets import question

RATE_HZ, SAMPLES = 12_000, 4096
STRIKES_HZ = 162.0


def struck(rate_hz=STRIKES_HZ, count=3):
    """Strikes that ring at 3 kHz, with noise."""
    rng = np.random.default_rng(0)
    t = np.arange(SAMPLES) / RATE_HZ
    since = (t + rng.random((count, 1)) / rate_hz) % (1 / rate_hz)
    ring = np.exp(-since * 1500) * np.cos(2 * np.pi * 3000 * since)
    return (ring + 0.05 * rng.normal(size=ring.shape)).astype(np.float32)[:, None]


class Burst(nn.Module):
    """Hears ringing at 3 kHz, and says class 1 the louder it is."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.hear = nn.Conv1d(1, 2, 16, padding=8)
        self.act = nn.ReLU()
        self.head = nn.Linear(2, 2)
        wave = torch.cos(torch.arange(16) * np.pi / 2) / 4
        with torch.no_grad():
            self.hear.weight.copy_(torch.stack([wave, -wave])[:, None])
            self.hear.bias.zero_()
            self.head.weight.copy_(torch.tensor([[-9.0, -9.0], [9.0, 9.0]]))

    def forward(self, x):
        return self.head(self.act(self.hear(x)).mean(dim=-1))


def lines(fundamental):
    return [(0.98 * k * fundamental, 1.02 * k * fundamental) for k in (1, 2, 3)]


def test_relevance_that_strikes_is_found_at_its_frequency_and_not_elsewhere():
    given = struck()
    found = METHODS["integrated_gradients"].load()(Burst(), given, question(given))
    power = rhythm_spectrum(found.values)
    at = band_share(power, RATE_HZ / SAMPLES, lines(STRIKES_HZ))
    assert at.share > 0.6 > at.chance_95
    assert at.above < 0.05
    beside = band_share(power, RATE_HZ / SAMPLES, lines(131.0))
    assert beside.share < 0.3
    assert beside.above > 0.05
    # The carrier is told by the plain spectrum.
    middle = found.spectrum.sum(axis=(0, 1)).argmax() * RATE_HZ / SAMPLES
    assert middle == pytest.approx(3000, abs=200)


def test_noise_is_at_no_frequency_and_what_is_not_resolved_is_not_judged():
    noise = np.random.default_rng(1).normal(size=(8, 1, SAMPLES))
    found = band_share(rhythm_spectrum(noise), RATE_HZ / SAMPLES, lines(STRIKES_HZ))
    assert found.share == pytest.approx(found.chance, abs=0.12)
    assert band_share(rhythm_spectrum(noise), RATE_HZ / SAMPLES, lines(3.0)) is None
    assert band_share(rhythm_spectrum(noise), RATE_HZ / SAMPLES, lines(9_000.0)) is None


@pytest.mark.parametrize("samples", [100, 2048])
def test_relevance_keeps_its_sum_on_the_way_to_frequencies(samples):
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=(2, 3, samples))
    total = (one * other).sum(axis=-1)
    assert spectrum(one, other).sum(axis=-1) == pytest.approx(total)
    assert frames(one, other).sum(axis=(-1, -2)) == pytest.approx(total)
    spread = spread_frames(one, other)
    assert spread.sum(axis=(-1, -2)) == pytest.approx(one.sum(axis=-1))
    assert spread_spectrum(spread, samples).sum(axis=-1) == pytest.approx(one.sum(axis=-1))


def test_a_good_explanation_has_a_good_card_and_a_random_one_has_not():
    network, given = Burst().eval(), struck(30.0, 2)
    asked = question(given)
    explain = METHODS["integrated_gradients"].load()
    found = explain(network, given, asked)
    card = score_card(network, given, asked, explain, found)
    assert card.completeness < 0.01
    assert card.deletion.mean() < card.random_deletion.mean()
    assert card.insertion.mean() > card.random_insertion.mean()
    assert card.deletion[0] == pytest.approx(found.probabilities[:, 1].mean(), abs=1e-5)
    assert card.insertion[-1] == pytest.approx(card.deletion[0], abs=1e-5)
    assert card.stability > 0.8
    assert card.random_weights < card.stability
    again = with_random_weights(network, given, 0)
    assert not torch.equal(again.hear.weight, network.hear.weight)
    assert again.training is False


def test_what_is_flat_is_like_nothing():
    flat = np.ones((1, 1, 64))
    assert likeness(flat, np.random.default_rng(0).normal(size=flat.shape)) == 0
