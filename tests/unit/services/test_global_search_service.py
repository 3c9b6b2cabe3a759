from __future__ import annotations

import pytest

from models import Dataset
from models.base import now
from services.global_search_service import GlobalSearchService
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database


def test_everything_that_is_called_so_is_found(analyst):
    with unit_of_work() as session:
        machine = factories.machine(session, name="Kühlblower 3", description="hall 2")
        factories.bearing(session, machine_id=machine.id, name="blower side")
        data = factories.dataset(session, name="BLOWERS of may")
        recording = factories.recording(session, dataset_id=data.id, name="blower-17")
        version = factories.trainable_version(session, analyst.user_id)
        learned = session.get_one(Dataset, version.dataset_id).name
        made = factories.experiment(session, version_id=version.id, name="Blower by bearing")
        campaign = factories.campaign(session, version_id=version.id, name="blower search")
        expected = [
            {"kind": kind, "id": id, "name": name, "about": about}
            for kind, id, name, about in (
                ("dataset", data.id, "BLOWERS of may", ""),
                ("recording", recording.id, "blower-17", "BLOWERS of may"),
                ("machine", machine.id, "Kühlblower 3", "hall 2"),
                ("bearing", machine.id, "blower side", "Kühlblower 3"),
                ("experiment", made.id, "Blower by bearing", learned),
                ("campaign", campaign.id, "blower search", learned),
            )
        ]
    assert GlobalSearchService.find(" blower ") == expected
    assert [one["kind"] for one in GlobalSearchService.find("KÜHLB")] == ["machine"]


def test_the_newest_five_of_a_kind_are_found_and_none_that_is_archived(analyst):
    with unit_of_work() as session:
        for number in range(7):
            factories.machine(session, name=f"lathe {number}")
        old = factories.dataset(session, name="lathes", archived_at=now())
        factories.recording(session, dataset_id=old.id, name="lathe, left")
    names = [one["name"] for one in GlobalSearchService.find("lathe")]
    assert names == [f"lathe {number}" for number in (6, 5, 4, 3, 2)]


@pytest.mark.parametrize(
    "text", ["", " ", "x ", "%%", "__", "\0\0", "a\ud800", "'; --", "x" * 5000]
)
def test_what_nothing_is_called_finds_nothing(analyst, text):
    with unit_of_work() as session:
        factories.machine(session, name="lathe x")
    assert GlobalSearchService.find(text) == []
