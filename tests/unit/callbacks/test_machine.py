from __future__ import annotations

import pytest
from dash import no_update

from callbacks import machine, machines
from layouts.machine import GEOMETRY, NOT_CHOSEN
from services.actor import acting_as
from services.errors import Invalid
from services.machine_service import MachineService


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
    table, hidden = machines.show_machines("x")
    assert "No machines yet" in str(table)
    assert not hidden
    table, *emptied = machines.add_machine(1, "Pump 7", "in hall 3")
    assert "Pump 7" in str(table)
    assert emptied == ["", ""]
    assert machines.add_machine(None, "x", "") == (no_update,) * 3
    with acting_as(viewer):
        assert machines.show_machines("x")[1]


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
    machine.save_bearing(1, machine_id, bearing_id, 3, "B", *filled[1:])
    assert [b["name"] for b in MachineService.get_machine(machine_id)["bearings"]] == ["B"]
    assert machine.choose_bearing(NOT_CHOSEN, machine_id) == ("", *geometry())


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
