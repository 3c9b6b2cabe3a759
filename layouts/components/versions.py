"""Versions of data sets: how they are called, and to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layouts.components.quantities import count

Options = list[dict[str, Any]]


def version_name(one: Mapping[str, Any]) -> str:
    """A version among those of other data sets, or what was made on it."""
    return f"{one['dataset_name']}, version {one['version_number']}"


def numbered_versions(versions: Sequence[Mapping[str, Any]]) -> Options:
    """Those of one data set, by their number."""
    return [{"label": f"Version {one['number']}", "value": one["number"]} for one in versions]


def filled_versions(versions: Sequence[Mapping[str, Any]]) -> Options:
    """Those of all data sets that have recordings, with how many there are."""
    return [
        {
            "label": f"{version_name(one)} ({count(one['recording_count'])} recordings)",
            "value": one["version_id"],
        }
        for one in versions
        if one["recording_count"]
    ]


def trainable_versions(versions: Sequence[Mapping[str, Any]]) -> Options:
    """Those of all data sets to search on; what was generated is no proof for a machine."""
    return [
        {
            "label": version_name(one) + (" (generated)" if one["generated"] else ""),
            "value": one["version_id"],
        }
        for one in versions
    ]
