from __future__ import annotations

import io

import numpy as np
import pytest

from diagnostics.signals import spectrum
from diagnostics.signals.signal import Unit, single_channel
from models import Origin
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signal_export_service import SignalExportService, Stretch
from services.signals import parts as signal_parts
from tests import factories

RATE_HZ = 10_000.0
NOISE = np.random.default_rng(3).normal(size=20_000).astype(np.float32)


@pytest.fixture
def recording_id(analyst):
    with unit_of_work() as session:
        signal = single_channel(NOISE, RATE_HZ, Unit.VELOCITY)
        return factories.recording(session, signal, name="../pump 3: “left”").id


def read(file) -> tuple[list[str], np.ndarray]:
    head, _, rest = file["content"].partition("\n")
    return head.split(","), np.loadtxt(io.StringIO(rest), delimiter=",", ndmin=2)


def test_samples_come_back_as_they_are(recording_id):
    file = SignalExportService.export_waveform(Stretch(recording_id, 0, 0.5, 0.75))
    head, table = read(file)
    assert head == ["time_s", "amplitude [mm/s]"]
    np.testing.assert_allclose(table[:, 0], np.arange(5_000, 7_500) / RATE_HZ, rtol=1e-12)
    np.testing.assert_array_equal(table[:, 1].astype(np.float32), NOISE[5_000:7_500])
    assert file["file_name"] == "pump_3_left_waveform_0.5-0.75s.csv"


def test_a_spectrum_has_all_its_lines(recording_id):
    head, table = read(SignalExportService.export_plot("spectrum", Stretch(recording_id, 0)))
    expected = spectrum.amplitude_spectrum(NOISE, RATE_HZ)
    assert head == ["frequency_hz", "amplitude [mm/s]"]
    np.testing.assert_allclose(table[:, 0], expected.frequencies_hz)
    np.testing.assert_allclose(table[:, 1], expected.values, rtol=1e-8)


def test_every_plot_can_be_saved(recording_id):
    head, table = read(SignalExportService.export_plot("density", Stretch(recording_id, 0)))
    assert (head[1], table.shape[1]) == ("density [(mm/s)²/Hz]", 2)
    band = Stretch(recording_id, 0, 0.0, 1.0, 1_000.0, 1_400.0)
    _, table = read(SignalExportService.export_plot("envelope", band))
    assert table[-1, 0] == 400
    head, table = read(SignalExportService.export_plot("spectrogram", Stretch(recording_id, 0)))
    assert head[0] == "frequency_hz \\ time_s"
    assert table.shape[1] == len(head)


def test_what_is_too_long_is_cut_as_in_the_plot_and_the_name_says_so(recording_id, monkeypatch):
    monkeypatch.setattr(signal_parts, "MOST_SAMPLES", 1_000)
    file = SignalExportService.export_waveform(Stretch(recording_id, 0))
    assert read(file)[1].shape == (1_000, 2)
    assert file["file_name"].endswith("_0.95-1.05s.csv")


def test_refuses_what_is_not_there(recording_id):
    with pytest.raises(NotFound):
        SignalExportService.export_waveform(Stretch(999, 0))
    with pytest.raises(Invalid):
        SignalExportService.export_plot("envelope", Stretch(recording_id, 0, 0, 1, 4_000, 9_000))


def test_what_is_generated_says_so_in_its_name_and_head(analyst):
    with unit_of_work() as session:
        signal = single_channel(NOISE, RATE_HZ, Unit.VELOCITY)
        made = factories.recording(session, signal, name="wear-01-1", origin=Origin.GENERATED)
        stretch = Stretch(made.id, 0, 0.0, 1.0)
    file = SignalExportService.export_waveform(stretch)
    assert read(file)[0] == ["time_s", "generated amplitude [mm/s]"]
    assert file["file_name"] == "wear-01-1_generated_waveform_0-1s.csv"
    for kind in ("spectrum", "density", "envelope", "spectrogram"):
        file = SignalExportService.export_plot(kind, stretch)
        assert "generated " in file["content"].partition("\n")[0]
        assert f"_generated_{kind}_" in file["file_name"]
