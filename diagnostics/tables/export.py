"""Scores as Parquet on the standard output: ``python -m diagnostics.tables.export FILE THRESHOLD``.

A process of its own, since the one that answers requests loads no Arrow.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from diagnostics.tables.judged import Judged


def main(path: str, threshold: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    judged = Judged.from_bytes(Path(path).read_bytes())
    rows = pa.table(
        {
            "row_index": judged.row_indices(np.arange(len(judged.raw))),
            "anomaly_score": judged.calibrated,
            "raw_score": judged.raw,
            "is_anomaly": judged.raw > float(threshold),
        }
    )
    pq.write_table(rows, sys.stdout.buffer, compression="zstd")


if __name__ == "__main__":
    main(*sys.argv[1:3])
