"""Algorithms of different families, whose opinions are made comparable and averaged.

Each member's score becomes the rarity of such a score among ordinary rows (the digits of
:class:`diagnostics.detectors.tail.Tail`), or its rank; the score is the mean over the members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.detectors.algorithm import (
    Config,
    Model,
    Scores,
    State,
    Values,
    load_algorithm,
    need,
    occlusion,
)
from diagnostics.detectors.description import Value
from diagnostics.detectors.registry import check_config
from diagnostics.detectors.tail import Tail, check_tail, fit_tail
from diagnostics.progress import Progress, Report

MEMBERS: dict[str, dict[str, Value]] = {
    "isolation_forest": {},
    "statistical": {"method": "mad"},
    "ecod": {},
    "mcd": {},
    "knn": {"n_neighbors": 20, "method": "mean"},
    "pca": {"part": "minor"},
}
# One member that is certain decides no more than this many digits.
_MOST = 8.0


@dataclass(frozen=True, eq=False)
class Member:
    """One algorithm, and the distribution of its scores."""

    name: str
    model: Model
    tail: Tail

    def says(self, raw: Scores, by_rank: bool) -> Scores:
        if by_rank:
            return np.interp(raw, *_ranks(self.tail))
        return np.minimum(self.tail.rarity(raw), _MOST)


@dataclass(frozen=True, eq=False)
class Several:
    """The members."""

    members: tuple[Member, ...]
    by_rank: bool

    @property
    def scores_are_digits(self) -> bool:
        """Whether a score is a mean of rarities, so that it means the same in every table."""
        return not self.by_rank

    def scores(self, values: Values) -> Scores:
        return self.of_raw([member.model.scores(values) for member in self.members])

    def of_raw(self, raw: list[Scores]) -> Scores:
        said = [m.says(scores, self.by_rank) for m, scores in zip(self.members, raw, strict=True)]
        found: Scores = np.mean(said, axis=0)
        return found

    def contributions(self, values: Values) -> Values:
        """How much of the score goes away when a column is put at its median."""
        return occlusion(self, values)

    def state(self) -> State:
        arrays: dict[str, Any] = {}
        about = []
        for number, member in enumerate(self.members):
            state, tail = member.model.state(), member.tail
            arrays |= {f"{number}/{name}": array for name, array in state.arrays.items()}
            arrays[f"{number}/quantiles"] = tail.quantiles
            numbers = [tail.start, tail.scale, tail.shape, tail.beyond]
            about.append({"name": member.name, "settings": state.settings, "tail": numbers})
        return State({"members": about, "by_rank": self.by_rank}, arrays)


def fit(values: Values, config: Config, report: Report) -> tuple[Several, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    members, raw = [], []
    for number, (name, own) in enumerate(MEMBERS.items()):
        report(Progress("fit", number, len(MEMBERS), name))
        checked = check_config(name, own)
        if "random_state" in checked:
            checked["random_state"] = config["random_state"]
        model, scores = load_algorithm(name).fit(values, checked, lambda _: None)
        members.append(Member(name, model, fit_tail(scores)))
        raw.append(scores)
    found = Several(tuple(members), config["combination"] == "rank")
    report(Progress("fit", len(MEMBERS), len(MEMBERS), "combining"))
    return found, found.of_raw(raw)


def load(state: State) -> Several:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    about = state.settings["members"]
    need(isinstance(about, list) and len(about) > 0)
    members = tuple(_member(state, number, each) for number, each in enumerate(about))
    return Several(members, bool(state.settings["by_rank"]))


def _member(state: State, number: int, about: dict[str, Any]) -> Member:
    need(about["name"] in MEMBERS)
    start = f"{number}/"
    named = {n.removeprefix(start): a for n, a in state.arrays.items() if n.startswith(start)}
    tail = check_tail(Tail(named.pop("quantiles"), *(float(each) for each in about["tail"])))
    model = load_algorithm(about["name"]).load(State(about["settings"], named))
    return Member(about["name"], model, tail)


def _ranks(tail: Tail) -> tuple[Scores, Scores]:
    return tail.quantiles, np.linspace(0.0, 1.0, len(tail.quantiles))
