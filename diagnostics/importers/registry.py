"""The profiles, and how files go through importers and profiles.

To add a profile: write it and list it here, before ``PLAIN``, which takes any file. Importers are
listed in :mod:`diagnostics.importers.formats.registry`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path, PurePosixPath

from diagnostics.errors import FileFormatError
from diagnostics.exporters import csv_tables
from diagnostics.importers.contents import Contents, Limits, is_signal_shape
from diagnostics.importers.formats.registry import (
    IMPORTERS,
    PACKED,
    SUFFIXES,
    TABLE,
    Importer,
    decided,
    importer_for,
)
from diagnostics.importers.formats.text_lines import is_packed
from diagnostics.importers.formats.text_tables import as_records
from diagnostics.importers.isolation import open_apart
from diagnostics.importers.preview import FilePreview, ProposedRecording
from diagnostics.importers.profile import Profile, Source
from diagnostics.importers.profile_cwru import CWRU
from diagnostics.importers.profile_gearbox import GEARBOX
from diagnostics.importers.profile_ims import IMS
from diagnostics.importers.profile_lstm_pfd import LSTM_PFD
from diagnostics.importers.profile_mfpt import MFPT
from diagnostics.importers.profile_plain import PLAIN
from diagnostics.importers.profile_pronostia import PRONOSTIA
from diagnostics.importers.profile_rotorscope import ROTORSCOPE
from diagnostics.importers.samples import samples_of
from diagnostics.signals.quality import Problem, QualityWarning, check_rate, check_samples
from diagnostics.signals.signal import Channel, Samples, Signal

__all__ = ["IMPORTERS", "PACKED", "PROFILES", "SUFFIXES", "Importer", "importer_for"]

PROFILES: tuple[Profile, ...] = (
    ROTORSCOPE,
    CWRU,
    MFPT,
    PRONOSTIA,
    IMS,
    GEARBOX,
    LSTM_PFD,
    PLAIN,
)
COMPANIONS = (".csv", ".tsv")
SLOWEST_HZ, FASTEST_HZ = 1e-3, 1e9


@dataclass(frozen=True)
class OpenedFile:
    """A preview with the opened file behind it, so that it need not be read again."""

    preview: FilePreview
    contents: Contents
    # Of the only recording, as they were checked: the reader need not send them again.
    checked: Samples | None = None

    def signal(self, recording: ProposedRecording) -> Signal:
        """The samples of a recording as it was proposed, or as a person changed it.

        Raises
        ------
        FileFormatError
            If something must still be typed or the samples cannot be read.
        SignalError
            If the samples are no signal: values that are not finite, for example.
        """
        if recording.sample_rate_hz is None:
            raise FileFormatError("The sampling rate is not in the file. Type it.")
        channels = []
        for channel in recording.channels:
            if channel.unit is None:
                raise FileFormatError(f"The unit of {channel.name} is not in the file. Choose it.")
            channels.append(Channel(channel.name, channel.unit.value))
        samples = self._samples(recording)
        return Signal(samples, recording.sample_rate_hz.value, tuple(channels))

    def _samples(self, recording: ProposedRecording) -> Samples:
        if self.checked is not None and _places(self.preview.recordings[0]) == _places(recording):
            return self.checked
        return samples_of(self.contents, recording)


def table_of(file_name: str) -> str:
    """The table that describes one of samples in an export; empty for any other file.

    Examples
    --------
    >>> table_of("set.zip/samples/000001.csv"), table_of("set.zip/000001.csv")
    ('set.zip/recordings.csv', '')
    """
    path = PurePosixPath(file_name)
    if path.parent.name != csv_tables.SAMPLES or path.suffix != ".csv":
        return ""
    return str(path.parent.parent / csv_tables.RECORDINGS)


def companions_of(file_name: str, others: Sequence[str]) -> list[str]:
    """Tables that describe a file: of a NumPy file the same name with another ending.

    Of a table of samples in an export it is ``recordings.csv`` in the folder above.

    Examples
    --------
    >>> companions_of("a/set.npz", ["a/set.csv", "b/set.csv", "a/other.csv"])
    ['a/set.csv']
    """
    path, table = PurePosixPath(file_name), table_of(file_name)
    if table:
        return [other for other in others if other == table]
    if path.suffix.lower() not in (".npz", ".npy"):
        return []
    return [
        other
        for other in others
        if PurePosixPath(other).with_suffix("") == path.with_suffix("")
        and PurePosixPath(other).suffix.lower() in COMPANIONS
    ]


def open_file(
    path: Path,
    file_name: str,
    companions: Mapping[str, Path] | None = None,
    profile: str = "",
    limits: Limits | None = None,
) -> OpenedFile:
    """Open a file and propose what would be made of it.

    Parameters
    ----------
    path : Path
        Where the file lies; its own name tells nothing.
    file_name : str
        As the person knows it, with folders.
    companions : mapping of str to Path, optional
        Tables that came with the file, by name.
    profile : str
        Name of a profile; empty for the first that fits.
    limits : Limits, optional

    Returns
    -------
    OpenedFile

    Raises
    ------
    FileFormatError
        If the file is empty, broken, of another kind than its name says, or too large.
    """
    limits = limits or Limits()
    importer, contents = _opened(path, file_name, limits)
    tables = {PurePosixPath(n).name: as_records(p, limits) for n, p in (companions or {}).items()}
    source = Source(file_name, contents, tables, importer.one_array_each)
    chosen = _profile(profile, source)
    recordings, samples = [], None
    for one in chosen.propose(source):
        samples = None  # or those of two recordings would be held at once
        recording, samples = _checked(contents, one)
        recordings.append(recording)
    unread = [f"{v.name}: {v.note}." for v in contents.variables if v.note]
    beside = [f"Described by {name}." for name in tables]
    notes = (*contents.notes, *beside, *_unused(contents, recordings), *unread)
    preview = FilePreview(
        file_name, importer.name, chosen.name, contents.variables, tuple(recordings), notes
    )
    return OpenedFile(preview, contents, samples if len(recordings) == 1 else None)


def inspect(
    path: Path,
    file_name: str,
    companions: Mapping[str, Path] | None = None,
    profile: str = "",
    limits: Limits | None = None,
) -> FilePreview:
    """What :func:`open_file` would propose.

    Raises
    ------
    FileFormatError
        As :func:`open_file`.
    """
    return open_file(path, file_name, companions, profile, limits).preview


def read(path: Path, file_name: str, recording: ProposedRecording) -> Signal:
    """The samples of one recording of a file.

    Raises
    ------
    FileFormatError
        If the file cannot be read or something must still be typed.
    SignalError
        If the samples are no signal.
    """
    importer, contents = _opened(path, file_name, Limits())
    preview = FilePreview(file_name, importer.name, "", contents.variables, (recording,))
    return OpenedFile(preview, contents).signal(recording)


def with_warnings(recording: ProposedRecording) -> ProposedRecording:
    """Add what follows from the sampling rate and the speed once they are settled."""
    found: list[QualityWarning] = []
    rate = recording.sample_rate_hz
    if recording.speed_rpm is None:
        found.append(QualityWarning(Problem.NO_SPEED, _NO_SPEED))
    if rate is not None:
        found += check_rate(rate.value, recording.sample_count, recording.speed_rpm)
    return recording.warned(*found)


_NO_SPEED = (
    "The speed (RPM) is not in the file. Without it no fault frequencies can be drawn; if you "
    "know it, type it before the import, or later beside the plots of Signals."
)


def _opened(path: Path, file_name: str, limits: Limits) -> tuple[Importer, Contents]:
    importer = importer_for(file_name)
    size = path.stat().st_size
    if size == 0:
        raise FileFormatError("The file is empty.")
    importer = decided(importer, path)
    at_most = replace(limits, bytes=limits.file_bytes) if importer.streamed else limits
    at_most.check_bytes(size, "The file")
    if importer.apart or (importer is not TABLE and is_packed(path)):
        return importer, open_apart(importer.name, path, limits)
    return importer, importer.open(path, limits)


def _profile(name: str, source: Source) -> Profile:
    if not name:
        return next(profile for profile in PROFILES if profile.fits(source))
    for profile in PROFILES:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise FileFormatError(f"There is no profile {name}; choose one of {known}.")


def _places(recording: ProposedRecording) -> list[tuple[str, int, int | None]]:
    """Where the samples of each channel stand in the file, whatever the channel is called."""
    return [(one.variable, one.row, one.recording) for one in recording.channels]


def _checked(
    contents: Contents, recording: ProposedRecording
) -> tuple[ProposedRecording, Samples | None]:
    """The proposal with what its samples show, and these; one that cannot be read only warns."""
    recording = _without_absurd_rate(recording)
    try:
        samples = samples_of(contents, recording)
    except FileFormatError as error:
        return recording.warned(QualityWarning(Problem.NOTE, str(error))), None
    names = tuple(channel.name for channel in recording.channels)
    units = tuple(channel.unit.value if channel.unit else None for channel in recording.channels)
    warnings = check_samples(samples, names, units)
    return replace(recording, sample_count=samples.shape[1]).warned(*warnings), samples


def _without_absurd_rate(recording: ProposedRecording) -> ProposedRecording:
    """A rate that nobody can mean counts as not declared."""
    rate = recording.sample_rate_hz
    if rate is None or SLOWEST_HZ <= rate.value <= FASTEST_HZ:
        return recording
    message = (
        f"The file gives a sampling rate of {rate.value:g} Hz, which cannot be meant. Type it."
    )
    warning = QualityWarning(Problem.RATE, message, rate.value if isfinite(rate.value) else None)
    return replace(recording, sample_rate_hz=None).warned(warning)


def _unused(contents: Contents, recordings: Sequence[ProposedRecording]) -> list[str]:
    """Arrays that no recording was made of, because of their shape."""
    used = {channel.variable for recording in recordings for channel in recording.channels}
    return [
        f"{v.name} has the shape {v.shape}, which is not that of a recording; it is left out."
        for v in contents.variables
        if v.name in contents.arrays and v.name not in used and not is_signal_shape(v.shape)
    ]
