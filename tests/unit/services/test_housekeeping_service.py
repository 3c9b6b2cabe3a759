from __future__ import annotations

import os
from datetime import timedelta

import pytest

from models import Job, JobKind, Origin
from models.base import now
from services.actor import WORKER, acting_as
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict
from services.housekeeping_service import HousekeepingService
from services.job_runs import JobRunService
from services.runtime import artefacts, unit_of_work
from tests import factories


def stored(frequency_hz):
    return store_samples(factories.sine(frequency_hz), About("a", Origin.IMPORTED))


def aged(samples):
    """As if the file had been written two days ago."""
    moment = (now() - timedelta(days=2)).timestamp()
    os.utime(artefacts().local_path(samples.artefact_key), (moment, moment))
    return samples


def test_files_that_a_cancelled_import_left_behind_go(analyst):
    dataset_id = DatasetService.create("pumps")
    kept, orphan, young = aged(stored(10.0)), aged(stored(20.0)), stored(30.0)
    DatasetService.add_recordings(dataset_id, [kept], "import")
    with acting_as(WORKER):
        assert HousekeepingService.clean_up()["stored files without a recording"] == 1
    found = [artefacts().exists(one.artefact_key) for one in (kept, orphan, young)]
    assert found == [True, False, True]
    with pytest.raises(Conflict, match="Try again"):
        DatasetService.add_recordings(dataset_id, [orphan], "too late")


def test_the_system_cleans_once_a_day(sent):
    with acting_as(WORKER):
        job_id = JobRunService.ensure_daily(JobKind.CLEAN_UP, "Daily cleaning")
        assert sent == [(JobKind.CLEAN_UP, job_id)]
        assert JobRunService.ensure_daily(JobKind.CLEAN_UP, "Daily cleaning") is None
        with unit_of_work() as session:
            session.get(Job, job_id).created_at = now() - timedelta(hours=25)
        assert JobRunService.ensure_daily(JobKind.CLEAN_UP, "Daily cleaning") is not None
