from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.parquet import open_parquet
from diagnostics.signals.signal import Unit
from tests.unit.diagnostics.importers.files import COUNT, rich_parquet, waves


@pytest.fixture
def contents(tmp_path):
    return open_parquet(rich_parquet(tmp_path / "a.parquet"), Limits())


def test_metadata_gives_rate_unit_and_facts(contents):
    declared = contents.declared["de"]
    assert (declared.sample_rate_hz, declared.unit) == (4000.0, Unit.VELOCITY)
    assert contents.scalars == {"machine": "pump 7", "rpm": 1480.0, "de.sensor": "x"}


def test_gaps_become_nan(contents):
    np.testing.assert_array_equal(contents.rows("de")[0], waves()["one"])
    counts = contents.rows("counts")[0]
    assert np.isnan(counts[5])
    np.testing.assert_array_equal(np.delete(counts, 5), np.delete(np.arange(COUNT), 5))
    assert np.isnan(contents.rows("speed")[0][:3]).all()


def test_a_column_of_lists_is_read_row_by_row(contents):
    table = np.arange(8.0 * COUNT).reshape(COUNT, 8)
    np.testing.assert_array_equal(contents.matrix("rows", 140, 310), table[140:310])
    assert contents.matrix("rows", 7, 7).shape == (0, 8)


def test_texts_can_be_asked_for(contents):
    assert contents.texts["state"]() == ("ok",) * COUNT


def test_what_is_not_read_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a.b": [1.0], "t": pa.array([1], pa.timestamp("ms"))}), path)
    contents = open_parquet(path, Limits())
    assert [v.note for v in contents.variables] == [
        "its name has a dot in it or occurs twice; rename the column",
        "timestamp[ms] is not read",
    ]


def test_a_column_that_unpacks_to_more_than_the_limit_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.zeros(1_000_000)}), path)
    assert path.stat().st_size < 20_000
    with pytest.raises(FileFormatError, match="at most 1 MB"):
        open_parquet(path, Limits(bytes=1_000_000)).rows("x")
