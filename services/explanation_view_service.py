"""What the explain page shows: the recording with the attribution behind it, and one window."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

import numpy as np

from diagnostics.explain.registry import FEATURE_METHODS
from services import actor
from services.explanation_cache import ExplanationCache, ExplanationView
from services.explanations.asking import TITLES, asked
from services.explanations.domain import domain_view
from services.explanations.exported import csv_table, plain_facts
from services.explanations.pictures import (
    Array,
    Facts,
    FeatureRow,
    MethodView,
    Picture,
    agreement,
    curves_of,
    facts_of,
    feature_rows,
    frames_view,
    of_channel,
    picture,
    rhythm_view,
    segments,
    spectrum_view,
)
from services.explanations.predicted import predicted_class
from services.explanations.shortcuts import shortcut_view

METHOD = "gradcam"
IN_TIME = ("attribution", "starts_s")
Parameters = Mapping[str, Any]

__all__ = ["METHOD", "ExplainedView", "ExplanationViewService", "Picture"]


class ExplainedView(Facts):
    """``top`` is the greatest attribution of the recording: one scale for all its windows.

    ``of_target`` is the probability of the class in each window, ``probabilities`` the vote.
    """

    explanation_id: int
    method: str
    title: str
    target_class: str
    probabilities: list[float]
    of_target: list[float]
    starts_s: list[float]
    window_s: float
    available: int
    chosen: int
    top: float
    layer: str
    positions: int
    created_at: datetime
    whole: Picture
    close: Picture


class Comparison(TypedDict):
    """Methods side by side in one window; ``agreement`` between each two of them."""

    methods: list[MethodView]
    agreement: list[list[float | None]]


class FeatureView(Facts):
    """What moved a classifier on features, over the windows of a recording."""

    explanation_id: int
    method: str
    title: str
    target_class: str
    rows: list[FeatureRow]
    expected: float
    probability: float
    unit: str
    completeness: float
    explained: int
    available: int
    created_at: datetime


class ExplanationViewService:
    """Stored explanations as pictures."""

    @staticmethod
    def show(
        experiment_id: int,
        recording_id: int,
        target_class: str | None = None,
        window: int | None = None,
        method: str = METHOD,
        parameters: Parameters | None = None,
    ) -> ExplainedView | None:
        """A stored explanation for a class with one window in detail, or None if there is none.

        Without a ``target_class`` it is that of the class that the network names, without a
        ``window`` the one with the strongest attribution is shown, and without ``parameters``
        the newest explanation by the method, whatever its parameters.

        Raises
        ------
        NotFound
            If a file is missing.
        Invalid
            If there is no such method, or it has no such parameter.
        """
        actor.reader()
        kept = _kept(experiment_id, recording_id, target_class, method, parameters)
        if kept is None:
            return None
        facts = facts_of(kept)
        summary, arrays = kept["summary"], kept["arrays"]
        values = of_channel(arrays["attribution"])
        starts, length = arrays["starts_s"], float(summary["window_s"])
        chosen = _chosen(values, window)
        begin = float(starts[chosen])
        one = values[[chosen]], starts[[chosen]], length
        number = facts["class_names"].index(kept["target_class"])
        return {
            **facts,
            "explanation_id": kept["id"],
            "method": method,
            "title": TITLES[method],
            "target_class": kept["target_class"],
            "probabilities": summary["probabilities"],
            "of_target": arrays["probabilities"][:, number].tolist(),
            "starts_s": starts.tolist(),
            "window_s": length,
            "available": summary["windows"],
            "chosen": chosen,
            "top": summary["top"],
            "layer": kept["parameters"].get("layer", ""),
            "positions": kept["parameters"]["positions"],
            "created_at": kept["created_at"],
            "whole": picture(recording_id, summary["channel"], None, (values, starts, length)),
            "close": picture(recording_id, summary["channel"], (begin, begin + length), one),
        }

    @staticmethod
    def compare(
        experiment_id: int,
        recording_id: int,
        target_class: str | None,
        methods: Sequence[tuple[str, Parameters | None]],
        start_s: float,
    ) -> Comparison:
        """The stored ones of some methods in the window that begins at a time.

        Class and parameters may be None as for :meth:`show`.

        A method that explained fewer windows shows the nearest of them.

        Raises
        ------
        NotFound
            If a file is missing.
        Invalid
            If there is no such method, or it has no such parameter.
        """
        actor.reader()
        found = [
            _kept(experiment_id, recording_id, target_class, name, parameters)
            for name, parameters in methods
        ]
        there = [kept for kept in found if kept is not None and "attribution" in kept["arrays"]]
        return {
            "methods": [_method(kept, start_s) for kept in there],
            "agreement": [[agreement(one, other) for other in there] for one in there],
        }

    @staticmethod
    def zoom(
        experiment_id: int,
        recording_id: int,
        target_class: str | None,
        methods: Sequence[tuple[str, Parameters | None]],
        start_s: float,
        span_s: tuple[float | None, float | None],
    ) -> list[Picture]:
        """Part of the window that begins at a time, once for each method that explained it.

        As finely as a picture can show: a part of few samples has each of them. ``span_s`` is
        cut to the window; None stands for its begin or its end.

        Raises
        ------
        NotFound
            If a file is missing.
        Invalid
            If there is no such method, or it has no such parameter.
        """
        actor.reader()
        found = [
            _kept(experiment_id, recording_id, target_class, name, parameters, only=IN_TIME)
            for name, parameters in methods
        ]
        closer = [_closer(kept, start_s, span_s) for kept in found if kept is not None]
        return [one for one in closer if one is not None]

    @staticmethod
    def show_features(
        experiment_id: int, recording_id: int, target_class: str | None, method: str
    ) -> FeatureView | None:
        """What moved a classifier on features, or None where that was not explained yet.

        Raises
        ------
        Invalid
            If there is no such method.
        """
        actor.reader()
        if method not in FEATURE_METHODS:
            return None
        kept = _kept(experiment_id, recording_id, target_class, method, None)
        if kept is None:
            return None
        summary = kept["summary"]
        return {
            **facts_of(kept),
            "explanation_id": kept["id"],
            "method": method,
            "title": TITLES[method],
            "target_class": kept["target_class"],
            "rows": feature_rows(summary),
            "expected": summary["expected"],
            "probability": summary["probability"],
            "unit": summary["unit"],
            "completeness": summary["completeness"],
            "explained": summary["explained"],
            "available": summary["windows"],
            "created_at": kept["created_at"],
        }

    @staticmethod
    def export_facts(explanation_id: int) -> dict[str, Any]:
        """Everything of an explanation but its samples, as plain values.

        Raises
        ------
        NotFound
            If there is no such explanation.
        """
        actor.reader()
        return plain_facts(ExplanationCache.find_explanation(explanation_id))

    @staticmethod
    def export_csv(explanation_id: int, window: int | None = None) -> str:
        """Relevance of one window as a table: a row per sample, or per feature.

        Raises
        ------
        NotFound
            If there is no such explanation.
        Invalid
            If there is no such window.
        """
        actor.reader()
        return csv_table(ExplanationCache.find_explanation(explanation_id), window)


def _kept(
    experiment_id: int,
    recording_id: int,
    target_class: str | None,
    method: str,
    parameters: Parameters | None,
    only: Collection[str] | None = None,
) -> ExplanationView | None:
    question = None if parameters is None else asked(method, parameters).question
    asked(method)  # refuses one that does not exist
    name = target_class or predicted_class(experiment_id, recording_id)
    if name is None:
        return None
    key = (experiment_id, recording_id, method, name, question)
    return ExplanationCache.get_explanation(*key, only=only)


def _closer(
    kept: ExplanationView, start_s: float, span_s: tuple[float | None, float | None]
) -> Picture | None:
    """Part of a window as a picture; None where the method did not explain the window."""
    if "attribution" not in kept["arrays"]:
        return None
    values, starts = of_channel(kept["arrays"]["attribution"]), kept["arrays"]["starts_s"]
    length = float(kept["summary"]["window_s"])
    number = int(np.abs(starts - start_s).argmin())
    begin = float(starts[number])
    if not _is_in_window(begin, start_s, length):
        return None
    samples = values.shape[1]
    step = length / samples
    low, high = (begin if span_s[0] is None else span_s[0]), span_s[1]
    first = min(max(0, int((low - begin) / step)), samples - 2)
    last = samples if high is None else int(np.ceil((high - begin) / step))
    stop = max(first + 2, min(samples, last))
    ends = begin + first * step, begin + stop * step
    part = values[[number], first:stop], np.array([ends[0]]), ends[1] - ends[0]
    return picture(kept["signal_id"], kept["summary"]["channel"], ends, part)


def _is_in_window(begin_s: float, start_s: float, length_s: float) -> bool:
    return abs(begin_s - start_s) < length_s / 2


def _chosen(attribution: Array, window: int | None) -> int:
    if window is not None and 0 <= window < len(attribution):
        return window
    return int(np.abs(attribution).max(axis=1).argmax())


def _method(kept: ExplanationView, start_s: float) -> MethodView:
    summary, arrays = kept["summary"], kept["arrays"]
    values, starts = of_channel(arrays["attribution"]), arrays["starts_s"]
    length = float(summary["window_s"])
    number = int(np.abs(starts - start_s).argmin())
    begin = float(starts[number])
    one = values[[number]], starts[[number]], length
    domain = domain_view(kept, facts_of(kept)["channel_position"])
    return {
        "explanation_id": kept["id"],
        "method": kept["method"],
        "title": TITLES[kept["method"]],
        "parameters": kept["parameters"],
        "close": picture(kept["signal_id"], summary["channel"], (begin, begin + length), one),
        "top": float(np.abs(values[number]).max()),
        "in_window": _is_in_window(begin, start_s, length),
        "spectrum": spectrum_view(kept),
        "rhythm": rhythm_view(kept, domain),
        "frames": frames_view(kept, number),
        "segments": segments(values[number], begin, length),
        "card": summary.get("card", {}),
        "curves": curves_of(kept),
        "domain": domain,
        "shortcuts": shortcut_view(kept),
        "seconds": summary.get("seconds"),
        "created_at": kept["created_at"],
    }
