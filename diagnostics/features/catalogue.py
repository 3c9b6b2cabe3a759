"""The features of feature tables by domain, in the order of their columns.

To add one: write its function (of a Batch) in the module of its domain and list it here; the
contract tests follow from the list. The basic figures of the signals page are another list,
in :mod:`diagnostics.features.registry`.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features import (
    bispectrum_features,
    envelope_features,
    order_features,
    spectral_features,
    waveform_features,
    wavelet_features,
)
from diagnostics.features.batch import Batch
from diagnostics.features.registry import Quantity

ALL = "all"
"""The domains whose features need nothing but samples; the speed, for two of them."""


class Domain(enum.StrEnum):
    """Where a feature is read from."""

    TIME = "time"
    FREQUENCY = "frequency"
    ENVELOPE = "envelope"
    WAVELET = "wavelet"
    BISPECTRUM = "bispectrum"
    ORDER = "order"


@dataclass(frozen=True)
class TableFeature:
    """A column of feature tables.

    ``compute`` takes a :class:`diagnostics.features.batch.Batch` and gives one number per
    window. ``version`` goes up when the number that comes out changes. ``defined`` is the
    function whose docstring tells what the feature means.
    """

    name: str
    domain: Domain
    title: str
    quantity: Quantity
    compute: Callable[[Batch], NDArray[np.float64]]
    defined: Callable[..., object]
    version: int = 1

    @property
    def key(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def needs_speed(self) -> bool:
        return self.domain is Domain.ORDER or self.name in _OF_SPEED

    @property
    def needs_bearing(self) -> bool:
        return self.name.startswith(tuple(order_features.FAULTS))

    @property
    def about(self) -> str:
        """What the number is, in a sentence."""
        return _paragraphs(self.defined)[0]

    @property
    def meaning(self) -> str:
        """What it means for a machine, and when it misleads."""
        return _paragraphs(self.defined)[1]

    @property
    def pitfall(self) -> str:
        """Where the common definition goes wrong; empty when nothing is known."""
        found = (text for text in _paragraphs(self.defined) if text.startswith("Commonly"))
        return next(found, "")

    def unit(self, of_signal: str) -> str:
        """Unit of the number, for samples in the given unit; empty without one.

        Examples
        --------
        >>> feature("TotalSpectralPower").unit("m/s²"), feature("LowBandEnergy").unit("g")
        ('(m/s²)²', 'g²')
        >>> feature("BispectrumPeak").unit("g"), feature("DominantFreq").unit("g")
        ('g³', 'Hz')
        """
        simple = of_signal if of_signal.isalpha() else f"({of_signal})"
        return {
            Quantity.SIGNAL: of_signal,
            Quantity.SIGNAL_SQUARED: f"{simple}²",
            Quantity.SIGNAL_CUBED: f"{simple}³",
            Quantity.FREQUENCY: "Hz",
            Quantity.TIME: "s",
            Quantity.RATIO: "",
        }[self.quantity]


_SECTION = re.compile(r"\n\n\w+\n---")
_OF_SPEED = ("Harmonic2X1X", "Harmonic3X1X")


def _listed(
    domain: Domain,
    *rows: tuple[str, str, Quantity, Callable[[Batch], NDArray[np.float64]]],
) -> tuple[TableFeature, ...]:
    return tuple(
        TableFeature(name, domain, title, quantity, compute, compute)
        for name, title, quantity, compute in rows
    )


_TIME = _listed(
    Domain.TIME,
    ("RMS", "RMS", Quantity.SIGNAL, waveform_features.rms),
    ("Kurtosis", "Kurtosis", Quantity.RATIO, waveform_features.kurtosis),
    ("Skewness", "Skewness", Quantity.RATIO, waveform_features.skewness),
    ("CrestFactor", "Crest factor", Quantity.RATIO, waveform_features.crest_factor),
    ("ShapeFactor", "Shape factor", Quantity.RATIO, waveform_features.shape_factor),
    ("ImpulseFactor", "Impulse factor", Quantity.RATIO, waveform_features.impulse_factor),
    ("ClearanceFactor", "Clearance factor", Quantity.RATIO, waveform_features.clearance_factor),
)
_FREQUENCY = _listed(
    Domain.FREQUENCY,
    (
        "DominantFreq",
        "Dominant frequency",
        Quantity.FREQUENCY,
        spectral_features.dominant_frequency,
    ),
    ("SpectralCentroid", "Centroid", Quantity.FREQUENCY, spectral_features.spectral_centroid),
    ("SpectralEntropy", "Spectral entropy", Quantity.RATIO, spectral_features.spectral_entropy),
    ("LowBandEnergy", "Low band", Quantity.SIGNAL_SQUARED, spectral_features.low_band_energy),
    ("MidBandEnergy", "Middle band", Quantity.SIGNAL_SQUARED, spectral_features.mid_band_energy),
    ("HighBandEnergy", "High band", Quantity.SIGNAL_SQUARED, spectral_features.high_band_energy),
    (
        "VeryHighBandEnergy",
        "Very high band",
        Quantity.SIGNAL_SQUARED,
        spectral_features.very_high_band_energy,
    ),
    ("TotalSpectralPower", "Total power", Quantity.SIGNAL_SQUARED, spectral_features.total_power),
    ("SpectralStd", "Spread", Quantity.FREQUENCY, spectral_features.spectral_spread),
    ("Harmonic2X1X", "2× over 1×", Quantity.RATIO, spectral_features.harmonic_2x),
    ("Harmonic3X1X", "3× over 1×", Quantity.RATIO, spectral_features.harmonic_3x),
    ("SpectralPeakiness", "Peakiness", Quantity.RATIO, spectral_features.spectral_peakiness),
)
_ENVELOPE = _listed(
    Domain.ENVELOPE,
    ("EnvelopeRMS", "Envelope RMS", Quantity.SIGNAL, envelope_features.envelope_rms),
    ("EnvelopeKurtosis", "Envelope kurtosis", Quantity.RATIO, envelope_features.envelope_kurtosis),
    ("EnvelopePeak", "Envelope peak", Quantity.SIGNAL, envelope_features.envelope_peak),
    (
        "ModulationFreq",
        "Modulation frequency",
        Quantity.FREQUENCY,
        envelope_features.modulation_frequency,
    ),
)
_WAVELET = _listed(
    Domain.WAVELET,
    ("WaveletEnergyRatio", "Detail energy", Quantity.RATIO, wavelet_features.wavelet_energy_ratio),
    ("WaveletKurtosis", "Wavelet kurtosis", Quantity.RATIO, wavelet_features.wavelet_kurtosis),
    (
        "WaveletEnergy_D1",
        "Energy in D1",
        Quantity.SIGNAL_SQUARED,
        wavelet_features.wavelet_energy_d1,
    ),
    (
        "WaveletEnergy_D3",
        "Energy in D3",
        Quantity.SIGNAL_SQUARED,
        wavelet_features.wavelet_energy_d3,
    ),
    (
        "WaveletEnergy_D5",
        "Energy in D5",
        Quantity.SIGNAL_SQUARED,
        wavelet_features.wavelet_energy_d5,
    ),
    ("CepstralPeakRatio", "Cepstral peak", Quantity.RATIO, wavelet_features.cepstral_peak_ratio),
    ("QuefrencyCentroid", "Quefrency centroid", Quantity.TIME, wavelet_features.quefrency_centroid),
)
_BISPECTRUM = _listed(
    Domain.BISPECTRUM,
    (
        "BispectrumPeak",
        "Bispectrum peak",
        Quantity.SIGNAL_CUBED,
        bispectrum_features.bispectrum_peak,
    ),
    (
        "BispectrumMean",
        "Bispectrum mean",
        Quantity.SIGNAL_CUBED,
        bispectrum_features.bispectrum_mean,
    ),
    (
        "BispectrumEntropy",
        "Bispectrum entropy",
        Quantity.RATIO,
        bispectrum_features.bispectrum_entropy,
    ),
    ("PhaseCoupling", "Phase coupling", Quantity.RATIO, bispectrum_features.phase_coupling),
    ("NonlinearityIndex", "Non-linearity", Quantity.RATIO, bispectrum_features.nonlinearity_index),
    (
        "BispectrumPeakRatio",
        "Peak over mean",
        Quantity.RATIO,
        bispectrum_features.bispectrum_peak_ratio,
    ),
)


def _of_orders() -> tuple[TableFeature, ...]:
    """Amplitude and energy at shaft orders, then at the fault frequencies of a bearing."""
    made = []
    for order in order_features.SHAFT_ORDERS:
        made += _pair(
            f"Shaft{{}}_{order}X",
            f"{order}× shaft",
            (order_features.shaft_amplitude, order_features.shaft_energy),
            (order,),
        )
    for fault in order_features.FAULTS:
        title = "2×BSF" if fault == "BSF2" else fault
        for harmonic in order_features.HARMONICS:
            made += _pair(
                f"{fault}{{}}_H{harmonic}",
                title if harmonic == 1 else f"{harmonic} · {title}",
                (order_features.fault_amplitude, order_features.fault_energy),
                (fault, harmonic),
            )
    return tuple(made)


def _pair(
    name: str,
    title: str,
    makers: tuple[Callable[..., Callable[[Batch], NDArray[np.float64]]], ...],
    at: tuple[str | int, ...],
) -> list[TableFeature]:
    amplitude, energy = makers
    return [
        TableFeature(
            name.format(kind),
            Domain.ORDER,
            f"{title}, {kind.lower()}",
            quantity,
            maker(*at),
            maker,
        )
        for kind, quantity, maker in (
            ("Amplitude", Quantity.SIGNAL, amplitude),
            ("Energy", Quantity.SIGNAL_SQUARED, energy),
        )
    ]


CATALOGUE: tuple[TableFeature, ...] = (
    *_TIME,
    *_FREQUENCY,
    *_ENVELOPE,
    *_WAVELET,
    *_BISPECTRUM,
    *_of_orders(),
)
_BY_NAME = {listed.name: listed for listed in CATALOGUE}


def feature(name: str) -> TableFeature:
    """The feature of a name, or of a key with its version.

    Raises
    ------
    FeatureError
        If there is none, or only another version.

    Examples
    --------
    >>> feature("RMS@1").title
    'RMS'
    """
    plain, _, version = name.partition("@")
    found = _BY_NAME.get(plain)
    if found is None:
        raise FeatureError(f"There is no feature “{plain}”.")
    if version and version != str(found.version):
        raise FeatureError(
            f"“{plain}” is computed in version {found.version}, the table was made with {version}. "
            "Extract the features again."
        )
    return found


def features_of(domains: str | Iterable[str] = ALL) -> tuple[TableFeature, ...]:
    """The features of some domains, in the order of the catalogue.

    Parameters
    ----------
    domains : str or strings
        Names of domains; “all” stands for all but the order domain.

    Raises
    ------
    FeatureError
        If a domain does not exist or none is named.

    Examples
    --------
    >>> len(features_of()), len(features_of(["time", "envelope"])), len(features_of(["order"]))
    (36, 11, 34)
    """
    wanted: set[str] = set()
    for name in [domains] if isinstance(domains, str) else domains:
        if name != ALL and name not in set(Domain):
            known = ", ".join([ALL, *Domain])
            raise FeatureError(f"There is no domain “{name}”; choose among {known}.")
        wanted |= set(Domain) - {Domain.ORDER} if name == ALL else {name}
    if not wanted:
        raise FeatureError("Choose at least one domain of features.")
    return tuple(listed for listed in CATALOGUE if listed.domain in wanted)


def _paragraphs(function: Callable[..., object]) -> list[str]:
    """Of a docstring, up to its sections, each in one line."""
    text = _SECTION.split(inspect.getdoc(function) or "")[0]
    return [" ".join(part.split()) for part in text.split("\n\n")]
