"""What a method says over several recordings: how often relevance lies at the fault frequency."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from services.explanation_cache import ExplanationCache
from services.explanations.asking import TITLES
from services.explanations.choices import recordings_of
from services.explanations.domain import NO, UNKNOWN, YES, domain_view
from services.explanations.pictures import facts_of, feature_rows
from services.explanations.predicted import predicted_classes

# Of a file only what the sentence needs: relevance of all samples can be large.
NEEDED = ("rhythm", "random_rhythm", "signal_rhythm", "spectrum")
_Z = 1.96
"""Of a normal distribution 95 % lie within so many deviations."""


class OverviewRow(TypedDict):
    """``share``, ``chance_95`` and ``random_weights`` are of the rhythm at the class's fault
    frequency, None where it cannot be told; ``strongest`` is the band, or the feature, with most
    relevance; ``card`` is that of the explanation."""

    recording_id: int
    recording: str
    side: str
    true_class: str
    target_class: str
    explanation_id: int
    probability: float | None
    answer: str
    share: float | None
    chance_95: float | None
    random_weights: float | None
    strongest: str
    card: dict[str, float | None]


class Overview(TypedDict):
    """``missing`` are the recordings that were not explained so; ``told`` sums the rows up."""

    method: str
    title: str
    rows: list[OverviewRow]
    missing: list[int]
    told: str


def overview(
    experiment_id: int,
    recording_ids: Sequence[int],
    method: str,
    target_class: str | None,
    question: str | None,
) -> Overview:
    """See :meth:`services.explanations.batches.ExplanationBatchService.get_overview`.

    Raises
    ------
    NotFound
        If there is no such experiment.
    """
    named = predicted_classes(experiment_id, recording_ids)
    known = {row["recording_id"]: row for row in recordings_of(experiment_id)}
    rows: list[OverviewRow] = []
    missing: list[int] = []
    for number in recording_ids:
        name = target_class or named[number]
        kept = name and ExplanationCache.get_explanation(
            *(experiment_id, number, method, name, question), only=NEEDED
        )
        if kept:
            side = known[number]["side"] if number in known else ""
            rows.append(_row(kept, side))
        else:
            missing.append(number)
    return {
        "method": method,
        "title": TITLES[method],
        "rows": rows,
        "missing": missing,
        "told": summed_up(rows),
    }


def summed_up(rows: Sequence[OverviewRow]) -> str:
    """In how many recordings relevance stands out at the fault frequency, with an interval."""
    if not rows:
        return ""
    told = [row for row in rows if row["answer"] in (YES, NO)]
    silent = len(rows) - len(told)
    if not told:
        return (
            f"Of none of {len(rows)} recordings it can be told whether a fault frequency is used."
        )
    hits = sum(row["answer"] == YES for row in told)
    low, high = wilson(hits, len(told))
    beside = f" Of {silent} more it cannot be told." if silent else ""
    return (
        f"Relevance stands out at a fault frequency in {hits} of {len(told)} recordings "
        f"(95 % interval {100 * low:.0f} to {100 * high:.0f} %, if the recordings are independent; "
        f"those of one bearing are not).{beside}"
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: it is honest for few and for none.

    Examples
    --------
    >>> [round(bound, 2) for bound in wilson(0, 4)]
    [0.0, 0.49]
    """
    share, extra = hits / count, _Z**2 / count
    middle = (share + extra / 2) / (1 + extra)
    half = _Z * math.sqrt(share * (1 - share) / count + extra / (4 * count)) / (1 + extra)
    return max(0.0, middle - half), min(1.0, middle + half)


def _row(kept: Mapping[str, Any], side: str) -> OverviewRow:
    facts, summary = facts_of(kept), kept["summary"]
    found: OverviewRow = {
        "recording_id": kept["signal_id"],
        "recording": facts["recording"],
        "side": side,
        "true_class": facts["true_class"],
        "target_class": kept["target_class"],
        "explanation_id": kept["id"],
        "probability": _probability(summary, facts["class_names"].index(kept["target_class"])),
        "answer": UNKNOWN,
        "share": None,
        "chance_95": None,
        "random_weights": None,
        "strongest": "",
        "card": dict(summary.get("card", {})),
    }
    if "features" in summary:
        best = feature_rows(summary)[0]
        found["strongest"] = f"{best['feature']} ({best['mean']:+.3f})"
        return found
    domain = domain_view(kept, facts["channel_position"])
    found["answer"] = domain["answer"]
    line = next((one for one in domain["kinds"] if one["kind"] == domain["kind"]), None)
    if line is not None:
        found["share"], found["chance_95"] = line["share"], line["chance_95"]
        found["random_weights"] = line["random_weights"]
    if domain["bands"]:
        band = domain["bands"][0]
        found["strongest"] = (
            f"{band['low_hz']:,.0f} to {band['high_hz']:,.0f} Hz ({100 * band['share']:.0f}\u00a0%)"
        )
    return found


def _probability(summary: Mapping[str, Any], number: int) -> float | None:
    if "probabilities" in summary:
        return float(summary["probabilities"][number])
    return float(summary["probability"]) if "probability" in summary else None
