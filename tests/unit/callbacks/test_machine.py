from __future__ import annotations

import pytest
from dash import no_update

from callbacks import machine, machines
from layouts.machine import GEOMETRY, NOT_CHOSEN
from services.actor import acting_as
from services.errors import Invalid, NotFound
from services.machine_service import MachineService
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts = []
    for module in (machine, machines):
        monkeypatch.setattr(module, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def machine_id(analyst):
    return MachineService.save_machine("Pump 7")


def geometry(**given):
    empty = {name: NOT_CHOSEN if name == "point_id" else "" for name in GEOMETRY}
    return list({**empty, **given}.values())


def test_machines_are_listed_and_added(analyst, viewer):
    table, *_, hidden = machines.show_machines(1)
    assert "No machines yet" in str(table)
    assert not hidden
    table, *rest = machines.add_machine(1, "Pump 7", "in hall 3")
    assert "Pump 7" in str(table)
    assert rest == [1, True, "", ""]
    assert machines.add_machine(None, "x", "") == (no_update,) * 5
    with acting_as(viewer):
        assert machines.show_machines(1)[-1]


def test_points_channels_and_bearings_are_added_and_shown(machine_id):
    assert machine.add_point(1, machine_id, "drive end", 0) == (1, "")
    point_id = MachineService.get_machine(machine_id)["points"][0]["id"]
    assert machine.add_channel(1, str(point_id), "horizontal", "g", "x", 1) == (2, "")
    values = geometry(roller_count=9, point_id=str(point_id), designation="6205")
    machine.save_bearing(1, machine_id, NOT_CHOSEN, 2, "A", *values)
    shown = machine.show_machine(machine_id, 3)
    assert all(text in str(shown[1]) for text in ("horizontal [g] x", "6205", "9 rollers"))
    assert not shown[2]
    bearing_id = MachineService.get_machine(machine_id)["bearings"][0]["id"]
    filled = machine.choose_bearing(bearing_id, machine_id)
    assert filled[:4] == ("A", "6205", point_id, 9)
    machine.save_bearing(1, machine_id, bearing_id, 3, "B", *filled[1:-1])
    assert [b["name"] for b in MachineService.get_machine(machine_id)["bearings"]] == ["B"]
    assert machine.choose_bearing(NOT_CHOSEN, machine_id) == ("", *geometry(), NOT_CHOSEN)


def test_a_bearing_of_the_catalogue_fills_the_form_and_shows_its_orders(machine_id):
    *filled, source = machine.fill_from_catalogue("6205-2RS JEM")
    assert filled == ["SKF 6205-2RS JEM", 9, pytest.approx(7.94, abs=0.01), 39.0398, 0.0]
    assert "Case Western" in source
    values = dict(zip(machine.FROM_CATALOGUE, filled, strict=True))
    shown = str(machine.show_orders(*geometry(**values)))
    assert "BPFO 3.585, BPFI 5.415, BSF 2.357, FTF 0.3983" in shown
    machine.save_bearing(1, machine_id, NOT_CHOSEN, 0, "A", *geometry(**values))
    assert "BPFO 3.585" in str(machine.show_machine(machine_id, 1)[1])
    nothing = machine.fill_from_catalogue(NOT_CHOSEN)
    assert nothing == (*[no_update] * len(machine.FROM_CATALOGUE), "")


def test_a_geometry_is_used_for_all_bearings(machine_id, told):
    values = geometry(roller_count=9, roller_diameter_mm=7.94, pitch_diameter_mm=39.04)
    source = MachineService.save_bearing(machine_id, "A", machine._geometry(
        dict(zip(GEOMETRY, values, strict=True))
    ))  # fmt: skip
    MachineService.save_bearing(machine_id, "B")
    assert machine.copy_geometry(None, machine_id, source, 0) is no_update
    assert machine.copy_geometry(1, machine_id, str(source), 0) == 1
    assert told == ["Bearings that have this geometry now: 1 more."]
    with pytest.raises(Invalid, match="Choose"):
        machine.copy_geometry(1, machine_id, NOT_CHOSEN, 0)


def test_bearings_without_a_type_are_told_and_given_one(machine_id, told, viewer):
    assert machine.show_bare(machine_id, 0) == (True, "")
    assert machine.show_bare(None, 0)[0]
    assert machine.show_bare(999, 0)[0]
    for name in ("A", "B"):
        MachineService.save_bearing(machine_id, name)
    hidden, text = machine.show_bare(machine_id, 1)
    assert not hidden
    assert text.startswith("Of 2 bearings neither")
    with acting_as(viewer):
        assert machine.show_bare(machine_id, 1)[0]
    assert machine.name_type(None, machine_id, "6205-2RS JEM", 1) is no_update
    assert machine.name_type(1, machine_id, "6205-2RS JEM", 1) == 2
    assert told == ["Bearings that have this type now: 2 more."]
    assert machine.show_bare(machine_id, 2) == (True, "")
    shown = str(machine.show_machine(machine_id, 2)[1])
    assert "as in the catalogue" in shown
    assert "BPFO 3.585" in shown


def test_a_bearing_is_deleted_after_a_question(machine_id, told):
    number = MachineService.save_bearing(machine_id, "A")
    assert machine.ask_first(None, machine_id, number) == (no_update, no_update)
    with pytest.raises(Invalid, match="Choose"):
        machine.ask_first(1, machine_id, NOT_CHOSEN)
    assert machine.ask_first(1, machine_id, str(number)) == ("Delete the bearing “A”?", True)
    assert machine.delete_bearing(None, machine_id, number, 0) == (no_update, no_update)
    assert machine.delete_bearing(1, machine_id, str(number), 0) == (1, NOT_CHOSEN)
    assert told == ["The bearing is deleted."]
    with pytest.raises(NotFound, match="not there any more"):
        machine.choose_bearing(number, machine_id)


def test_the_form_says_what_is_missing_or_cannot_be(machine_id):
    assert "both diameters" in str(machine.show_orders(*geometry(roller_count=9)))
    assert "got 2" in str(machine.show_orders(*geometry(roller_count=2)))
    listed = str(machine.show_orders(*geometry(designation="6205-2RS JEM")))
    assert "BPFO 3.585" in listed
    assert "as the catalogue has this type" in listed


def test_a_channel_needs_a_point(machine_id):
    with pytest.raises(Invalid, match="point first"):
        machine.add_channel(1, "", "x", "g", "", 0)


def test_nothing_happens_before_a_click(machine_id):
    assert machine.save_machine(None, machine_id, "x", "", 0) is no_update
    assert machine.add_point(None, machine_id, "x", 0) == (no_update, no_update)
    assert machine.add_channel(None, "1", "x", "g", "", 0) == (no_update, no_update)
    assert machine.save_bearing(None, machine_id, "", 0, "x", *geometry()) == (no_update,) * 2
    assert MachineService.get_machine(machine_id)["points"] == []


def test_changed_and_absent_machines(machine_id, viewer):
    assert machine.save_machine(1, machine_id, "Pump 8", "old", 0) == 1
    assert machine.show_machine(machine_id, 1)[3:5] == ("Pump 8", "old")
    for absent in (999, None):
        assert "There is no such machine" in str(machine.show_machine(absent, 0)[1])
    with acting_as(viewer):
        assert machine.show_machine(machine_id, 0)[2]


def test_a_bearing_leads_to_its_recordings_and_their_trend(machine_id, analyst):
    owner = {"owner_id": analyst.user_id}
    with unit_of_work() as session:
        bearing = factories.bearing(session, name="drive end", machine_id=machine_id)
        dataset = factories.dataset(session, name="week 1", **owner)
        given = {"dataset_id": dataset.id, "bearing_id": bearing.id, **owner}
        first = factories.recording(session, **given).id
        factories.recording(session, **given)
        number = dataset.id
    shown = str(machine.show_machine(machine_id, 0)[1])
    assert "2 in week 1" in shown
    assert f"/datasets/{number}?bearing=equals%3Adrive+end" in shown
    assert f"/signals?dataset={number}&recording={first}&over=trend" in shown


def test_many_machines_are_shown_by_pages(analyst, monkeypatch):
    monkeypatch.setattr(machines, "PAGE_SIZE", 2)
    for name in ("lathe", "mill"):
        machines.add_machine(1, name, "")
    # Who adds the one that is too many can turn to it at once.
    assert machines.add_machine(1, "saw", "", 1)[1:3] == (2, False)
    first, pages, alone, _ = machines.show_machines(1)
    assert (pages, alone) == (2, False)
    assert "mill" in str(first)
    assert "saw" not in str(first)
    assert "saw" in str(machines.show_machines(2)[0])
