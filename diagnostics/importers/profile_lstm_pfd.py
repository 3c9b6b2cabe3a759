"""LSTM_PFD: generated faults of journal bearings, in the two layouts of that project.

HDF5: groups ``train``, ``val`` and ``test`` with ``signals`` (n, samples) and ``labels`` (n,), the
sampling rate as attribute of the file. Every row is a recording; the group is kept as attribute
``split``. The texts in ``metadata`` stand in the order before the rows were shuffled into the
groups, so that nobody knows which row they describe: they are left out.

MATLAB: a file for each recording with ``x``, ``fs``, ``fault`` and ``metadata``.

The project numbers its eleven faults in a documented order (``utils/constants.py``,
``FAULT_TYPES``), under French names; here they have those of the generator of this program. A file
with another number of classes keeps its numbers. No unit is given: it must be typed.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Contents
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source

_SPLITS = ("train", "val", "test")
# In the order of the numbers of that project.
FAULTS = {
    "sain": "healthy",
    "desalignement": "misalignment",
    "desequilibre": "imbalance",
    "jeu": "looseness",
    "lubrification": "lubrication",
    "cavitation": "cavitation",
    "usure": "wear",
    "oilwhirl": "oil_whirl",
    "mixed_misalign_imbalance": "misalignment+imbalance",
    "mixed_wear_lube": "wear+lubrication",
    "mixed_cavit_jeu": "cavitation+looseness",
}
_NAMES = ("class_names", "fault_types", "classes")
_RATES = ("sampling_rate", "fs", "sample_rate")
# What the file of one recording says about how it was made.
_NUMBERS = (
    "severity_factor_initial",
    "speed_variation_factor",
    "load_percent",
    "temperature_C",
    "sommerfeld_number",
    "reynolds_number",
    "clearance_ratio",
)
_TEXTS = ("severity", "transient_type")
_HIGHEST_RPM = 1e6


def fits(source: Source) -> bool:
    """Whether the file has one of the two layouts."""
    return bool(_splits(source.contents)) or _is_single(source.contents)


def propose(source: Source) -> list[ProposedRecording]:
    """A recording for each row, or the one of the file.

    Raises
    ------
    FileFormatError
        If the file has neither layout, or other labels than rows.
    """
    contents = source.contents
    splits = _splits(contents)
    if splits:
        return [one for split in splits for one in _rows(contents, source.stem, split)]
    if _is_single(contents):
        return [_single(source)]
    raise FileFormatError(
        "The file has neither groups train, val and test with signals and labels, nor x, fs and "
        "fault, as files of LSTM_PFD have."
    )


def _splits(contents: Contents) -> list[str]:
    shapes = _shapes(contents)
    return [
        split
        for split in _SPLITS
        if len(shapes.get(f"{split}.signals", ())) == 2 and f"{split}.labels" in contents.arrays
    ]


def _is_single(contents: Contents) -> bool:
    fault = contents.scalars.get("fault")
    return "x" in contents.arrays and "fs" in contents.scalars and fault in FAULTS


def _shapes(contents: Contents) -> dict[str, tuple[int, ...]]:
    return {v.name: v.shape for v in contents.variables if v.name in contents.arrays}


def _rows(contents: Contents, stem: str, split: str) -> Iterator[ProposedRecording]:
    variable = f"{split}.signals"
    rows, samples = _shapes(contents)[variable]
    labels = contents.arrays[f"{split}.labels"]().ravel()
    if labels.size != rows or labels.dtype.kind not in "iuf":
        raise FileFormatError(
            f"{split}.labels has {labels.size:,} numbers for {rows:,} rows of {variable}."
        )
    rate, names = _rate(contents), _class_names(contents)
    for row, label in enumerate(labels.tolist()):
        facts: dict[str, Sourced[str | float]] = {"label": _label(label, names, split)}
        if "generation_date" in contents.scalars:
            facts["origin"] = Sourced("generated", "attribute generation_date")
        key = f"{split} {row + 1:05d}"
        channel = ProposedChannel("signal", variable, 0, None, recording=row)
        attributes: dict[str, Sourced[str | float]] = {"split": Sourced(split, f"group {split}")}
        yield ProposedRecording(key, f"{stem} {key}", samples, (channel,), rate, facts, attributes)


def _rate(contents: Contents) -> Sourced[float] | None:
    for name in _RATES:
        value = contents.scalars.get(name)
        if isinstance(value, float) and value > 0:
            return Sourced(value, f"attribute {name}")
    return None


def _class_names(contents: Contents) -> tuple[list[str], str]:
    """Names by number and where they are from; none when the file could mean anything."""
    for name in _NAMES:
        if name in contents.texts:
            return list(contents.texts[name]()), f"{name} of the file"
    if contents.scalars.get("num_classes") == len(FAULTS):
        return list(FAULTS), f"order of the {len(FAULTS)} faults of LSTM_PFD"
    return [], ""


def _label(label: float, names: tuple[list[str], str], split: str) -> Sourced[str | float]:
    known, told = names
    source = f"{split}.labels"
    if label == int(label) and 0 <= label < len(known):
        name = known[int(label)]
        return Sourced(FAULTS.get(name, name), f"{source}, {told}")
    return Sourced(f"class {label:g}", source)


def _single(source: Source) -> ProposedRecording:
    contents = source.contents
    scalars = contents.scalars
    channel = ProposedChannel("signal", "x", 0, None)
    fault, rate = str(scalars["fault"]), scalars["fs"]
    facts: dict[str, Sourced[str | float]] = {"label": Sourced(FAULTS[fault], "variable fault")}
    speed, load = _number(contents, "speed_rpm"), _number(contents, "load_percent")
    if speed is not None and 0 < speed.value < _HIGHEST_RPM:
        facts["speed_rpm"] = Sourced(speed.value, f"generated: {speed.source}")
    if load is not None:
        facts["load"] = Sourced(f"{load.value:.0f} %", load.source)
    if "metadata.generator_version" in scalars:
        facts["origin"] = Sourced("generated", "variable metadata.generator_version")
    attributes: dict[str, Sourced[str | float]] = {
        name: Sourced(found.value, found.source)
        for name in _NUMBERS
        if (found := _number(contents, name)) is not None
    }
    for name in _TEXTS:
        text = scalars.get(f"metadata.{name}")
        if isinstance(text, str) and text:
            attributes[name] = Sourced(text, f"variable metadata.{name}")
    count = max(_shapes(contents)["x"])
    declared = Sourced(rate, "variable fs") if isinstance(rate, float) else None
    return ProposedRecording("", source.stem, count, (channel,), declared, facts, attributes)


def _number(contents: Contents, name: str) -> Sourced[float] | None:
    value = contents.scalars.get(f"metadata.{name}")
    return Sourced(value, f"variable metadata.{name}") if isinstance(value, float) else None


LSTM_PFD = Profile("lstm_pfd", "LSTM_PFD", fits, propose)
