"""Society for Machinery Failure Prevention Technology (MFPT): bearing fault data set.

One struct ``bearing`` with the samples ``gs``, the sampling rate ``sr`` in Hz, the load in
pounds as text or number, and the shaft rate ``rate`` in Hz. The fault stands in the file name.
"""

from __future__ import annotations

from diagnostics.errors import FileFormatError
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.signal import Unit

_PROFILE = "profile MFPT"
_LABELS = {"baseline": "normal", "innerrace": "inner race", "outerrace": "outer race"}
_FREQUENCIES = ("BPFO", "BPFI", "BSF", "FTF")


def fits(source: Source) -> bool:
    """Whether the file has the struct of this collection."""
    return "bearing.gs" in source.contents.arrays and "bearing.sr" in source.contents.scalars


def propose(source: Source) -> list[ProposedRecording]:
    """The one recording of the file.

    Raises
    ------
    FileFormatError
        If the struct is not there.
    """
    if not fits(source):
        raise FileFormatError("The file has no struct bearing with gs and sr, as MFPT files have.")
    contents = source.contents
    shape = next(v.shape for v in contents.variables if v.name == "bearing.gs")
    unit = Sourced(Unit.ACCELERATION_G, f"{_PROFILE}: gs is acceleration in g")
    channel = ProposedChannel("acceleration", "bearing.gs", 0, unit)
    rate = _number(source, "bearing.sr")
    attributes = {
        f"{name.lower()}_hz": Sourced[str | float](found.value, found.source)
        for name in _FREQUENCIES
        if (found := _number(source, name))
    }
    load = _number(source, "bearing.load")
    if load is not None:
        attributes["load_lbs"] = Sourced(load.value, load.source)
    return [
        ProposedRecording(
            "", source.stem, max(shape), (channel,), rate, _facts(source, load), attributes
        )
    ]


def _facts(source: Source, load: Sourced[float] | None) -> dict[str, Sourced[str | float]]:
    facts: dict[str, Sourced[str | float]] = {"machine": Sourced("MFPT test rig", _PROFILE)}
    name = source.stem.lower().replace("_", "").replace(" ", "")
    for start, label in _LABELS.items():
        if name.startswith(start):
            facts["label"] = Sourced(label, "file name")
            # The collection does not say how many bearings it used; one for each state is
            # the reading that cannot let the same bearing into training and test.
            why = f"{_PROFILE}: taken as one bearing per state, since it does not say"
            facts["bearing"] = Sourced(f"MFPT {label}", why)
            facts["bearing_type"] = Sourced("NICE MFPT test bearing", _PROFILE)
    shaft = _number(source, "bearing.rate")
    if shaft is not None:
        facts["speed_rpm"] = Sourced(60 * shaft.value, "variable bearing.rate, in Hz")
    if load is not None:
        facts["load"] = Sourced(f"{load.value:g} lbs", load.source)
    return facts


def _number(source: Source, name: str) -> Sourced[float] | None:
    """A number, also one that is written as text."""
    try:
        value = float(source.contents.scalars[name])
    except (KeyError, ValueError):
        return None
    return Sourced(value, f"variable {name}") if 0 <= value < 1e9 else None


MFPT = Profile("mfpt", "MFPT bearing data set", fits, propose)
