from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from models import Origin, Recording
from models.base import now
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict
from services.files import kept_files
from services.runtime import artefacts, unit_of_work
from tests import factories

pytestmark = pytest.mark.database


def aged(key):
    """As if the file had been written two days ago."""
    moment = (now() - timedelta(days=2)).timestamp()
    os.utime(artefacts().local_path(key), (moment, moment))
    return key


def test_every_column_that_names_a_file_is_known():
    assert {str(column) for column in kept_files.key_columns()} >= {
        "recordings.artefact_key",
        "explanations.artefact_key",
        "dataset_exports.artefact_key",
        "experiments.checkpoint_key",
        "experiments.predictions_key",
        "experiments.report_key",
    }


@pytest.mark.parametrize("folder", kept_files.FOLDERS)
def test_old_files_without_a_row_go_wherever_they_lie(admin, folder):
    old, young = aged(artefacts().put(folder, ".x", b"old")), artefacts().put(folder, ".x", b"new")
    piece = f"{old}.0123.part"  # as a worker leaves it that is lost while it puts the file
    Path(f"{artefacts().local_path(old)}.0123.part").write_bytes(b"half")
    aged(piece)
    assert kept_files.delete_orphans() == 2
    assert [artefacts().exists(key) for key in (old, piece, young)] == [False, False, True]


def test_what_a_row_names_stays(admin):
    with unit_of_work() as session:
        made = factories.recording(session)
        key = aged(made.artefact_key)
    assert kept_files.delete_orphans() == kept_files.delete_unnamed([key]) == 0
    assert artefacts().exists(key)


def test_a_name_in_any_table_counts(admin):
    """The key is the same when the bytes are: a report may be named by two experiments."""
    with unit_of_work() as session:
        made = factories.experiment(session)
        made.report_key = artefacts().put("reports", ".json", b"{}")
        key = aged(made.report_key)
    assert kept_files.delete_unnamed([key]) == 0


def test_no_row_is_written_for_a_file_that_was_cleaned_away(admin):
    samples = store_samples(factories.sine(), About("a", Origin.IMPORTED))
    kept_files.delete_unnamed([samples.artefact_key])
    with unit_of_work() as session, pytest.raises(Conflict, match="cleaned away"):
        kept_files.hold(session, samples.artefact_key)


def test_a_file_that_is_put_again_while_it_is_deleted_is_there_afterwards(admin, server):
    """Whoever writes the row waits for the one who deletes, and puts the file again."""
    key = aged(artefacts().put("explanations", ".npz", b"same"))
    looked, asked, over = threading.Event(), threading.Event(), threading.Event()

    def write():
        with server.app_context():
            assert looked.wait(60)
            asked.set()
            with unit_of_work() as session:  # waits for the lock of the one who deletes
                kept_files.hold(session)
                named = artefacts().put("explanations", ".npz", b"same")
                session.add(factories.recording(session, artefact_key=named))
        over.set()

    thread = threading.Thread(target=write)
    thread.start()
    store, delete = artefacts(), artefacts().delete

    def slowly(gone):
        looked.set()
        assert asked.wait(60)
        assert not over.wait(0.3)
        delete(gone)

    store.delete = slowly
    assert kept_files.delete_unnamed([key]) == 1
    thread.join()
    assert store.exists(key)
    with unit_of_work(writing=False) as session:
        assert session.query(Recording).filter_by(artefact_key=key).count() == 1
