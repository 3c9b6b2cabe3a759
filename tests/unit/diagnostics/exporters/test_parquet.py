from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq

from diagnostics.exporters import parquet, record
from diagnostics.exporters.parquet import write_parquet
from tests.unit.diagnostics.exporters.recordings import NAMES, exported, signals


def test_rows_hold_stretches_of_channels(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "BLOCK", 1000)
    monkeypatch.setattr(parquet, "_GROUP_VALUES", 2500)
    path = tmp_path / "export.parquet"
    write_parquet(*exported(tmp_path), path)
    file = pq.ParquetFile(path)
    assert file.num_row_groups > 3
    rows = file.read().to_pylist()
    for number, (name, signal) in enumerate(zip(NAMES, signals(), strict=True), start=1):
        own = [row for row in rows if row["recording"] == number]
        assert {row["name"] for row in own} == {name}
        assert {row["dtype"] for row in own} == {signal.samples.dtype.name}
        for position, channel in enumerate(signal.channels):
            parts = [row for row in own if row["channel"] == position]
            assert {(row["channel_name"], row["unit"]) for row in parts} == {
                (channel.name, channel.unit.value)
            }
            values = np.concatenate([row["values"] for row in parts])
            np.testing.assert_array_equal(values, signal.samples[position])
            starts = np.cumsum([0, *(len(row["values"]) for row in parts)])[:-1]
            assert [row["first_sample"] for row in parts] == starts.tolist()


def test_what_is_not_known_is_null(tmp_path):
    path = tmp_path / "export.parquet"
    write_parquet(*exported(tmp_path), path)
    found = pq.read_table(path, columns=["label", "speed_rpm"], filters=[("recording", "<", 3)])
    assert found.to_pylist()[0] == {"label": None, "speed_rpm": None}
    assert found.to_pylist()[-1] == {"label": "inner race", "speed_rpm": 1797.3}
    told = pq.read_schema(path).metadata
    assert (told[b"dataset"].decode(), told[b"version"]) == ("pumps ü", b"3")
