"""Which bearing the lines of an overlay belong to, and at which orders they lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.bearings import geometry
from diagnostics.bearings.catalogue import CATALOGUE, CatalogueEntry
from diagnostics.errors import BearingError
from models import Bearing, Dataset, Machine, Origin, Recording
from services import actor
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work

OF_RECORDING, NO_BEARING, OWN = "recording", "none", "bearing:"
DIMENSIONS = ("roller_count", "roller_diameter_mm", "pitch_diameter_mm", "contact_angle_deg")


class BearingChoice(TypedDict):
    """``value`` is what the setting ``bearing`` takes."""

    value: str
    title: str


@dataclass(frozen=True)
class OverlayBearing:
    """``orders`` is empty where the bearing or its geometry is not known; ``told`` says why,
    or whose the geometry is. ``machine_id`` is where an unknown one is described."""

    title: str
    told: str
    orders: dict[str, float] = field(default_factory=dict)
    machine_id: int | None = None


def orders_of(bearing: Bearing) -> dict[str, float]:
    """Multiples of the shaft speed; empty while the geometry is not complete.

    A contact angle that is not known counts as 0°, which deep groove bearings have.
    """
    rollers, diameter = bearing.roller_count, bearing.roller_diameter_mm
    pitch = bearing.pitch_diameter_mm
    if rollers is None or diameter is None or pitch is None:
        return {}
    try:
        known = geometry.Bearing(rollers, diameter, pitch, bearing.contact_angle_deg or 0.0)
    except BearingError:
        return {}
    return known.orders()


def known_orders(bearing: Bearing) -> tuple[dict[str, float], str]:
    """Orders from the geometry that was entered, else those of the type in the catalogue; and
    the title of the type that they were taken from."""
    if own := orders_of(bearing):
        return own, ""
    listed = listed_as(bearing.designation or "")
    return ({}, "") if listed is None else (listed.bearing.orders(), listed.title)


def has_geometry(bearing: Bearing) -> bool:
    """Whether any of it was entered: that is not written over."""
    return any(getattr(bearing, name) is not None for name in DIMENSIONS)


def is_bare(bearing: Bearing) -> bool:
    """Whether nobody said what it is: neither a type nor any of its geometry."""
    return not bearing.designation and not has_geometry(bearing)


def listed_as(text: str) -> CatalogueEntry | None:
    """The entry of the catalogue that is called exactly so.

    Examples
    --------
    >>> listed_as("skf 6205-2rs jem").maker
    'SKF'
    """
    name = text.strip().casefold()
    names = ((one, (one.designation, one.title)) for one in CATALOGUE)
    return next((one for one, own in names if name in (text.casefold() for text in own)), None)


def bearing_choices(recording_id: int) -> list[BearingChoice]:
    """The recording's own, none, those of its machine, and the catalogue.

    Raises
    ------
    NotFound
        If there is no such recording.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        recording = _recording(session, recording_id)
        own = _of_recording(session, recording)
        named = f"that of the recording: {own.title}" if own.title else "that of the recording"
        choices: list[BearingChoice] = [
            {"value": OF_RECORDING, "title": named if own.orders else f"{named} (not known)"},
            {"value": NO_BEARING, "title": "none"},
        ]
        beside = Bearing.machine_id == recording.machine_id
        rows = session.scalars(select(Bearing).where(beside).order_by(Bearing.name))
        choices += [
            {"value": f"{OWN}{row.id}", "title": f"own: {_name(row)}"}
            for row in rows
            if known_orders(row)[0]
        ]
    return choices + [{"value": one.designation, "title": one.title} for one in CATALOGUE]


def find_bearing(recording_id: int, chosen: str) -> OverlayBearing:
    """The bearing that the setting ``bearing`` names.

    Raises
    ------
    NotFound
        If there is no such recording or own bearing.
    Invalid
        If the catalogue has no such designation.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        recording = _recording(session, recording_id)
        if chosen == OF_RECORDING:
            return _of_recording(session, recording)
        if chosen == NO_BEARING:
            return OverlayBearing("", "No bearing is chosen.")
        if chosen.startswith(OWN):
            return _own(session, chosen.removeprefix(OWN))
    return _of_catalogue(chosen)


def orders_of_recording(session: Session, recording_id: int) -> dict[str, float]:
    """Orders of the defects of a recording's own bearing; empty where it is not known."""
    return _of_recording(session, _recording(session, recording_id)).orders


def _of_recording(session: Session, recording: Recording) -> OverlayBearing:
    if recording.bearing_id is None:
        missing = "The recording has no bearing. Choose one from the list."
        return OverlayBearing("", missing)
    row = session.get_one(Bearing, recording.bearing_id)
    if recording.origin is Origin.GENERATED and not orders_of(row):
        made = _of_generator(session, recording.dataset_id)
        if made is not None:
            return OverlayBearing(row.name, "Geometry that the data set was made with.", made)
    return _described(session, row)


def _of_generator(session: Session, dataset_id: int) -> dict[str, float] | None:
    """Orders of the bearing that a data set was generated with; journal bearings have none."""
    config = (session.get_one(Dataset, dataset_id).provenance or {}).get("config") or {}
    known = config.get("geometry")
    return geometry.Bearing(**known).orders() if known else None


def _own(session: Session, number: str) -> OverlayBearing:
    row = session.get(Bearing, int(number)) if number.isdecimal() and len(number) < 19 else None
    if row is None:
        raise NotFound(f"There is no bearing {number}.")
    return _described(session, row)


def _described(session: Session, row: Bearing) -> OverlayBearing:
    machine = session.get_one(Machine, row.machine_id).name
    orders = orders_of(row)
    if not orders and (listed := listed_as(row.designation)) is not None:
        told = f"Geometry of {listed.title} in the catalogue: {listed.source}"
        return OverlayBearing(_name(row), told, listed.bearing.orders())
    if not orders:
        missing = f"Neither a type of the catalogue nor the geometry of {_name(row)} is known."
        return OverlayBearing(_name(row), missing, machine_id=row.machine_id)
    angle = "" if row.contact_angle_deg is not None else "; contact angle not known, 0° taken"
    return OverlayBearing(_name(row), f"Geometry as entered for {machine}{angle}.", orders)


def _of_catalogue(chosen: str) -> OverlayBearing:
    found = listed_as(chosen)
    if found is None:
        raise Invalid(f"The catalogue has no bearing “{chosen}”. Choose one from the list.")
    return OverlayBearing(found.title, f"Geometry: {found.source}", found.bearing.orders())


def _recording(session: Session, recording_id: int) -> Recording:
    found = session.get(Recording, recording_id)
    if found is None:
        raise NotFound(f"There is no recording {recording_id}.")
    return found


def _name(row: Bearing) -> str:
    return f"{row.name} ({row.designation})" if row.designation else row.name
