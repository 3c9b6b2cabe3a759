"""A data set as one Parquet file: a row for each stretch of a channel.

A row holds up to 524 288 samples of one channel as a list (``values``), where they begin
(``first_sample``), and beside them everything that is known about the recording, so that a query
can choose rows without a second table::

    SELECT name, label, channel_name, values FROM 'export.parquet' WHERE label = 'ball'

One row per sample would repeat the name of the recording for each of them and be read no faster;
one column per channel cannot hold recordings of different lengths. Values are doubles, packed so
that those of single precision (``dtype`` says which) take no more room than singles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from diagnostics.exporters.record import (
    BLOCK,
    JSON_TEXTS,
    TEXTS,
    Counter,
    ExportedDataset,
    ExportedRecording,
    Record,
    blocks,
    finished_file,
    to_json,
    to_plain,
)
from diagnostics.progress import Report, silent

MARK = b"rotorscope_export"
FORMAT = b"1"
VALUES = "values"
_LEAF = "values.list.element"
_GROUP_VALUES = 2 * BLOCK


def schema() -> Any:
    """The columns, as a ``pyarrow.Schema``."""
    import pyarrow as pa

    text, number, whole = pa.string(), pa.float64(), pa.int64()
    return pa.schema(
        [
            ("recording", pa.int32()),
            ("name", text),
            *((name, text) for name in TEXTS),
            ("speed_rpm", number),
            ("sample_rate_hz", number),
            ("sample_count", whole),
            ("dtype", text),
            ("content_hash", text),
            *((name, text) for name in JSON_TEXTS),
            ("channel", pa.int32()),
            ("channel_name", text),
            ("unit", text),
            ("first_sample", whole),
            (VALUES, pa.list_(number)),
        ]
    )


def write_parquet(
    dataset: ExportedDataset,
    recordings: Iterable[ExportedRecording],
    path: Path,
    report: Report = silent,
) -> None:
    """Write the data set; the file appears when all of it is there.

    Parameters
    ----------
    dataset : ExportedDataset
    recordings : iterable of ExportedRecording
        Read block by block.
    path : Path
        Ends in ``.parquet``. A file of that name is replaced.
    report : callable, optional
        Told after each block.
    """
    import pyarrow.parquet as pq

    counter = Counter(dataset, report)
    columns = schema().with_metadata(
        {
            MARK: FORMAT,
            b"dataset": dataset.name.encode(),
            b"version": str(dataset.version).encode(),
            b"content_hash": dataset.content_hash.encode(),
        }
    )
    with (
        finished_file(path) as temporary,
        pq.ParquetWriter(
            temporary,
            columns,
            compression="zstd",
            compression_level=1,
            use_dictionary=[field.name for field in columns if field.type == "string"],
            column_encoding={_LEAF: "BYTE_STREAM_SPLIT"},
            write_statistics=[name for name in columns.names if name != VALUES],
        ) as writer,
    ):
        rows = _Rows(writer, columns)
        for number, exported in enumerate(recordings, start=1):
            with exported.open() as recording:
                record = replace(exported.record, dtype=recording.dtype.name)
                known = {"recording": number, **_known(record)}
                for channel in range(len(recording.channels)):
                    for start, block in blocks(recording, channel):
                        rows.add(known, record, channel, start, block)
                        counter.add(block.size, record.name)
        rows.flush()


class _Rows:
    """Rows that wait for their group: small groups would make a large file slow to read."""

    def __init__(self, writer: Any, columns: Any) -> None:
        self._writer = writer
        self._schema = columns
        self._rows: list[dict[str, Any]] = []
        self._blocks: list[Any] = []
        self._count = 0

    def add(
        self, known: dict[str, Any], record: Record, channel: int, start: int, block: Any
    ) -> None:
        if self._count + block.size > _GROUP_VALUES:
            self.flush()
        said = record.channels[channel]
        place = {"channel": channel, "channel_name": said.name, "unit": said.unit.value}
        self._rows.append({**known, **place, "first_sample": start})
        self._blocks.append(block)
        self._count += block.size

    def flush(self) -> None:
        if not self._rows:
            return
        import numpy as np
        import pyarrow as pa

        known = pa.Table.from_pylist(self._rows, schema=self._schema.remove(len(self._schema) - 1))
        edges = np.cumsum([0, *(block.size for block in self._blocks)], dtype=np.int32)
        values = np.concatenate(self._blocks).astype(np.float64, copy=False)
        lists = pa.ListArray.from_arrays(edges, values)
        self._writer.write_table(known.append_column(self._schema.field(VALUES), lists))
        self._rows, self._blocks, self._count = [], [], 0


def _known(record: Record) -> dict[str, Any]:
    plain = to_plain(record)
    return {
        "name": record.name,
        **record.texts,
        "speed_rpm": record.speed_rpm,
        "sample_rate_hz": record.sample_rate_hz,
        "sample_count": record.sample_count,
        "dtype": record.dtype,
        "content_hash": record.content_hash,
        **{name: to_json(plain[name]) for name in JSON_TEXTS},
    }
