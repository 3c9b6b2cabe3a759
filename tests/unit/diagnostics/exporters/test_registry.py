"""What every format promises."""

from __future__ import annotations

import pytest

from diagnostics.exporters import record
from diagnostics.exporters.registry import FORMATS, find_format
from diagnostics.progress import silent
from tests.unit.diagnostics.exporters.recordings import exported


class Stop(Exception):
    """As the runner of jobs raises it."""


@pytest.fixture(params=[one.name for one in FORMATS])
def chosen(request):
    return find_format(request.param)


def test_the_same_content_makes_the_same_file(chosen, tmp_path):
    paths = [tmp_path / f"{name}{chosen.suffix}" for name in ("one", "two")]
    for path in paths:
        chosen.write(*exported(tmp_path), path, silent)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_small_blocks_make_the_same_file(chosen, tmp_path, monkeypatch):
    """Nothing depends on how much is in memory at a time, but for the rows of Parquet."""
    one, two = (tmp_path / f"{name}{chosen.suffix}" for name in ("one", "two"))
    chosen.write(*exported(tmp_path), one, silent)
    monkeypatch.setattr(record, "BLOCK", 500)
    told = []
    chosen.write(*exported(tmp_path), two, told.append)
    assert chosen.name == "parquet" or one.read_bytes() == two.read_bytes()
    assert told[-1].fraction == 1
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)


def test_a_cancelled_export_leaves_nothing(chosen, tmp_path):
    def report(progress):
        if progress.fraction > 0.5:
            raise Stop

    given = exported(tmp_path)
    before = set(tmp_path.iterdir())
    with pytest.raises(Stop):
        chosen.write(*given, tmp_path / f"export{chosen.suffix}", report)
    assert set(tmp_path.iterdir()) == before
