"""The contract that every feature of tables keeps."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from diagnostics.errors import FeatureError
from diagnostics.features.batch import Batch, Context
from diagnostics.features.catalogue import CATALOGUE, Domain, feature, features_of
from diagnostics.features.extraction import extract_features
from diagnostics.features.registry import FEATURES, Quantity

RATE_HZ = 20_480.0
CONTEXT = Context(30.0, {"BPFO": 3.585, "BPFI": 5.415, "BSF": 2.357, "FTF": 0.398})
# The names of the system whose tables people bring along.
REFERENCE = [
    *("RMS", "Kurtosis", "Skewness", "CrestFactor"),
    *("ShapeFactor", "ImpulseFactor", "ClearanceFactor", "DominantFreq"),
    *("SpectralCentroid", "SpectralEntropy", "LowBandEnergy", "MidBandEnergy"),
    *("HighBandEnergy", "VeryHighBandEnergy", "TotalSpectralPower", "SpectralStd"),
    *("Harmonic2X1X", "Harmonic3X1X", "SpectralPeakiness", "EnvelopeRMS"),
    *("EnvelopeKurtosis", "EnvelopePeak", "ModulationFreq", "WaveletEnergyRatio"),
    *("WaveletKurtosis", "WaveletEnergy_D1", "WaveletEnergy_D3", "WaveletEnergy_D5"),
    *("CepstralPeakRatio", "QuefrencyCentroid", "BispectrumPeak", "BispectrumMean"),
    *("BispectrumEntropy", "PhaseCoupling", "NonlinearityIndex", "BispectrumPeakRatio"),
]
FACTOR = {Quantity.SIGNAL: 9.81, Quantity.SIGNAL_SQUARED: 9.81**2, Quantity.SIGNAL_CUBED: 9.81**3}


def vibration(count: int, samples: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    time_s = np.arange(samples) / RATE_HZ
    tones = np.sin(2 * np.pi * 30 * time_s) + 0.4 * np.sin(2 * np.pi * 60 * time_s)
    since = np.mod(time_s, 1 / 107.55)
    strikes = 3 * np.exp(-900 * since) * np.sin(2 * np.pi * 5_000 * since)
    return tones + strikes + rng.normal(scale=0.5, size=(count, samples)) + 0.2


SAMPLES = 8_192
GIVEN = vibration(2, SAMPLES)


@cache
def table(name: str):
    """All features of one of the variants of the windows."""
    return extract_features(VARIANTS[name], RATE_HZ, CATALOGUE, CONTEXT)


VARIANTS = {
    "given": GIVEN,
    "other unit": 9.81 * GIVEN,
    "other offset": GIVEN + 7.0,
    "one window": GIVEN[1:2],
    "32 bits": GIVEN.astype(np.float32),
    "still": np.array([[0.0], [-3.7]]) * np.ones(SAMPLES),
}


def test_the_names_of_the_reference_are_kept_in_their_order():
    assert [listed.name for listed in features_of()] == REFERENCE


def test_all_and_orders_are_everything():
    assert (*features_of("all"), *features_of("order")) == CATALOGUE
    assert features_of(["order", "all"]) == CATALOGUE
    assert {listed.domain for listed in CATALOGUE} == set(Domain)


def test_names_are_unique_and_no_basic_figure_is_shadowed():
    names = [listed.name for listed in CATALOGUE]
    assert len(set(names)) == len(names)
    assert not set(names) & {basic.name for basic in FEATURES}


def test_a_feature_is_found_by_name_and_key():
    assert feature("CrestFactor") is feature("CrestFactor@1")
    with pytest.raises(FeatureError, match="no feature “Crest”"):
        feature("Crest")
    with pytest.raises(FeatureError, match="made with 9"):
        feature("RMS@9")


@pytest.mark.parametrize(("domains", "words"), [("chaos", "no domain “chaos”"), ([], "at least")])
def test_unknown_domains_are_refused(domains, words):
    with pytest.raises(FeatureError, match=words):
        features_of(domains)


@pytest.fixture(params=range(len(CATALOGUE)), ids=lambda number: CATALOGUE[number].key)
def column(request):
    return request.param


def test_tells_what_it_is_and_where_others_go_wrong(column):
    listed = CATALOGUE[column]
    assert len(listed.about) > 20
    assert ":func:" not in listed.about + listed.meaning + listed.pitfall
    # Energy at a fault frequency is our own: there is no common definition of it.
    assert listed.pitfall or "Energy_H" in listed.name


def test_is_known_of_a_vibration_with_speed_and_bearing(column):
    assert np.isfinite(table("given")[:, column]).all()


def test_does_not_depend_on_the_other_features(column):
    alone = CATALOGUE[column].compute(Batch(GIVEN[:1], RATE_HZ, CONTEXT))
    np.testing.assert_allclose(alone, table("given")[:1, column], rtol=1e-9)


def test_unit_scales_the_number_or_leaves_it(column):
    factor = FACTOR.get(CATALOGUE[column].quantity, 1.0)
    expected = factor * table("given")[:, column]
    np.testing.assert_allclose(table("other unit")[:, column], expected, rtol=1e-9, atol=1e-12)


def test_the_offset_of_the_sensor_does_not_matter(column):
    moved, expected = table("other offset")[:, column], table("given")[:, column]
    np.testing.assert_allclose(moved, expected, rtol=1e-7, atol=1e-10)


def test_windows_do_not_touch_each_other(column):
    alone, expected = table("one window")[:, column], table("given")[1:2, column]
    np.testing.assert_allclose(alone, expected, rtol=1e-9, atol=1e-12)


def test_a_constant_window_gives_zero(column):
    assert table("still")[:, column].tolist() == [0.0, 0.0]


def test_32_bits_give_the_same_number(column):
    narrow, expected = table("32 bits")[:, column], table("given")[:, column]
    np.testing.assert_allclose(narrow, expected, rtol=1e-3, atol=1e-6)


# Of noise, how far the mean over windows may move when they become twice as long. Peaks of the
# waveform grow; those of estimates shrink a little, as chance does.
LENGTH = {
    **dict.fromkeys(("CrestFactor", "ImpulseFactor", "ClearanceFactor", "EnvelopePeak"), 0.1),
    **dict.fromkeys(("BispectrumPeak", "BispectrumPeakRatio"), 0.1),
    "SpectralPeakiness": 0.2,
    "NonlinearityIndex": 0.5,
}
# What noise decides by chance, and orders, at which there is nothing in noise.
BY_CHANCE = {"Skewness", "DominantFreq", "ModulationFreq", "Harmonic2X1X", "Harmonic3X1X"}


def test_the_length_of_the_window_does_not_matter():
    kept = [one for one in features_of() if one.name not in BY_CHANCE]
    noise = np.random.default_rng(5).normal(size=(12, 40_960))
    noise += 0.5 * np.roll(noise, 1, axis=1)
    short = extract_features(noise[:, :20_480], RATE_HZ, kept).mean(axis=0)
    long = extract_features(noise, RATE_HZ, kept).mean(axis=0)
    far = {
        one.name: round(float(b / a - 1), 3)
        for one, a, b in zip(kept, short, long, strict=True)
        if abs(b / a - 1) > LENGTH.get(one.name, 0.04)
    }
    assert far == {}
