"""What is seen in a feature set: asked for by people, computed by jobs, kept for who comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from diagnostics.features.table_file import TableFile
from diagnostics.progress import Report, silent
from models import AnalysisKind, FeatureAnalysis, FeatureSet, JobKind, User
from models.base import plain_json
from services import actor
from services.errors import Invalid
from services.experiments.feature_sets import selection_of
from services.features.analyses import METHODS, analysed, checked, read_table
from services.features.making import keep_set, of_columns, summary_of
from services.features.tables import FOLDER, StoredTable, store_table, stored_table
from services.features.views import find_set
from services.files.kept_files import delete_unnamed, hold
from services.job_service import JobService, JobView
from services.jobs.job_runs import keep_result, kept_result
from services.runtime import artefacts, unit_of_work


class AnalysisBrief(TypedDict):
    id: int
    feature_set_id: int
    kind: str
    method: str
    parameters: dict[str, Any]
    owner_name: str
    created_at: datetime


class AnalysisView(AnalysisBrief):
    """``result`` has what the kind of analysis gives; every kind has ``notes``, ``left_out``."""

    result: dict[str, Any]


class FeatureAnalysisService:
    """Ask for analyses of a feature set, and read them."""

    @staticmethod
    def list_methods() -> dict[str, list[str]]:
        """The methods of each kind of analysis."""
        actor.reader()
        return {kind.value: list(methods) for kind, methods in METHODS.items()}

    @staticmethod
    def request_analysis(
        feature_set_id: int, kind: str, method: str, parameters: Mapping[str, Any] | None = None
    ) -> int:
        """Submit the job of an analysis; one that runs already is not doubled.

        Raises
        ------
        NotFound
            If there is no such set.
        Invalid
            If there is no such analysis, a parameter is out of its range, or classes are to be
            told apart and there are none.
        """
        actor.writer()
        complete = checked(kind, method, parameters)
        with unit_of_work(writing=False) as session:
            made = find_set(session, feature_set_id)
            _check_classes(made, kind)
            title = f"{kind.capitalize()} ({method}) of “{made.name}”, version {made.number}"
        arguments = {
            "feature_set_id": feature_set_id,
            "kind": kind,
            "method": method,
            "parameters": complete,
        }
        subject = _subject(feature_set_id, kind)
        return JobService.submit_once(JobKind.ANALYSE_FEATURES, arguments, title, subject)

    @staticmethod
    def find_job(feature_set_id: int, kind: str) -> JobView | None:
        """The newest job of a kind of analysis of a set; not one of a set that was deleted and
        whose number the database gave again."""
        actor.reader()
        job = JobService.find_latest(_subject(feature_set_id, kind), JobKind.ANALYSE_FEATURES)
        with unit_of_work(writing=False) as session:
            made = session.get(FeatureSet, feature_set_id)
            gone = made is None or job is None or job["created_at"] < made.created_at
        return None if gone else job

    @staticmethod
    def analyse(
        feature_set_id: int,
        kind: str,
        method: str,
        parameters: Mapping[str, Any] | None = None,
        report: Report = silent,
    ) -> dict[str, Any]:
        """Compute an analysis and keep it, here and now; what a job does.

        A selection makes the next version of the set as well.

        Raises
        ------
        NotFound
            If there is no such set.
        Invalid
            If there is no such analysis, or the table cannot be taken by it.
        """
        actor.user_id()
        done = kept_result()
        if done is not None:
            return done
        complete = checked(kind, method, parameters)
        with unit_of_work(writing=False) as session:
            key = find_set(session, feature_set_id).artefact_key
        table = None
        with stored_table(key) as whole:
            found = analysed(read_table(whole), AnalysisKind(kind), method, complete, report)
            if kind == AnalysisKind.SELECTION:
                table = _selected(whole, found["names"], feature_set_id, report)
        result: dict[str, Any] = {"feature_set_id": feature_set_id, "kind": kind, "method": method}
        with unit_of_work() as session:
            parent = find_set(session, feature_set_id)
            if table is not None:
                made = _keep_selection(session, parent, table, found, method)
                found["feature_set_id"] = result["feature_set_id"] = made
            unused = _keep(session, parent.id, AnalysisKind(kind), method, complete, found)
            keep_result(session, result)
        delete_unnamed(unused)
        return result

    @staticmethod
    def list_analyses(feature_set_id: int, kind: str | None = None) -> list[AnalysisBrief]:
        """What was seen in a set, newest first, without the numbers.

        Raises
        ------
        NotFound
            If there is no such set.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_set(session, feature_set_id)
            conditions = [FeatureAnalysis.feature_set_id == feature_set_id]
            if kind is not None:
                conditions.append(FeatureAnalysis.kind == kind)
            return [brief for brief, _ in _found(session, *conditions)]

    @staticmethod
    def find_analysis(
        feature_set_id: int, kind: str, method: str | None = None
    ) -> AnalysisView | None:
        """The newest analysis of a kind, by a method where one is named; None where there is none.

        Raises
        ------
        NotFound
            If there is no such set.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_set(session, feature_set_id)
            conditions = [
                FeatureAnalysis.feature_set_id == feature_set_id,
                FeatureAnalysis.kind == kind,
            ]
            if method is not None:
                conditions.append(FeatureAnalysis.method == method)
            rows = _found(session, *conditions)
        if not rows or not artefacts().exists(rows[0][1]):
            return None  # never computed, or its file was lost: it can be computed again
        brief, key = rows[0]
        return {**brief, "result": json.loads(artefacts().read(key))}


def _check_classes(made: FeatureSet, kind: str) -> None:
    labels = [label for label in made.summary.get("labels", {}) if label]
    if kind in (AnalysisKind.IMPORTANCE, AnalysisKind.SELECTION) and len(labels) < 2:
        found = f"all windows are of the class “{labels[0]}”" if labels else "no window has a class"
        raise Invalid(
            f"Features are rated by how they tell classes apart, but {found}. Label the "
            "recordings of the data set, and extract its features again."
        )


def _subject(feature_set_id: int, kind: str) -> str:
    return f"feature_{kind:.20}:{feature_set_id}"


def _selected(
    whole: TableFile, names: list[str], feature_set_id: int, report: Report
) -> StoredTable:
    units = [whole.units[whole.columns.index(name)] for name in names]
    about = {**whole.about, "selected_from": feature_set_id}
    return store_table(names, units, of_columns(whole, names, report), about)


def _keep_selection(
    session: Session, parent: FeatureSet, table: StoredTable, found: dict[str, Any], method: str
) -> int:
    """The next version of the name, with the chosen columns alone."""
    chosen = len(found["names"])
    note = f"{chosen} of {len(parent.features)} features, selected from version {parent.number}."
    unknown = {
        name: why
        for name, why in parent.summary.get("unknown", {}).items()
        if any(key.partition("@")[0] == name for key in found["names"])
    }
    summary = summary_of(table, parent.summary.get("unit", ""), [note], unknown)
    before = selection_of(session, parent)
    made = keep_set(
        session,
        parent.name,
        table,
        dataset_version_id=parent.dataset_version_id,
        parent_id=parent.id,
        domains=parent.domains,
        config={**parent.config, "selection": method},
        features=found["names"],
        summary={**summary, "selection": _all_selections(before, found, method)},
    )
    return made["feature_set_id"]


def _all_selections(
    before: dict[str, Any] | None, found: dict[str, Any], method: str
) -> dict[str, Any]:
    """Every method that chose columns, and every group that had a say in any of them."""
    if before is None:
        return {"methods": [method], "groups": list(found["training_groups"])}
    groups = before["groups"]
    if groups is not None:
        groups = sorted({*groups, *found["training_groups"]})
    return {"methods": [*before["methods"], method], "groups": groups}


def _keep(
    session: Session,
    feature_set_id: int,
    kind: AnalysisKind,
    method: str,
    parameters: dict[str, Any],
    found: dict[str, Any],
) -> list[str]:
    """Write the row, in the place of an older one; the key of the file that is not needed now."""
    hold(session)  # before the file is put, so that nobody takes it away
    content = json.dumps(plain_json(found), allow_nan=False, ensure_ascii=False).encode()
    key = artefacts().put(FOLDER, ".json", content)
    older = session.scalars(
        select(FeatureAnalysis).where(
            FeatureAnalysis.feature_set_id == feature_set_id,
            FeatureAnalysis.kind == kind,
            FeatureAnalysis.method == method,
        )
    ).one_or_none()
    unused = []
    if older is not None:
        unused = [older.artefact_key]
        session.delete(older)
        session.flush()
    session.add(
        FeatureAnalysis(
            feature_set_id=feature_set_id,
            kind=kind,
            method=method,
            parameters=parameters,
            artefact_key=key,
            owner_id=actor.user_id(),
        )
    )
    session.flush()
    return unused


def _found(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[AnalysisBrief, str]]:
    rows = session.execute(
        select(FeatureAnalysis, User.name)
        .join(User, User.id == FeatureAnalysis.owner_id)
        .where(*conditions)
        .order_by(FeatureAnalysis.id.desc())
    )
    return [
        (
            {
                "id": row.id,
                "feature_set_id": row.feature_set_id,
                "kind": row.kind.value,
                "method": row.method,
                "parameters": row.parameters,
                "owner_name": name,
                "created_at": row.created_at,
            },
            row.artefact_key,
        )
        for row, name in rows
    ]
