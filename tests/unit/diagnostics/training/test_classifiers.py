"""What every registered classifier must do, whichever it is."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import TrainingError
from diagnostics.progress import Progress
from diagnostics.training.card import Family
from diagnostics.training.classifiers import CLASSIFIERS, classifier
from diagnostics.training.config import GroupFractions, TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.fitted import SUFFIXES, load_classifier, predict
from diagnostics.training.split import Candidate
from diagnostics.training.windows import windows_of
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows

# Smaller than their defaults, for speed; one that is not listed is tried at its defaults.
SMALL = {
    "cnn1d": {"width": 4, "blocks": 2, "kernel": 32},
    "attention_cnn": {"width": 4, "blocks": 2, "hops": 2},
    "multi_scale_cnn": {"width": 4, "blocks": 2, "kernel": 64},
    "cnn_lstm": {"width": 4, "blocks": 2, "hidden": 8},
    "resnet18": {"width": 8},
    "resnet34": {"width": 8},
    "se_resnet18": {"width": 8, "reduction": 4},
    "inception_time": {"filters": 4, "depth": 3, "kernel": 16, "step": 16},
    "patchtst": {"patch": 128, "depth": 1, "heads": 2, "head_width": 8},
    "signal_transformer": {"depth": 1, "heads": 2, "head_width": 8},
    "spectrogram_cnn": {"width": 4, "blocks": 2, "hop": 32},
    "multitask": {"width": 4, "blocks": 2, "kernel": 32},
    "searched": {"architecture": "stem k7 s8 w8 > conv3 w8 max > conv5+skip w8 > separable3 w8"},
    "random_forest": {"trees": 20},
    "svm": {},
    "hist_gradient_boosting": {"rounds": 10, "leaf": 2},
    "logistic_regression": {},
}
# They draw no random numbers: what they learn follows from the windows alone.
DRAW_NOTHING = {"svm", "hist_gradient_boosting", "logistic_regression"}
EVERY = pytest.mark.parametrize("name", [card.name for card in CLASSIFIERS])


def fit(name, tmp_path, seed=0, channels=1, report=lambda _: None, **given):
    config = TrainingConfig(
        GroupFractions(),
        classifier=name,
        parameters=SMALL.get(name, {}),
        channels=tuple(range(channels)),
        window=1024,
        hop=512,
        epochs=2,
        batch_size=16,
        seed=seed,
        **given,
    )
    return fit_classifier(
        config,
        CLASSES,
        toy_windows(0, channels=channels),
        toy_windows(4, 2, channels=channels),
        checkpoint=tmp_path / f"{name}-{seed}-{channels}.pt",
        report=report,
    ).fitted


def test_the_list_here_is_complete():
    assert set(SMALL) == {card.name for card in CLASSIFIERS}


@EVERY
def test_its_card_says_what_it_is(name):
    card = classifier(name)
    assert card.title
    assert len(card.description) > 40
    assert card.family in Family
    assert card.check({}) == {p.name: p.default for p in (*card.texts, *card.parameters)}
    for parameter in card.parameters:
        assert parameter.check(parameter.minimum) == parameter.minimum
        assert parameter.check(parameter.maximum) == parameter.maximum
        with pytest.raises(TrainingError):
            parameter.check(parameter.maximum + 1)


@EVERY
def test_probabilities_sum_to_1_for_any_length_from_1024_on(name, tmp_path):
    fitted = fit(name, tmp_path)
    rng = np.random.default_rng(0)
    for length in (1024, 1500, 4097):
        probabilities = fitted.probabilities(rng.normal(size=(3, 1, length)).astype(np.float32))
        assert probabilities.shape == (3, 2)
        assert probabilities.min() >= 0
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-9)


@EVERY
def test_any_number_of_channels(name, tmp_path):
    fitted = fit(name, tmp_path, channels=3)
    assert fitted.probabilities(np.ones((1, 3, 1024), dtype=np.float32)).shape == (1, 2)
    with pytest.raises(TrainingError, match="windows of 3 channels"):
        fitted.probabilities(np.ones((1, 2, 1024), dtype=np.float32))


@EVERY
def test_the_seed_decides_everything(name, tmp_path):
    windows = toy_windows(4, 2)
    outputs = [
        predict(fit(name, tmp_path / str(run), seed), windows) for run, seed in enumerate((0, 0, 1))
    ]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert (outputs[0] != outputs[2]).any() == (name not in DRAW_NOTHING)


@EVERY
def test_it_is_the_same_after_saving_and_loading(name, tmp_path):
    fitted = fit(name, tmp_path, channels=2)
    path = tmp_path / f"kept{SUFFIXES[classifier(name).family]}"
    fitted.save(path)
    again = load_classifier(path)
    assert again.about == fitted.about
    windows = toy_windows(4, 2, channels=2)
    np.testing.assert_array_equal(predict(fitted, windows), predict(again, windows))


@EVERY
def test_a_broken_file_is_refused(name, tmp_path):
    path = tmp_path / f"broken{SUFFIXES[classifier(name).family]}"
    path.write_bytes(b"nothing that was ever trained")
    with pytest.raises(TrainingError, match="broken"):
        load_classifier(path)


@EVERY
def test_it_can_be_stopped_while_it_learns(name, tmp_path):
    class Stop(Exception):
        pass

    def report(progress: Progress) -> None:
        if progress.stage == "train":
            raise Stop

    with pytest.raises(Stop):
        fit(name, tmp_path, report=report)


@EVERY
def test_a_class_that_is_missing_in_training_gets_a_column(name, tmp_path):
    training = toy_windows(0)
    config = TrainingConfig(
        GroupFractions(),
        classifier=name,
        parameters=SMALL.get(name, {}),
        window=1024,
        hop=512,
        epochs=1,
    )
    fitted = fit_classifier(
        config, (*CLASSES, "never seen"), training, toy_windows(4, 2), checkpoint=tmp_path / "c.pt"
    ).fitted
    assert fitted.probabilities(training.read([0])).shape == (1, 3)


@EVERY
def test_values_that_are_not_finite_are_refused(name, tmp_path):
    fitted = fit(name, tmp_path)
    with pytest.raises(TrainingError, match="not finite"):
        fitted.probabilities(np.full((1, 1, 1024), np.nan, dtype=np.float32))


@EVERY
def test_predictions_do_not_depend_on_the_batch(name, tmp_path):
    fitted = fit(name, tmp_path)
    rng = np.random.default_rng(0).normal(size=400 * 1024)
    windows = windows_of(
        [Candidate(0, "long", "low", "g", rng.size, 1000.0)],
        CLASSES,
        lambda _recording, _channel, start, stop: rng[start:stop],
        channels=(0,),
        window=1024,
        hop=1024,
        sample_rate_hz=1000.0,
    )
    rows = predict(fitted, windows)
    assert len(rows) == 400
    np.testing.assert_allclose(
        rows[300:303], fitted.probabilities(windows.read([300, 301, 302])), atol=1e-5
    )
