"""A shortcut that was planted in generated data is learned, and the explanation reveals it."""

import numpy as np
import pytest
import torch
from torch import nn

from diagnostics.explain.what_if import what_if
from diagnostics.progress import silent
from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.config_json import as_json
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.recordings import generate, plan
from diagnostics.synthesis.shortcuts import plant
from services.experiment_service import ExperimentService
from services.explanation_view_service import ExplanationViewService
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tasks.synthesis import generate_dataset
from tasks.training import train_experiment
from tests.trained import NETWORK

CLASSES = {"healthy": 2, "outer race": 2}


def explained(shortcut):
    """What the page says of a held-out recording of the second class."""
    config = usual_config(Kind.ROLLING, classes=CLASSES, bearings=3, duration_s=0.5, seed=3)
    generate_dataset(silent, f"planted {shortcut}", as_json(config), shortcut, shortcut)
    version = ExperimentService.find_version(f"planted {shortcut}")
    training = {
        "split": {"by": "fractions", "test": 0.34, "validation": 0.33, "seed": 1},
        "group_by": "bearing",
        "normalisation": "training",
        "window": 1024,
        "hop": 1024,
        "epochs": 12,
        "patience": 0,
        "batch_size": 8,
        "learning_rate": 1e-2,
        **NETWORK,
    }
    experiment = ExperimentService.create_experiment(shortcut, version, training)["id"]
    train_experiment(silent, experiment)
    rows = XAIService.list_recordings(experiment)
    recording = next(r["recording_id"] for r in rows if r["true_class"] == "outer race")
    explain_recording(silent, experiment, recording, "outer race", "integrated_gradients")
    explain_recording(silent, experiment, recording, "outer race")
    view = ExplanationViewService.compare(
        *(experiment, recording, "outer race"),
        [("integrated_gradients", None), ("gradcam", None)],
        0.0,
    )
    return view["methods"]


def test_the_page_tells_of_a_gain_that_was_planted(analyst):
    fine, coarse = explained("gain")
    warnings = fine["shortcuts"]["warnings"]
    assert any("gain of the measurement" in told for told in warnings), fine["shortcuts"]
    domain = fine["domain"]
    assert domain["answer"] in ("yes", "no"), domain["sentence"]
    assert "BPFO (" in domain["sentence"]
    row = next(row for row in domain["kinds"] if row["kind"] == "BPFO")
    assert f"{100 * row['share']:.0f} % of the rhythm" in domain["sentence"]
    assert 0 <= row["chance"] <= row["chance_95"] <= 1
    assert {line["kind"] for line in domain["lines"]} == {"BPFO", "BPFI", "BSF", "FTF", "shaft"}
    assert fine["rhythm"]["frequencies_hz"][1] == pytest.approx(20.0)
    # A map of so few values cannot follow the strikes, and says so.
    assert coarse["domain"]["finest_hz"] < fine["domain"]["finest_hz"]


def test_a_phase_that_starts_at_zero_is_revealed_where_a_network_can_see_it():
    config = usual_config(Kind.ROLLING, classes=CLASSES, bearings=8, duration_s=0.5, seed=3)
    made = [
        plant("phase", generate(config, one), int(one.fault != "healthy"), 3)
        for one in plan(config)
    ]
    windows = np.stack([one.signal.samples[:, :1024] for one in made]).astype(np.float32)
    windows /= windows.std(axis=2, keepdims=True)
    labels = torch.tensor([int(one.planned.fault != "healthy") for one in made])
    # It knows places: a network that averages over time would be blind to the phase.
    network = nn.Sequential(nn.Flatten(), nn.Linear(1024, 2))
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(torch.tensor(windows)), labels).backward()
        optimiser.step()
    found = what_if(network, windows[labels == 1], 1)
    assert found["as it is"] > 0.9
    assert found["begun elsewhere"] < found["as it is"] - 0.3
    assert found["upside down"] < 0.3
    assert made[-1].facts["planted_shortcut"] == "tone that starts at 0°"
