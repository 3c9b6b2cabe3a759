"""A stretch of a recording as sound."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple, TypedDict

from diagnostics.signals.recording_file import open_recording
from diagnostics.signals.sound import heard_up_to_hz, playback_rate_hz, to_sound
from models import Origin
from services.errors import Invalid
from services.recording_service import RecordingView
from services.runtime import artefacts
from services.signal_service import refusals
from services.signals.parts import find_stored, samples_between

LONGEST_S = 60.0
MOST_SAMPLES = 2**23
"""That are read for a sound: 60 s at up to 140 kHz."""
SHORTEST_S = 0.05


class AudioFile(TypedDict):
    file_name: str
    media_type: str
    content: bytes


class AudioView(TypedDict):
    """What will be heard: from and to which time, at which rate, and a sentence about it."""

    start_s: float
    stop_s: float
    rate_hz: int
    told: str


class Heard(NamedTuple):
    artefact_key: str
    start: int
    stop: int
    sample_rate_hz: float
    is_cut: bool


def heard(recording_id: int, start_s: float | None, stop_s: float | None) -> Heard:
    """The shown time, or its beginning where it is long.

    Raises
    ------
    NotFound
        If there is no such recording.
    Invalid
        If it was sampled too slowly, or the time is too short to be heard.
    """
    key, rate_hz, _ = find_stored(recording_id)
    with refusals():
        playback_rate_hz(rate_hz)
        with open_recording(artefacts().local_path(key)) as file:
            count = file.sample_count
    start, stop = samples_between(start_s, stop_s, rate_hz, count)
    most = min(math.floor(LONGEST_S * rate_hz), MOST_SAMPLES)
    if (stop - start) / rate_hz < SHORTEST_S:
        raise Invalid(
            f"Less than {SHORTEST_S:g} s is too short to be heard, got "
            f"{(stop - start) / rate_hz:.3g} s. Choose a longer time."
        )
    return Heard(key, start, min(stop, start + most), rate_hz, stop - start > most)


def told_of(part: Heard) -> AudioView:
    """Without reading the samples."""
    seconds, rate_hz = (part.stop - part.start) / part.sample_rate_hz, part.sample_rate_hz
    with refusals():
        played_hz, up_to_hz = playback_rate_hz(rate_hz), heard_up_to_hz(rate_hz)
    words = [
        f"The first {seconds:.4g} s of the shown time." if part.is_cut else f"{seconds:.4g} s.",
        "As loud as it can be, whatever the vibration: loudness tells nothing.",
    ]
    if played_hz != round(rate_hz):
        words.append(
            f"Resampled from {rate_hz:.6g} to {played_hz} Hz; heard up to "
            f"{up_to_hz / 1_000:.3g} kHz."
        )
    return {
        "start_s": part.start / rate_hz,
        "stop_s": part.stop / rate_hz,
        "rate_hz": played_hz,
        "told": " ".join(words),
    }


def wav_of(part: Heard, channel: int, known: RecordingView) -> AudioFile:
    """The stretch as a WAV file.

    Raises
    ------
    Invalid
        If there is no such channel, or the samples cannot be played.
    """
    with refusals(), open_recording(artefacts().local_path(part.artefact_key)) as file:
        samples: Any = file.read(channel, part.start, part.stop)
        content = to_sound(samples, part.sample_rate_hz).wav()
    clean = re.sub(r"[^\w.@-]+", "_", known["name"]).strip("._") or "recording"
    if known["origin"] == Origin.GENERATED:
        clean = f"{clean}_generated"
    span = f"{part.start / part.sample_rate_hz:.6g}-{part.stop / part.sample_rate_hz:.6g}s"
    return {
        "file_name": f"{clean}_{channel}_{span}.wav",
        "media_type": "audio/wav",
        "content": content,
    }
