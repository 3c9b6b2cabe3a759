"""From a row of features back to the window of the recording that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models import DatasetVersion, FeatureSet, Recording, Source, SourceKind
from services import actor
from services.runtime import unit_of_work


def signal_of(source_id: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The path and query of the signals page for a row; None where it is of no recording.

    Without values it tells whether rows of the source are windows at all.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        source = session.get(Source, source_id)
        if source is None or source.kind is SourceKind.TABLE:
            return None
        channel = int(source.config.get("channel", 0))
        dataset_id = source.config.get("dataset_id")
        if source.kind is SourceKind.FEATURE_SET:
            made = session.get(FeatureSet, source.config["feature_set_id"])
            if made is None:
                return None
            channel = int(made.config.get("channel", 0))
            dataset_id = session.get_one(DatasetVersion, made.dataset_version_id).dataset_id
        number = values.get("recording_id")
        if values and (number is None or session.get(Recording, number) is None):
            return None
    query = {
        "dataset": dataset_id,
        "recording": number,
        "channel": channel,
        "start": values.get("start_s"),
        "stop": values.get("stop_s"),
    }
    return "/signals", query
