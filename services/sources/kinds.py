"""What a source can be made from, and what has to be told for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from diagnostics.errors import DiagnosticsError
from diagnostics.features.catalogue import features_of
from diagnostics.features.config import read_config
from diagnostics.tables.kinds import MOST_ROWS, SUFFIXES, format_of
from models import FeatureSet, Recording, SourceKind, Upload
from services import actor
from services.datasets.versions import find_dataset, version_id_of
from services.errors import Conflict, Invalid, InvalidField, NotFound
from services.sources.databases import checked_view


class FieldView(TypedDict):
    name: str
    type: str
    required: bool
    description: str


class TypeView(TypedDict):
    name: str
    display_name: str
    description: str
    fields: list[FieldView]


_WINDOWS: tuple[FieldView, ...] = (
    {
        "name": "domains",
        "type": "list",
        "required": False,
        "description": "Which features: time, frequency, envelope … or “all”, as for feature sets.",
    },
    {
        "name": "window",
        "type": "integer",
        "required": False,
        "description": "Samples of a window (4096).",
    },
    {
        "name": "overlap",
        "type": "number",
        "required": False,
        "description": "The part of a window that it shares with the next one (0).",
    },
    {
        "name": "channel",
        "type": "integer",
        "required": False,
        "description": "The channel, counted from 0 (0).",
    },
)


def _text(name: str, description: str, *, required: bool = False) -> FieldView:
    return {"name": name, "type": "string", "required": required, "description": description}


def _id(name: str, description: str) -> FieldView:
    return {"name": name, "type": "integer", "required": True, "description": description}


TYPES: tuple[TypeView, ...] = (
    {
        "name": SourceKind.TABLE.value,
        "display_name": "Table",
        "description": f"A file with rows and columns: {', '.join(SUFFIXES)}.",
        "fields": [
            {
                "name": "upload_id",
                "type": "string",
                "required": True,
                "description": "A complete upload of yours (POST /uploads).",
            }
        ],
    },
    {
        "name": SourceKind.FEATURE_SET.value,
        "display_name": "Feature set",
        "description": "A stored table of features; each row is a window of a recording.",
        "fields": [_id("feature_set_id", "The feature set.")],
    },
    {
        "name": SourceKind.DATASET.value,
        "display_name": "Data set",
        "description": "Features of the windows of all recordings of a data set.",
        "fields": [_id("dataset_id", "The data set, in its newest version."), *_WINDOWS],
    },
    {
        "name": SourceKind.RECORDING.value,
        "display_name": "Recording",
        "description": "Features of the windows of one recording.",
        "fields": [_id("recording_id", "The recording."), *_WINDOWS],
    },
    {
        "name": SourceKind.DATABASE_VIEW.value,
        "display_name": "Table or view of a database",
        "description": "Rows of a database that the settings name, as they are when it is read.",
        "fields": [
            _text("database", "The name of the database (GET /sources/databases).", required=True),
            _text("schema", "Its schema; none in SQLite."),
            _text("table", "The table or view.", required=True),
            _text("order_by", "A column that the rows are ordered by, such as their time."),
            {
                "name": "row_limit",
                "type": "integer",
                "required": False,
                "description": f"Rows beyond it are left out ({MOST_ROWS:,}).",
            },
        ],
    },
)
FIELDS = {
    SourceKind(one["name"]): {field["name"]: field["required"] for field in one["fields"]}
    for one in TYPES
}
USUAL: dict[str, Any] = {"domains": ["time"], "window": 4096, "overlap": 0.0, "channel": 0}


def asked_elsewhere(kind: SourceKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """What other servers say of it: to be called before our own database is locked.

    Raises
    ------
    Invalid
        If something is missing, unknown, or of a wrong kind.
    NotFound
        If a database has no such table.
    Unavailable
        If a database cannot be reached.
    """
    check_fields(kind, given)
    return checked_view(given, MOST_ROWS) if kind is SourceKind.DATABASE_VIEW else dict(given)


def checked_config(session: Session, kind: SourceKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a source is made from, once that is seen to be there.

    Raises
    ------
    Invalid
        If something is missing, unknown, or of a wrong kind.
    NotFound
        If what is named does not exist.
    Conflict
        If an upload is not complete.
    """
    if kind is SourceKind.DATABASE_VIEW:
        return dict(given)
    check_fields(kind, given)
    return _CHECKS[kind](session, given)


def check_fields(kind: SourceKind, given: Mapping[str, Any]) -> None:
    """Refuse what the kind does not take, and that something is missing.

    Raises
    ------
    Invalid
        If so.
    """
    known = FIELDS[kind]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidField("config", f"a {kind} takes {', '.join(known)}, got “{unknown[0]:.40}”.")
    missing = [name for name, required in known.items() if required and name not in given]
    if missing:
        raise InvalidField("config", f"a {kind} needs {missing[0]}.")


def _table(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    upload_id = given["upload_id"]
    upload = session.get(Upload, upload_id) if isinstance(upload_id, str) else None
    if upload is None or upload.owner_id != actor.user_id():
        raise NotFound("There is no such upload. Send the file again.")
    if upload.completed_at is None:
        raise Conflict(f"“{upload.file_name}” is not complete. Send the rest of it first.")
    try:
        format_of(upload.file_name)
    except DiagnosticsError as error:
        raise Invalid(str(error)) from error
    return {"upload_id": upload.id, "file_name": upload.file_name, "size": upload.size}


def _feature_set(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    found = session.get(FeatureSet, _number(given, "feature_set_id"))
    if found is None:
        raise NotFound(f"There is no feature set {given['feature_set_id']}.")
    return {"feature_set_id": found.id, "name": f"{found.name}, version {found.number}"}


def _dataset(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    dataset = find_dataset(session, _number(given, "dataset_id"))
    version_id_of(session, dataset.id, None)
    return {**_windows(given), "dataset_id": dataset.id, "name": dataset.name}


def _recording(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    recording = session.get(Recording, _number(given, "recording_id"))
    if recording is None:
        raise NotFound(f"There is no recording {given['recording_id']}.")
    told = {"recording_id": recording.id, "dataset_id": recording.dataset_id}
    return {**_windows(given), **told, "name": recording.name}


def _windows(given: Mapping[str, Any]) -> dict[str, Any]:
    asked = {**USUAL, **{name: given[name] for name in USUAL if given.get(name) is not None}}
    domains = asked["domains"]
    if not isinstance(domains, list) or not all(isinstance(one, str) for one in domains):
        raise InvalidField("config", "domains is a list of names.")
    try:
        features_of(domains)
        read_config({name: asked[name] for name in ("window", "overlap", "channel")})
    except (DiagnosticsError, TypeError, ValueError) as error:
        raise InvalidField("config", str(error)) from error
    return asked


def _number(given: Mapping[str, Any], name: str) -> int:
    number = given[name]
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**31:
        raise InvalidField("config", f"{name} is a whole number above 0.")
    return number


_CHECKS = {
    SourceKind.TABLE: _table,
    SourceKind.FEATURE_SET: _feature_set,
    SourceKind.DATASET: _dataset,
    SourceKind.RECORDING: _recording,
}
