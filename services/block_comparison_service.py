"""Repeated experiments against each other, with folds × seeds as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.blocks import compare_blocks
from models import Experiment, RepeatedExperiment, RepeatedRun
from services import actor
from services.comparison.reading import FEWEST, MOST
from services.errors import Invalid
from services.repeated import views
from services.repeated.views import SCORES
from services.runtime import unit_of_work

Block = tuple[int, int]


class BlockView(TypedDict):
    """One fold with one seed, and the score of each repeated experiment in it."""

    fold: int
    seed: int
    recordings: int
    scores: list[float]


class MethodView(TypedDict):
    repeated_id: int
    name: str
    classifier: str
    mean: float
    average_rank: float | None


class BlockPairView(TypedDict):
    """First less second, over blocks; ``nemenyi`` is None without Friedman's test."""

    first_id: int
    second_id: int
    difference: float
    low: float
    high: float
    wins: int
    losses: int
    p: float
    smallest_p: float
    holm_p: float
    nemenyi: float | None


class BlockComparisonView(TypedDict):
    score: str
    methods: list[MethodView]
    blocks: list[BlockView]
    pairs: list[BlockPairView]
    friedman: dict[str, Any] | None
    no_friedman: str | None
    notes: list[str]


class BlockComparisonService:
    """Compare repeated experiments over the same folds and seeds."""

    @staticmethod
    def compare_repeated(
        repeated_ids: Sequence[int], score: str = "accuracy"
    ) -> BlockComparisonView:
        """Scores by fold and seed, Friedman's test, and tests of the pairs.

        Raises
        ------
        Invalid
            If there are too few or too many, they were not tested on the same recordings, or no
            fold with a seed is finished in all of them.
        NotFound
            If one does not exist.
        """
        actor.reader()
        numbers = list(dict.fromkeys(repeated_ids))
        if not FEWEST <= len(numbers) <= MOST:
            raise Invalid(
                f"Choose {FEWEST} to {MOST} repeated experiments to compare, got {len(numbers)}."
            )
        if score not in SCORES:
            raise Invalid(f"The score is one of {', '.join(SCORES)}, got {score!r}.")
        with unit_of_work(writing=False) as session:
            rows = [views.find(session, number) for number in numbers]
            tests = [_tests(session, row.id) for row in rows]
            common = _common(rows, tests)
            scores = [_scores(session, row.id, score) for row in rows]
            blocks = [block for block in common if all(block in one for one in scores)]
            if not blocks:
                raise Invalid("No fold with a seed is finished in all of them yet.")
            return _view(rows, tests[0], blocks, scores, score)


def _tests(session: Session, repeated_id: int) -> dict[Block, frozenset[str]]:
    """The recordings that each run is tested on, with their classes."""
    wanted = (
        select(RepeatedRun.fold, RepeatedRun.seed, Experiment.split)
        .join(Experiment, Experiment.id == RepeatedRun.experiment_id)
        .where(RepeatedRun.repeated_id == repeated_id)
    )
    return {
        (fold, seed): frozenset(
            f"{key} {split['targets'][key]}"
            for key, side in split["sides"].items()
            if side == "test"
        )
        for fold, seed, split in session.execute(wanted)
    }


def _common(
    rows: Sequence[RepeatedExperiment], tests: Sequence[dict[Block, frozenset[str]]]
) -> list[Block]:
    """Folds with seeds that all of them have; what is tested in them has to be the same."""
    first = tests[0]
    for row, other in zip(rows[1:], tests[1:], strict=True):
        shared = first.keys() & other.keys()
        if not shared or any(first[block] != other[block] for block in shared):
            raise Invalid(
                f"“{row.name}” was not tested on the same folds with the same seeds as"
                f" “{rows[0].name}”. Repeat one of them with the split and the seeds of the other."
            )
    return sorted(set(first).intersection(*tests[1:]))


def _scores(session: Session, repeated_id: int, score: str) -> dict[Block, float]:
    runs = [views.run_view(*member) for member in views.members(session, repeated_id)]
    return {
        (run["fold"], run["seed"]): run["scores"][score]
        for run in runs
        if run["scores"] is not None
    }


def _view(
    rows: Sequence[RepeatedExperiment],
    tests: dict[Block, frozenset[str]],
    blocks: list[Block],
    scores: Sequence[dict[Block, float]],
    score: str,
) -> BlockComparisonView:
    table = np.array([[one[block] for block in blocks] for one in scores])
    found = compare_blocks(table)
    ids = [row.id for row in rows]
    ranks = None if found.friedman is None else found.friedman.average_ranks
    nemenyi: dict[Block, float] = {}
    if found.friedman is not None:
        nemenyi = {(pair.first, pair.second): pair.nemenyi for pair in found.friedman.pairs}
    kept = None if found.friedman is None else asdict(found.friedman)
    if kept is not None:
        del kept["pairs"]
    return {
        "score": score,
        "methods": [
            {
                "repeated_id": row.id,
                "name": row.name,
                "classifier": row.classifier,
                "mean": mean,
                "average_rank": None if ranks is None else ranks[place],
            }
            for place, (row, mean) in enumerate(zip(rows, found.means, strict=True))
        ],
        "blocks": [
            {
                "fold": fold,
                "seed": seed,
                "recordings": len(tests[fold, seed]),
                "scores": table[:, place].tolist(),
            }
            for place, (fold, seed) in enumerate(blocks)
        ],
        "pairs": [
            {
                "first_id": ids[pair.first],
                "second_id": ids[pair.second],
                "difference": pair.difference,
                "low": pair.low,
                "high": pair.high,
                "wins": pair.wins,
                "losses": pair.losses,
                "p": pair.p_value,
                "smallest_p": pair.smallest,
                "holm_p": pair.holm,
                "nemenyi": nemenyi.get((pair.first, pair.second)),
            }
            for pair in found.pairs
        ],
        "friedman": kept,
        "no_friedman": found.no_friedman,
        "notes": _notes(blocks),
    }


def _notes(blocks: Sequence[Block]) -> list[str]:
    folds, seeds = {fold for fold, _ in blocks}, {seed for _, seed in blocks}
    if len(folds) == 1:
        return [
            "All blocks have the same test: they say how trainings with other seeds would compare"
            " on it, and nothing of other groups."
        ]
    told = "Folds share most of what they learn from, so blocks are not independent"
    if len(seeds) > 1:
        told += ", and seeds of one fold share its test besides"
    return [f"{told}: p-values may be too small."]
