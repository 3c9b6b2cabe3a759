from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models import (
    Alarm,
    AlarmState,
    DeliveryStatus,
    Digest,
    DigestEntry,
    Event,
    Job,
    JobKind,
    JobLogLine,
    JobStatus,
    LoginAttempt,
    Mail,
    MailAttempt,
    MailStatus,
    MetricSample,
    Notice,
    Origin,
    Upload,
    WebhookAttempt,
    WebhookDelivery,
)
from models.base import now
from services import housekeeping_service
from services.actor import WORKER, acting_as
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict
from services.files.artefacts import ArtefactStore
from services.files.staging import staging, staging_folder
from services.housekeeping_service import (
    KEEP_CHECKPOINTS,
    KEEP_JOBS,
    KEEP_LOG,
    KEEP_STATES,
    HousekeepingService,
)
from services.jobs.job_runs import JobRunService
from services.runtime import artefacts, unit_of_work
from services.upload_service import UploadService
from tasks.housekeeping import clean_up as clean_up_job
from tasks.runner import run_job
from tests import factories

pytestmark = pytest.mark.database


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
        assert HousekeepingService.clean_up()["stored files without a row"] == 1
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


DAY = timedelta(days=1)


def clean_up():
    with acting_as(WORKER):
        return HousekeepingService.clean_up()


def age(path, by=2 * DAY):
    moment = (now() - by).timestamp()
    os.utime(path, (moment, moment))
    return path


def ended_job(session, ago, **given):
    made = factories.job(session, status=JobStatus.DONE, finished_at=now() - ago, **given)
    session.add(JobLogLine(job_id=made.id, at=now() - ago, attempt=1, message="told"))
    session.flush()
    return made.id


def test_old_jobs_and_what_they_told_go_unless_something_refers_to_them(analyst):
    with unit_of_work() as session:
        silent, gone = ended_job(session, KEEP_LOG + DAY), ended_job(session, KEEP_JOBS + DAY)
        fresh = ended_job(session, KEEP_LOG - DAY)
        made = factories.experiment(session)
        trained = ended_job(session, KEEP_JOBS + DAY)
        made.job_id = trained
        waiting = factories.job(session, created_at=now() - 2 * KEEP_JOBS).id
    counted = clean_up()
    assert (counted["jobs"], counted["lines of jobs"]) == (1, 3)
    with unit_of_work(writing=False) as session:
        left = {job_id for (job_id,) in session.query(Job.id)}
        assert left >= {silent, fresh, trained, waiting}
        assert gone not in left
        assert [line.job_id for line in session.query(JobLogLine)] == [fresh]


@pytest.mark.parametrize(
    ("status", "ago", "is_trained", "stays"),
    [
        (JobStatus.RUNNING, 9 * KEEP_CHECKPOINTS, False, True),
        (JobStatus.PAUSED, 9 * KEEP_CHECKPOINTS, False, True),
        (JobStatus.FAILED, KEEP_CHECKPOINTS - DAY, False, True),
        (JobStatus.CANCELLED, KEEP_CHECKPOINTS + DAY, False, False),
        (JobStatus.DONE, DAY, True, True),
        (JobStatus.DONE, KEEP_STATES + DAY, True, False),
    ],
)
def test_checkpoints_stay_as_long_as_a_training_can_go_on(
    analyst, server, status, ago, is_trained, stays
):
    with unit_of_work() as session:
        made = factories.experiment(session)
        number, made.checkpoint_key = made.id, "models/x" if is_trained else None
        job = session.get_one(Job, made.job_id)
        job.status = status
        job.finished_at = None if status in (JobStatus.RUNNING, JobStatus.PAUSED) else now() - ago
    folder = Path(server.config["DATA_FOLDER"]) / "training"
    folder.mkdir()
    kept, strange, piece, young = (
        folder / name
        for name in (
            f"experiment-{number}.pt",
            "experiment-999.pt",
            f"experiment-{number}.pt.0123.part",
            "experiment-998.pt",
        )
    )
    for path in (kept, strange, piece, young):
        path.write_bytes(b"weights")
    for path in (kept, strange, piece):
        age(path)
    assert clean_up()["checkpoints"] == (2 if stays else 3)
    assert [path.exists() for path in (kept, strange, piece, young)] == [stays, False, False, True]


def test_what_lost_workers_and_requests_left_goes(analyst, server):
    upload = UploadService.begin("pump.csv", 10)
    uploads = Path(server.config["DATA_FOLDER"]) / "uploads"
    (uploads / "stray").write_bytes(b"x")
    left, writes = staging_folder() / "tmpleft", staging_folder() / "tmpwrites"
    for folder in (left, writes):
        folder.mkdir()
        (folder / "recording.h5").write_bytes(b"half")
    for path in (uploads / "stray", uploads / upload["id"], left / "recording.h5", left, writes):
        age(path)
    with staging() as at_work:
        counted = clean_up()
        assert at_work.exists()
    assert (counted["uploaded files without a row"], counted["files in the making"]) == (1, 1)
    assert [path.name for path in uploads.iterdir()] == [upload["id"]]
    assert [path.name for path in staging_folder().iterdir()] == ["tmpwrites"]


def test_copies_from_a_store_on_the_network_go_when_nobody_reads_them(analyst, server, tmp_path):
    store = ArtefactStore("memory://housekeeping", tmp_path / "fetched")
    server.extensions["artefacts"] = store
    read, unread = (store.put("recordings", ".h5", content) for content in (b"1", b"2"))
    for key in (read, unread):
        age(store.local_path(key), 8 * DAY)
    store.local_path(read)
    assert clean_up()["fetched copies"] == 1
    assert (tmp_path / "fetched" / read).exists()
    assert not (tmp_path / "fetched" / unread).exists()
    assert store.local_path(unread).read_bytes() == b"2"


def test_what_goes_while_the_cleaning_looks_does_not_stop_it(analyst, server, monkeypatch):
    """Work in progress gives its files another name, or takes its folder away, at any moment."""
    piece = artefacts().put("recordings", ".h5", b"new")
    for place in ("training", "staging", "uploads", "fetched"):
        folder = Path(server.config["DATA_FOLDER"]) / place / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "x.part").write_bytes(b"half")
        age(folder / "x.part")
        age(folder)
    age(artefacts().local_path(piece))
    look = os.stat

    def vanish(path, *given, **named):
        if str(path).endswith((".part", ".h5", "/tmp")):
            raise FileNotFoundError(2, "No such file or directory")
        return look(path, *given, **named)

    monkeypatch.setattr(os, "stat", vanish)
    counted = clean_up()
    assert counted["files in the making"] == counted["stored files without a row"] == 0
    assert counted["checkpoints"] == counted["fetched copies"] == 0


def test_an_upload_stays_as_long_as_a_job_is_about_to_read_it(analyst):
    upload = UploadService.begin("pump.csv", 10)["id"]
    asked = {"kind": JobKind.IMPORT_RECORDINGS, "arguments": {"upload_ids": [upload]}}
    with unit_of_work() as session:
        waiting = factories.job(session, **asked).id
        session.get_one(Upload, upload).updated_at = now() - 9 * DAY
    assert clean_up()["uploads"] == 0
    with unit_of_work() as session:
        session.get_one(Job, waiting).status = JobStatus.CANCELLED
    assert clean_up()["uploads"] == 1


def test_a_step_that_fails_is_named_and_keeps_no_other_from_its_work(analyst, monkeypatch):
    """Here two in the middle: a fault of the disk, and one of the program."""

    def refuse(*_given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(UploadService, "delete_old", refuse)
    monkeypatch.setattr(housekeeping_service, "delete_left", lambda before: 1 // 0)
    orphan = aged(stored(20.0))
    with acting_as(WORKER):
        job_id = JobRunService.ensure_daily(JobKind.CLEAN_UP, "Daily cleaning")
    run_job(job_id, clean_up_job)
    assert not artefacts().exists(orphan.artefact_key)  # by the last step
    with unit_of_work(writing=False) as session:
        job = session.get_one(Job, job_id)
        told = list(session.scalars(select(JobLogLine.message)))
    assert job.status is JobStatus.FAILED
    steps = r"2 of \d+ steps of the cleaning failed: uploads, files in the making\. The others"
    assert re.match(steps, job.error)
    assert told == ["Taken away: 1 × stored files without a row."]


def old_rows(session, days):
    """One of each kind, so many days old."""
    moment = now() - timedelta(days=days)
    session.add_all(
        [
            Event(type="a", actor="b", object="c", payload={}, created_at=moment),
            LoginAttempt(success=True, login_method="password", created_at=moment),
            MetricSample(at=moment, seconds=60, host="h", measured={}),
            MetricSample(at=moment, seconds=3_600, host="h", measured={}),
        ]
    )
    factories.alarm(session, cleared_at=moment, state=AlarmState.CLEARED)
    factories.alarm(session, first_seen_at=moment, last_seen_at=moment)


def preview():
    found = HousekeepingService.preview_cleaning()
    return {one["name"]: (one["days"], one["count"]) for one in found if one["count"]}


def test_a_dry_run_counts_what_the_cleaning_then_takes(admin, server):
    with unit_of_work() as session:
        old_rows(session, 500)
        old_rows(session, 1)
    told = {
        "sign-in attempts": (180, 1),
        "measurements": (7, 1),
        "measurements by hours": (400, 1),
    }
    assert preview() == told
    counted = clean_up()
    assert {name: counted[name] for name in told} == {name: n for name, (_, n) in told.items()}
    assert preview() == {}


def test_the_setting_says_how_long(admin, server):
    server.config["RETENTION_DAYS"] = {"events": 10, "alarms": 10, "metrics": 0}
    with unit_of_work() as session:
        old_rows(session, 11)
    assert preview() == {"events": (10, 1), "alarms": (10, 1)}
    clean_up()
    with unit_of_work(writing=False) as session:
        # What is open stays, however old.
        assert [alarm.cleared_at for alarm in session.scalars(select(Alarm))] == [None]


def test_old_deliveries_go_with_their_attempts_and_what_waits_stays(admin):
    old = {"created_at": now() - timedelta(days=91)}
    with unit_of_work() as session:
        webhook_id = factories.webhook(session).id
        given = {"webhook_id": webhook_id, **old}
        waits = factories.delivery(session, **given).id
        arrived = factories.delivery(session, **given, status=DeliveryStatus.DELIVERED).id
        session.add(WebhookAttempt(delivery_id=arrived, status=204))
        recent = factories.delivery(
            session, webhook_id=webhook_id, status=DeliveryStatus.DELIVERED
        ).id
    assert HousekeepingService.clean_up()["deliveries of webhooks"] == 1
    with unit_of_work(writing=False) as session:
        assert set(session.scalars(select(WebhookDelivery.id))) == {waits, recent}
        assert session.scalars(select(WebhookAttempt)).all() == []


def test_old_mail_goes_and_what_waits_stays(admin):
    old = {"created_at": now() - timedelta(days=91)}
    with unit_of_work() as session:
        sent = {"status": MailStatus.SENT, **old}
        read = factories.notice(session, read_at=now(), **old).id
        hidden = factories.notice(session, in_app=False, **old).id
        unread = factories.notice(session, **old).id
        gone = factories.mail(session, **sent)
        session.add(
            MailAttempt(mail_id=gone.id, number=1, provider="smtp", ok=True, seconds=1.0, answer="")
        )
        factories.mail(session, **old)
        told, waits = (factories.digest(session, **old).id for _ in range(2))
        factories.digest_entry(session, digest_id=told)
        factories.mail(session, digest_id=told, **sent)
        factories.mail(session, digest_id=waits, **old)
    counted = HousekeepingService.clean_up()
    assert (counted["mails"], counted["digests"]) == (2, 1)
    with unit_of_work(writing=False) as session:
        assert set(session.scalars(select(Mail.status))) == {MailStatus.WAITING}
        assert session.scalars(select(Digest.id)).all() == [waits]
        for table in (MailAttempt, DigestEntry):
            assert session.scalars(select(table)).all() == []
        kept = session.scalars(select(Notice.id)).all()
        assert (unread in kept, read in kept, hidden in kept) == (True, False, False)
