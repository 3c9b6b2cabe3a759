from __future__ import annotations

import pytest

from services.actor import Actor, acting_as
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.machine_service import MachineService
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def machine_id(analyst):
    return MachineService.save_machine(" Pump  7 ", "in hall 3")


def test_a_machine_with_all_that_belongs_to_it(machine_id):
    point_id = MachineService.add_point(machine_id, "drive end")
    MachineService.add_channel(point_id, "horizontal", "mm/s", "x")
    geometry = {"roller_count": 9, "roller_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}
    bearing_id = MachineService.save_bearing(
        machine_id, "6205", {**geometry, "contact_angle_deg": 0.0, "point_id": point_id}
    )
    with unit_of_work() as session:
        factories.recording(session, machine_id=machine_id, bearing_id=bearing_id)
    found = MachineService.get_machine(machine_id)
    assert (found["name"], found["description"]) == ("Pump 7", "in hall 3")
    assert found["points"][0]["channels"][0]["unit"] == "mm/s"
    (bearing,) = found["bearings"]
    assert (bearing["point"], bearing["roller_count"]) == ("drive end", 9)
    assert bearing["recording_count"] == 1
    (listed,) = MachineService.list_machines()
    assert (listed["point_count"], listed["bearing_count"], listed["recording_count"]) == (1, 1, 1)
    assert MachineService.count_machines() == 1


def test_changes(machine_id):
    assert MachineService.save_machine("Pump 8", "", machine_id) == machine_id
    bearing_id = MachineService.save_bearing(machine_id, "6205")
    MachineService.save_bearing(machine_id, "6206", {"designation": "SKF 6206"}, bearing_id)
    found = MachineService.get_machine(machine_id)
    assert found["name"] == "Pump 8"
    assert [(b["name"], b["designation"]) for b in found["bearings"]] == [("6206", "SKF 6206")]


def test_names_are_unique_where_they_must_be(machine_id):
    other = MachineService.save_machine("other")
    point_id = MachineService.add_point(machine_id, "p")
    MachineService.add_point(other, "p")
    MachineService.add_channel(point_id, "c", "g")
    MachineService.save_bearing(machine_id, "b")
    MachineService.save_bearing(other, "b")
    for again in (
        lambda: MachineService.save_machine("Pump 7"),
        lambda: MachineService.save_machine("Pump 7", "", other),
        lambda: MachineService.add_point(machine_id, "p"),
        lambda: MachineService.add_channel(point_id, "c", "g"),
        lambda: MachineService.save_bearing(machine_id, "b"),
    ):
        with pytest.raises(Conflict):
            again()


@pytest.mark.parametrize(
    "known",
    [{"roller_count": 0}, {"roller_count": 2}, {"roller_count": 8.5}, {"roller_count": 10**9},
     {"roller_diameter_mm": -1.0}, {"pitch_diameter_mm": 1e9}, {"contact_angle_deg": 90.0},
     {"roller_diameter_mm": 40.0, "pitch_diameter_mm": 39.0}],
)  # fmt: skip
def test_dimensions_that_cannot_be_are_refused(machine_id, known):
    with pytest.raises(Invalid):
        MachineService.save_bearing(machine_id, "b", known)


def test_orders_follow_from_a_complete_geometry(machine_id):
    known = {"roller_count": 9, "roller_diameter_mm": 7.94, "pitch_diameter_mm": 39.04}
    orders = MachineService.compute_orders(known)
    # Of the 6205 of the Case Western Reserve University Bearing Data Center; a ball strikes twice.
    assert orders == pytest.approx(
        {"BPFO": 3.5848, "BPFI": 5.4152, "BSF": 4.7135 / 2, "FTF": 0.39828}, rel=2e-4
    )
    assert MachineService.compute_orders({**known, "contact_angle_deg": 20.0})["BPFO"] > 3.6
    assert MachineService.compute_orders({"roller_count": 9}) == {}
    with pytest.raises(Invalid, match="3 to 500 rollers"):
        MachineService.compute_orders({**known, "roller_count": 1})
    MachineService.save_bearing(machine_id, "A", known)
    MachineService.save_bearing(machine_id, "B")
    found = MachineService.get_machine(machine_id)["bearings"]
    assert [one["orders"] for one in found] == [orders, {}]


def test_a_geometry_is_given_to_the_bearings_that_have_none(machine_id):
    known = {"designation": "6205", "roller_count": 9, "roller_diameter_mm": 7.94,
             "pitch_diameter_mm": 39.04}  # fmt: skip
    source = MachineService.save_bearing(machine_id, "A", known)
    MachineService.save_bearing(machine_id, "B")
    begun = MachineService.save_bearing(machine_id, "C", {"roller_count": 8})
    MachineService.save_bearing(machine_id, "D", {"designation": "6206"})
    assert MachineService.copy_geometry(machine_id, source) == 1
    found = {one["name"]: one for one in MachineService.get_machine(machine_id)["bearings"]}
    assert found["B"]["orders"] == found["A"]["orders"]
    assert (found["B"]["designation"], found["D"]["orders"]) == ("6205", {})
    assert (found["C"]["roller_count"], found["C"]["orders"]) == (8, {})
    with pytest.raises(Invalid, match="not known"):
        MachineService.copy_geometry(machine_id, begun)
    other = MachineService.save_machine("other")
    with pytest.raises(NotFound):
        MachineService.copy_geometry(other, source)


def test_bearings_that_nobody_described_get_a_type_of_the_catalogue(machine_id):
    MachineService.save_bearing(machine_id, "A")
    MachineService.save_bearing(machine_id, "B", {"roller_count": 8})
    MachineService.save_bearing(machine_id, "C", {"designation": "own make"})
    assert MachineService.name_type(machine_id, "6205-2RS JEM") == 1
    found = {one["name"]: one for one in MachineService.get_machine(machine_id)["bearings"]}
    assert found["A"]["designation"] == found["A"]["listed"] == "SKF 6205-2RS JEM"
    assert found["A"]["orders"]["BPFO"] == pytest.approx(3.5848, abs=1e-4)
    assert [found[name]["designation"] for name in "BC"] == ["", "own make"]
    assert not any(one["is_bare"] for one in found.values())
    with pytest.raises(Invalid, match="catalogue"):
        MachineService.name_type(machine_id, "none such")


def test_a_type_of_the_catalogue_can_be_copied_like_a_geometry(machine_id):
    source = MachineService.save_bearing(machine_id, "A", {"designation": "6205-2RS JEM"})
    MachineService.save_bearing(machine_id, "B")
    assert MachineService.copy_geometry(machine_id, source) == 1
    assert MachineService.copy_geometry(machine_id, source) == 0


def test_a_bearing_without_recordings_can_be_deleted(machine_id):
    spare = MachineService.save_bearing(machine_id, "spare")
    used = MachineService.save_bearing(machine_id, "used")
    with unit_of_work() as session:
        factories.recording(session, machine_id=machine_id, bearing_id=used)
    MachineService.delete_bearing(machine_id, spare)
    with pytest.raises(Conflict, match="1 recording and stays"):
        MachineService.delete_bearing(machine_id, used)
    with pytest.raises(NotFound):
        MachineService.delete_bearing(machine_id, spare)
    assert [one["name"] for one in MachineService.get_machine(machine_id)["bearings"]] == ["used"]


def test_what_is_not_there(machine_id):
    other = MachineService.save_machine("other")
    foreign = MachineService.add_point(other, "p")
    bearing = MachineService.save_bearing(other, "b")
    for absent in (
        lambda: MachineService.get_machine(999),
        lambda: MachineService.add_point(999, "p"),
        lambda: MachineService.add_channel(999, "c", "g"),
        lambda: MachineService.save_bearing(machine_id, "b", {"point_id": foreign}),
        lambda: MachineService.save_bearing(machine_id, "b", {}, bearing),
    ):
        with pytest.raises(NotFound):
            absent()
    with pytest.raises(Invalid, match="unit"):
        MachineService.add_channel(foreign, "c", "kg")
    with pytest.raises(Invalid, match="name"):
        MachineService.save_machine(" ")


def test_only_owner_and_admin_change(machine_id, viewer):
    with unit_of_work() as session:
        other = factories.user(session)
        stranger = Actor(other.id, other.role, frozenset(), "page")
    for who in (viewer, stranger):
        with acting_as(who):
            assert MachineService.get_machine(machine_id)["name"] == "Pump 7"
            for change in (
                lambda: MachineService.save_machine("x", "", machine_id),
                lambda: MachineService.add_point(machine_id, "x"),
                lambda: MachineService.save_bearing(machine_id, "x"),
            ):
                with pytest.raises(Forbidden):
                    change()


def test_names_can_be_shown(analyst):
    with pytest.raises(Invalid, match="can be shown"):
        MachineService.save_machine("pump\u202e7")
