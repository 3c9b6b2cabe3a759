from __future__ import annotations

import numpy as np
import pytest
from scipy.io import savemat
from sqlalchemy import select

from diagnostics.signals.recording_file import open_recording
from models import Bearing, JobKind, Recording
from services.actor import Actor, acting_as
from services.dataset_service import DatasetService
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.import_service import ImportService
from services.importing.sources import SourceFile
from services.job_service import JobService
from services.runtime import artefacts, unit_of_work
from services.signal_overlay_service import SignalOverlayService
from services.upload_service import UploadService
from tests import factories
from tests.unit.services.test_upload_service import append

NOISE = np.random.default_rng(0).normal(size=(3, 500))
TYPED = {"sample_rate_hz": 1000, "unit": "g"}


@pytest.fixture
def dataset_id(analyst):
    return DatasetService.create("pumps")


@pytest.fixture
def files(tmp_path):
    """A sound file of each kind and broken ones, under the names that people gave them."""

    def make(name, content=None, **arrays):
        path = tmp_path / str(len(list(tmp_path.glob("*.up"))))
        path = path.with_suffix(".up")
        if name.endswith(".mat") and arrays:
            with path.open("wb") as file:
                savemat(file, arrays)
        elif name.endswith(".npz"):
            with path.open("wb") as file:
                np.savez(file, **arrays)
        else:
            path.write_bytes(content or b"")
        return SourceFile(f"key of {name}", name, path)

    return make


def classes(dataset_id):
    return DatasetService.get_dataset_statistics(dataset_id)["classes"]


def recordings():
    with unit_of_work(writing=False) as session:
        return {r.name: r for r in session.scalars(select(Recording))}


def test_one_bad_file_does_not_stop_the_others(dataset_id, files):
    sources = [
        files("set/empty.csv", b""),
        files("ball/a.mat", x=NOISE[0], fs=1000),
        files("ball/cut.mat", b"MATLAB 5.0"),
        files("nan.mat", x=np.r_[NOISE[0], np.nan]),
    ]
    result = ImportService.import_files(
        sources, dataset_id, shared={"unit": "g", "sample_rate_hz": 1000, "pattern": "{label}/*"}
    )
    assert (result["imported"], result["refused_files"], result["version"]) == (1, 3, 1)
    assert [file["sentence"] for file in result["files"]] == [
        "Not imported: The file is empty.",
        "1 recording imported.",
        "Not imported: The MATLAB file is broken or cut off.",
        "Not imported: 1 of 501 samples of the channel x are not finite. Remove or replace them.",
    ]
    assert classes(dataset_id) == {"ball": 1}


def test_a_recording_keeps_what_is_known_and_where_the_speed_is_from(dataset_id, files):
    sources = [files("a.mat", x=NOISE[0], fs=1000, rpm=1500), files("b.mat", x=NOISE[1], fs=1000)]
    own = {"key of b.mat": {"speed_rpm": 900, "load": "2 hp", "machine": "rig", "bearing": "b1"}}
    ImportService.import_files(sources, dataset_id, shared={"unit": "mm/s"}, own=own)
    first, second = recordings()["a"], recordings()["b"]
    assert (first.speed_rpm, first.speed_source) == (1500.0, "file")
    assert (second.speed_rpm, second.speed_source, second.load) == (900.0, "typed", "2 hp")
    assert second.bearing_id is not None
    assert (first.importer, first.source_file) == ("matlab", "a.mat")
    with open_recording(artefacts().local_path(first.artefact_key)) as file:
        np.testing.assert_array_equal(file.read_all().samples, NOISE[:1])


def test_lines_of_a_published_bearing_are_known_at_once(dataset_id, files):
    source = files("12k_DE_OR007@6_0.mat", X130_DE_time=NOISE[0], X130RPM=1797)
    ImportService.import_files([source], dataset_id)
    [made] = recordings().values()
    overlay = SignalOverlayService.overlay(made.id, 0)
    assert overlay["bearing"] == "drive end outer race 7 mil (SKF 6205-2RS JEM)"
    found = {one["kind"]: one["frequency_hz"] for one in overlay["orders"]}
    assert found["BPFO"] == pytest.approx(3.5848 * 1797 / 60, abs=0.02)


def test_of_a_bearing_that_was_typed_a_profile_knows_nothing(dataset_id, files):
    source = files("12k_DE_OR007@6_0.mat", X130_DE_time=NOISE[0], X130RPM=1797)
    own = {"key of 12k_DE_OR007@6_0.mat": {"bearing": "mine"}}
    ImportService.import_files([source], dataset_id, own=own)
    [made] = recordings().values()
    assert "of mine is known" in SignalOverlayService.overlay(made.id, 0)["bearing_told"]


def test_a_bearing_of_an_earlier_import_gets_its_type_with_the_next(dataset_id, files):
    source = files("12k_DE_OR007@6_0.mat", X130_DE_time=NOISE[0], X130RPM=1797)
    ImportService.import_files([source], dataset_id)
    [made] = recordings().values()
    name_it(made.bearing_id, "")
    with unit_of_work() as session:
        other = factories.user(session)
        stranger = Actor(other.id, other.role, frozenset(), "page")
    with acting_as(stranger):
        ImportService.import_files([source], DatasetService.create("theirs"))
    assert not SignalOverlayService.overlay(made.id, 0)["orders"]
    ImportService.import_files([source], dataset_id)
    assert SignalOverlayService.overlay(made.id, 0)["bearing"].endswith("(SKF 6205-2RS JEM)")
    name_it(made.bearing_id, "own make")
    ImportService.import_files([source], dataset_id)
    assert SignalOverlayService.overlay(made.id, 0)["bearing"].endswith("(own make)")


def name_it(bearing_id, designation):
    with unit_of_work() as session:
        session.get_one(Bearing, bearing_id).designation = designation


def test_what_is_not_declared_is_asked_for(dataset_id, files):
    source = files("a.mat", x=NOISE[0])
    (preview,) = ImportService.preview_files([source])
    assert preview["missing"] == ["sample_rate_hz", "unit"]
    result = ImportService.import_files([source], dataset_id)
    assert "sampling rate is not in the file" in result["files"][0]["sentence"]
    assert result["version"] is None
    done = ImportService.import_files([source], dataset_id, own={"key of a.mat": TYPED})
    assert done["imported"] == 1


def test_the_same_file_again_adds_nothing(dataset_id, files):
    source = files("a.mat", x=NOISE[0])
    ImportService.import_files([source], dataset_id, shared=TYPED)
    again = ImportService.import_files([source], dataset_id, shared=TYPED)
    assert again["version"] is None
    assert again["files"][0]["sentence"] == "1 recording is in the data set already."


def test_a_companion_describes_and_is_not_imported(dataset_id, files):
    table = b"record,fs,rpm_measured\nIR007_0,12000,1796\nB007_0,12000,1797\n"
    sources = [files("x.npz", IR007_0=NOISE[0], B007_0=NOISE[1]), files("x.csv", table)]
    previews = ImportService.preview_files(sources)
    assert [p["describes"] for p in previews] == [None, "x.npz"]
    assert previews[0]["profile"] == "cwru"
    result = ImportService.import_files(sources, dataset_id)
    assert result["files"][0]["sentence"] == "2 recordings imported."
    assert "describes x.npz" in result["files"][1]["sentence"]
    assert classes(dataset_id) == {"ball": 1, "inner race": 1}


def test_a_broken_recording_in_a_file_leaves_the_others(dataset_id, files):
    source = files("x.npz", good=NOISE[0], bad=np.full(500, np.nan))
    result = ImportService.import_files([source], dataset_id, shared=TYPED)
    assert result["imported"] == 1
    assert "bad: 500 of 500 samples" in result["files"][0]["sentence"]


def test_warnings_are_told_and_kept(dataset_id, files):
    source = files("a.mat", one=NOISE[0], two=2 * NOISE[0])
    (preview,) = ImportService.preview_files([source])
    codes = [warning["code"] for warning in preview["recordings"][0]["warnings"]]
    assert codes == ["identical_channels", "no_speed"]
    result = ImportService.import_files([source], dataset_id, shared=TYPED)
    assert len(result["files"][0]["warnings"]) == 2
    assert result["files"][0]["warning_count"] == 2
    assert [w["code"] for w in recordings()["a"].warnings] == codes


def test_a_warning_of_many_recordings_is_told_once_and_hides_no_other(dataset_id, files):
    others = {f"r{number}": (1 + number) * NOISE[0] for number in range(60)}
    source = files("x.npz", clipped=np.clip(NOISE[0], -0.5, 0.5), **others)
    result = ImportService.import_files([source], dataset_id, shared=TYPED)
    warnings = result["files"][0]["warnings"]
    assert [one for one in warnings if one.endswith("(61 recordings)")]
    assert [one for one in warnings if one.startswith("clipped: ")]


def test_progress_is_reported(dataset_id, files):
    told = []
    ImportService.import_files(
        [files("a.mat", x=NOISE[0])], dataset_id, shared=TYPED, report=told.append
    )
    assert {progress.stage for progress in told} == {"read and store", "write the version"}


@pytest.mark.parametrize(
    "typed",
    [{"sample_rate_hz": "fast"}, {"sample_rate_hz": -1}, {"unit": "kg"}, {"colour": "red"},
     {"pattern": "{label"}, {"pattern_on": "moon", "pattern": "{label}"}, {"speed_rpm": 1e9},
     {"label": "x" * 200}],
)  # fmt: skip
def test_typed_values_are_checked(dataset_id, files, typed):
    with pytest.raises(Invalid):
        ImportService.import_files([files("a.mat", x=NOISE[0])], dataset_id, shared=typed)


def test_patterns_can_be_tried():
    with acting_as(None), pytest.raises(Forbidden):
        ImportService.try_pattern("{label}", ["a"])


def test_patterns_show_what_they_find(analyst):
    assert ImportService.try_pattern("{label}_*", ["ball_1.mat", "x.mat"]) == [
        {"name": "ball_1.mat", "found": {"label": "ball"}},
        {"name": "x.mat", "found": None},
    ]
    with pytest.raises(Invalid):
        ImportService.try_pattern("{", ["a"])


def uploaded(name="a.csv", content=b"1\n2\n3\n" * 20):
    upload = UploadService.begin(name, len(content))
    return append(upload, 0, content)["id"]


def test_jobs_are_submitted_for_complete_uploads(dataset_id, sent):
    upload_id = uploaded()
    preview = ImportService.start_preview([upload_id])
    job_id = ImportService.start_import([upload_id], dataset_id, shared=TYPED)
    with pytest.raises(Conflict, match="being imported already"):  # a second click
        ImportService.start_import([upload_id], None, new_dataset="another")
    assert sent == [(JobKind.PREVIEW_IMPORT, preview), (JobKind.IMPORT_RECORDINGS, job_id)]
    job = JobService.get_job(job_id)
    assert (job["title"], job["subject"]) == ("Import of a.csv", f"dataset:{dataset_id}")


def test_what_cannot_work_is_refused_before_a_job_is_made(dataset_id, sent):
    upload_id = uploaded()
    incomplete = UploadService.begin("b.csv", 9)["id"]
    for error, start in (
        (Invalid, lambda: ImportService.start_preview([])),
        (Invalid, lambda: ImportService.start_import([], dataset_id)),
        (Invalid, lambda: ImportService.start_preview([upload_id], "nonsense")),
        (Conflict, lambda: ImportService.start_preview([incomplete])),
        (NotFound, lambda: ImportService.start_preview(["other"])),
        (NotFound, lambda: ImportService.start_import([upload_id], 999)),
        (Invalid, lambda: ImportService.start_import([upload_id], dataset_id, shared={"unit": 1})),
    ):
        with pytest.raises(error):
            start()
    assert sent == []
