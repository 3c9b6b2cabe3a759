"""What may be asked of a source, checked before any work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.detectors.preprocess import names_rows
from diagnostics.detectors.registry import check_config, description
from diagnostics.detectors.tail import LEAST_ROWS
from diagnostics.detectors.threshold import AUTO, Policy
from diagnostics.errors import ConfigError
from models import Detection, Job, JobKind, SourceVersion
from services import actor, locks
from services.errors import Conflict, InvalidField, NotFound
from services.job_service import ACTIVE, JobService
from services.runtime import artefacts
from services.sources.views import find_row, newest_version

LEAST_SAMPLE = 100
# The kind of the alarm of a source.
ALARM = "anomaly"
NUMERIC = ("integer", "number", "boolean")


@dataclass(frozen=True)
class Asked:
    """What is asked beside the algorithm and its config.

    ``threshold_policy`` is ``{"kind": "auto" | "contamination" | "calibrated" | "threshold",
    "value": number or None}``; ``fit_on`` is ``{"source_id": …, "rows": [first, end]}``, each of
    both may be missing. ``alarm_from``: how many flagged rows raise the alarm of the source; fewer
    clear it, and None leaves it alone.
    """

    columns: list[str] | None = None
    sample_size: int | None = None
    threshold_policy: dict[str, Any] | None = None
    fit_on: dict[str, Any] | None = None
    store_model: bool = True
    alarm_from: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def checked_config(algorithm: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of an algorithm, those given checked.

    Raises
    ------
    Invalid
        If there is no such algorithm, or a parameter is unknown or out of its range.
    """
    try:
        return dict(check_config(algorithm, config))
    except ConfigError as error:
        where = error.field if error.field == "algorithm" else f"config.{error.field}"
        raise InvalidField(where, str(error)) from error


def policy_of(asked: Mapping[str, Any] | None) -> Policy:
    """Where the threshold comes from, as it was asked for.

    Raises
    ------
    Invalid
        If there is no such policy.
    """
    try:
        return Policy(**(asked or {}))
    except (ConfigError, TypeError) as error:
        raise InvalidField("threshold_policy", str(error)) from error


def check_one_threshold(
    algorithm: str, config: Mapping[str, Any], threshold_policy: Mapping[str, Any] | None
) -> None:
    """Refuse a config that draws the line in another place than the policy.

    Raises
    ------
    Invalid
        If both say something.
    """
    if threshold_policy is None or Policy(**threshold_policy) == AUTO:
        return
    about = description(algorithm)
    (own,) = (one for one in about.parameters if one.name == about.flags_by)
    if config[own.name] != own.default:
        raise InvalidField(
            "threshold_policy", f"the config sets “{own.name}” already. Give one of both."
        )


def columns_for(version: SourceVersion, asked: Sequence[str] | None) -> list[str]:
    """The columns to look at: those that were named, or all numbers that measure something.

    Raises
    ------
    Invalid
        If one does not exist, or there is none.
    """
    if asked is None:
        usual = [
            one["name"]
            for one in version.columns
            if one["type"] in NUMERIC and one["role"] == "feature" and not one["empty"]
        ]
        if not usual:
            raise InvalidField(
                "columns", "the source has no column of numbers. Name those to look at."
            )
        return usual
    known = {one["name"] for one in version.columns}
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise InvalidField("columns", f"the source has no column “{unknown[0]:.80}”.")
    if not asked or len(set(asked)) != len(asked):
        raise InvalidField("columns", "name at least one column, and each only once.")
    _check_texts(version, asked)
    return list(asked)


def _check_texts(version: SourceVersion, asked: Sequence[str]) -> None:
    """No column of text that has another one in nearly each row."""
    texts = {one["name"] for one in version.columns if one["type"] == "text"} & set(asked)
    if not texts:
        return
    profile = json.loads(artefacts().read(version.profile_key))
    for about in profile["columns"]:
        known = version.row_count - (about["missing"] or 0)
        if about["name"] in texts and names_rows(about["distinct"] or 0, known):
            raise InvalidField(
                "columns",
                f"“{about['name']:.80}” holds {about['distinct']} different texts in {known} rows: "
                "it names rows and measures nothing. Leave it out.",
            )


def check_asked(session: Session, source_id: str, asked: Asked) -> SourceVersion:
    """See that a source can be asked this; its newest version.

    Raises
    ------
    NotFound
        If there is no such source.
    Conflict
        If it has no rows yet.
    Invalid
        If something does not fit it.
    """
    version = newest_version(session, source_id)
    columns = columns_for(version, asked.columns)
    policy_of(asked.threshold_policy)
    if asked.sample_size is not None and asked.sample_size < LEAST_SAMPLE:
        raise InvalidField("sample_size", f"at least {LEAST_SAMPLE}, got {asked.sample_size}.")
    check_alarm(asked)
    if asked.fit_on is not None:
        _check_fit_on(session, version, asked.fit_on, columns)
    return version


def check_alarm(asked: Asked) -> None:
    """See that the number of flagged rows that raise an alarm can be one.

    Raises
    ------
    InvalidField
        If it is below 1.
    """
    if asked.alarm_from is not None and asked.alarm_from < 1:
        raise InvalidField("alarm_from", f"at least 1 flagged row, got {asked.alarm_from}.")


def _check_fit_on(
    session: Session, version: SourceVersion, fit_on: Mapping[str, Any], columns: Sequence[str]
) -> None:
    if fit_on.get("source_id"):
        try:
            version = newest_version(session, fit_on["source_id"])
        except (NotFound, Conflict) as error:
            raise InvalidField("fit_on.source_id", error.message) from error
        known = {one["name"] for one in version.columns}
        missing = [name for name in columns if name not in known]
        if missing:
            raise InvalidField("fit_on", f"that source has no column “{missing[0]:.80}”.")
    rows = fit_on.get("rows")
    if rows is not None and not 0 <= rows[0] < rows[1] <= version.row_count:
        raise InvalidField(
            "fit_on.rows",
            f"a first row and the one behind the last, from 0 to {version.row_count}.",
        )
    if rows is not None and rows[1] - rows[0] < LEAST_ROWS:
        raise InvalidField(
            "fit_on.rows",
            f"a detector needs {LEAST_ROWS} rows to learn from, got {rows[1] - rows[0]}.",
        )


def ask(
    session: Session,
    source_id: str,
    algorithm: str,
    config: Mapping[str, Any],
    asked: Asked,
    kind: JobKind = JobKind.DETECT_ANOMALIES,
) -> Detection:
    """The row of a detection that was checked, and its job.

    Two clicks, or two tabs, get the same one; those of a batch are its own.
    """
    source = find_row(session, source_id)
    if kind is JobKind.DETECT_ANOMALIES:
        locks.alone(session, "start detections")
        running = _running(session, source_id, algorithm, dict(config), asked.to_dict())
        if running is not None:
            return running
    detection = Detection(
        source_id=source_id,
        owner_id=actor.user_id(),
        algorithm=algorithm,
        config=dict(config),
        asked=asked.to_dict(),
    )
    session.add(detection)
    session.flush()
    title = f"{description(algorithm).display_name} on “{source.name}”"
    arguments = {"detection_id": detection.id}
    detection.job_id = JobService.submit(kind, arguments, title, f"detection:{detection.id}")
    return detection


def _running(
    session: Session,
    source_id: str,
    algorithm: str,
    config: dict[str, Any],
    asked: dict[str, Any],
) -> Detection | None:
    """A detection of the actor's that is doing just this."""
    wanted = (
        select(Detection)
        .join(Job, Job.id == Detection.job_id)
        .where(
            Detection.source_id == source_id,
            Detection.owner_id == actor.user_id(),
            Detection.algorithm == algorithm,
            Detection.completed_at.is_(None),
            Job.kind == JobKind.DETECT_ANOMALIES,
            Job.status.in_(ACTIVE),
        )
    )
    found = [one for one in session.scalars(wanted) if (one.config, one.asked) == (config, asked)]
    return found[0] if found else None
