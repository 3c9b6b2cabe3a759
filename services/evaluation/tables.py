"""Parts of an evaluation as tables for spreadsheets: one row for each point or bin."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnostics.spreadsheets import csv_lines, harmless

Values = Mapping[str, Any]


def with_leak(text: str, leak: str | None) -> str:
    """A table with the verdict on leaks in each row, so that none is read without it.

    Examples
    --------
    >>> with_leak("n,rate\\r\\n3,0.5\\r\\n", "known").splitlines()
    ['n,rate,leak', '3,0.5,known']
    """
    head, *rows = csv.reader(io.StringIO(text))
    return _csv([*head, "leak"], [[*row, leak or "unchecked"] for row in rows])


def of_curves(found: Values) -> str:
    head = ["curve", "class", "x", "y", "low", "high"]
    rows: list[list[Any]] = []
    for curve in ("roc", "precision_recall"):
        for line in found[curve]:
            name = harmless(line["name"])
            points = zip(line["x"], line["y"], strict=True)
            rows += [[curve, name, x, y, "", ""] for x, y in points]
            rows += [[f"{curve}_band", name, x, "", *ends] for x, *ends in _band(line["band"])]
            area = [line["area"], _cell(line["low"]), _cell(line["high"])]
            rows.append([f"{curve}_area", name, "", *area])
    return _csv(head, rows)


def of_calibration(found: Values) -> str:
    head = ["probabilities", "quantity", "from", "to", "n", "value", "low", "high", "confidence"]
    rows: list[list[Any]] = []
    for name in ("before", "after"):
        one = found[name]
        if one is None:
            continue
        for part in one["bins"]:
            place = [part["low"], part["high"], part["count"]]
            ends = [part["accuracy"], part["accuracy_low"], part["accuracy_high"]]
            rows.append([name, "accuracy", *place, *map(_cell, ends), _cell(part["confidence"])])
        for quantity in ("ece", "brier", "loss"):
            area = [one[quantity][end] for end in ("value", "low", "high")]
            rows.append([name, quantity, "", "", one["count"], *map(_cell, area), ""])
    return _csv(head, rows)


def of_risk(found: Values) -> str:
    rows: list[list[Any]] = [
        ["curve", x, y, "", ""] for x, y in zip(found["x"], found["y"], strict=True)
    ]
    rows += [["band", x, "", *ends] for x, *ends in _band(found["band"])]
    rows.append(["area", "", found["area"], _cell(found["low"]), _cell(found["high"])])
    return _csv(["quantity", "coverage", "risk", "low", "high"], rows)


def of_estimates(found: Values) -> str:
    """A row for each recording or window and quantity; low and high are those of its windows."""
    head = ["quantity", "recording_id", "recording", "group", "class"]
    rows = [
        [
            one["name"],
            point["recording_id"],
            *(harmless(point[name]) for name in ("name", "group", "true_class")),
            *(point[name] for name in ("truth", "value", "low", "high")),
        ]
        for one in found["heads"]
        for point in one["points"]
    ]
    return _csv([*head, "true", "estimated", "low", "high"], rows)


def of_errors(found: Values) -> str:
    """Confused pairs, then error rates by what is known of the recordings."""
    head = ["table", "name", "value", "n", "groups", "errors", "rate", "low", "high"]
    rows: list[list[Any]] = [
        [
            "confused",
            harmless(pair["true_class"]),
            harmless(pair["predicted_class"]),
            "",
            "",
            pair["count"],
            pair["share"],
            "",
            "",
        ]
        for pair in found["most_confused"]
    ]
    for field in found["attributes"]:
        for part in field["bins"]:
            counts = [part["items"], part["groups"], part["errors"], part["rate"]]
            names = [harmless(field["title"]), harmless(part["name"])]
            ends = [_cell(part["low"]), _cell(part["high"])]
            rows.append(["rate", *names, *counts, *ends])
    return _csv(head, rows)


def of_robustness(found: Values) -> str:
    head = ["disturbance", "level", "snr_db", "counted", "n", "accuracy", "low", "high"]
    rows = []
    for one in (found["clean"], *found["conditions"]):
        for level in ("recordings", "windows"):
            accuracy = one[level]["accuracy"]
            rows.append(
                [
                    one["kind"] or "none",
                    _cell(one["level"]),
                    _cell(one["snr_db"]),
                    level,
                    one["counts"][level],
                    accuracy["value"],
                    _cell(accuracy["low"]),
                    _cell(accuracy["high"]),
                ]
            )
    return _csv(head, rows)


def _band(band: Values | None) -> Iterable[tuple[float, float, float]]:
    return () if band is None else zip(band["x"], band["low"], band["high"], strict=True)


def _cell(value: float | None) -> float | str:
    return "" if value is None else value


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return csv_lines([head, *rows], "\r\n")
