"""The wizard for a new experiment: from the data to the start, the same as JSON."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.augmentation import (
    HIGHEST_GAIN_DB,
    HIGHEST_MIXUP,
    HIGHEST_SNR_DB,
    LONGEST_MASK,
    LONGEST_SHIFT,
    LOWEST_SNR_DB,
)
from diagnostics.training.classifiers import CLASSIFIERS
from diagnostics.training.config import LONGEST_WINDOW, MOST_FOLDS, SHORTEST_WINDOW
from layouts.components.attributes import attributes
from layouts.components.disclosure import disclosure
from layouts.components.frame import field, icon, page_head
from layouts.components.links import number_of
from layouts.experiment_settings import (
    CLASS_WEIGHTS,
    DRAWS,
    LOSSES,
    OPTIMISERS,
    PRECISIONS,
    SCHEDULES,
)
from layouts.new_experiment_classifier import card_place, choices, cost_place
from layouts.new_experiment_features import Ids as FeatureIds
from layouts.new_experiment_features import set_field
from layouts.page import WRITERS, Group, Page

STEPS = {
    "data": "Data",
    "split": "Target and split",
    "windows": "Windows",
    "classifier": "Classifier",
    "training": "Training",
    "review": "Review",
}


class Ids:
    """``start`` holds what the address asks for, ``given`` the config that the fields were filled
    with, ``document`` the config as it stands."""

    start = "new-experiment-start"
    go = "new-experiment-go"
    described = "new-experiment-described"
    document = "new-experiment-document"
    given = "new-experiment-given"
    fields = "new-experiment-fields"
    version = "new-experiment-version"
    data_card = "new-experiment-data-card"
    target = "new-experiment-target"
    classes = "new-experiment-classes"
    group_by = "new-experiment-group-by"
    split_by = "new-experiment-split-by"
    by_groups = "new-experiment-by-groups"
    by_fractions = "new-experiment-by-fractions"
    only_fractions = "new-experiment-only-fractions"
    only_folds = "new-experiment-only-folds"
    one_fold = "new-experiment-one-fold"
    folds = "new-experiment-folds"
    fold = "new-experiment-fold"
    seeds = "new-experiment-seeds"
    validation = "new-experiment-validation"
    test = "new-experiment-test"
    validation_share = "new-experiment-validation-share"
    test_share = "new-experiment-test-share"
    split_seed = "new-experiment-split-seed"
    preview = "new-experiment-preview"
    channels = "new-experiment-channels"
    rate = "new-experiment-rate"
    rate_hint = "new-experiment-rate-hint"
    window = "new-experiment-window"
    hop = "new-experiment-hop"
    window_hint = "new-experiment-window-hint"
    normalisation = "new-experiment-normalisation"
    classifier = "new-experiment-classifier"
    parameters = "new-experiment-parameters"
    parameter = "new-experiment-parameter"
    network_only = "new-experiment-network-only"
    no_training = "new-experiment-no-training"
    epochs = "new-experiment-epochs"
    batch_size = "new-experiment-batch-size"
    optimiser = "new-experiment-optimiser"
    learning_rate = "new-experiment-learning-rate"
    weight_decay = "new-experiment-weight-decay"
    schedule = "new-experiment-schedule"
    patience = "new-experiment-patience"
    plateau_epochs = "new-experiment-plateau-epochs"
    gradient_clip = "new-experiment-gradient-clip"
    class_weights = "new-experiment-class-weights"
    warmup_epochs = "new-experiment-warmup-epochs"
    loss = "new-experiment-loss"
    focal_gamma = "new-experiment-focal-gamma"
    label_smoothing = "new-experiment-label-smoothing"
    draw = "new-experiment-draw"
    precision = "new-experiment-precision"
    noise_low = "new-experiment-noise-low"
    noise_high = "new-experiment-noise-high"
    gain_db = "new-experiment-gain-db"
    shift = "new-experiment-shift"
    polarity = "new-experiment-polarity"
    mask = "new-experiment-mask"
    mixup = "new-experiment-mixup"
    augmentation = "new-experiment-augmentation"
    example = "new-experiment-example"
    examples = "new-experiment-examples"
    seed = "new-experiment-seed"
    name = "new-experiment-name"
    review = "new-experiment-review"
    json = "new-experiment-json"
    json_copy = "new-experiment-json-copy"
    apply = "new-experiment-apply"
    submit = "new-experiment-submit"
    sides = "new-experiment-sides"


def build(
    step: str = "",
    copy: str = "",
    dataset: str = "",
    repeated: str = "",
    features: str = "",
    **_view: Any,
) -> Component:
    step = step if step in STEPS else "data"
    given = {"copy": copy, "dataset": dataset, "repeated": repeated, "features": features}
    asked = {name: number_of(text) for name, text in given.items()}
    start = {name: number for name, number in asked.items() if number is not None}
    panels = [
        _panel("data", step, [*_data()]),
        _panel("split", step, [*_split()]),
        _panel("windows", step, [*_windows()]),
        _panel("classifier", step, [*_classifier()]),
        _panel("training", step, [*_training()]),
        _panel("review", step, [*_review()]),
    ]
    # What fills them at first would undo a choice that is made before.
    fields = html.Fieldset(panels, id=Ids.fields, disabled=True)
    aside = html.Aside(
        html.Div(id=Ids.sides),
        className="section-card wizard-aside",
        **attributes(aria_label="What will be learned and tested"),
    )
    return html.Div(
        [
            page_head(
                "New experiment",
                lead="Train one classifier and test it once on groups that it has never met.",
            ),
            dcc.Store(id=Ids.start, data=start),
            dcc.Store(id=Ids.described),
            dcc.Store(id=Ids.document),
            dcc.Store(id=Ids.given),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            _steps(step),
            html.Div([html.Div([fields, _feet(step)]), aside], className="wizard-columns"),
        ],
        className="wizard",
    )


def _steps(present: str) -> Component:
    entries = []
    for number, (name, title) in enumerate(STEPS.items(), start=1):
        current = {"aria_current": "step"} if name == present else {}
        button = html.Button(
            [html.Span(str(number), className="wizard-number"), title],
            type="button",
            className="wizard-step",
            **attributes(data_wizard_step=name, **current),
        )
        entries.append(html.Li(button))
    return html.Nav(html.Ol(entries), className="wizard-steps", **attributes(aria_label="Steps"))


def _panel(name: str, present: str, children: list[Component]) -> Component:
    return html.Section(
        [html.Div(html.H2(STEPS[name], tabIndex="-1"), className="section-head"), *children],
        className="section-card",
        hidden=name != present,
        **attributes(data_wizard_panel=name),
    )


def _feet(present: str) -> Component:
    """Back and next; at the end the start takes the place of next (``assets/experiments.js``)."""
    back = html.Button(
        [icon("arrow-left"), " Back"],
        type="button",
        className="btn btn-outline-secondary",
        hidden=present == next(iter(STEPS)),
        **attributes(data_wizard_move="-1"),
    )
    forward = html.Button(
        ["Next ", icon("arrow-right")],
        type="button",
        className="btn btn-primary",
        hidden=present == "review",
        **attributes(data_wizard_move="1"),
    )
    start = dbc.Button(
        [icon("play"), " Start training"], id=Ids.submit, color="primary", disabled=True
    )
    last = html.Div(start, hidden=present != "review", **attributes(data_wizard_last=""))
    return html.Div([back, forward, last], className="wizard-feet")


def _data() -> list[Component]:
    return [
        field(
            "Data set and version",
            dcc.Dropdown(id=Ids.version, clearable=False, placeholder="Choose"),
            hint="A version never changes, so the experiment can be repeated.",
        ),
        set_field(),
        html.Div(id=Ids.data_card, className="wizard-gap"),
    ]


def _split() -> list[Component]:
    by = dbc.RadioItems(
        id=Ids.split_by,
        options=[
            {"label": "Draw shares of the groups", "value": "fractions"},
            {"label": "Name the groups", "value": "groups"},
            {"label": "Each group once, in folds", "value": "folds"},
            {"label": "Random windows: known leak, for comparison only", "value": "windows"},
        ],
        value="fractions",
        inline=True,
    )
    named = [
        field("Groups for validation", _several(Ids.validation)),
        field("Groups for the test", _several(Ids.test)),
    ]
    return [
        html.Div(
            [
                field("Target", dcc.Dropdown(id=Ids.target, clearable=False)),
                field(
                    "Classes",
                    _several(Ids.classes, placeholder="all"),
                ),
                field(
                    "Group",
                    dcc.Dropdown(id=Ids.group_by, clearable=False),
                    hint="One group is never in training and in the test, but for random windows.",
                ),
            ],
            className="wizard-fields",
        ),
        html.Fieldset([html.Legend("Held out", className="form-label"), by]),
        html.Div(_shares(), id=Ids.by_fractions, className="wizard-fields"),
        html.Div(named, id=Ids.by_groups, className="wizard-fields", hidden=True),
        html.Div(id=Ids.preview, className="wizard-gap"),
    ]


def _shares() -> list[Component]:
    """How much is held out, where it is drawn."""
    return [
        field("Validation share", number(Ids.validation_share, 0.2, 0, 0.9, 0.01)),
        html.Div(
            field("Test share", number(Ids.test_share, 0.2, 0.01, 0.9, 0.01)),
            id=Ids.only_fractions,
        ),
        html.Div(
            field(
                "Folds",
                number(Ids.folds, 5, 2, MOST_FOLDS, 1),
                hint="One training for each; its groups are the test.",
            ),
            id=Ids.only_folds,
            hidden=True,
        ),
        html.Div(
            field(
                "Only this fold",
                number(Ids.fold, None, 1, MOST_FOLDS, 1, placeholder="all"),
                hint="To try a single one.",
            ),
            id=Ids.one_fold,
            hidden=True,
        ),
        field("Seed of the split", number(Ids.split_seed, 0, 0, 2**31 - 1, 1)),
    ]


def _windows() -> list[Component]:
    normalisation = dbc.RadioItems(
        id=Ids.normalisation,
        options=[
            {
                "label": "Each window by itself: shapes are compared, the level is taken away",
                "value": "window",
            },
            {
                "label": "By mean and deviation of the training part: levels are kept",
                "value": "training",
            },
        ],
        value="window",
    )
    fields = [
        html.Div(
            [
                field(
                    "Window, samples",
                    number(Ids.window, 2048, SHORTEST_WINDOW, LONGEST_WINDOW, 1),
                    hint=html.Span(id=Ids.window_hint),
                ),
                field(
                    "Hop, samples",
                    number(Ids.hop, 2048, 1, LONGEST_WINDOW, 1),
                    hint="From the start of a window to that of the next; less overlaps.",
                ),
                field(
                    "Sampling rate, Hz",
                    number(Ids.rate, None, 1, 1e9, "any", placeholder="as recorded"),
                    hint=html.Span(id=Ids.rate_hint),
                ),
                field("Channels", _several(Ids.channels)),
            ],
            className="wizard-fields",
        ),
        html.Fieldset([html.Legend("Normalisation", className="form-label"), normalisation]),
    ]
    return [
        html.Div(id=FeatureIds.windows_note, role="status"),
        html.Div(fields, id=FeatureIds.windows_fields),
    ]


def _classifier() -> list[Component]:
    choice = dbc.RadioItems(
        id=Ids.classifier, options=choices(), value=CLASSIFIERS[0].name, className="wizard-cards"
    )
    return [
        html.Fieldset([html.Legend("Classifier", className="visually-hidden"), choice]),
        card_place(),
        html.Div(id=Ids.parameters, className="wizard-fields"),
        cost_place(),
    ]


def _training() -> list[Component]:
    always = [
        field("Class weights", dbc.Select(id=Ids.class_weights, options=_options(CLASS_WEIGHTS))),
        field(
            "Seed",
            number(Ids.seed, 0, 0, 2**31 - 1, 1),
            hint="The same seed on the same machine gives the same result.",
        ),
        field(
            "Further seeds",
            dbc.Input(id=Ids.seeds, placeholder="none", debounce=True, autoComplete="off"),
            hint="Such as 1, 2: each is another training, and shows what the seed alone changes.",
        ),
    ]
    return [
        html.P(
            "This classifier learns at once; it has no epochs and no schedule of a learning rate.",
            id=Ids.no_training,
            className="page-lead wizard-lead",
            hidden=True,
        ),
        html.Div(
            [html.Div(_of_networks(), className="wizard-fields"), _augmentation()],
            id=Ids.network_only,
        ),
        html.Div(always, className="wizard-fields"),
    ]


def _of_networks() -> list[Component]:
    """What only what learns by epochs has."""
    return [
        field("Epochs, at most", number(Ids.epochs, 30, 1, 10_000, 1)),
        field("Windows in a batch", number(Ids.batch_size, 64, 1, 4096, 1)),
        field("Optimiser", dbc.Select(id=Ids.optimiser, options=_options(OPTIMISERS))),
        field("Learning rate", number(Ids.learning_rate, 1e-3, 1e-8, 10, "any")),
        field("Schedule of the rate", dbc.Select(id=Ids.schedule, options=_options(SCHEDULES))),
        field(
            "Warm-up, epochs",
            number(Ids.warmup_epochs, 0, 0, 1_000, 1),
            hint="The rate rises from a tenth before the schedule begins.",
        ),
        field("Weight decay", number(Ids.weight_decay, 1e-2, 0, 1, "any")),
        field(
            "Patience, epochs",
            number(Ids.patience, 8, 0, 10_000, 1),
            hint="Ends after so many epochs without a lower validation loss; 0: never.",
        ),
        field(
            "Tell of a plateau, epochs",
            number(Ids.plateau_epochs, 10, 0, 10_000, 1),
            hint="A notice after so many epochs without progress; 0: none.",
        ),
        field(
            "Greatest norm of gradients",
            number(Ids.gradient_clip, 1.0, 0, 1e6, "any"),
            hint="0 leaves them as they are.",
        ),
        field("Loss", dbc.Select(id=Ids.loss, options=_options(LOSSES))),
        field(
            "Focus of the focal loss",
            number(Ids.focal_gamma, 2.0, 0, 10, "any"),
            hint="The higher, the less counts what is told well already.",
        ),
        field(
            "Label smoothing",
            number(Ids.label_smoothing, 0.0, 0, 0.5, "any"),
            hint="Part of each label that is spread over all classes.",
        ),
        field(
            "Windows of an epoch",
            dbc.Select(id=Ids.draw, options=_options(DRAWS)),
            hint="One of each recording makes long recordings quick to train on.",
        ),
        field(
            "Precision on a GPU",
            dbc.Select(id=Ids.precision, options=_options(PRECISIONS)),
            hint="The processor always computes in single precision.",
        ),
    ]


def _augmentation() -> Component:
    fields = [
        field(
            "Noise, lowest SNR, dB",
            number(Ids.noise_low, None, LOWEST_SNR_DB, HIGHEST_SNR_DB, "any", placeholder="none"),
            hint="White noise against the RMS of the window.",
        ),
        field(
            "Noise, highest SNR, dB",
            number(Ids.noise_high, None, LOWEST_SNR_DB, HIGHEST_SNR_DB, "any", placeholder="none"),
        ),
        field(
            "Gain, ± dB",
            number(Ids.gain_db, 0, 0, HIGHEST_GAIN_DB, "any"),
            hint="Only where windows are not normalised by themselves.",
        ),
        field(
            "Shift, part of the window",
            number(Ids.shift, 0, 0, LONGEST_SHIFT, "any"),
            hint="Turned round; the seam is a step.",
        ),
        field("Other polarity, probability", number(Ids.polarity, 0, 0, 1, "any")),
        field("Masked, part of the window", number(Ids.mask, 0, 0, LONGEST_MASK, "any")),
        field(
            "Mixup",
            number(Ids.mixup, 0, 0, HIGHEST_MIXUP, "any"),
            hint="Parameter of the Beta distribution; 0.2 mixes little.",
        ),
    ]
    example = html.Button(
        "Show examples",
        id=Ids.example,
        type="button",
        className="btn btn-outline-secondary btn-sm",
    )
    shown = html.Div(id=Ids.examples, className="wizard-gap", **attributes(aria_live="polite"))
    return disclosure(
        "Augmentation",
        [
            html.P(
                "Each time that a training window is seen, it is changed anew. Validation and test"
                " never are.",
                className="form-text",
            ),
            html.Div(fields, className="wizard-fields"),
            example,
            shown,
        ],
        summary_id=Ids.augmentation,
    )


def _review() -> list[Component]:
    copy = dcc.Clipboard(target_id=Ids.json, id=Ids.json_copy, title="Copy the JSON")
    area = dbc.Textarea(id=Ids.json, rows=18, spellCheck=False, className="wizard-json")
    take = dbc.Button("Take over the JSON", id=Ids.apply, color="secondary", outline=True)
    as_json = html.Details(
        [
            html.Summary("As JSON: copy it, or paste another one"),
            field(
                "Experiment as JSON",
                area,
                hint="“python -m cli train” and the API take the same text.",
            ),
            html.Div([take, copy], className="section-actions"),
        ]
    )
    return [
        field("Name", dbc.Input(id=Ids.name, maxLength=120)),
        html.Div(id=Ids.review, className="wizard-gap"),
        as_json,
    ]


def number(
    input_id: Any,
    value: float | None,
    least: float,
    most: float,
    step: float | str,
    placeholder: str = "",
) -> Component:
    """A field for a number, read when the person leaves it."""
    return dbc.Input(
        id=input_id,
        type="number",
        value=value,
        min=least,
        max=most,
        step=step,
        placeholder=placeholder,
        debounce=True,
    )


def _several(list_id: str, placeholder: str = "none") -> Component:
    """A list to pick several entries from. Dash's own cross to clear it has no role."""
    return dcc.Dropdown(id=list_id, multi=True, value=[], clearable=False, placeholder=placeholder)


def _options(titles: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": title, "value": name} for name, title in titles.items()]


PAGE = Page(
    "new_experiment",
    "New experiment",
    "/new-experiment",
    build,
    Group.LEARN,
    "plus-square",
    roles=WRITERS,
)
