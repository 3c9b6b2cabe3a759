"""Spectra and features of signals, as plain functions and of stored recordings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.errors import DiagnosticsError
from diagnostics.features.registry import FEATURES
from diagnostics.signals import spectrogram, spectrum
from diagnostics.signals.recording_file import open_recording
from models import DatasetMember, DatasetVersion, Recording
from services import actor
from services.errors import Invalid, NotFound
from services.runtime import artefacts, unit_of_work

Array = NDArray[Any]


class SignalService:
    """Spectra and features of signals, as plain functions and of stored recordings."""

    @staticmethod
    def compute_fft(signal_data: Array, fs: float) -> tuple[Array, Array]:
        """Frequencies in Hz and peak amplitudes in the unit of the signal.

        Hann window, corrected for it; the mean is taken off.

        Raises
        ------
        Invalid
            If there are fewer than 8 samples or one is not finite.
        """
        actor.reader()
        with refusals():
            result = spectrum.amplitude_spectrum(np.asarray(signal_data), fs)
        return result.frequencies_hz, result.values

    @staticmethod
    def compute_spectrogram(
        signal_data: Array, fs: float, nperseg: int = 256
    ) -> tuple[Array, Array, Array]:
        """Frequencies in Hz, times in s, and power spectral density in unit²/Hz.

        Raises
        ------
        Invalid
            If a segment does not fit into the signal or a sample is not finite.
        """
        actor.reader()
        with refusals():
            result = spectrogram.spectrogram(np.asarray(signal_data), fs, nperseg)
        return result.frequencies_hz, result.times_s, result.values

    @staticmethod
    def extract_basic_features(signal_data: Array, fs: float) -> dict[str, float]:
        """The eight basic features by name, in the units of :mod:`diagnostics.features`.

        Raises
        ------
        Invalid
            If it is not one channel, there are fewer than 8 samples, or one is not finite.
        """
        actor.reader()
        samples = np.asarray(signal_data)
        if samples.ndim != 1:
            raise Invalid(f"Features are of one channel, got the shape {samples.shape}.")
        with refusals():
            return {f.name: float(f.compute(samples, fs)) for f in FEATURES}

    @staticmethod
    def get_signal_with_features(dataset_id: int, signal_id: int) -> dict[str, Any]:
        """A recording with all its samples and, for each channel, the eight features.

        Raises
        ------
        NotFound
            If the data set has no such recording.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            recording = session.get(Recording, signal_id)
            if recording is None or recording.dataset_id != dataset_id:
                raise NotFound(f"Data set {dataset_id} has no recording {signal_id}.")
            known = {
                "signal_id": recording.id,
                "dataset_id": recording.dataset_id,
                "name": recording.name,
                "label": label_of(session, recording.id),
                "fs": recording.sample_rate_hz,
                "speed_rpm": recording.speed_rpm,
                "load": recording.load,
            }
            key = recording.artefact_key
        with refusals(), open_recording(artefacts().local_path(key)) as file:
            signal = file.read_all()
        channels = [
            {
                "name": channel.name,
                "unit": channel.unit.value,
                "features": SignalService.extract_basic_features(row, signal.sample_rate_hz),
            }
            for channel, row in zip(signal.channels, signal.samples, strict=True)
        ]
        return {**known, "channels": channels, "signal": signal.samples}


def label_of(session: Session, recording_id: int) -> str | None:
    """What the newest version with the recording says that it shows."""
    return session.scalar(
        select(DatasetMember.label)
        .join(DatasetVersion, DatasetVersion.id == DatasetMember.version_id)
        .where(DatasetMember.recording_id == recording_id)
        .order_by(DatasetVersion.number.desc())
        .limit(1)
    )


@contextmanager
def refusals() -> Iterator[None]:
    """What the domain refuses is the person's to put right."""
    try:
        yield
    except DiagnosticsError as error:
        raise Invalid(str(error)) from error
