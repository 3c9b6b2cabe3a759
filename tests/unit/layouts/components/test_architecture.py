from __future__ import annotations

import json

from dash import html

from diagnostics.architectures.architecture import read_architecture
from diagnostics.training.config import HeldOutGroups, TrainingConfig
from layouts.components.architecture import architecture_picture, found_network
from layouts.experiment_settings import settings_list

LINE = "stem k31 s8 w16 > conv3+conv7 w32 max > dilated5x2+skip w32 se > separable15 w64"


def read(component) -> str:
    """All text, item by item, as a screen reader says it."""
    if isinstance(component, str):
        return component
    children = component.children
    parts = children if isinstance(children, list) else [children]
    return " ".join(read(part) for part in parts if part is not None)


def test_the_picture_is_a_list_that_reads_in_order():
    drawn = architecture_picture(LINE)
    assert isinstance(drawn, html.Ol)
    assert [read(item) for item in drawn.children] == [
        "Stem Convolution 31 16 features, one of 8 samples",
        "Stage 1 Convolution 3 Convolution 7 added, 32 features, maximum of two, half the rate",
        "Stage 2 Dilated 5, gaps of 2 Shortcut added, 32 features, squeeze-and-excitation",
        "Stage 3 Separable 15 64 features",
        "Head Mean over time a score for each class",
    ]


def test_each_kind_of_branch_has_a_look_of_its_own():
    text = json.dumps(
        architecture_picture(LINE).to_plotly_json(), default=lambda c: c.to_plotly_json()
    )
    for kind in ("conv", "dilated", "separable", "skip"):
        assert f"architecture-branch is-{kind}" in text


def test_settings_of_an_experiment_show_the_picture_and_the_line_to_copy():
    config = TrainingConfig(
        HeldOutGroups(("2",)), classifier="searched", parameters={"architecture": LINE}, patience=0
    ).to_dict()
    shown = {
        "config": config,
        "split": {"sample_rate_hz": 12_000.0},
        "class_names": ["healthy", "worn"],
        "parameter_count": None,
        "feature_set": None,
    }
    rows = dict(settings_list(shown))
    picture, line = rows["Architecture"].children
    assert isinstance(picture, html.Ol)
    assert line.children == LINE
    plain = TrainingConfig(HeldOutGroups(("2",)), patience=0).to_dict()
    assert "Architecture" not in dict(settings_list({**shown, "config": plain}))


def test_a_found_network_says_what_was_measured_with_units():
    architecture = read_architecture(LINE)
    found = {
        "text": LINE,
        "hash": architecture.hash,
        "architecture": architecture.to_dict(),
        "measured": {
            "val_accuracy": 0.9375,
            "val_loss": None,
            "parameters": 12_345,
            "flops": 2_500_000,
            "size_bytes": 60_000,
            "latency_ms": 0.8,
            "latency_runs": 50,
            "machine": "a processor",
        },
    }
    text = read(found_network(found))
    for part in ("0.938", "2.5 MFLOP", "60 kB", "800 µs, median of 50 runs", architecture.hash):
        assert part in text
    assert "loss" not in text
    assert "windows" not in read(found_network({**found, "measured": None}))
