from __future__ import annotations

import pytest

from models import Origin
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signals.bearings import bearing_choices, find_bearing
from tests import factories

GEOMETRY = {"roller_count": 9, "roller_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}
# As the Case Western Reserve University Bearing Data Center publishes them for the 6205.
PUBLISHED = {"BPFO": 3.5848, "BPFI": 5.4152, "BSF": 4.7135 / 2, "FTF": 0.39828}


@pytest.fixture
def rig(analyst):
    """A recording of a bearing with geometry, and another bearing beside it without."""
    with unit_of_work() as session:
        machine = factories.machine(session, name="fan")
        given = {"machine_id": machine.id}
        known = factories.bearing(session, **given, name="A", **GEOMETRY, contact_angle_deg=0.0)
        listed = factories.bearing(session, **given, name="B", designation="6205-2rs jem")
        unknown = factories.bearing(session, **given, name="C", roller_count=9)
        recordings = [
            factories.recording(session, **given, bearing_id=one.id).id
            for one in (known, listed, unknown)
        ]
        return {
            "known": recordings[0],
            "listed": recordings[1],
            "unknown": recordings[2],
            "alone": factories.recording(session).id,
            "bearing": known.id,
        }


def test_the_geometry_of_the_recording_s_own_bearing(rig):
    found = find_bearing(rig["known"], "recording")
    assert found.title == "A"
    assert "entered for fan" in found.told
    assert found.orders == pytest.approx(PUBLISHED, rel=2e-4)
    assert find_bearing(rig["unknown"], f"bearing:{rig['bearing']}").orders == found.orders


def test_a_type_of_the_catalogue_is_enough(rig):
    found = find_bearing(rig["listed"], "recording")
    assert "SKF 6205-2RS JEM in the catalogue" in found.told
    assert found.orders == pytest.approx(PUBLISHED, rel=2e-4)
    for chosen in ("6205-2RS JEM", "SKF 6205-2RS JEM"):
        assert find_bearing(rig["alone"], chosen).orders == found.orders


def test_it_is_said_why_there_are_no_orders(rig):
    unknown = find_bearing(rig["unknown"], "recording")
    assert unknown.orders == {}
    assert "nor the geometry of C is known" in unknown.told
    assert unknown.machine_id is not None
    assert find_bearing(rig["known"], "recording").machine_id is None
    assert "no bearing" in find_bearing(rig["alone"], "recording").told
    assert find_bearing(rig["known"], "none").orders == {}


def test_a_missing_contact_angle_is_said(rig):
    with unit_of_work() as session:
        number = factories.bearing(session, **GEOMETRY).id
    found = find_bearing(rig["alone"], f"bearing:{number}")
    assert found.told.endswith("contact angle not known, 0° taken.")


def test_generated_recordings_know_what_they_were_made_with(analyst):
    config = {"geometry": {"rolling_elements": 9, "element_diameter_mm": 7.94,
                           "pitch_diameter_mm": 39.04, "contact_angle_deg": 0.0}}  # fmt: skip
    with unit_of_work() as session:
        for provenance in ({"config": config}, {"config": {}}):
            data = factories.dataset(session, provenance=provenance)
            bearing = factories.bearing(session, name="ball-01")
            made = factories.recording(
                session, dataset_id=data.id, origin=Origin.GENERATED, bearing_id=bearing.id
            )
            found = find_bearing(made.id, "recording")
            assert bool(found.orders) == bool(provenance["config"])
            if found.orders:
                assert "made with" in found.told


def test_the_list_has_own_bearings_with_geometry_and_the_catalogue(rig):
    choices = bearing_choices(rig["known"])
    assert choices[0] == {"value": "recording", "title": "that of the recording: A"}
    titles = [one["title"] for one in choices]
    assert titles[1:4] == ["none", "own: A", "own: B (6205-2rs jem)"]
    assert "SKF 6205-2RS JEM" in titles
    assert bearing_choices(rig["alone"])[0]["title"].endswith("(not known)")


def test_what_is_not_there(rig):
    for absent in ("bearing:999", "bearing:x", f"bearing:{'9' * 40}"):
        with pytest.raises(NotFound):
            find_bearing(rig["known"], absent)
    with pytest.raises(Invalid, match="catalogue has no bearing"):
        find_bearing(rig["known"], "6205 of nobody")
    for gone in (lambda: find_bearing(999, "none"), lambda: bearing_choices(999)):
        with pytest.raises(NotFound):
            gone()
