"""Searches over networks: by chance, by a sampler over their choices, or by evolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diagnostics.architectures.architecture import CLASSIFIER, Architecture, read_architecture
from diagnostics.architectures.choices import dimensions
from diagnostics.architectures.evolution import Evolution, Tried, propose
from diagnostics.architectures.outline import outline
from diagnostics.architectures.sizes import parameter_count
from diagnostics.architectures.space import SearchSpace, decode, encode
from diagnostics.errors import TrainingError
from diagnostics.search.study import Method, PastPoint, Pruner, SearchStudy
from diagnostics.training.config import TrainingConfig
from diagnostics.training.cost import CostQuestion, measure_cost
from models import Campaign, TrialState
from services.campaigns.kinds import Asked, PastTrial, Suggestion, TrainedTrial
from services.campaigns.studies import open_study
from services.files.staging import staging

# Other networks that are looked at, when one breaks a limit, before the trial is given up.
MOST_ASKED = 20
MOST_TIMED = 10
# Far from any number of a trial: what chooses is seeded by it.
_AGAIN = 1_000_000
_TRAINED = (TrialState.COMPLETE, TrialState.PRUNED)


class ArchitectureSearch:
    """Architecture search."""

    def suggest(self, asked: Asked) -> Suggestion:
        campaign, past = asked.campaign, asked.past()
        known = [(trial, _architecture(trial)) for trial in past]
        try:
            if campaign.method == Method.BAYESIAN:
                found = _by_sampler(asked)
            else:
                found = _by_proposal(asked, [(t, a) for t, a in known if a is not None])
        except TrainingError as error:
            return Suggestion({}, None, refusal=str(error))
        fingerprint = found.architecture.hash
        same = [
            trial.number
            for trial in past
            if trial.fingerprint == fingerprint and trial.state in _TRAINED
        ]
        params: dict[str, Any] = {
            "architecture": found.architecture.text,
            **outline(found.architecture),
        }
        if found.parent is not None:
            params["parent"] = found.parent
        return Suggestion(
            params,
            _config(campaign, found.architecture),
            found.study_number,
            fingerprint=fingerprint,
            same_as=same[0] if same else None,
        )

    def study(self, campaign: Campaign) -> SearchStudy | None:
        if campaign.method != Method.BAYESIAN and campaign.pruner == Pruner.NONE:
            return None
        space = search_space(campaign)
        method = Method.BAYESIAN if campaign.method == Method.BAYESIAN else Method.RANDOM
        return open_study(campaign, dimensions(space), method)

    def measure(self, trained: TrainedTrial) -> Mapping[str, Any]:
        cost = measure_cost(
            CostQuestion(
                CLASSIFIER,
                trained.config.parameters,
                trained.config.window,
                len(trained.config.channels),
                trained.classes,
            )
        )
        return {
            "flops": cost.operations,
            "latency_ms": cost.latency.median_ms,
            "latency_runs": cost.latency.runs,
            "machine": cost.latency.machine,
            "size_bytes": _size(trained),
        }


def search_space(campaign: Campaign) -> SearchSpace:
    """What networks are chosen from; the space of the row has their outlines, for figures."""
    return SearchSpace.from_dict(campaign.plan["search_space"])


def _size(trained: TrainedTrial) -> int:
    """Of the file of the trained network."""
    with staging() as folder:
        path = folder / "model.pt"
        trained.fitted.save(path)
        return path.stat().st_size


@dataclass(frozen=True)
class _Found:
    architecture: Architecture
    study_number: int | None
    parent: int | None = None


def _by_sampler(asked: Asked) -> _Found:
    """What the sampler chooses; what breaks a limit has failed, and it chooses again."""
    campaign = asked.campaign
    space = search_space(campaign)
    study = _remembering(asked, Method.BAYESIAN)
    accepts = _limits(campaign, space)
    for attempt in range(MOST_ASKED):
        point = study.ask(asked.number + attempt * _AGAIN)
        found = decode(space, point.params)
        try:
            if accepts(found):
                return _Found(found, point.study_number)
        except TrainingError:
            study.tell_failed(point.study_number)
            raise
        study.tell_failed(point.study_number)
    raise TrainingError(
        f"{MOST_ASKED} networks were chosen, and all of them break a limit of the search space."
        " Raise the limits, or allow narrower widths and fewer stages."
    )


def _by_proposal(asked: Asked, known: Sequence[tuple[PastTrial, Architecture]]) -> _Found:
    campaign = asked.campaign
    space = search_space(campaign)
    up = campaign.directions[0] == "maximize"
    tried = [Tried(architecture, _score(trial, up)) for trial, architecture in known]
    given = campaign.plan.get("evolution")
    proposal = propose(
        space,
        tried,
        number=asked.number - 1,
        seed=campaign.seed,
        accept=_limits(campaign, space),
        evolution=Evolution(**given) if given else None,
    )
    parent = None if proposal.parent is None else known[proposal.parent][0].number
    if campaign.pruner == Pruner.NONE:
        return _Found(proposal.architecture, None, parent)
    # The study did not choose it, and is to compare its epochs with those of others.
    study = _remembering(asked, Method.RANDOM)
    number = study.take(encode(space, proposal.architecture))
    return _Found(proposal.architecture, number, parent)


def _remembering(asked: Asked, method: Method) -> SearchStudy:
    """The study; one that lost its memory is told again what the rows say."""
    campaign, space = asked.campaign, search_space(asked.campaign)
    study = open_study(campaign, dimensions(space), method)
    if asked.number > 1 and study.is_new():
        study.learn(list(_scored(asked, space)))
    return study


def _scored(asked: Asked, space: SearchSpace) -> Iterator[PastPoint]:
    for trial in asked.past():
        architecture, measured = _architecture(trial), trial.measured or {}
        values = [measured.get(name) for name in asked.campaign.metrics]
        known = [float(value) for value in values if value is not None]
        complete = trial.state is TrialState.COMPLETE and len(known) == len(values)
        if complete and architecture is not None:
            yield PastPoint(encode(space, architecture), tuple(known))


def _score(trial: PastTrial, up: bool) -> float | None:
    """Higher is better. What was ended early has no children, like what failed."""
    if trial.state is not TrialState.COMPLETE or trial.value is None:
        return None
    return trial.value if up else -trial.value


def _architecture(trial: PastTrial) -> Architecture | None:
    text = (trial.params or {}).get("architecture")
    return None if text is None else read_architecture(text)


def _config(campaign: Campaign, architecture: Architecture) -> TrainingConfig:
    base = TrainingConfig.from_dict(campaign.config)
    return replace(base, parameters={**base.parameters, "architecture": architecture.text})


def _limits(campaign: Campaign, space: SearchSpace) -> Callable[[Architecture], bool]:
    """Whether a network keeps to the limits; its time is measured where it is limited.

    Raises
    ------
    TrainingError
        When called, if many networks in turn were too slow.
    """
    config = TrainingConfig.from_dict(campaign.config)
    channels, classes = len(config.channels), len(campaign.plan["class_names"])
    timed = iter(range(MOST_TIMED))

    def accepts(architecture: Architecture) -> bool:
        most = space.max_parameters
        if most is not None and parameter_count(architecture, channels, classes) > most:
            return False
        if space.max_latency_ms is None:
            return True
        _count(timed, space.max_latency_ms)
        parameters = _config(campaign, architecture).parameters
        question = CostQuestion(CLASSIFIER, parameters, config.window, channels, classes)
        return measure_cost(question).latency.median_ms <= space.max_latency_ms

    return accepts


def _count(timed: Iterator[int], limit_ms: float) -> None:
    if next(timed, None) is None:
        raise TrainingError(
            f"{MOST_TIMED} networks in turn took longer than {limit_ms:g} ms for a window on this"
            " machine. Raise the limit, or allow narrower widths and fewer stages."
        )
