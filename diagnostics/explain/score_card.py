"""Is an explanation any good: what can be measured about it without knowing the truth."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from diagnostics.explain.asking import all_scores
from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.ranks import likeness
from diagnostics.progress import Progress, Report, silent

Explain = Callable[..., Attribution]

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
STRETCHES = 32
NOISE = 0.05
"""Deviation of the added noise, as a share of that of the window."""
NOISY_COPIES = 2


@dataclass(frozen=True)
class ScoreCard:
    """Numbers beside a picture; shares from 0 to 1, likenesses from -1 to 1.

    Parameters
    ----------
    completeness : float
        Median share of the change of the score that the values miss; NaN where none is promised.
    deletion, insertion : array of shape (steps,)
        Mean probability of the class while stretches are taken away, or put in, the most
        relevant first; of several baselines the first stands in their place.
    random_deletion, random_insertion : array of shape (steps,)
        The same in random order: what the two are to be compared with.
    random_weights : float
        Likeness with the explanation of the same network with random weights. Near 1 the
        method draws the signal and not the network.
    stability : float
        Likeness with explanations of slightly noisy copies. Near 0 it is an accident.
    random_values : array of shape (windows, channels, samples)
        The explanation with random weights.
    """

    completeness: float
    deletion: Floats
    insertion: Floats
    random_deletion: Floats
    random_insertion: Floats
    random_weights: float
    stability: float
    random_values: Windows


def score_card(
    network: nn.Module,
    windows: Windows,
    question: Question,
    explain: Explain,
    found: Attribution,
    report: Report = silent,
) -> ScoreCard:
    """Examine an explanation.

    Parameters
    ----------
    network : torch.nn.Module
    windows : array of shape (windows, channels, samples)
        Those that ``found`` explains.
    question : Question
    explain : callable
        The method, to be asked again about noisy copies and random weights.
    found : Attribution
    report : callable

    Returns
    -------
    ScoreCard

    Raises
    ------
    ExplanationError
        If the method fails on a copy.

    References
    ----------
    Deletion and insertion: V. Petsiuk, A. Das, K. Saenko, "RISE", BMVC 2018, arXiv:1806.07421.
    Random weights: J. Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018,
    arXiv:1810.03292.
    """
    rng = np.random.default_rng(question.seed)
    steps = NOISY_COPIES + 2
    report(Progress("score card", 0, steps, "deletion and insertion"))
    curves = _curves(network, windows, question, found.values, rng)
    beat = _beating(report, Progress("score card", 1, steps, "random weights"))
    other = explain(with_random_weights(network, windows, question.seed), windows, question, beat)
    alike = []
    for copy_number in range(NOISY_COPIES):
        beat = _beating(report, Progress("score card", 2 + copy_number, steps, "noise"))
        noise = rng.normal(size=windows.shape) * NOISE * windows.std(axis=2, keepdims=True)
        again = explain(network, (windows + noise).astype(np.float32), question, beat)
        alike.append(likeness(found.values, again.values))
    report(Progress("score card", steps, steps))
    return ScoreCard(
        completeness=float(np.median(found.completeness)),
        deletion=curves[0],
        insertion=curves[1],
        random_deletion=curves[2],
        random_insertion=curves[3],
        random_weights=likeness(found.values, other.values),
        stability=float(np.mean(alike)),
        random_values=other.values,
    )


def _beating(report: Report, now: Progress) -> Report:
    """What a method reports while the card asks it again: where the card is."""

    def beat(_progress: Progress) -> None:
        report(now)

    report(now)
    return beat


def with_random_weights(network: nn.Module, windows: Windows, seed: int) -> nn.Module:
    """A copy that was never trained; its normalisation is fitted to the windows.

    Without that fit the numbers would explode or vanish on the way through the layers, and be
    compared with a network that no training begins with.
    """
    own = copy.deepcopy(network).eval()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for module in own.modules():
            again = getattr(module, "reset_parameters", None)
            if callable(again):
                again()
            if isinstance(module, _NORMS):
                module.train()
                module.momentum = None  # a plain mean over what comes
    all_scores(own, windows)
    return own.eval()


def _curves(
    network: nn.Module,
    windows: Windows,
    question: Question,
    values: Windows,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats, Floats]:
    baseline = question.baselines[0]
    rows: list[list[Floats]] = [[], [], [], []]
    for window, mine in zip(windows, values, strict=True):
        count = min(STRETCHES, window.shape[1])
        cuts = np.linspace(0, window.shape[1], count + 1).astype(np.int64)
        weight = np.add.reduceat(mine.astype(np.float64).sum(axis=0), cuts[:-1])
        orders = (np.argsort(-weight, kind="stable"), rng.permutation(count))
        for number, order in enumerate(orders):
            away = _replaced(window, baseline, cuts, order)
            put = _replaced(baseline, window, cuts, order)
            rows[2 * number].append(_probability(network, away, question.target_class))
            rows[2 * number + 1].append(_probability(network, put, question.target_class))
    deletion, insertion, random_deletion, random_insertion = (np.mean(row, axis=0) for row in rows)
    return deletion, insertion, random_deletion, random_insertion


def _replaced(window: Windows, other: Windows, cuts: np.ndarray, order: np.ndarray) -> Windows:
    """The window with 0, 1, … stretches taken from the other, in that order."""
    rows = np.repeat(window[None], len(order) + 1, axis=0)
    for step, stretch in enumerate(order, start=1):
        part = slice(cuts[stretch], cuts[stretch + 1])
        rows[step:, :, part] = other[:, part]
    return rows


def _probability(network: nn.Module, rows: Windows, target_class: int) -> Floats:
    scores = all_scores(network, rows)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Floats = shares[:, target_class] / shares.sum(axis=1)
    return found
