"""What the methods have in common that leave parts of a window out and look at the score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from diagnostics.explain.asking import checked_probabilities, evaluating
from diagnostics.explain.attribution import (
    FREQUENCY,
    Attribution,
    Floats,
    Question,
    Windows,
    missing_share,
)
from diagnostics.explain.pace import Climb
from diagnostics.explain.parts import Masks, Parts, draw_out, masked_scores, parts_of, ticking
from diagnostics.explain.paths import score_change
from diagnostics.progress import Report

Score = Callable[[Masks], Floats]
Weigh = Callable[[Parts, Score, np.random.Generator], Floats]
"""The weight of each part, from the scores of masks of the caller's choice."""


def draws_each(draws: int, baselines: int, fewest: int) -> int:
    """How many masks are drawn for each baseline, so that all together are about as many as asked.

    Parameters
    ----------
    draws : int
        That were asked for.
    baselines : int
    fewest : int
        That one baseline takes, unless fewer were asked for.

    Examples
    --------
    >>> draws_each(1000, 1, 80), draws_each(1000, 8, 80), draws_each(200, 8, 80)
    (1000, 125, 80)
    """
    return min(draws, max(fewest, draws // baselines))


def by_leaving_out(
    network: nn.Module,
    windows: Windows,
    question: Question,
    weigh: Weigh,
    report: Report,
    *,
    masks: int,
    adds_up: bool,
    details: dict[str, Any],
) -> Attribution:
    """Weigh the parts of each window, against each baseline, and take the mean.

    Parameters
    ----------
    masks : int
        How many are asked about in each window, for one baseline; ``details`` has the number of
        baselines.

    Raises
    ------
    ExplanationError
        If the question makes no sense for the network.
    """
    with evaluating(network):
        probabilities = checked_probabilities(network, windows, question)
        change = score_change(network, windows, question)
        climb = Climb(network, windows[0])
        drawn, counts = [], 0
        for number, window in enumerate(windows):
            rng = np.random.default_rng([question.seed, number])
            against = []
            for place, baseline in enumerate(question.baselines):
                parts = parts_of(window, baseline, question.num_segments, question.domain)
                counts = len(parts)
                tick = ticking(
                    report, number, len(windows), masks, (place, len(question.baselines))
                )

                def score(chosen: Masks, parts: Parts = parts, tick: Any = tick) -> Floats:
                    return masked_scores(network, parts, chosen, question.target_class, climb, tick)

                against.append(draw_out(parts, weigh(parts, score, rng)))
            drawn.append(tuple(np.mean(part, axis=0) for part in zip(*against, strict=True)))
    values, spectra, framed = (np.stack(p).astype(np.float32) for p in zip(*drawn, strict=True))
    in_time = question.domain != FREQUENCY
    return Attribution(
        values=values,
        spectrum=spectra,
        frames=framed,
        probabilities=probabilities,
        change=change,
        completeness=missing_share(values, change) if adds_up else np.full(len(windows), np.nan),
        positions=counts // windows.shape[1] if in_time else 1,
        exact_spectrum=not in_time,
        details={
            **details,
            "domain": question.domain,
            "num_segments": question.num_segments,
            "baselines": len(question.baselines),
            "batch": climb.batch,
        },
    )
