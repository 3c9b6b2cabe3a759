"""Versions of data sets: what differs between them, and changes of many recordings at once."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import DatasetVersion, User
from services import actor
from services.datasets import diff
from services.datasets.changing import changeable, clean_label, clean_reason
from services.datasets.diff import ChangeKind, RecordingChange, VersionDiff
from services.datasets.selection import Selection, passing
from services.datasets.versions import (
    Change,
    add_version,
    add_version_like,
    find_dataset,
    labels_of,
    latest_version,
)
from services.datasets.views import VersionView, list_versions, version_view
from services.errors import Conflict, Invalid, NotFound
from services.runtime import unit_of_work

MOST_CHANGES = 500


class RelabelPreview(TypedDict):
    """What relabelling would do. ``before``: label → recordings that have it now.

    ``unchanged`` of them have the new label already. ``version`` is what was looked at.
    """

    version: int
    selected: int
    changed: int
    unchanged: int
    before: dict[str, int]
    after: str | None


class VersionService:
    """Compare versions, go back to one, and change many recordings in one step."""

    @staticmethod
    def list_versions(dataset_id: int) -> list[VersionView]:
        """The versions of a data set, newest first.

        Raises
        ------
        NotFound
            If there is no such data set.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_dataset(session, dataset_id)
            return list_versions(session, dataset_id)

    @staticmethod
    def diff_versions(dataset_id: int, older: int, newer: int) -> VersionDiff:
        """What was added, removed and relabelled from one version to another.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            first, second = (_find(session, dataset_id, number) for number in (older, newer))
            found = diff.transitions(session, first, second)
            totals: Counter[ChangeKind] = Counter()
            for one in found:
                totals[one["kind"]] += one["count"]
            low, high = sorted((older, newer))
            return {
                "older": _view(session, first),
                "newer": _view(session, second),
                "added": totals[ChangeKind.ADDED],
                "removed": totals[ChangeKind.REMOVED],
                "relabelled": totals[ChangeKind.RELABELLED],
                "transitions": found,
                "steps": [
                    one for one in list_versions(session, dataset_id) if low < one["number"] <= high
                ],
            }

    @staticmethod
    def list_changes(
        dataset_id: int,
        older: int,
        newer: int,
        kind: str = ChangeKind.RELABELLED,
        limit: int = 100,
        offset: int = 0,
    ) -> list[RecordingChange]:
        """The recordings that were ``added``, ``removed`` or ``relabelled``.

        :meth:`diff_versions` has their number.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If there is no such kind of change.
        """
        actor.reader()
        if kind not in set(ChangeKind):
            raise Invalid(f"Recordings are {', '.join(ChangeKind)}, got “{kind}”.")
        with unit_of_work(writing=False) as session:
            first, second = (_find(session, dataset_id, number) for number in (older, newer))
            part = (max(0, min(limit, MOST_CHANGES)), max(0, offset))
            return diff.list_changes(session, first, second, ChangeKind(kind), *part)

    @staticmethod
    def preview_relabel(dataset_id: int, selection: Selection, label: str | None) -> RelabelPreview:
        """What a new label for the selected recordings would change; changes nothing.

        Raises
        ------
        NotFound
            If there is no such data set, or the newest version has no such recording.
        Invalid
            If nothing is selected, or the label cannot be used.
        """
        actor.reader()
        clean = clean_label(label)
        with unit_of_work(writing=False) as session:
            find_dataset(session, dataset_id)
            newest = _newest(session, dataset_id)
            now = _selected(session, newest, selection)
            before = Counter(now.values())
            same = before.pop(clean, 0)
            return {
                "version": newest.number,
                "selected": len(now),
                "changed": len(now) - same,
                "unchanged": same,
                "before": {label or "": count for label, count in before.most_common()},
                "after": clean,
            }

    @staticmethod
    def relabel_selected(
        dataset_id: int,
        selection: Selection,
        label: str | None,
        reason: str,
        based_on: int | None = None,
    ) -> int:
        """Make a version with one label for all selected recordings; its number.

        ``based_on`` is the version that the person saw when deciding.

        Raises
        ------
        NotFound
            If there is no such data set, or the newest version has no such recording.
        Invalid
            If nothing is selected, nothing would change, or the label cannot be used.
        Conflict
            If there is a newer version than ``based_on``, or the data set is archived.
        """
        actor.writer()
        clean = clean_label(label)
        with unit_of_work() as session:
            dataset = changeable(session, dataset_id, based_on=based_on)
            now = _selected(session, _newest(session, dataset_id), selection)
            changed = {key: clean for key, before in now.items() if before != clean}
            if not changed:
                raise Invalid("The selected recordings have this label already.")
            why = clean_reason(reason, "relabelled")
            return add_version(session, dataset, Change(relabelled=changed), why).number

    @staticmethod
    def remove_selected(
        dataset_id: int, selection: Selection, reason: str, based_on: int | None = None
    ) -> int:
        """Make a version without the selected recordings; its number. Older ones keep them.

        Raises
        ------
        NotFound
            If there is no such data set, or the newest version has no such recording.
        Invalid
            If nothing is selected.
        Conflict
            If there is a newer version than ``based_on``, or the data set is archived.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = changeable(session, dataset_id, based_on=based_on)
            gone = frozenset(_selected(session, _newest(session, dataset_id), selection))
            why = clean_reason(reason, "recordings removed")
            return add_version(session, dataset, Change(removed=gone), why).number

    @staticmethod
    def restore_version(
        dataset_id: int, number: int, reason: str = "", based_on: int | None = None
    ) -> int:
        """Make a version with the recordings and labels of an older one; its number.

        Nothing is lost: the versions in between stay.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Conflict
            If it is the newest or equal to it, there is a newer version than ``based_on``,
            or the data set is archived.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = changeable(session, dataset_id, based_on=based_on)
            older = _find(session, dataset_id, number)
            newest = _newest(session, dataset_id)
            if older.content_hash == newest.content_hash:
                raise Conflict(f"The newest version is the same as version {number}.")
            counts = diff.count_changes(session, newest, older)
            why = clean_reason(reason, f"version {number} restored")
            return add_version_like(session, dataset, older, counts, why).number


def _find(session: Session, dataset_id: int, number: int) -> DatasetVersion:
    find_dataset(session, dataset_id)
    wanted = select(DatasetVersion).where(
        DatasetVersion.dataset_id == dataset_id, DatasetVersion.number == number
    )
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound(f"Data set {dataset_id} has no version {number}.")
    return found


def _newest(session: Session, dataset_id: int) -> DatasetVersion:
    newest = latest_version(session, dataset_id)
    if newest is None:
        raise Conflict("The data set has no recordings yet.")
    return newest


def _selected(
    session: Session, newest: DatasetVersion, selection: Selection
) -> dict[int, str | None]:
    """The selected members of a version with their labels."""
    if selection.chosen is not None:
        rows = session.execute(passing(session, newest.id, selection.chosen))
        found = {row[0]: row[1] for row in rows}
    else:
        found = labels_of(session, newest, selection.recording_ids)
        absent = set(selection.recording_ids) - set(found)
        if absent:
            raise NotFound(f"The newest version has no recording {min(absent)}.")
    if not found:
        raise Invalid("No recording is selected.")
    return found


def _view(session: Session, version: DatasetVersion) -> VersionView:
    who = session.scalar(select(User.name).where(User.id == version.created_by))
    return version_view(version, who or "")
