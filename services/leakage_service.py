"""Whether a test asks for what was learned, and how much better that looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diagnostics.training.config import TrainingConfig
from diagnostics.training.leakage import Check
from models import ExperimentCounterpart, JobKind
from services import actor, events, locks
from services.errors import Invalid
from services.experiment_service import NAME_LENGTH, ExperimentService
from services.experiments import counterparts, leaks
from services.experiments import views as experiment_views
from services.experiments.counterparts import GapView
from services.experiments.views import ExperimentView
from services.job_service import JobService, JobView
from services.runtime import unit_of_work


class LeakageService:
    """Look for leaks in stored splits; train the same under another kind of split."""

    @staticmethod
    def begin_checks(experiment_id: int) -> None:
        """Check the stored split anew, as far as that needs no samples; the rest stands open.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.writer()
        with unit_of_work() as session:
            experiment = experiment_views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            leaks.keep(experiment, leaks.checks_again(session, experiment))

    @staticmethod
    def keep_checks(experiment_id: int, checks: Sequence[Check]) -> None:
        """Keep what a worker found by looking at samples and at the trained classifier.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.writer()
        with unit_of_work() as session:
            experiment = experiment_views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            report = leaks.report_of(experiment.leakage)
            for check in checks:
                report = report.with_check(check)
            leaks.keep(experiment, report)

    @staticmethod
    def request_check(experiment_id: int) -> int:
        """Submit the job that checks a stored split; one that runs is not doubled.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If it is not trained yet: its training checks it.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            experiment = experiment_views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            if experiment.checkpoint_key is None:
                raise Invalid("The training checks its split itself. Wait until it is done.")
            title = f"Leakage check of “{experiment.name}”"
        arguments = {"experiment_id": experiment_id}
        subject = _subject(experiment_id)
        return JobService.submit_once(JobKind.CHECK_LEAKAGE, arguments, title, subject)

    @staticmethod
    def find_job(experiment_id: int) -> JobView | None:
        """The newest job that checks the split of an experiment."""
        actor.reader()
        return JobService.find_latest(_subject(experiment_id), JobKind.CHECK_LEAKAGE)

    @staticmethod
    def create_counterpart(experiment_id: int) -> ExperimentView:
        """Train the same under the other kind of split: random windows, or by group.

        One that is there already is not doubled, unless it failed or was cancelled.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If the other split is not possible; the sentence says why.
        """
        actor.writer()
        with unit_of_work() as session:
            locks.alone(session, "start counterparts")
            experiment = experiment_views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            known = counterparts.find(session, experiment)
            if known is not None and not counterparts.has_failed(session, known):
                return experiment_views.view(session, known.id)
            config = TrainingConfig.from_dict(experiment.config)
            other, told = counterparts.other_split(session, experiment, config)
            name = f"{experiment.name[: NAME_LENGTH - len(told) - 2]}, {told}"
            made = ExperimentService.create_experiment(name, experiment.version_id, other)
            session.add(ExperimentCounterpart(experiment_id=made["id"], other_id=experiment_id))
            events.record(
                session, "experiment.set_against", f"experiment:{made['id']}", other=experiment_id
            )
            session.flush()
            return experiment_views.view(session, made["id"])

    @staticmethod
    def get_gap(experiment_id: int) -> GapView | None:
        """The experiment and its counterpart with what lies between their scores, or None.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            experiment = experiment_views.find(session, experiment_id)
            other = counterparts.find(session, experiment)
            return None if other is None else counterparts.gap(session, experiment, other)

    @staticmethod
    def get_leakage(experiment_id: int) -> dict[str, Any] | None:
        """Verdict, sentence and checks of an experiment; None for one that was never checked.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return experiment_views.find(session, experiment_id).leakage


def _subject(experiment_id: int) -> str:
    return f"leakage:{experiment_id}"
