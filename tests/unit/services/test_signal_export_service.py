from __future__ import annotations

import io

import numpy as np
import pytest

from diagnostics.signals import spectrum
from diagnostics.signals.filters import Detrend
from diagnostics.signals.processing import Processing, process
from diagnostics.signals.recording_file import content_hash
from diagnostics.signals.signal import Unit, single_channel
from models import Origin
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signal_export_service import SignalExportService, Stretch
from services.signals import parts as signal_parts
from services.signals.plots import PlotKind
from tests import factories

RATE_HZ = 10_000.0
NOISE = np.random.default_rng(3).normal(size=20_000).astype(np.float32)


@pytest.fixture
def recording_id(analyst):
    with unit_of_work() as session:
        signal = single_channel(NOISE, RATE_HZ, Unit.VELOCITY)
        return factories.recording(session, signal, name="../pump 3: “left”").id


def read(file) -> tuple[list[str], np.ndarray]:
    rows = [row for row in file["content"].splitlines() if not row.startswith("#")]
    return rows[0].split(","), np.loadtxt(io.StringIO("\n".join(rows[1:])), delimiter=",", ndmin=2)


def card(file) -> dict[str, str]:
    """What stands above the table."""
    rows = [row[2:] for row in file["content"].splitlines() if row.startswith("# ")]
    return dict(row.split(": ", 1) for row in rows)


def test_samples_come_back_as_they_are(recording_id):
    file = SignalExportService.export_waveform(Stretch(recording_id, 0, 0.5, 0.75))
    head, table = read(file)
    assert head == ["time_s", "amplitude [mm/s]"]
    np.testing.assert_allclose(table[:, 0], np.arange(5_000, 7_500) / RATE_HZ, rtol=1e-12)
    np.testing.assert_array_equal(table[:, 1].astype(np.float32), NOISE[5_000:7_500])
    assert file["file_name"] == "pump_3_left_waveform_0.5-0.75s.csv"


def test_the_card_stands_above_the_numbers(recording_id):
    chosen = Stretch(recording_id, 0, 0.5, 1.5, {"detector": "rms", "window": "flattop"})
    said = card(SignalExportService.export_plot("spectrum", chosen))
    assert said["Recording"] == "../pump 3: “left”, signal"
    assert (said["Detector"], said["Window"], said["Unit"]) == ("RMS", "flat top", "mm/s")
    assert said["Time"] == "0.5 to 1.5 s, 10000 samples"
    assert said["Data"] == content_hash(single_channel(NOISE, RATE_HZ, Unit.VELOCITY))


def test_samples_are_saved_as_they_were_processed(recording_id):
    chosen = Stretch(recording_id, 0, 0.5, 1.5, {"detrend": "mean", "rate": 5_000})
    file = SignalExportService.export_waveform(chosen)
    _, table = read(file)
    done = process(
        NOISE[5_000:15_000],
        RATE_HZ,
        Unit.VELOCITY,
        Processing(detrend=Detrend.MEAN, resample_hz=5_000),
    )
    np.testing.assert_allclose(table[:, 1], done.samples, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(table[:, 0], 0.5 + np.arange(5_000) / 5_000)
    assert card(file)["Processing"] == "mean taken off; resampled from 10000 to 5000 Hz"


def test_a_name_cannot_add_lines_of_its_own(analyst):
    with unit_of_work() as session:
        signal = single_channel(NOISE, RATE_HZ, Unit.VELOCITY)
        sly = factories.recording(session, signal, name="a\n=1+1\rb").id
    text = SignalExportService.export_waveform(Stretch(sly, 0, 0.0, 0.01))["content"]
    assert text.startswith("# Recording: a =1+1 b, signal\n# Shown: waveform\n")


def test_a_spectrum_has_all_its_lines(recording_id):
    head, table = read(SignalExportService.export_plot("spectrum", Stretch(recording_id, 0)))
    expected = spectrum.amplitude_spectrum(NOISE, RATE_HZ)
    assert head == ["frequency_hz", "amplitude [mm/s]"]
    np.testing.assert_allclose(table[:, 0], expected.frequencies_hz)
    np.testing.assert_allclose(table[:, 1], expected.values, rtol=1e-8)


def test_every_plot_can_be_saved(recording_id):
    head, table = read(SignalExportService.export_plot("density", Stretch(recording_id, 0)))
    assert (head[1], table.shape[1]) == ("density [(mm/s)²/Hz]", 2)
    band = Stretch(recording_id, 0, 0.0, 1.0, {"low": 1_000, "high": 1_400, "squared": True})
    head, table = read(SignalExportService.export_plot("envelope", band))
    assert (table[-1, 0], head[1]) == (400, "amplitude [(mm/s)²]")
    for kind in ("spectrogram", "scalogram"):
        head, table = read(SignalExportService.export_plot(kind, Stretch(recording_id, 0)))
        assert head[0] == "frequency_hz \\ time_s"
        assert table.shape[1] == len(head)
    head, table = read(SignalExportService.export_plot("cepstrum", Stretch(recording_id, 0)))
    assert (head, table.shape) == (["quefrency_s", "cepstrum"], (10_000, 2))
    file = SignalExportService.export_plot("kurtogram", Stretch(recording_id, 0))
    head, table = read(file)
    assert head == ["level", "low_hz", "high_hz", "kurtosis"]
    wide = table[table[:, 2] - table[:, 1] >= 482]
    best = wide[wide[:, 3].argmax()]
    assert card(file)["Band"] == f"{best[1]:.6g} to {best[2]:.6g} Hz"


def test_what_is_too_long_is_cut_as_in_the_plot_and_the_file_says_so(recording_id, monkeypatch):
    monkeypatch.setattr(signal_parts, "MOST_SAMPLES", 1_000)
    file = SignalExportService.export_waveform(Stretch(recording_id, 0))
    assert read(file)[1].shape == (1_000, 2)
    assert file["file_name"].endswith("_0.95-1.05s.csv")
    assert "middle 1,000 of 20,000 chosen samples" in card(file)["Notes"]


def test_refuses_what_is_not_there(recording_id):
    with pytest.raises(NotFound):
        SignalExportService.export_waveform(Stretch(999, 0))
    wrong = Stretch(recording_id, 0, 0, 1, {"low": 4_000, "high": 9_000})
    with pytest.raises(Invalid):
        SignalExportService.export_plot("envelope", wrong)
    with pytest.raises(Invalid, match="There is no plot waveform"):
        SignalExportService.export_plot("waveform", Stretch(recording_id, 0))
    with pytest.raises(Invalid, match="There is no setting colour"):
        SignalExportService.export_waveform(Stretch(recording_id, 0, settings={"colour": 1}))


def test_what_is_generated_says_so_in_its_name_and_head(analyst):
    with unit_of_work() as session:
        signal = single_channel(NOISE, RATE_HZ, Unit.VELOCITY)
        made = factories.recording(session, signal, name="wear-01-1", origin=Origin.GENERATED)
        stretch = Stretch(made.id, 0, 0.0, 1.0)
    file = SignalExportService.export_waveform(stretch)
    assert read(file)[0] == ["time_s", "generated amplitude [mm/s]"]
    assert file["file_name"] == "wear-01-1_generated_waveform_0-1s.csv"
    for kind in PlotKind:
        file = SignalExportService.export_plot(kind.value, stretch)
        head = next(row for row in file["content"].splitlines() if not row.startswith("#"))
        assert "generated " in head
        assert "generated, not measured" in card(file)["Notes"]
        assert f"_generated_{kind.value}_" in file["file_name"]
