"""Searches over settings of a training: hyper-parameter optimisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypedDict

from sqlalchemy import select

from diagnostics.errors import TrainingError
from diagnostics.search.settings import (
    check_space,
    default_space,
    known_settings,
    suggested_dimension,
)
from diagnostics.search.space import FEWEST_TRIALS, MOST_POINTS, Space
from diagnostics.training.card import Family
from diagnostics.training.classifiers import trainable
from diagnostics.training.config import TrainingConfig
from models import Campaign, CampaignKind, CampaignRun, CampaignTrial, TrialState
from services import actor
from services.campaigns import filling, results, rows, views
from services.campaigns.campaign_service import CampaignService
from services.campaigns.planning import Limits, Search, base_config, make_campaign, objective
from services.campaigns.views import CampaignRow, CampaignView
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.experiments.data import as_invalid, latest_version
from services.files.kept_files import delete_unnamed, hold
from services.runtime import artefacts, unit_of_work

FEWEST_EPOCHS = 3
METHODS = ("bayesian", "random", "grid", "hyperband")
PRUNERS = ("none", "median", "hyperband")


class CampaignExperiment(TypedDict):
    """A training of a trial; ``fold`` is 0 where the trial has only one."""

    experiment_id: int
    trial_id: int
    trial: int
    fold: int
    state: TrialState
    params: dict[str, Any]
    value: float | None


class HPOService:
    """Hyperparameter optimization campaign management."""

    @staticmethod
    def create_campaign(
        name: str,
        method: str,
        base_model_type: str,
        dataset_id: int,
        search_space: Mapping[str, Any] | None,
        num_trials: int,
        metric: str = "val_accuracy",
        direction: str = "maximize",
        created_by: int | None = None,
        *,
        version: int | None = None,
        config: Mapping[str, Any] | None = None,
        pruner: str | None = None,
        seed: int = 0,
        parallel: int = 1,
        hours: float | None = None,
        patience: int | None = None,
        also: Sequence[str] = (),
    ) -> CampaignView | None:
        """Begin a search; None if there is no such data set.

        ``search_space`` None stands for the default one. ``version`` is the number of a version of
        the data set, the newest by default; ``config`` is of all trials, but for what is searched.
        ``pruner`` ends poor trials early: ``none``, ``median`` or ``hyperband``, which is that of
        the method of the same name. ``also`` names a cost that is to be low beside the score,
        ``parameters`` or ``latency_ms``: then there is a front of trials that none beats in both.

        Raises
        ------
        Invalid
            If something is wrong; the sentence says what.
        Conflict
            If the actor has a campaign of that name.
        Forbidden
            If ``created_by`` is somebody else.
        """
        owner_id = actor.user_id()
        if created_by not in (None, owner_id):
            raise Forbidden("A campaign belongs to whoever begins it.")
        aims = objective(metric, direction, also)
        limits = Limits(num_trials, parallel, hours, patience)
        base = base_config(base_model_type, config)
        space = checked_space(search_space, base)
        method = _one_of("method", method, METHODS)
        plan: dict[str, Any] = {}
        if method == "grid":
            plan["grid_size"] = size = _grid_size(space, num_trials)
            limits = replace(limits, budget=size)
        used = checked_pruner(method, pruner, base, space)
        if also and (used != "none" or base.card.family is not Family.NETWORK):
            raise Invalid(
                "A cost beside the score is measured of networks that came to their last epoch:"
                " choose a network, and end no trial early."
            )
        search = Search(CampaignKind.HPO, method, used, space.to_dict(), seed, plan)
        with unit_of_work() as session:
            try:
                version_id = latest_version(session, str(dataset_id), version)
            except NotFound:
                return None
            made = make_campaign(session, owner_id, name, version_id, base, search, aims, limits)
            return views.view(session, made)

    @staticmethod
    def get_campaign(campaign_id: int) -> CampaignView | None:
        """One search over settings; None if there is none."""
        try:
            found = CampaignService.get_campaign(campaign_id)
        except NotFound:
            return None
        return found if found["kind"] is CampaignKind.HPO else None

    @staticmethod
    def get_all_campaigns() -> list[CampaignRow]:
        """All searches over settings, newest first."""
        actor.reader()
        own = views.campaign_rows().where(Campaign.kind == CampaignKind.HPO)
        with unit_of_work(writing=False) as session:
            return views.brief(session, session.execute(own.order_by(Campaign.id.desc())).all())

    @staticmethod
    def update_campaign_progress(
        campaign_id: int,
        trials_completed: int,
        best_experiment_id: int | None,
        best_accuracy: float | None,
    ) -> bool:
        """See after a campaign's trials; whether they are as the caller believes.

        Progress follows from the trials and is never overwritten by what somebody says of it:
        lost trials are ended, missing jobs are sent, and False says that the figures differ or
        that there is no such campaign.
        """
        actor.writer()
        with unit_of_work() as session:
            if session.get(Campaign, campaign_id) is None:
                return False
            campaign = rows.hold(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            filling.tidy(session, campaign_id)
            filling.fill(session, campaign)
            found = views.view(session, campaign_id)
        best = found["best"]
        experiments = [] if best is None else best["experiment_ids"]
        return (
            found["trials"]["complete"] == trials_completed
            and (best_experiment_id in experiments if experiments else best_experiment_id is None)
            and found["best_value"] == best_accuracy
        )

    @staticmethod
    def update_campaign_status(campaign_id: int, status: str) -> bool:
        """Pause (``paused``), continue (``running``) or end (``stopped``, ``cancelled``) a search.

        False if there is no such campaign, or its state does not allow that.

        Raises
        ------
        Invalid
            If a person cannot ask for such a state.
        """
        actor.writer()
        changes: dict[str, Callable[[int], object]] = {
            "paused": CampaignService.pause_campaign,
            "running": CampaignService.resume_campaign,
            "stopped": CampaignService.stop_campaign,
            "cancelled": partial(CampaignService.stop_campaign, at_once=True),
        }
        change = changes[_one_of("status", status, tuple(changes))]
        try:
            change(campaign_id)
        except (NotFound, Conflict):
            return False
        return True

    @staticmethod
    def get_campaign_experiments(campaign_id: int) -> list[CampaignExperiment]:
        """The trainings of all trials, in their order; empty if there is no such campaign."""
        actor.reader()
        wanted = (
            select(CampaignTrial, CampaignRun)
            .join(CampaignRun, CampaignRun.trial_id == CampaignTrial.id)
            .where(CampaignTrial.campaign_id == campaign_id)
            .order_by(CampaignTrial.number, CampaignRun.fold)
        )
        with unit_of_work(writing=False) as session:
            return [
                {
                    "experiment_id": run.experiment_id,
                    "trial_id": trial.id,
                    "trial": trial.number,
                    "fold": run.fold,
                    "state": trial.state,
                    "params": trial.params or {},
                    "value": trial.value,
                }
                for trial, run in session.execute(wanted)
            ]

    @staticmethod
    def get_default_search_space(model_type: str) -> dict[str, Any]:
        """What is worth searching first of a classifier, as JSON for :meth:`create_campaign`.

        Raises
        ------
        Invalid
            If no training makes such a classifier.
        """
        actor.reader()
        try:
            return default_space(model_type).to_dict()
        except TrainingError as error:
            raise as_invalid(error) from error

    @staticmethod
    def list_settings(model_type: str) -> list[str]:
        """Names that a search space for a classifier may have.

        Raises
        ------
        Invalid
            If no training makes such a classifier.
        """
        actor.reader()
        try:
            return list(known_settings(trainable(model_type)))
        except TrainingError as error:
            raise as_invalid(error) from error

    @staticmethod
    def suggest_dimension(model_type: str, name: str) -> dict[str, Any]:
        """Bounds or choices that a search over one more setting could begin with.

        Raises
        ------
        Invalid
            If no training makes such a classifier, or it has no such setting.
        """
        actor.reader()
        try:
            return suggested_dimension(model_type, name).to_dict()
        except TrainingError as error:
            raise as_invalid(error) from error

    @staticmethod
    def check_search_space(
        model_type: str, search_space: Mapping[str, Any], config: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The space as it would be searched.

        Raises
        ------
        Invalid
            If it is empty, or a bound or choice is wrong; the sentence says which.
        """
        actor.reader()
        return checked_space(search_space, base_config(model_type, config)).to_dict()

    @staticmethod
    def resume_campaign(campaign_id: int) -> bool:
        """Go on with a search that rests or was stopped; False if there is none or it cannot."""
        return HPOService.update_campaign_status(campaign_id, "running")

    @staticmethod
    def export_results(campaign_id: int, format: str = "json") -> str | None:
        """What was asked and came out as ``json`` or ``yaml``, or as a ``python`` script.

        The script trains the best trial again; ``csv`` has a row for each trial. None if there is
        no such campaign.

        Raises
        ------
        Invalid
            If there is no such format.
        Conflict
            If a script is wanted and no trial has come to its end.
        """
        actor.reader()
        chosen = _one_of("format", format, results.FORMATS)
        with unit_of_work(writing=False) as session:
            if session.get(Campaign, campaign_id) is None:
                return None
            return results.exported(session, campaign_id, chosen)

    @staticmethod
    def pack_results(campaign_id: int) -> bytes | None:
        """All of these in one zip, which is not kept; None if there is no such campaign."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            if session.get(Campaign, campaign_id) is None:
                return None
            return results.archive(session, campaign_id)

    @staticmethod
    def get_trials_dataframe(campaign_id: int) -> dict[str, list[Any]]:
        """Columns of the same length, one entry for each trial: what ``pandas.DataFrame`` takes.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return results.trials_table(session, campaign_id)

    @staticmethod
    def get_parameter_importance(campaign_id: int) -> dict[str, Any]:
        """What each setting explains of how scores differ, by fANOVA.

        Of a search over networks, the settings are their outlines. Keys: ``n``, the number of
        finished trials; ``importances``, a list with ``name``, ``share``, ``low`` and ``high``,
        most first; ``note``, why there is none yet; ``surfaces``, what a forest expects of each
        two of the first settings over a grid, and ``r2``, how well it forecasts trials that it
        has not seen. Loads scikit-learn: pages have it measured by a job.

        Raises
        ------
        NotFound
            If there is no such campaign.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            campaign = rows.find(session, campaign_id)
            points, values = results.finished_points(session, campaign_id)
            space, seed = campaign.space, campaign.seed
        found: dict[str, Any] = {"n": len(values), "importances": [], "note": ""}
        found |= {"surfaces": [], "r2": None}
        if len(values) < FEWEST_TRIALS:
            return {**found, "note": f"It takes {FEWEST_TRIALS} finished trials or more."}
        from diagnostics.search.importance import importances
        from diagnostics.search.surrogate import surfaces

        searched = Space.from_dict(space)
        try:
            measured = importances(searched, points, values, seed)
        except TrainingError as error:
            return {**found, "note": str(error)}
        expected = surfaces(searched, points, values, [one.name for one in measured], seed)
        return {**found, "importances": [asdict(one) for one in measured], **asdict(expected)}

    @staticmethod
    def save_research_artifact(campaign_id: int) -> str | None:
        """Keep documents, table and script of a campaign in one zip; its key in the store.

        None if there is no such campaign. An earlier archive is let go.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            campaign = session.get(Campaign, campaign_id)
            if campaign is None:
                return None
            actor.owner_or_admin(campaign.owner_id)
            packed, before = results.archive(session, campaign_id), campaign.artefact_key
        artefacts().put("campaigns", ".zip", packed)
        with unit_of_work() as session:
            campaign = rows.find(session, campaign_id)
            hold(session)
            key = artefacts().put("campaigns", ".zip", packed)
            campaign.artefact_key = key
        if before not in (None, key):
            delete_unnamed([before])
        return key


def checked_space(given: Mapping[str, Any] | None, base: TrainingConfig) -> Space:
    """The space of a search over settings; None stands for the default one.

    Raises
    ------
    Invalid
        If it is empty, or a bound or choice is wrong.
    """
    try:
        space = default_space(base.classifier) if given is None else Space.from_dict(given)
        check_space(space, base)
        return space
    except TrainingError as error:
        raise as_invalid(error) from error


def checked_pruner(method: str, pruner: str | None, base: TrainingConfig, space: Space) -> str:
    """What ends trials early; that of Hyperband is its own.

    Raises
    ------
    Invalid
        If there is no such one, or nothing that it could look at.
    """
    usual = "hyperband" if method == "hyperband" else "none"
    used = _one_of("pruner", usual if pruner is None else pruner, PRUNERS)
    if method == "hyperband" and used != "hyperband":
        raise Invalid("The method “hyperband” ends trials by its own rule; choose no other.")
    if used == "none":
        return used
    if base.card.family is not Family.NETWORK:
        raise Invalid(
            f"{base.card.title} learns at one go, without epochs after which a trial could end"
            " early. Choose the method “bayesian”, “random” or “grid” without a pruner."
        )
    if base.epochs < FEWEST_EPOCHS:
        raise Invalid(
            f"Ending trials early takes {FEWEST_EPOCHS} epochs or more, got {base.epochs}."
        )
    if any(dimension.name == "epochs" for dimension in space.dimensions):
        raise Invalid(
            "Where trials end early, the number of epochs is not searched: it is what the best"
            " ones get."
        )
    return used


def _grid_size(space: Space, budget: int) -> int:
    try:
        size = space.grid_size()
    except TrainingError as error:
        raise as_invalid(error) from error
    if size > budget:
        told = f"more than {MOST_POINTS}" if size > MOST_POINTS else str(size)
        raise Invalid(
            f"The grid has {told} points, and there are {budget} trials. Allow more trials, take"
            " larger steps or fewer settings, or choose another method."
        )
    return size


def _one_of(title: str, given: object, known: tuple[str, ...]) -> str:
    if given not in known:
        raise Invalid(f"The {title} is one of {', '.join(known)}, got {given!r}.")
    return str(given)
