"""Machines with their measuring points, channels and bearings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.signals.signal import Unit
from models import Bearing, Channel, Dataset, Machine, Point, Recording, User
from services import actor, events
from services.errors import Conflict, Invalid, NotFound
from services.paging import paged
from services.runtime import unit_of_work
from services.signals.bearings import (
    DIMENSIONS,
    has_geometry,
    is_bare,
    known_orders,
    listed_as,
)

LONGEST_NAME = 120
MOST_ROLLERS = 500
LARGEST_MM = 20_000.0


class ChannelView(TypedDict):
    id: int
    name: str
    unit: str
    direction: str


class PointView(TypedDict):
    id: int
    name: str
    channels: list[ChannelView]


class PlaceView(TypedDict):
    """A data set with recordings of a bearing; ``recording_id`` is one of them."""

    dataset_id: int
    dataset_name: str
    recording_count: int
    recording_id: int


class BearingView(TypedDict):
    """``orders`` of the defects, in turns of the shaft; empty while the geometry is not known.

    ``listed`` is the type of the catalogue that they are taken from, empty where the geometry
    was entered; ``is_bare`` says that neither type nor geometry is known.
    """

    id: int
    name: str
    point_id: int | None
    point: str | None
    designation: str
    roller_count: int | None
    roller_diameter_mm: float | None
    pitch_diameter_mm: float | None
    contact_angle_deg: float | None
    orders: dict[str, float]
    listed: str
    is_bare: bool
    recording_count: int
    places: list[PlaceView]


class MachineView(TypedDict):
    id: int
    name: str
    description: str
    owner_id: int
    owner_name: str
    point_count: int
    bearing_count: int
    recording_count: int


class MachineDetails(MachineView):
    points: list[PointView]
    bearings: list[BearingView]


class BearingIn(TypedDict, total=False):
    """Geometry of a bearing, as far as it is known."""

    designation: str
    point_id: int | None
    roller_count: int | None
    roller_diameter_mm: float | None
    pitch_diameter_mm: float | None
    contact_angle_deg: float | None


class MachineService:
    """List, add and change machines and what belongs to them."""

    @staticmethod
    def list_machines(limit: int = 100, offset: int = 0) -> list[MachineView]:
        """Machines by name."""
        actor.reader()
        wanted = paged(
            select(Machine, User.name)
            .join(User, User.id == Machine.owner_id)
            .order_by(func.lower(Machine.name)),
            limit,
            offset,
        )
        with unit_of_work(writing=False) as session:
            return _views(session, [(row[0], row[1]) for row in session.execute(wanted)])

    @staticmethod
    def count_machines() -> int:
        actor.reader()
        with unit_of_work(writing=False) as session:
            return session.scalar(select(func.count()).select_from(Machine)) or 0

    @staticmethod
    def get_machine(machine_id: int) -> MachineDetails:
        """A machine with its points, channels and bearings.

        Raises
        ------
        NotFound
            If there is no such machine.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            machine = _find(session, machine_id)
            owner = session.get_one(User, machine.owner_id).name
            return {
                **_views(session, [(machine, owner)])[0],
                "points": _points(session, machine_id),
                "bearings": _bearings(session, machine_id),
            }

    @staticmethod
    def save_machine(name: str, description: str = "", machine_id: int | None = None) -> int:
        """Add a machine, or change the one with the id; its id.

        Raises
        ------
        Conflict
            If the name is taken.
        """
        owner_id = actor.user_id()
        name = _clean(name)
        with unit_of_work() as session:
            _refuse_taken(session, Machine, name, machine_id)
            if machine_id is None:
                machine = Machine(name=name, description=description.strip(), owner_id=owner_id)
                session.add(machine)
            else:
                machine = _changeable(session, machine_id)
                machine.name, machine.description = name, description.strip()
            session.flush()
            events.record(session, "machine.saved", f"machine:{machine.id}", name=name)
            return machine.id

    @staticmethod
    def add_point(machine_id: int, name: str) -> int:
        """Add a measuring point to a machine; its id.

        Raises
        ------
        Conflict
            If the machine has one of this name.
        """
        actor.writer()
        name = _clean(name)
        with unit_of_work() as session:
            _changeable(session, machine_id)
            _refuse_taken(session, Point, name, None, Point.machine_id == machine_id)
            return _add(session, Point(machine_id=machine_id, name=name))

    @staticmethod
    def add_channel(point_id: int, name: str, unit: str, direction: str = "") -> int:
        """Add a sensor to a measuring point; its id.

        Raises
        ------
        NotFound
            If there is no such point.
        Conflict
            If the point has a channel of this name.
        Invalid
            If the unit is unknown.
        """
        actor.writer()
        name = _clean(name)
        if unit not in list(Unit):
            raise Invalid(f"The unit must be one of {', '.join(Unit)}, got “{unit}”.")
        with unit_of_work() as session:
            point = session.get(Point, point_id)
            if point is None:
                raise NotFound(f"There is no measuring point {point_id}.")
            _changeable(session, point.machine_id)
            _refuse_taken(session, Channel, name, None, Channel.point_id == point_id)
            sensor = Channel(point_id=point_id, name=name, unit=Unit(unit), direction=direction)
            return _add(session, sensor)

    @staticmethod
    def compute_orders(known: BearingIn) -> dict[str, float]:
        """Orders of the defects of a bearing, as multiples of the shaft speed.

        They are empty until rollers and both diameters are given, or a type of the catalogue;
        without a contact angle it is 0°.

        Raises
        ------
        Invalid
            If a dimension cannot be.
        """
        actor.reader()
        return known_orders(Bearing(**_geometry(known)))[0]

    @staticmethod
    def save_bearing(
        machine_id: int, name: str, known: BearingIn | None = None, bearing_id: int | None = None
    ) -> int:
        """Add a bearing to a machine, or change the one with the id; its id.

        Raises
        ------
        Conflict
            If the machine has one of this name.
        Invalid
            If a dimension cannot be.
        """
        actor.writer()
        name = _clean(name)
        values = _geometry(known or {})
        with unit_of_work() as session:
            _changeable(session, machine_id)
            _refuse_taken(session, Bearing, name, bearing_id, Bearing.machine_id == machine_id)
            if values.get("point_id") is not None:
                _check_point(session, machine_id, values["point_id"])
            if bearing_id is None:
                return _add(session, Bearing(machine_id=machine_id, name=name, **values))
            bearing = session.get(Bearing, bearing_id)
            if bearing is None or bearing.machine_id != machine_id:
                raise NotFound(f"This machine has no bearing {bearing_id}.")
            for key, value in {"name": name, **values}.items():
                setattr(bearing, key, value)
            return bearing_id

    @staticmethod
    def copy_geometry(machine_id: int, bearing_id: int) -> int:
        """Give the type and geometry of a bearing to those of its machine that have none; how many.

        Data sets of many worn bearings of one type are described so in one go. Bearings of
        another type stay as they are.

        Raises
        ------
        NotFound
            If the machine has no such bearing.
        Invalid
            If its geometry is not known.
        """
        actor.writer()
        with unit_of_work() as session:
            _changeable(session, machine_id)
            source = session.get(Bearing, bearing_id)
            if source is None or source.machine_id != machine_id:
                raise NotFound(f"This machine has no bearing {bearing_id}.")
            if not known_orders(source)[0]:
                raise Invalid(f"The geometry of “{source.name}” is not known. Enter it first.")
            others = session.scalars(select(Bearing).where(Bearing.machine_id == machine_id))
            types = ("", source.designation) if has_geometry(source) else ("",)
            bare = [x for x in others if x.designation in types and not has_geometry(x)]
            for one in bare:
                one.designation = source.designation
                for name in DIMENSIONS:
                    setattr(one, name, getattr(source, name))
            events.record(session, "bearing.copied", f"bearing:{bearing_id}", count=len(bare))
            return len(bare)

    @staticmethod
    def name_type(machine_id: int, designation: str) -> int:
        """Give a type of the catalogue to the bearings of a machine that have neither a type nor
        a geometry; how many.

        Raises
        ------
        NotFound
            If there is no such machine.
        Invalid
            If the catalogue has no such type.
        """
        actor.writer()
        listed = listed_as(designation)
        if listed is None:
            raise Invalid(f"The catalogue has no bearing “{designation:.60}”. Choose one of it.")
        with unit_of_work() as session:
            _changeable(session, machine_id)
            every = session.scalars(select(Bearing).where(Bearing.machine_id == machine_id))
            bare = [one for one in every if is_bare(one)]
            for one in bare:
                one.designation = listed.title
            told = {"designation": listed.title, "count": len(bare)}
            events.record(session, "bearings.typed", f"machine:{machine_id}", **told)
            return len(bare)

    @staticmethod
    def delete_bearing(machine_id: int, bearing_id: int) -> None:
        """Take a bearing away that no recording was taken on.

        Raises
        ------
        NotFound
            If the machine has no such bearing.
        Conflict
            If recordings name it.
        """
        actor.writer()
        with unit_of_work() as session:
            _changeable(session, machine_id)
            bearing = session.get(Bearing, bearing_id)
            if bearing is None or bearing.machine_id != machine_id:
                raise NotFound(f"This machine has no bearing {bearing_id}.")
            named = select(func.count(Recording.id)).where(Recording.bearing_id == bearing_id)
            if count := session.scalar(named):
                raise Conflict(
                    f"“{bearing.name}” is the bearing of {count} "
                    f"{'recording' if count == 1 else 'recordings'} and stays with them."
                )
            session.delete(bearing)
            events.record(session, "bearing.deleted", f"bearing:{bearing_id}", name=bearing.name)


def _clean(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters that can be shown.")
    return clean


def _geometry(known: BearingIn) -> dict[str, Any]:
    values: dict[str, Any] = dict(known)
    for name, title in {
        "roller_diameter_mm": "roller diameter",
        "pitch_diameter_mm": "pitch diameter",
    }.items():
        if values.get(name) is not None and not 0 < values[name] < LARGEST_MM:
            raise Invalid(
                f"The {title} must be above 0 and below {LARGEST_MM:g} mm, got {values[name]:g} mm."
            )
    rollers = values.get("roller_count")
    if rollers is not None and (rollers != int(rollers) or not 3 <= rollers <= MOST_ROLLERS):
        raise Invalid(
            f"A bearing has a whole number of 3 to {MOST_ROLLERS} rollers, got {rollers:g}."
        )
    angle = values.get("contact_angle_deg")
    if angle is not None and not 0 <= angle < 90:
        raise Invalid(f"The contact angle lies from 0° to below 90°, got {angle:g}°.")
    roller, pitch = values.get("roller_diameter_mm"), values.get("pitch_diameter_mm")
    if roller is not None and pitch is not None and roller >= pitch:
        raise Invalid(f"Rollers of {roller:g} mm do not fit on a pitch circle of {pitch:g} mm.")
    return values


def _find(session: Session, machine_id: int) -> Machine:
    machine = session.get(Machine, machine_id)
    if machine is None:
        raise NotFound(f"There is no machine {machine_id}.")
    return machine


def _changeable(session: Session, machine_id: int) -> Machine:
    machine = _find(session, machine_id)
    actor.owner_or_admin(machine.owner_id)
    return machine


def _refuse_taken(
    session: Session, table: Any, name: str, own_id: int | None, *within: Any
) -> None:
    taken = session.scalar(select(table.id).where(table.name == name, *within))
    if taken is not None and taken != own_id:
        raise Conflict(f"“{name}” is taken. Choose another name.")


def _check_point(session: Session, machine_id: int, point_id: int) -> None:
    point = session.get(Point, point_id)
    if point is None or point.machine_id != machine_id:
        raise NotFound(f"This machine has no measuring point {point_id}.")


def _add(session: Session, row: Point | Channel | Bearing) -> int:
    session.add(row)
    session.flush()
    kind = type(row).__name__.lower()
    events.record(session, f"{kind}.added", f"{kind}:{row.id}", name=row.name)
    return row.id


def _views(session: Session, rows: Sequence[tuple[Machine, str]]) -> list[MachineView]:
    """Machines with the names of their owners; the statements are as many for each number."""
    ids = [machine.id for machine, _ in rows]

    def counts(table: Any) -> dict[int, int]:
        of = table.machine_id
        counted = select(of, func.count()).where(of.in_(ids)).group_by(of)
        return {row[0]: row[1] for row in session.execute(counted)}

    points, bearings, recordings = counts(Point), counts(Bearing), counts(Recording)
    return [
        {
            "id": machine.id,
            "name": machine.name,
            "description": machine.description,
            "owner_id": machine.owner_id,
            "owner_name": owner,
            "point_count": points.get(machine.id, 0),
            "bearing_count": bearings.get(machine.id, 0),
            "recording_count": recordings.get(machine.id, 0),
        }
        for machine, owner in rows
    ]


def _points(session: Session, machine_id: int) -> list[PointView]:
    points = session.scalars(
        select(Point).where(Point.machine_id == machine_id).order_by(Point.name)
    ).all()
    channels: dict[int, list[Channel]] = {point.id: [] for point in points}
    measured = (
        select(Channel)
        .join(Point, Point.id == Channel.point_id)
        .where(Point.machine_id == machine_id)
        .order_by(Channel.name)
    )
    for channel in session.scalars(measured):
        channels[channel.point_id].append(channel)
    return [
        {
            "id": point.id,
            "name": point.name,
            "channels": [
                {"id": c.id, "name": c.name, "unit": c.unit.value, "direction": c.direction}
                for c in channels[point.id]
            ],
        }
        for point in points
    ]


def _bearings(session: Session, machine_id: int) -> list[BearingView]:
    rows = session.execute(
        select(Bearing, Point.name, func.count(Recording.id))
        .outerjoin(Point, Point.id == Bearing.point_id)
        .outerjoin(Recording, Recording.bearing_id == Bearing.id)
        .where(Bearing.machine_id == machine_id)
        .group_by(Bearing.id, Point.name)
        .order_by(Bearing.name)
    )
    places = _places(session, machine_id)
    return [
        {
            "id": bearing.id,
            "name": bearing.name,
            "point_id": bearing.point_id,
            "point": point,
            "designation": bearing.designation,
            "roller_count": bearing.roller_count,
            "roller_diameter_mm": bearing.roller_diameter_mm,
            "pitch_diameter_mm": bearing.pitch_diameter_mm,
            "contact_angle_deg": bearing.contact_angle_deg,
            "orders": orders,
            "listed": listed,
            "is_bare": is_bare(bearing),
            "recording_count": count,
            "places": places.get(bearing.id, []),
        }
        for bearing, point, count in rows
        for orders, listed in [known_orders(bearing)]
    ]


def _places(session: Session, machine_id: int) -> dict[int, list[PlaceView]]:
    """In which data sets the recordings of each bearing are."""
    rows = session.execute(
        select(
            Bearing.id,
            Dataset.id,
            Dataset.name,
            func.count(Recording.id),
            func.min(Recording.id),
        )
        .join(Dataset, Dataset.id == Recording.dataset_id)
        .join(Bearing, Bearing.id == Recording.bearing_id)
        .where(Bearing.machine_id == machine_id)
        .group_by(Bearing.id, Dataset.id, Dataset.name)
        .order_by(Dataset.name)
    )
    found: dict[int, list[PlaceView]] = {}
    for bearing_id, dataset_id, name, count, first in rows:
        place: PlaceView = {
            "dataset_id": dataset_id,
            "dataset_name": name,
            "recording_count": count,
            "recording_id": first,
        }
        found.setdefault(bearing_id, []).append(place)
    return found
