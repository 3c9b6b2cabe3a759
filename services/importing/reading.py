"""Read one file of an import: what a person decided about it, and its samples into the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from diagnostics.errors import DiagnosticsError, FileFormatError
from diagnostics.importers.choices import TYPED, Choices, fill, override
from diagnostics.importers.preview import Facts, ProposedRecording, Sourced
from diagnostics.importers.registry import OpenedFile, with_warnings
from diagnostics.signals.signal import Signal
from models import Origin
from services.datasets.recording_store import About, StoredSamples, store_samples
from services.importing.choices import LONGEST_TEXT
from services.importing.sources import SourceFile, Sources
from services.importing.views import warning_view

LONGEST_NAME = 200
LONGEST_ATTRIBUTE = 1_000
MOST_ATTRIBUTES = 200
MOST_SENTENCES = 50
SPEED_SOURCES = (TYPED, "nominal", "generated")


@dataclass
class Read:
    """What came out of one file; the first ``warnings`` of all that there were."""

    file: SourceFile
    stored: list[StoredSamples] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    warning_count: int = 0
    describes: str | None = None


def read_file(
    sources: Sources,
    file: SourceFile,
    profile: str,
    choices: tuple[Choices, Choices],
    report: Callable[[float], None],
) -> Read | None:
    """Store the recordings of a file; what cannot be read is told in sentences.

    None for a file of another kind that lay beside the measurements. ``choices`` fill in what
    the file does not say, and count whatever it says.
    """
    found = Read(file, describes=sources.described_by(file))
    if found.describes is not None:
        return found
    report(0.0)
    try:
        with sources.open(file, profile) as opened:
            for number, proposed in enumerate(opened.preview.recordings):
                report(number / len(opened.preview.recordings))
                _read_recording(found, opened, proposed, choices)
    except DiagnosticsError as error:
        if sources.is_other_kind(file):
            return None
        found.refused.append(str(error))
    return found


def decided(
    recording: ProposedRecording, choices: tuple[Choices, Choices], file_name: str
) -> ProposedRecording:
    """The proposal with what a person typed, and no text longer than can be shown.

    Raises
    ------
    PatternError
        If the pattern cannot be used.
    """
    filling, overriding = choices
    recording = fill(override(recording, overriding, file_name), filling, file_name)
    channels = tuple(replace(one, name=one.name[:LONGEST_TEXT]) for one in recording.channels)
    return replace(
        recording,
        channels=channels,
        facts=_bounded(recording.facts, LONGEST_TEXT),
        attributes=_bounded(recording.attributes, LONGEST_ATTRIBUTE),
    )


def _bounded(facts: Facts, longest: int) -> dict[str, Sourced[str | float]]:
    return {
        name[:LONGEST_TEXT]: (
            replace(found, value=found.value[:longest]) if isinstance(found.value, str) else found
        )
        for name, found in list(facts.items())[:MOST_ATTRIBUTES]
    }


def _read_recording(
    found: Read,
    opened: OpenedFile,
    proposed: ProposedRecording,
    choices: tuple[Choices, Choices],
) -> None:
    prefix = f"{proposed.key}: " if proposed.key else ""
    try:
        recording = with_warnings(decided(proposed, choices, found.file.name))
        signal = _signal(opened, recording)
        found.stored.append(store_samples(signal, _about(recording, opened)))
    except DiagnosticsError as error:
        found.refused.append(f"{prefix}{error}")
        return
    found.warning_count += len(recording.warnings)
    room = MOST_SENTENCES - len(found.warnings)
    found.warnings += [f"{prefix}{warning.message}" for warning in recording.warnings[:room]]


def _signal(opened: OpenedFile, recording: ProposedRecording) -> Signal:
    try:
        return opened.signal(recording)
    except OSError as error:
        raise FileFormatError("The file could not be read to its end. Try again.") from error


def _speed_source(said: str) -> str:
    """By the first word of where a speed was found; what a file or its name gives is a file's."""
    word = said.partition(":")[0]
    return word if word in SPEED_SOURCES else "file"


def _bearing_type(recording: ProposedRecording) -> str:
    """What the profile says of its own bearings; of one that was typed it knows nothing."""
    named, known = recording.facts.get("bearing"), recording.facts.get("bearing_type")
    return "" if named is None or known is None or named.source == TYPED else str(known.value)


def _about(recording: ProposedRecording, opened: OpenedFile) -> About:
    facts = {name: str(found.value) for name, found in recording.facts.items()}
    speed = recording.facts.get("speed_rpm")
    return About(
        name=recording.title[:LONGEST_NAME],
        origin=Origin(facts.get("origin", Origin.IMPORTED)),
        label=facts.get("label"),
        source_file=opened.preview.file_name,
        importer=opened.preview.importer,
        speed_rpm=recording.speed_rpm,
        speed_source="" if speed is None else _speed_source(speed.source),
        load=facts.get("load"),
        machine=facts.get("machine"),
        bearing=facts.get("bearing"),
        bearing_type=_bearing_type(recording),
        attributes={name: found.value for name, found in recording.attributes.items()},
        warnings=[dict(warning_view(warning)) for warning in recording.warnings],
    )
