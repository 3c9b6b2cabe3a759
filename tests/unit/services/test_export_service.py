from __future__ import annotations

import re
from datetime import timedelta

import h5py
import numpy as np
import pytest
from sqlalchemy import func, select

from diagnostics.exporters.registry import FORMATS
from models import DatasetExport, JobKind, Origin, Recording
from models.base import now
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.datasets import exported
from services.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from services.export_service import KEEP_EXPORTS, ExportService
from services.files import room
from services.housekeeping_service import HousekeepingService
from services.import_service import ImportService
from services.importing.sources import SourceFile
from services.job_service import JobService
from services.recording_service import RecordingService
from services.runtime import artefacts, unit_of_work
from storage.archive import KEY
from tests import factories


@pytest.fixture
def dataset_id(session, analyst) -> int:
    """Three recordings; a bearing of a machine is known of the first."""
    data = factories.dataset(session, owner_id=analyst.user_id, name="pumps: A/B")
    housing = factories.bearing(session, name="6205")
    known = {"bearing_id": housing.id, "speed_rpm": 1500.0, "speed_source": "file", "load": "2 hp"}
    made = [
        factories.recording(session, dataset_id=data.id, attributes={"size": 7.5}, **given)
        for given in (known, {}, {})
    ]
    labels = {one.id: "inner" if one.bearing_id else None for one in made}
    factories.version(session, labels, data.id)
    return data.id


def test_writes_a_version_to_the_store(dataset_id, session):
    made = ExportService.make_export(dataset_id)
    assert made["file_name"] == "pumps_A_B_v1_hdf5.h5"
    assert made["version"] == 1
    assert made["kept_until"] - made["created_at"] == KEEP_EXPORTS
    found = ExportService.open_export(made["id"])
    assert found["path"].stat().st_size == made["size"]
    with h5py.File(found["path"]) as file:
        first = file["recordings/000001"]
        assert first.attrs["label"] == "inner"
        assert first.attrs["bearing"] == "6205"
        assert first.attrs["machine"].startswith("pump")
        assert "label" not in file["recordings/000002"].attrs
        assert len(file["recordings"]) == 3
        assert np.abs(first["samples"]).max() == pytest.approx(1, abs=0.01)


def test_pages_through_many_recordings(dataset_id, monkeypatch, tmp_path):
    monkeypatch.setattr(exported, "PAGE", 2)
    told = []
    ExportService.write_file(dataset_id, tmp_path / "x.h5", report=told.append)
    assert len(told) == 3
    assert told[-1].fraction == 1


def test_an_export_that_is_made_again_is_the_same(dataset_id, session):
    one, two = (ExportService.make_export(dataset_id)["id"] for _ in range(2))
    assert one == two
    assert session.scalar(select(func.count()).select_from(DatasetExport)) == 1


def test_submits_one_job_for_the_same(dataset_id, sent):
    job_id = ExportService.submit_export(dataset_id)
    job = JobService.get_job(job_id)
    assert job["kind"] == JobKind.EXPORT_DATASET
    assert job["subject"] == f"dataset:{dataset_id}"
    with pytest.raises(Conflict, match="exported so already"):
        ExportService.submit_export(dataset_id, 1)


def test_refuses_what_cannot_be_exported(dataset_id, session, analyst):
    empty = factories.dataset(session, owner_id=analyst.user_id).id
    with pytest.raises(Invalid, match="no recordings"):
        ExportService.submit_export(empty)
    with pytest.raises(Invalid, match="hdf5"):
        ExportService.submit_export(dataset_id, format="xls")
    with pytest.raises(NotFound):
        ExportService.submit_export(dataset_id, 9)
    with pytest.raises(NotFound):
        ExportService.list_exports(10_000)
    with pytest.raises(NotFound):
        ExportService.open_export(10_000)
    with pytest.raises(NotFound):
        ExportService.delete_export(10_000)


FOREIGN = ["/etc", "../up", "exports/../b", "", ".", "a\\..\\b", "recordings", "exports/a b"]
FOREIGN += ["exports/\0", "exports/a\nb", "exports/*", "exports/.a", "exports/" + "x" * 5000]


@pytest.mark.parametrize("folder", FOREIGN)
def test_refuses_folders_that_are_not_cleaned_up_or_that_a_backup_does_not_take(dataset_id, folder):
    with pytest.raises(Invalid, match="must be “exports” or one below it"):
        ExportService.make_export(dataset_id, output_dir=folder)


def test_a_folder_below_that_of_exports_is_named_in_the_key(dataset_id):
    made = ExportService.make_export(dataset_id, output_dir="exports/monthly")
    assert made["artefact_key"].startswith("exports/monthly/")
    assert re.fullmatch(KEY, made["artefact_key"])


def test_refuses_before_the_disk_is_full(dataset_id, server):
    room.measure_with(server, lambda _folder: (10**9, 10**9, 0))
    with pytest.raises(Unavailable, match="no room for"):
        ExportService.submit_export(dataset_id)


def test_estimates_the_size(dataset_id):
    size = ExportService.make_export(dataset_id)["size"]
    assert 0.5 < ExportService.estimate_size(dataset_id) / size < 3


def test_viewers_download_and_make_nothing(dataset_id, viewer):
    export_id = ExportService.make_export(dataset_id)["id"]
    with acting_as(viewer):
        assert ExportService.open_export(export_id)["path"].exists()
        with pytest.raises(Forbidden):
            ExportService.submit_export(dataset_id)
        with pytest.raises(Forbidden):
            ExportService.delete_export(export_id)


def test_deletes_the_file_with_the_last_export_of_it(dataset_id, session):
    made = ExportService.make_export(dataset_id)
    path = ExportService.open_export(made["id"])["path"]
    row = session.get_one(DatasetExport, made["id"])
    twin = DatasetExport(
        version_id=row.version_id,
        format="hdf5",
        file_name="twin.h5",
        size=row.size,
        artefact_key=row.artefact_key,
        owner_id=row.owner_id,
    )
    session.add(twin)
    session.flush()
    ExportService.delete_export(made["id"])
    assert path.exists()
    ExportService.delete_export(twin.id)
    assert not path.exists()
    assert ExportService.list_exports(dataset_id) == []


def test_old_exports_go(dataset_id, session, admin):
    one = ExportService.make_export(dataset_id)
    path = ExportService.open_export(one["id"])["path"]
    assert ExportService.delete_old() == 0
    session.get_one(DatasetExport, one["id"]).created_at = now() - KEEP_EXPORTS - timedelta(1)
    session.flush()
    assert HousekeepingService.clean_up()["exports"] == 1
    assert not path.exists()


def test_the_method_of_the_specification(dataset_id):
    key = DatasetService.export_dataset(dataset_id, "csv", "exports/handed-over")
    assert key.startswith("exports/handed-over/")
    assert artefacts().exists(key)
    assert DatasetService.export_dataset(10_000) is None
    with pytest.raises(Invalid, match="or one below it"):
        DatasetService.export_dataset(dataset_id, output_dir="/etc")


def test_the_rows_go_with_their_data_set(dataset_id, session):
    ExportService.make_export(dataset_id)
    DatasetService.delete_dataset(dataset_id)
    with unit_of_work(writing=False) as reading:
        assert reading.scalar(select(func.count()).select_from(DatasetExport)) == 0


def known(dataset_id: int) -> list[tuple[object, ...]]:
    """What must survive: content, label, facts, attributes, origin."""
    names = ("name", "content_hash", "label", "machine", "bearing", "load", "speed_rpm")
    more = ("speed_source", "sample_rate_hz", "sample_count", "origin")
    return sorted(
        (
            *(one[name] for name in (*names, *more)),
            *(repr(one[name]) for name in ("attributes", "channels")),
        )
        for one in RecordingService.list_recordings(dataset_id)
    )


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_an_export_is_imported_as_it_was(dataset_id, session, tmp_path, name):
    rows = RecordingService.list_recordings(dataset_id)
    odd = session.get_one(Recording, rows[1]["id"])
    odd.name, odd.origin, odd.speed_source = "=rig/ü " + "x" * 190, Origin.GENERATED, "generated"
    odd.speed_rpm = 60.1
    slow = {"code": "implausible_rate", "message": "Slow.", "channel": None, "value": 2.0}
    odd.warnings = [slow]
    session.flush()
    suffix = next(one.suffix for one in FORMATS if one.name == name)
    path = tmp_path / f"export{suffix}"
    ExportService.write_file(dataset_id, path, format=name)
    fresh = DatasetService.create(f"from {name}")
    result = ImportService.import_files([SourceFile("", path.name, path)], fresh)
    assert result["imported"] == 3, result
    assert known(fresh) == known(dataset_id)
    # What is found anew in the samples stands beside what was known.
    warned = [one["warnings"] for one in RecordingService.list_recordings(fresh)]
    assert [slow in warnings for warnings in warned].count(True) == 1
