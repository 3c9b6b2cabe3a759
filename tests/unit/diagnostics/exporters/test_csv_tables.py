from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import pytest

from diagnostics.exporters.csv_tables import SIGNS, harmless, original, write_csv_tables
from tests.unit.diagnostics.exporters.recordings import NAMES, exported, signals


@pytest.fixture
def tables(tmp_path):
    """The rows of each table of an export, as Python's csv reads them."""
    path = tmp_path / "export.zip"
    write_csv_tables(*exported(tmp_path), path)
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    return {
        name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()
    }


def test_samples_are_in_long_form_and_exact(tables):
    for number, signal in enumerate(signals(), start=1):
        rows = tables[f"samples/{number:06d}.csv"]
        assert list(rows[0]) == ["recording", "channel", "unit", "sample", "time_s", "value"]
        assert len(rows) == signal.samples.size
        for channel, samples in zip(signal.channels, signal.samples, strict=True):
            own = [row for row in rows if original(row["channel"]) == channel.name]
            assert {row["unit"] for row in own} == {channel.unit.value}
            values = np.array([row["value"] for row in own], dtype=signal.samples.dtype)
            np.testing.assert_array_equal(values, samples)
            times = np.array([float(row["time_s"]) for row in own])
            np.testing.assert_array_equal(times, np.arange(samples.size) / signal.sample_rate_hz)


def test_the_table_of_recordings_has_no_formula(tables):
    rows = tables["recordings.csv"]
    assert [original(row["name"]) for row in rows] == list(NAMES)
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(SIGNS[:-1])]
    channels = {row["channel"] for row in tables["samples/000001.csv"]}
    assert channels == {"drive end", '\'=fan; "end", µ'}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "'x", "''=x", "", "plain"])
def test_marks_are_taken_off_again(text):
    assert original(harmless(text)) == text
    assert not harmless(text).startswith(SIGNS[:-1])
