"""What the leakage guard says of an ensemble: its own split, and what was found of its members.

Whatever a member has learned was compared with its own test, which holds the common one. So the
checks that need samples are done already; the worst of them holds for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.training.leakage import TITLES, Check, Finding, LeakReport
from models import EnsembleMember, Experiment
from services.ensembles import views
from services.experiments import leaks

WORST_FIRST = (
    Finding.LEAK,
    Finding.SUSPECT,
    Finding.OPEN,
    Finding.UNKNOWN,
    Finding.NOTED,
    Finding.CLEAR,
)


def report_on(session: Session, ensemble: Experiment, members: Sequence[Experiment]) -> LeakReport:
    """The worst of each check: of the split of the ensemble, and of its members."""
    own = {check.name: check for check in leaks.checks_again(session, ensemble).checks}
    found = []
    for name in TITLES:
        given = [own[name]] if name in own and own[name].finding is not Finding.OPEN else []
        given += [_of_member(name, member) for member in members if _concerns(name, member)]
        if given:
            found.append(min(given, key=lambda check: WORST_FIRST.index(check.finding)))
    return LeakReport(tuple(found))


def keep(session: Session, ensemble_id: int) -> None:
    """Verdict of an ensemble as it follows from its members now."""
    ensemble = session.get_one(Experiment, ensemble_id)
    members = [member for _, member in views.members(session, ensemble_id)]
    leaks.keep(ensemble, report_on(session, ensemble, members))


def carry_on(session: Session, member_id: int) -> None:
    """What was found of a member holds for every ensemble that it votes in."""
    session.flush()
    using = select(EnsembleMember.experiment_id).where(EnsembleMember.member_id == member_id)
    for ensemble_id in session.scalars(using).all():
        keep(session, ensemble_id)


def _concerns(name: str, member: Experiment) -> bool:
    """Only where there is a feature set, its columns may have been chosen."""
    return name != "selection" or bool(member.config.get("feature_set"))


def _of_member(name: str, member: Experiment) -> Check:
    checks = {check.name: check for check in leaks.report_of(member.leakage).checks}
    if name not in checks:
        return Check(name, Finding.OPEN, f"“{member.name}” was never checked.")
    check = checks[name]
    return replace(check, sentence=f"“{member.name}”: {check.sentence}")
