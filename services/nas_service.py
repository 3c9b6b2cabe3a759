"""Searches over networks: neural architecture search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.architectures.architecture import CLASSIFIER, Architecture, read_architecture
from diagnostics.architectures.choices import dimensions
from diagnostics.architectures.drawing import sample
from diagnostics.architectures.evolution import Evolution
from diagnostics.architectures.export import Use, python_source
from diagnostics.architectures.outline import outline_dimensions
from diagnostics.architectures.space import SearchSpace
from diagnostics.errors import TrainingError
from diagnostics.training.config import TrainingConfig
from models import Campaign, CampaignKind, CampaignTrial, Experiment
from services import actor, events
from services.campaigns import rows, views
from services.campaigns.campaign_service import CampaignService
from services.campaigns.planning import Limits, Search, base_config, make_campaign, objective
from services.campaigns.views import CampaignRow, CampaignView, TrialView
from services.errors import Conflict, Invalid, NotFound
from services.experiment_service import make_experiment
from services.experiments.data import as_invalid, latest_version
from services.hpo_service import checked_pruner
from services.runtime import unit_of_work

ALGORITHMS = ("random", "bayesian", "evolution")
FORMATS = ("pytorch", "json")
RETRAINED_EPOCHS = 50
# Below, there is nothing yet to compare trials by.
_FEWEST_EPOCHS = 3


class ArchitectureView(TypedDict):
    """A network that was tried. ``text`` is what an experiment takes as its architecture."""

    trial_id: int
    trial: int
    architecture: dict[str, Any]
    text: str
    hash: str
    value: float | None
    metric: str
    measured: dict[str, Any] | None
    experiment_ids: list[int]


class SearchView(CampaignView):
    """A campaign with the best of its networks."""

    best_architecture: ArchitectureView | None


class NASService:
    """Neural Architecture Search campaign management."""

    @staticmethod
    def create_nas_campaign(
        name: str,
        dataset_id: int,
        search_space_config: Mapping[str, Any] | None,
        search_algorithm: str = "random",
        num_trials: int = 20,
        max_epochs_per_trial: int = 10,
        *,
        version: int | None = None,
        config: Mapping[str, Any] | None = None,
        metric: str = "val_accuracy",
        direction: str = "maximize",
        pruner: str | None = None,
        seed: int = 0,
        parallel: int = 1,
        hours: float | None = None,
        patience: int | None = None,
        also: Sequence[str] = (),
    ) -> SearchView | None:
        """Begin a search; None if there is no such data set.

        ``search_space_config`` None stands for the default one; see
        :meth:`get_default_search_space`. With an ``evolution`` in it, such as
        ``{"population": 8, "sample": 3}``, the population is not chosen by the number of trials.
        ``config`` is of all trials. ``pruner`` ends poor trials early: ``median`` where there are
        3 epochs or more, ``hyperband`` or ``none``. ``also`` names a cost that is to be low beside
        the score, ``parameters`` or ``latency_ms``; no trial ends early then. Evolution looks at
        the score alone.

        Raises
        ------
        Invalid
            If something is wrong; the sentence says what.
        Conflict
            If the actor has a campaign of that name.
        """
        owner_id = actor.user_id()
        if search_algorithm not in ALGORITHMS:
            raise Invalid(
                f"The algorithm is one of {', '.join(ALGORITHMS)}, got {search_algorithm!r}."
            )
        aims = objective(metric, direction, also)
        limits = Limits(num_trials, parallel, hours, patience)
        given = dict(search_space_config or {})
        plan = _plan(search_algorithm, given.pop("evolution", None), num_trials)
        space = _space(given)
        base = _base(config or {}, max_epochs_per_trial, space)
        usual = "median" if base.epochs >= _FEWEST_EPOCHS and not also else "none"
        try:
            used = checked_pruner(
                search_algorithm, usual if pruner is None else pruner, base, dimensions(space)
            )
        except TrainingError as error:
            raise as_invalid(error) from error
        if also and used != "none":
            raise Invalid("With a cost beside the score no trial can end early: choose “none”.")
        plan["search_space"] = space.to_dict()
        drawn = {name: one.to_dict() for name, one in outline_dimensions(space).items()}
        search = Search(CampaignKind.NAS, search_algorithm, used, drawn, seed, plan)
        with unit_of_work() as session:
            try:
                version_id = latest_version(session, str(dataset_id), version)
            except NotFound:
                return None
            made = make_campaign(session, owner_id, name, version_id, base, search, aims, limits)
            return _details(views.view(session, made))

    @staticmethod
    def get_default_search_space() -> dict[str, Any]:
        """What a search chooses from, unless it is told otherwise."""
        actor.reader()
        return SearchSpace().to_dict()

    @staticmethod
    def check_search_space(search_space_config: Mapping[str, Any]) -> dict[str, Any]:
        """The space as it would be searched.

        Raises
        ------
        Invalid
            If a list is empty or a value is wrong; the sentence says which.
        """
        actor.reader()
        return _space(search_space_config).to_dict()

    @staticmethod
    def sample_architecture(
        search_space_config: Mapping[str, Any], seed: int | None = None
    ) -> dict[str, Any]:
        """A network of the space, drawn by chance; the same one for the same seed.

        Raises
        ------
        Invalid
            If the space is wrong, or its limits leave none.
        """
        actor.reader()
        try:
            return sample(_space(search_space_config), seed).to_dict()
        except TrainingError as error:
            raise as_invalid(error) from error

    @staticmethod
    def compute_architecture_hash(architecture: Mapping[str, Any] | str) -> str:
        """SHA-256 in hexadecimal digits; equal for all writings of the same network.

        Raises
        ------
        Invalid
            If it is no network.
        """
        actor.reader()
        return _architecture(architecture).hash

    @staticmethod
    def get_campaign_details(campaign_id: int) -> SearchView | None:
        """One search over networks; None if there is none."""
        try:
            found = CampaignService.get_campaign(campaign_id)
        except NotFound:
            return None
        return _details(found) if found["kind"] is CampaignKind.NAS else None

    @staticmethod
    def get_best_architecture(campaign_id: int) -> ArchitectureView | None:
        """The network with the best score so far; None if there is none."""
        found = NASService.get_campaign_details(campaign_id)
        return None if found is None else found["best_architecture"]

    @staticmethod
    def get_architecture(campaign_id: int, number: int) -> ArchitectureView | None:
        """The network of a trial by its number; None if there is none, or it is not chosen yet."""
        actor.reader()
        wanted = select(CampaignTrial).where(
            CampaignTrial.campaign_id == campaign_id, CampaignTrial.number == number
        )
        with unit_of_work(writing=False) as session:
            row = session.scalars(wanted).one_or_none()
            return None if row is None else _of_trial(session, row)

    @staticmethod
    def export_architecture(trial_id: int, format: str = "pytorch") -> str | None:
        """A Python file that builds the network and loads its checkpoint, or a JSON text.

        None if there is no such trial, or it has no network.

        Raises
        ------
        Invalid
            If there is no such format.
        """
        actor.reader()
        if format not in FORMATS:
            raise Invalid(f"The format is one of {', '.join(FORMATS)}, got {format!r}.")
        with unit_of_work(writing=False) as session:
            row = session.get(CampaignTrial, trial_id)
            found = None if row is None else _of_trial(session, row)
            if row is None or found is None:
                return None
            campaign = views.view(session, row.campaign_id)
        if format == "json":
            return json.dumps(found, indent=2, ensure_ascii=False)
        config = TrainingConfig.from_dict(campaign["config"])
        use = Use(
            len(config.channels),
            campaign["plan"]["class_names"],
            config.window,
            campaign["plan"]["sample_rate_hz"],
            float(config.parameters["dropout"]),
        )
        return python_source(read_architecture(found["text"]), use)

    @staticmethod
    def retrain_best(campaign_id: int, epochs: int = RETRAINED_EPOCHS) -> int:
        """Train the best network anew with as many epochs as it wants; the experiment's id.

        It is an ordinary experiment, which is tested at its end: with that the test part was
        looked at, and the search cannot go on.

        Raises
        ------
        NotFound
            If there is no such search.
        Conflict
            If it is at work, has no best network, or its best one was trained anew already.
        Invalid
            If there can be no such number of epochs.
        """
        actor.writer()
        with unit_of_work() as session:
            campaign = rows.hold(session, campaign_id)
            actor.owner_or_admin(campaign.owner_id)
            best = _best(session, campaign)
            architecture = (best.params or {})["architecture"]
            config = TrainingConfig.from_dict(campaign.config)
            chosen = {**config.parameters, "architecture": architecture}
            try:
                config = replace(config, epochs=epochs, parameters=chosen)
            except TrainingError as error:
                raise as_invalid(error) from error
            made = make_experiment(
                session,
                campaign.owner_id,
                f"{campaign.name}, best network",
                campaign.version_id,
                config,
            )
            retrained = {"experiment_id": made, "trial": best.number, "epochs": epochs}
            campaign.plan = {**campaign.plan, "retrained": retrained}
            if campaign.final_job_id is None:
                campaign.final_job_id = session.get_one(Experiment, made).job_id
            events.record(
                session, "campaign.retrained", f"campaign:{campaign_id}", experiment_id=made
            )
            return made

    @staticmethod
    def list_campaigns(limit: int = 50, offset: int = 0) -> list[CampaignRow]:
        """Searches over networks, newest first."""
        return CampaignService.list_campaigns(limit, offset, CampaignKind.NAS)

    @staticmethod
    def count_campaigns() -> int:
        return CampaignService.count_campaigns(CampaignKind.NAS)


def architecture_view(trial: TrialView, metric: str) -> ArchitectureView:
    """The network of a trial that has one."""
    architecture = read_architecture((trial["params"] or {})["architecture"])
    return {
        "trial_id": trial["id"],
        "trial": trial["number"],
        "architecture": architecture.to_dict(),
        "text": architecture.text,
        "hash": architecture.hash,
        "value": trial["value"],
        "metric": metric,
        "measured": trial["measured"],
        "experiment_ids": trial["experiment_ids"],
    }


def _of_trial(session: Session, row: CampaignTrial) -> ArchitectureView | None:
    if "architecture" not in (row.params or {}):
        return None
    metric = rows.find(session, row.campaign_id).metrics[0]
    return architecture_view(views.trial_views(session, [row])[0], metric)


def _details(campaign: CampaignView) -> SearchView:
    best = campaign["best"]
    found = None if best is None else architecture_view(best, campaign["metric"])
    return {**campaign, "best_architecture": found}


def _best(session: Session, campaign: Campaign) -> CampaignTrial:
    if campaign.kind is not CampaignKind.NAS:
        raise NotFound(f"There is no search over networks {campaign.id}.")
    if rows.at_work(session, campaign.id).all or campaign.ended_at is None:
        raise Conflict(f"“{campaign.name}” is at work. Stop it first, or wait for its end.")
    if "retrained" in campaign.plan:
        number = campaign.plan["retrained"]["experiment_id"]
        raise Conflict(
            f"The best network of “{campaign.name}” was trained anew already: experiment {number}."
        )
    best = rows.find_best(session, campaign)
    if best is None:
        raise Conflict(f"“{campaign.name}” has no trial with a score yet.")
    return best


def _base(given: Mapping[str, Any], epochs: int, space: SearchSpace) -> TrainingConfig:
    for name in ("epochs", "parameters"):
        if name in given:
            raise Invalid(
                f"“{name}” is not said with the training of all trials: epochs have a field of"
                " their own, and parameters are what is searched."
            )
    own = {**given, "epochs": epochs, "parameters": {"dropout": space.dropout}}
    return base_config(CLASSIFIER, own)


def _plan(algorithm: str, given: object, trials: int) -> dict[str, Any]:
    if algorithm != "evolution":
        if given is not None:
            raise Invalid(f"The algorithm {algorithm!r} has no population: leave “evolution” out.")
        return {}
    try:
        return {"evolution": asdict(_evolution(given, trials))}
    except TrainingError as error:
        raise as_invalid(error) from error


def _evolution(given: object, trials: int) -> Evolution:
    if given is None:
        return Evolution.for_trials(trials if isinstance(trials, int) else 1)
    known = {"population", "sample"}
    if not isinstance(given, Mapping) or set(given) != known:
        raise TrainingError("“evolution” is an object with a “population” and a “sample”.")
    for name in sorted(known):
        if isinstance(given[name], bool) or not isinstance(given[name], int):
            raise TrainingError(f"“{name}” must be a whole number, got {given[name]!r}.")
    return Evolution(given["population"], given["sample"])


def _space(given: object) -> SearchSpace:
    try:
        return SearchSpace.from_dict(given)
    except TrainingError as error:
        raise as_invalid(error) from error


def _architecture(given: object) -> Architecture:
    try:
        return read_architecture(given)
    except TrainingError as error:
        raise as_invalid(error) from error
