"""What every change of a data set checks first: who asks, what is there, and what was seen."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Dataset, User
from services import actor
from services.datasets.versions import find_dataset, latest_version
from services.errors import Conflict, Invalid

LONGEST_LABEL = 120
LONGEST_REASON = 500


def changeable(
    session: Session, dataset_id: int, *, based_on: int | None = None, lock: bool = True
) -> Dataset:
    """The data set, when the actor may change it.

    ``based_on`` is the newest version that the person has seen: who decides what to change
    looks at it, and a second tab or a colleague may have made another one since.

    Raises
    ------
    NotFound
        If there is no such data set.
    Forbidden
        If it is somebody else's.
    Conflict
        If it is archived, or there is a newer version than ``based_on``.
    """
    dataset = find_dataset(session, dataset_id, lock=lock)
    actor.owner_or_admin(dataset.owner_id)
    if dataset.archived_at is not None:
        raise Conflict(f"“{dataset.name}” is archived. Restore it first.")
    if based_on is not None:
        _refuse_stale(session, dataset, based_on)
    return dataset


def clean_label(label: str | None) -> str | None:
    """A label as it is stored; None for no label.

    Raises
    ------
    Invalid
        If it is too long or cannot be shown.
    """
    clean = (label or "").strip()
    if len(clean) > LONGEST_LABEL or not clean.isprintable():
        raise Invalid(f"A label has at most {LONGEST_LABEL} characters that can be shown.")
    return clean or None


def clean_reason(reason: str, otherwise: str) -> str:
    """Why a version was made, or what happened where nobody says why.

    Raises
    ------
    Invalid
        If it is too long or cannot be shown.
    """
    clean = " ".join(reason.split())
    if len(clean) > LONGEST_REASON or not clean.isprintable():
        raise Invalid(f"A reason has at most {LONGEST_REASON} characters that can be shown.")
    return clean or otherwise


def _refuse_stale(session: Session, dataset: Dataset, based_on: int) -> None:
    newest = latest_version(session, dataset.id)
    if newest is None or newest.number == based_on:
        return
    who = session.scalar(select(User.name).where(User.id == newest.created_by))
    raise Conflict(
        f"Version {newest.number} of “{dataset.name}” was made meanwhile by {who}: "
        f"{newest.reason}. You looked at version {based_on}. "
        "Look at the newest version and change it again."
    )
