"""A comparison as one long table: a row for each number, so that any program can filter it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.spreadsheets import csv_lines, harmless
from services.comparison.views import ComparisonData

HEAD = ("part", "experiment", "other", "name", "value")
Row = tuple[str, Any, Any, str, Any]


def comparison_csv(data: ComparisonData, sentences: list[str]) -> str:
    """Experiments are named by number; the part ``experiment`` has their names."""
    rows = ([harmless(_plain(cell)) for cell in row] for row in _rows(data, sentences))
    return csv_lines([HEAD, *rows])


def _rows(data: ComparisonData, sentences: list[str]) -> Iterator[Row]:
    for note in data["test_set"]["notes"]:
        yield "note", "", "", "test set", note
    for sentence in sentences:
        yield "note", "", "", "difference", sentence
    yield from _experiments(data)
    yield from _tests(data["statistical_tests"])
    ids = [one["experiment_id"] for one in data["experiments"]]
    for setting in data["config_differences"]:
        for number, value in zip(ids, setting["values"], strict=True):
            yield "setting", number, "", setting["name"], value
    for only in data["only_right"]:
        for recording in only["recordings"]:
            yield (
                "only right",
                only["experiment_id"],
                "",
                recording["name"],
                recording["true_class"],
            )


def _experiments(data: ComparisonData) -> Iterator[Row]:
    for one in data["experiments"]:
        number = one["experiment_id"]
        yield "experiment", number, "", "name", one["name"]
        yield "experiment", number, "", "classifier", one["classifier_title"]
        yield "experiment", number, "", "leak", one["leak"] or "unchecked"
        yield (
            "experiment",
            number,
            "",
            "data",
            f"{one['dataset_name']}, version {one['version_number']}",
        )
        for level, scores in one["metrics"].items():
            for name, score in scores.items():
                for part, value in score.items():
                    if value is not None:
                        yield f"score over {level}", number, "", _named(name, part), value
        for true, row in zip(one["class_names"], one["confusion_matrix"], strict=True):
            for named, count in zip(one["class_names"], row, strict=True):
                yield "confusion", number, "", f"{true} named {named}", count


def _tests(tests: Mapping[str, Any]) -> Iterator[Row]:
    for pair in tests["mcnemar"]:
        yield from _leaves("pair", pair["first_id"], pair["second_id"], pair)
    for name in ("cochran_q", "friedman"):
        found = tests[name]
        if found is None:
            continue
        for pair in found.get("pairs", []):
            yield from _leaves("friedman pair", pair["first_id"], pair["second_id"], pair)
        plain = {key: value for key, value in found.items() if key != "pairs"}
        yield from _leaves(name, "", "", plain)
    for name in ("no_interval", "no_friedman", "no_windows"):
        if tests[name] is not None:
            yield "note", "", "", name, tests[name]


def _leaves(
    part: str, first: Any, second: Any, found: Mapping[str, Any], before: str = ""
) -> Iterator[Row]:
    for name, value in found.items():
        if name in ("first_id", "second_id") or value is None:
            continue
        if isinstance(value, Mapping):
            yield from _leaves(part, first, second, value, f"{before}{name}.")
        else:
            yield part, first, second, f"{before}{name}", value


def _named(name: str, part: str) -> str:
    return name if part == "value" else f"{name}.{part}"


def _plain(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple | dict):
        return json.dumps(cell, ensure_ascii=False)
    return "" if cell is None else cell
