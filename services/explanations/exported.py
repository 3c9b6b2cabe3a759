"""An explanation as files: a table of numbers, and all facts about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from diagnostics.spreadsheets import harmless
from models.base import plain_json
from services.errors import Invalid
from services.explanations.domain import domain_view
from services.explanations.pictures import curves_of, facts_of, spectrum_view

_DIGITS = 7


def plain_facts(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters, summary, score card, spectrum and what it says of the machine."""
    about = {name: value for name, value in kept.items() if name != "arrays"}
    facts = facts_of(kept)
    found: dict[str, Any] = {**about, **facts, "created_at": kept["created_at"].isoformat()}
    if "attribution" in kept["arrays"]:
        spectrum = spectrum_view(kept)
        found["curves"] = curves_of(kept)
        found["domain"] = domain_view(kept, facts["channel_position"])
        found["spectrum"] = spectrum and {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in spectrum.items()
        }
        found["starts_s"] = kept["arrays"]["starts_s"].tolist()
    plain: dict[str, Any] = plain_json(found)
    return plain


def csv_table(kept: Mapping[str, Any], window: int | None) -> str:
    """Time and relevance of each channel in a window; or every feature of every window.

    Raises
    ------
    Invalid
        If there is no such window.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    arrays, summary = kept["arrays"], kept["summary"]
    if "values" in arrays:
        names = map(harmless, summary["features"])
        rows.writerow(["start_s", *names, f"probability of {kept['target_class']}"])
        table = np.column_stack([arrays["starts_s"], arrays["values"], arrays["probability"]])
        rows.writerows([[f"{value:.{_DIGITS}g}" for value in row] for row in table])
        return text.getvalue()
    values = arrays["attribution"]
    values = values[:, None] if values.ndim == 2 else values
    number = int(np.abs(values).max(axis=(1, 2)).argmax()) if window is None else window
    if not 0 <= number < len(values):
        raise Invalid(f"Expected a window from 0 to {len(values) - 1}, got {number}.")
    step = summary["window_s"] / values.shape[2]
    times = arrays["starts_s"][number] + np.arange(values.shape[2]) * step
    rows.writerow(["time_s", *(f"relevance of channel {n}" for n in range(values.shape[1]))])
    table = np.column_stack([times, values[number].T])
    rows.writerows([[f"{value:.{_DIGITS + 2}g}" for value in row] for row in table])
    return text.getvalue()
