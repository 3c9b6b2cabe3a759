"""What was found in files, as plain values."""

from __future__ import annotations

from typing import Any, TypedDict

from diagnostics.importers.preview import Facts, FilePreview, ProposedRecording, Sourced
from diagnostics.importers.registry import with_warnings
from diagnostics.signals.quality import QualityWarning

# A file may hold thousands of recordings; a page shows the first.
MOST_SHOWN = 200
MOST_VARIABLES = 200


class SourcedView(TypedDict):
    value: str | float
    source: str


class WarningView(TypedDict):
    code: str
    message: str
    channel: str | None
    value: float | None


class ChannelPreview(TypedDict):
    name: str
    variable: str
    unit: SourcedView | None


class RecordingPreview(TypedDict):
    key: str
    title: str
    sample_count: int
    channels: list[ChannelPreview]
    sample_rate_hz: SourcedView | None
    facts: dict[str, SourcedView]
    attributes: dict[str, SourcedView]
    missing: list[str]
    warnings: list[WarningView]


class VariableView(TypedDict):
    name: str
    shape: list[int]
    dtype: str
    note: str


class FilePreviewView(TypedDict):
    """``key`` is what values typed for this file alone go by.

    ``error`` is a sentence when the file cannot be read; then nothing else is known.

    ``missing`` is what must be typed for at least one of the recordings. ``describes`` names
    the file that a companion table belongs to.
    """

    key: str
    file_name: str
    error: str | None
    describes: str | None
    importer: str
    profile: str
    notes: list[str]
    variables: list[VariableView]
    recordings: list[RecordingPreview]
    recording_count: int
    missing: list[str]


def preview_view(key: str, preview: FilePreview) -> FilePreviewView:
    recordings = [with_warnings(recording) for recording in preview.recordings]
    return {
        "key": key,
        "file_name": preview.file_name,
        "error": None,
        "describes": None,
        "importer": preview.importer,
        "profile": preview.profile,
        "notes": list(preview.notes[:MOST_SHOWN]),
        "variables": [
            {"name": v.name, "shape": list(v.shape), "dtype": v.dtype, "note": v.note}
            for v in preview.variables[:MOST_VARIABLES]
        ],
        "recordings": [_recording(recording) for recording in recordings[:MOST_SHOWN]],
        "recording_count": len(recordings),
        "missing": sorted({name for recording in recordings for name in recording.missing}),
    }


def unreadable_view(
    key: str, file_name: str, *, error: str | None = None, describes: str | None = None
) -> FilePreviewView:
    """A file of which nothing is imported: a broken one, or one that describes another."""
    return {
        "key": key,
        "file_name": file_name,
        "error": error,
        "describes": describes,
        "importer": "",
        "profile": "",
        "notes": [],
        "variables": [],
        "recordings": [],
        "recording_count": 0,
        "missing": [],
    }


def warning_view(warning: QualityWarning) -> WarningView:
    return {
        "code": warning.problem.value,
        "message": warning.message,
        "channel": warning.channel,
        "value": warning.value,
    }


def _recording(recording: ProposedRecording) -> RecordingPreview:
    return {
        "key": recording.key,
        "title": recording.title,
        "sample_count": recording.sample_count,
        "channels": [
            {"name": c.name, "variable": c.variable, "unit": _sourced(c.unit)}
            for c in recording.channels
        ],
        "sample_rate_hz": _sourced(recording.sample_rate_hz),
        "facts": _facts(recording.facts),
        "attributes": _facts(recording.attributes),
        "missing": list(recording.missing),
        "warnings": [warning_view(warning) for warning in recording.warnings],
    }


def _facts(facts: Facts) -> dict[str, SourcedView]:
    return {name: {"value": found.value, "source": found.source} for name, found in facts.items()}


def _sourced(found: Sourced[Any] | None) -> SourcedView | None:
    return None if found is None else {"value": found.value, "source": found.source}
