"""Versions of data sets to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layouts.components.quantities import count


def filled_versions(versions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those that have recordings, with how many there are."""
    return [
        {
            "label": f"{one['dataset_name']}, version {one['version_number']} "
            f"({count(one['recording_count'])} recordings)",
            "value": one["version_id"],
        }
        for one in versions
        if one["recording_count"]
    ]
