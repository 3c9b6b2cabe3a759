"""The page for generated data: what to generate, what it will look like, and the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.synthesis.faults import SEVERITIES, Kind
from diagnostics.synthesis.motion import SpeedProfile
from layouts.components.attributes import attributes
from layouts.components.frame import field, icon, page_head, section
from layouts.page import WRITERS, Group, Page

Values = Mapping[str, Any]

KINDS = {
    Kind.JOURNAL.value: "Journal (hydrodynamic) bearings",
    Kind.ROLLING.value: "Rolling-element bearings",
}
PROFILES = {
    SpeedProfile.CONSTANT.value: "constant",
    SpeedProfile.RAMP.value: "ramp up or down",
    SpeedProfile.SINUSOIDAL.value: "sinusoidal",
    SpeedProfile.RANDOM_WALK.value: "random walk",
}


class Ids:
    """``document`` is the config as the fields have it, ``given`` one that fills the fields.

    ``count`` are the numbers of the classes of the chosen kind. ``job`` is what was started
    here; without one, the newest generation of the person is followed. ``check_job`` is the
    check of what the fields say, ``check_shown`` the one whose numbers are shown.
    """

    document = "generate-document"
    given = "generate-given"
    job = "generate-job"
    name = "generate-name"
    kind = "generate-kind"
    classes = "generate-classes"
    count = "generate-count"
    bearings = "generate-bearings"
    severities = "generate-severities"
    evolving = "generate-evolving"
    speed_low = "generate-speed-low"
    speed_high = "generate-speed-high"
    profile = "generate-profile"
    change = "generate-change"
    period = "generate-period"
    load_low = "generate-load-low"
    load_high = "generate-load-high"
    load_levels = "generate-load-levels"
    rolling = "generate-rolling"
    elements = "generate-elements"
    element_diameter = "generate-element-diameter"
    pitch_diameter = "generate-pitch-diameter"
    contact_angle = "generate-contact-angle"
    slip_low = "generate-slip-low"
    slip_high = "generate-slip-high"
    layers = "generate-layers"
    snr = "generate-snr"
    mains = "generate-mains"
    mains_hz = "generate-mains-hz"
    pink = "generate-pink"
    drift = "generate-drift"
    bits = "generate-bits"
    adc_range = "generate-adc-range"
    aliasing = "generate-aliasing"
    impulses = "generate-impulses"
    impulse_height = "generate-impulse-height"
    duration = "generate-duration"
    rate = "generate-rate"
    seed = "generate-seed"
    estimate = "generate-estimate"
    upload = "generate-upload"
    save = "generate-save"
    file = "generate-file"
    preview = "generate-preview"
    check = "generate-check"
    checked = "generate-checked"
    check_job = "generate-check-job"
    check_shown = "generate-check-shown"
    start = "generate-start"
    progress = "generate-progress"


# Layers by the name of the entry that switches them off when it is empty.
LAYERS = {
    "sensor_snr_db": "Sensor noise",
    "mains_g": "Mains hum",
    "pink_g": "Pink noise (1/f)",
    "drift_g": "Drift of zero",
    "adc_bits": "Quantisation",
    "aliasing_g": "Aliasing",
    "impulses_per_s": "Impulses",
}


def build(**_view: Any) -> Component:
    action = dbc.Button([icon("cpu"), " Generate"], id=Ids.start, color="primary", disabled=True)
    kept = (Ids.document, Ids.given, Ids.job, Ids.check_job, Ids.check_shown)
    stores = [dcc.Store(id=one) for one in kept]
    aside = html.Aside(
        [_saving(), html.Div(id=Ids.estimate, **attributes(aria_live="polite"))],
        className="section-card wizard-aside",
        **attributes(aria_label="Name, size and configuration"),
    )
    settings = html.Div([_what(), _operation(), _noise()])
    check = dbc.Button(
        [icon("check2-circle"), " Check these signatures"],
        id=Ids.check,
        color="secondary",
        outline=True,
    )
    return html.Div(
        [
            page_head(
                "Generate",
                lead="Vibration by formula, to try methods on data whose truth is known. "
                "It is marked as generated everywhere.",
                actions=[action],
            ),
            *stores,
            dcc.Download(id=Ids.file),
            html.Div(id=Ids.progress),
            html.Div([settings, aside], className="wizard-columns"),
            section(
                "Preview",
                [
                    html.P(
                        "Up to a second of each class at the most severe level. Grey: the "
                        "same machine without the fault. Orange: where the fault must show.",
                        className="page-lead mb-2",
                    ),
                    html.Div(id=Ids.checked, **attributes(aria_live="polite")),
                    dcc.Loading(html.Div(id=Ids.preview), delay_show=300, type="dot"),
                ],
                actions=[check],
            ),
        ],
        className="wizard generate-page",
    )


def class_fields(names: Sequence[str], counts: Values) -> list[Component]:
    """A number of recordings for each class; 0 leaves a class out."""
    return [_class_field(name, counts.get(name, 0)) for name in names]


def _class_field(name: str, number: int) -> Component:
    control = _number({"type": Ids.count, "name": name}, number, 0, 10_000, 1)
    # The label is around its field: one that names the id of a pattern is not found.
    # A class that is made of two may be parted where they join.
    parted = name.replace("_", " ").replace("+", "+\N{ZERO WIDTH SPACE}")
    label = html.Span(parted, className="form-label")
    return html.Div(html.Label([label, control]), className="field")


def _saving() -> Component:
    upload = dcc.Upload(
        dbc.Button([icon("upload"), " Load"], color="secondary", outline=True, size="sm"),
        id=Ids.upload,
        accept=".json,application/json",
        max_size=100_000,
    )
    save = dbc.Button(
        [icon("download"), " Save"],
        id=Ids.save,
        color="secondary",
        outline=True,
        size="sm",
        title="Save the configuration as JSON",
    )
    return html.Div(
        [
            field(
                "Name of the data set",
                dbc.Input(id=Ids.name, maxlength=120, autocomplete="off", debounce=True),
            ),
            html.Div(
                [html.Span("Configuration", className="form-label mb-0"), upload, save],
                className="section-actions generate-saving",
            ),
        ]
    )


def _what() -> Component:
    kinds = [{"label": title, "value": name} for name, title in KINDS.items()]
    levels = [
        {"label": f"{name} ({low:.2f} to {high:.2f})", "value": name}
        for name, (low, high) in SEVERITIES.items()
    ]
    kind = dbc.RadioItems(kinds, Kind.JOURNAL.value, id=Ids.kind, inline=True)
    severities = dbc.Checklist(levels, list(SEVERITIES), id=Ids.severities, inline=True)
    return section(
        "What",
        [
            html.Fieldset([html.Legend("Kind of bearing", className="form-label"), kind]),
            html.Fieldset(
                [
                    html.Legend("Recordings of each class on each bearing", className="form-label"),
                    html.Div(id=Ids.classes, className="generate-classes"),
                ]
            ),
            html.Fieldset(
                [html.Legend("Severities, which go round", className="form-label"), severities]
            ),
            html.Div(
                [
                    field(
                        "Bearings",
                        _number(Ids.bearings, None, 1, 1_000, 1),
                        hint="Each with a structure of its own, to split by.",
                    ),
                    field("Recordings that evolve, %", _number(Ids.evolving, None, 0, 100, "any")),
                    field("Duration, s", _number(Ids.duration, None, 0.5, 600, "any")),
                    field("Sampling rate, Hz", _number(Ids.rate, None, 12_000, 204_800, "any")),
                    field(
                        "Seed",
                        _number(Ids.seed, None, 0, 2**32 - 1, 1),
                        hint="The same seed gives the same samples.",
                    ),
                ],
                className="wizard-fields",
            ),
        ],
    )


def _operation() -> Component:
    profiles = [{"label": title, "value": name} for name, title in PROFILES.items()]
    return section(
        "Operation",
        [
            html.Div(
                [
                    field("Speed from, rpm", _number(Ids.speed_low, None, 60, 60_000, "any")),
                    field("Speed to, rpm", _number(Ids.speed_high, None, 60, 60_000, "any")),
                    field(
                        "Speed within a recording",
                        dbc.Select(profiles, SpeedProfile.CONSTANT.value, id=Ids.profile),
                    ),
                    field("Change of the speed, ± %", _number(Ids.change, None, 0, 90, "any")),
                    field("Period of the speed, s", _number(Ids.period, None, 0.05, 600, "any")),
                    field("Load from, %", _number(Ids.load_low, None, 0, 100, "any")),
                    field("Load to, %", _number(Ids.load_high, None, 0, 100, "any")),
                    field(
                        "Loads between them",
                        _number(Ids.load_levels, None, 1, 20, 1),
                        hint="They go round within a bearing.",
                    ),
                ],
                className="wizard-fields",
            ),
            html.Div(_rolling(), id=Ids.rolling, className="wizard-fields", hidden=True),
        ],
    )


def _rolling() -> list[Component]:
    return [
        field("Rolling elements", _number(Ids.elements, None, 3, 200, 1)),
        field("Element diameter, mm", _number(Ids.element_diameter, None, 0.1, 1_000, "any")),
        field("Pitch diameter, mm", _number(Ids.pitch_diameter, None, 0.1, 10_000, "any")),
        field("Contact angle, °", _number(Ids.contact_angle, None, 0, 89, "any")),
        field("Slip from, %", _number(Ids.slip_low, None, 0, 10, "any")),
        field("Slip to, %", _number(Ids.slip_high, None, 0, 10, "any")),
    ]


def _noise() -> Component:
    layers = dbc.Checklist(
        [{"label": title, "value": name} for name, title in LAYERS.items()],
        id=Ids.layers,
        inline=True,
        switch=True,
    )
    mains = [{"label": f"{hertz} Hz", "value": hertz} for hertz in (50, 60)]
    return section(
        "Noise",
        [
            html.Fieldset([html.Legend("Layers", className="form-label"), layers]),
            html.Div(
                [
                    field(
                        "Sensor: SNR, dB",
                        _number(Ids.snr, None, -20, 120, "any"),
                        hint="Below the vibration without a fault.",
                    ),
                    field("Mains hum, g", _number(Ids.mains, None, 0, 10, "any")),
                    field("Mains", dbc.Select(mains, 50, id=Ids.mains_hz)),
                    field("Pink noise, g rms", _number(Ids.pink, None, 0, 10, "any")),
                    field("Drift, g peak to peak", _number(Ids.drift, None, 0, 100, "any")),
                    field("Converter, bits", _number(Ids.bits, None, 4, 24, 1)),
                    field("Converter, ± g", _number(Ids.adc_range, None, 0.01, 1_000, "any")),
                    field("Aliased tone, g", _number(Ids.aliasing, None, 0, 10, "any")),
                    field("Impulses in a second", _number(Ids.impulses, None, 0, 1_000, "any")),
                    field("Impulses, g", _number(Ids.impulse_height, None, 0, 100, "any")),
                ],
                className="wizard-fields",
            ),
        ],
    )


def _number(
    input_id: Any, value: float | None, least: float, most: float, step: float | str
) -> Component:
    """A field for a number, read when the person leaves it."""
    return dbc.Input(
        id=input_id, type="number", value=value, min=least, max=most, step=step, debounce=True
    )


PAGE = Page("generate", "Generate", "/generate", build, Group.DATA, "cpu", roles=WRITERS)
