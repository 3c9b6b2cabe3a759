from __future__ import annotations

import pytest

from diagnostics.progress import silent
from services.dataset_service import DatasetService
from services.errors import NotFound
from services.upload_service import UploadService
from tasks.imports import import_recordings, preview_import
from tests.unit.services.test_upload_service import append


def uploaded(name, content):
    upload = UploadService.begin(name, len(content))
    return append(upload, 0, content)["id"]


@pytest.fixture
def uploads(analyst):
    return [uploaded("good.csv", b"1\n2\n3\n" * 20), uploaded("bad.mat", b"nonsense")]


def test_preview_names_every_file(uploads):
    files = preview_import(silent, uploads, "")["files"]
    assert [(f["file_name"], bool(f["error"])) for f in files] == [
        ("good.csv", False),
        ("bad.mat", True),
    ]


def test_import_takes_what_is_good_and_keeps_the_rest_for_another_try(uploads):
    dataset_id = DatasetService.create("pumps")
    typed = {"sample_rate_hz": 100, "unit": "V"}
    result = import_recordings(silent, uploads, dataset_id, "", typed, {})
    assert (result["imported"], result["refused_files"]) == (1, 1)
    assert [upload["file_name"] for upload in UploadService.list_own()] == ["bad.mat"]


def test_files_that_are_gone_are_named(analyst):
    with pytest.raises(NotFound, match="Upload them again"):
        preview_import(silent, ["gone"], "")
