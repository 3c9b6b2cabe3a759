"""What happens on the page for generated data."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from diagnostics.synthesis.faults import FAULTS, Kind
from layouts import shell
from layouts.generate import LAYERS, Ids, class_fields
from layouts.generate_parts import check_progress, checks, estimate, examples, job, not_possible
from models import JobStatus
from models.base import now
from services.errors import Invalid, ServiceError
from services.job_service import ACTIVE, JobService
from services.synthesis_service import SynthesisService

LONGEST_TEXT = 100_000
# Later, what was generated is looked for among the data sets.
SHOWN_FOR = timedelta(hours=12)

PLAIN = {
    "bearings": Ids.bearings,
    "severities": Ids.severities,
    "speed_profile": Ids.profile,
    "speed_change_percent": Ids.change,
    "speed_period_s": Ids.period,
    "load_levels": Ids.load_levels,
    "duration_s": Ids.duration,
    "sample_rate_hz": Ids.rate,
    "seed": Ids.seed,
}
PAIRS = {
    "speed_rpm": (Ids.speed_low, Ids.speed_high),
    "load_percent": (Ids.load_low, Ids.load_high),
}
SLIP = (Ids.slip_low, Ids.slip_high)
GEOMETRY = {
    "rolling_elements": Ids.elements,
    "element_diameter_mm": Ids.element_diameter,
    "pitch_diameter_mm": Ids.pitch_diameter,
    "contact_angle_deg": Ids.contact_angle,
}
NOISE = {
    "sensor_snr_db": Ids.snr,
    "mains_g": Ids.mains,
    "mains_hz": Ids.mains_hz,
    "pink_g": Ids.pink,
    "drift_g": Ids.drift,
    "adc_bits": Ids.bits,
    "adc_range_g": Ids.adc_range,
    "aliasing_g": Ids.aliasing,
    "impulses_per_s": Ids.impulses,
    "impulse_g": Ids.impulse_height,
}
# What stands in the field of a layer that is off.
USUAL = {
    "sensor_snr_db": 30,
    "mains_g": 0.005,
    "pink_g": 0.004,
    "drift_g": 0.01,
    "adc_bits": 16,
    "aliasing_g": 0.01,
    "impulses_per_s": 1,
}
# One list, so that filling and collecting cannot get out of step.
FIELDS = (
    *PLAIN.values(),
    *(one for pair in PAIRS.values() for one in pair),
    Ids.evolving,
    Ids.layers,
    *NOISE.values(),
    *GEOMETRY.values(),
    *SLIP,
)

Document = dict[str, Any]


def choose_kind(kind: str, given: Document | None) -> Document | Any:
    """The usual config of a kind that the person clicked; not when the field was filled."""
    shown = Kind.JOURNAL.value if given is None else given["kind"]
    return no_update if kind == shown else SynthesisService.complete_config({"kind": kind})


def load(contents: str | None) -> Document | Any:
    """A config from a file of the person's: checked before it fills anything."""
    if not contents:
        return no_update
    document = SynthesisService.complete_config(_parsed(contents))
    tell("The configuration was loaded.", "info")
    return document


def fill(given: Document | None) -> tuple[Any, ...]:
    """All fields from a config."""
    if given is None:
        given = SynthesisService.complete_config({})
    kind = Kind(given["kind"])
    names = [fault.value for fault in FAULTS[kind]]
    values = _values(given)
    return (
        kind.value,
        class_fields(names, given["classes"]),
        kind is not Kind.ROLLING,
        *(values[one] for one in FIELDS),
    )


def collect(kind: str, *rest: Any) -> Document | Any:
    """The config as the fields have it, unchecked."""
    *fields, counts, count_ids = rest
    values = dict(zip(FIELDS, fields, strict=True))
    if values[Ids.bearings] is None and values[Ids.layers] is None:
        return no_update  # before the fields were filled
    document: Document = {"kind": kind}
    document["classes"] = {
        one["name"]: number for one, number in zip(count_ids, counts, strict=True) if number != 0
    }
    document |= {name: values[one] for name, one in PLAIN.items()}
    document |= {name: [values[low], values[high]] for name, (low, high) in PAIRS.items()}
    evolving = values[Ids.evolving]
    document["evolving_share"] = None if evolving is None else evolving / 100
    on = values[Ids.layers] or []
    noise = {name: values[one] for name, one in NOISE.items()}
    noise |= dict.fromkeys(set(LAYERS) - set(on))
    noise["mains_hz"] = float(noise["mains_hz"] or 50)
    document["noise"] = noise
    if kind == Kind.ROLLING.value:
        document["geometry"] = {name: values[one] for name, one in GEOMETRY.items()}
        document["slip_percent"] = [values[one] for one in SLIP]
    return document


def show_size(document: Document | None) -> tuple[Component | Any, bool]:
    """Size, or the sentence that says what is wrong; and whether it cannot begin."""
    if document is None:
        return no_update, True
    try:
        return estimate(SynthesisService.estimate(document)), False
    except ServiceError as error:
        return not_possible(error.message), True


def show_examples(document: Document | None) -> Component | Any:
    """The examples; those that are there stay while a field says something impossible."""
    if document is None:
        return no_update
    try:
        return examples(SynthesisService.preview(document))
    except ServiceError:
        return no_update  # the size says why


def check(clicks: int | None, document: Document | None) -> int | Any:
    """The job that checks what the fields say."""
    if not clicks or document is None:
        return no_update
    return SynthesisService.request_check(document)


def forget_check(_document: Document | None) -> None:
    """What was checked is not what the fields say any more."""


def follow_check(
    _pulse: dict[str, Any] | None, job_id: int | None, shown: int | None
) -> tuple[Component | list[Component] | Any, int | None]:
    """Progress of the check, then its numbers; ``shown`` is the job whose numbers are there."""
    if job_id is None:
        return [], None
    if job_id == shown:
        return no_update, shown  # or the table would close under the person's hands
    found = JobService.get_job(job_id)
    if found["status"] is JobStatus.DONE and found["result"] is not None:
        return checks(found["result"]["checks"]), job_id
    return check_progress(found), None


def save(clicks: int | None, document: Document | None, name: str | None) -> Any:
    if not clicks or document is None:
        return no_update
    complete = SynthesisService.complete_config(document)
    text = json.dumps(complete, indent=2, ensure_ascii=False)
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in (name or "").strip())
    return {
        "content": text,
        "filename": f"{kept or 'generate'}.json",
        "type": "application/json",
    }


def start(clicks: int | None, document: Document | None, name: str | None) -> int | Any:
    if not clicks or document is None:
        return no_update
    if not (name or "").strip():
        raise Invalid("Give the data set a name first.")
    job_id = SynthesisService.request_dataset(name or "", document)
    tell("The generation has begun.", "info")
    return job_id


def follow(_pulse: dict[str, Any] | None, job_id: int | None) -> Component | None:
    """The job that was started here, or the newest one of the person, also after a reload."""
    found = SynthesisService.find_job() if job_id is None else JobService.get_job(job_id)
    if found is None:
        return None
    ended = found["finished_at"]
    if found["status"] not in ACTIVE and (ended is None or ended < now() - SHOWN_FOR):
        return None
    return job(found)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.kind, "value"),
        Output(Ids.classes, "children"),
        Output(Ids.rolling, "hidden"),
        *[Output(one, "value") for one in FIELDS],
        Input(Ids.given, "data"),
    )(fill)
    app.callback(
        Output(Ids.given, "data"),
        Input(Ids.kind, "value"),
        State(Ids.given, "data"),
        prevent_initial_call=True,
    )(choose_kind)
    app.callback(
        Output(Ids.given, "data", allow_duplicate=True),
        Input(Ids.upload, "contents"),
        prevent_initial_call=True,
    )(load)
    app.callback(
        Output(Ids.document, "data"),
        # Not an input: its classes come a moment later.
        State(Ids.kind, "value"),
        *[Input(one, "value") for one in FIELDS],
        Input({"type": Ids.count, "name": ALL}, "value"),
        State({"type": Ids.count, "name": ALL}, "id"),
    )(collect)
    _register_result(app)


def _register_result(app: Dash) -> None:
    app.callback(
        Output(Ids.estimate, "children"),
        Output(Ids.start, "disabled"),
        Input(Ids.document, "data"),
    )(show_size)
    app.callback(Output(Ids.preview, "children"), Input(Ids.document, "data"))(show_examples)
    app.callback(
        Output(Ids.check_job, "data"),
        Input(Ids.check, "n_clicks"),
        State(Ids.document, "data"),
        running=[(Output(Ids.check, "disabled"), True, False)],
        prevent_initial_call=True,
    )(check)
    app.callback(
        Output(Ids.check_job, "data", allow_duplicate=True),
        Input(Ids.document, "data"),
        prevent_initial_call=True,
    )(forget_check)
    app.callback(
        Output(Ids.checked, "children"),
        Output(Ids.check_shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.check_job, "data"),
        State(Ids.check_shown, "data"),
    )(follow_check)
    app.callback(
        Output(Ids.file, "data"),
        Input(Ids.save, "n_clicks"),
        State(Ids.document, "data"),
        State(Ids.name, "value"),
        prevent_initial_call=True,
    )(save)
    app.callback(
        Output(Ids.job, "data"),
        Input(Ids.start, "n_clicks"),
        State(Ids.document, "data"),
        State(Ids.name, "value"),
        # A double click would ask twice; the service makes one job of it, too.
        running=[(Output(Ids.start, "disabled"), True, False)],
        prevent_initial_call=True,
    )(start)
    app.callback(
        Output(Ids.progress, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.job, "data"),
    )(follow)


def _values(given: Document) -> dict[str, Any]:
    """What stands in each field for a config."""
    noise = given["noise"]
    values: dict[str, Any] = {one: given[name] for name, one in PLAIN.items()}
    for name, (low, high) in PAIRS.items():
        values[low], values[high] = given[name]
    values[Ids.evolving] = round(100 * given["evolving_share"], 3)
    values[Ids.layers] = [name for name in LAYERS if noise[name] is not None]
    for name, one in NOISE.items():
        values[one] = USUAL.get(name) if noise[name] is None else noise[name]
    geometry = given.get("geometry")
    for name, one in GEOMETRY.items():
        values[one] = geometry[name] if geometry else no_update
    values[SLIP[0]], values[SLIP[1]] = given.get("slip_percent", (no_update, no_update))
    return values


def _parsed(contents: str) -> Any:
    """The JSON of an uploaded file, which may be anything."""
    if len(contents) > 2 * LONGEST_TEXT:
        raise Invalid("A configuration is a small file; this one is too large.")
    try:
        raw = base64.b64decode(contents.partition(",")[2], validate=True)
        return json.loads(raw.decode("utf-8"))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid("This file is no JSON. Save a configuration here to see one.") from error
