from dataclasses import replace

import numpy as np
import pytest

from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.recording import Asked, explain_recording, spread
from diagnostics.explain.registry import METHODS
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network
from diagnostics.training.classifiers import classifier
from diagnostics.training.fitted import About, windows_for
from diagnostics.training.normalisation import Normalisation, Normaliser
from diagnostics.training.split import Candidate
from diagnostics.training.windows import windows_of

PARAMETERS = {"width": 4, "blocks": 1, "kernel": 8}


def fitted(name="cnn1d", parameters=PARAMETERS):
    about = About(
        name, parameters, ("a", "b"), (0,), 1024, 1000.0, Normaliser(Normalisation.WINDOW)
    )
    return FittedNetwork(build_network(classifier(name), parameters, 1, 2, seed=0).eval(), about)


def windows(model, count=5):
    samples = np.random.default_rng(0).normal(size=count * 1024 + 100)
    whole = Candidate(1, "r", "a", "g", samples.size, 1000.0)
    return windows_for(model.about, whole, lambda _id, _channel, a, b: samples[a:b])


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("cnn1d", PARAMETERS),
        ("resnet18", {"width": 8}),
        ("patchtst", {"depth": 1}),
        ("spectrogram_cnn", {"width": 4}),
    ],
)
def test_every_window_of_a_recording_is_explained(name, parameters):
    model = fitted(name, parameters)
    found = explain_recording(model, windows(model), Asked("gradcam", 1, {}))
    assert found.explained.values.shape == (5, 1, 1024)
    assert found.starts_s == pytest.approx(np.arange(5) * 1.024)
    assert (found.window_s, found.available) == (1.024, 5)
    expected = model.probabilities(windows(model).read_all())
    assert found.explained.probabilities == pytest.approx(expected, abs=1e-5)


def test_a_long_recording_is_explained_at_evenly_spread_windows(monkeypatch):
    few = replace(METHODS["gradcam"], most_windows=3)
    monkeypatch.setitem(METHODS, "gradcam", few)
    model = fitted()
    found = explain_recording(model, windows(model, 9), Asked("gradcam", 0, {}))
    assert found.starts_s == pytest.approx(np.array([0, 4, 8]) * 1.024)
    assert found.available == 9


def test_long_windows_are_fewer():
    assert spread(1000, 1_000_000).size == 4
    assert spread(2, 50_000_000).size == 1


def test_recordings_are_explained_one_at_a_time():
    model = fitted()
    two = [Candidate(n, "r", "a", "g", 4000, 1000.0) for n in (1, 2)]
    both = windows_of(
        two,
        ("a", "b"),
        lambda _id, _channel, a, b: np.zeros(b - a),
        channels=(0,),
        window=1024,
        hop=1024,
        sample_rate_hz=1000.0,
    )
    with pytest.raises(ExplanationError, match="One recording"):
        explain_recording(model, both, Asked("gradcam", 0, {}))


def test_another_method_is_examined_too_and_an_unknown_one_is_refused():
    model = fitted()
    found = explain_recording(model, windows(model), Asked("occlusion", 1, {"num_segments": 8}))
    assert found.explained.positions == 8
    assert found.examined.tolist() == [0, 1, 2, 3, 4]
    assert found.rhythm.shape == found.random_rhythm.shape == (513,)
    assert found.card.deletion.shape == (33,)
    with pytest.raises(ExplanationError, match="no method"):
        explain_recording(model, windows(model), Asked("tea", 1, {}))
