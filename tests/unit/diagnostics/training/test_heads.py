"""Heads beside the class: what they learn from, what they leave alone, and that they learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diagnostics.networks.fitted import load_network
from diagnostics.networks.network import build_network
from diagnostics.progress import Progress
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import GroupFractions, TrainingConfig
from diagnostics.training.engine import train_network
from diagnostics.training.fitted import answer_all
from diagnostics.training.head_losses import HeadTally, head_loss, masked_losses
from diagnostics.training.head_scale import HeadScale, fit_scales, in_units, on_scale
from diagnostics.training.heads import SEVERITY, SPEED
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows

NOTHING = float("nan")
CARD = classifier("multitask")
SMALL = {"width": 4, "blocks": 2, "kernel": 32}


def knowing(windows, **known):
    """The windows with quantities of their recordings, in their order."""
    recordings = tuple(
        replace(one, **{name: values[place] for name, values in known.items()})
        for place, one in enumerate(windows.recordings)
    )
    return replace(windows, recordings=recordings)


def config(**given):
    base = {
        "classifier": "multitask",
        "parameters": SMALL,
        "window": 1024,
        "hop": 512,
        "epochs": 3,
        "batch_size": 16,
    }
    return TrainingConfig(GroupFractions(), **{**base, **given})


def half_known():
    """Two of four recordings say a severity; the other two a speed."""
    return knowing(
        toy_windows(0), severity=[0.2, None, 0.8, None], speed_rpm=[None, 1000.0, None, 3000.0]
    )


def test_what_is_not_known_adds_nothing_to_the_loss_and_no_gradient():
    estimates = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)).requires_grad_()
    wanted = torch.tensor([[0.5, NOTHING]] * 3 + [[NOTHING, 1.0]] * 3)
    head_loss(estimates, wanted, torch.tensor([1.0, 2.0])).backward()
    assert estimates.grad is not None
    assert torch.equal(estimates.grad == 0, wanted.isnan())
    assert estimates.grad.isfinite().all()


def test_the_loss_of_a_head_is_the_mean_over_the_windows_that_say_it():
    estimates = torch.tensor([[0.5, 9.0], [2.5, 9.0], [7.0, 9.0]])
    wanted = torch.tensor([[0.0, NOTHING], [0.0, NOTHING], [NOTHING, NOTHING]])
    # Huber: half the square up to 1, then the size less a half.
    found = head_loss(estimates, wanted, torch.tensor([2.0, 5.0]))
    assert found.item() == pytest.approx(2 * (0.5 * 0.25 + (2.5 - 0.5)) / 2)
    sums, counts = masked_losses(estimates, wanted)
    assert (sums.tolist(), counts.tolist()) == ([2.125, 0.0], [2, 0])


def test_a_batch_that_says_nothing_has_a_loss_of_0():
    estimates = torch.ones(2, 2, requires_grad=True)
    found = head_loss(estimates, torch.full((2, 2), NOTHING), torch.ones(2))
    found.backward()
    assert found.item() == 0
    assert estimates.grad is not None
    assert not estimates.grad.any()


def test_errors_are_gathered_in_units_over_batches_of_any_size():
    scales = (HeadScale("severity", 0.5, 0.2, 3), HeadScale("speed_rpm", 3000.0, 100.0, 3))
    tally = HeadTally(scales, torch.tensor([1.0, 1.0]))
    tally.add(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, NOTHING]]))
    tally.add(torch.zeros(2, 2), torch.tensor([[0.5, NOTHING], [0.5, NOTHING]]))
    assert tally.errors() == {"severity": pytest.approx(0.2 * (1 + 0.5 + 0.5) / 3)}
    assert tally.loss == pytest.approx((0.5 + 0.125 + 0.125) / 3)


def test_the_scale_is_fitted_on_the_training_windows_that_say_it():
    training = half_known()
    severity, speed = fit_scales(CARD.heads, CARD.check({}), training)
    assert (severity.mean, severity.deviation) == (pytest.approx(0.5), pytest.approx(0.3))
    assert (speed.mean, speed.deviation) == (pytest.approx(2000), pytest.approx(1000))
    assert (severity.recordings, speed.recordings) == (2, 2)
    scaled = on_scale((severity, speed), training.known(["severity", "speed_rpm"]))
    assert np.nanmean(scaled, axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert np.nanstd(scaled, axis=0) == pytest.approx([1, 1], abs=1e-6)


def test_a_head_without_anything_to_learn_is_off_and_says_why():
    training = knowing(toy_windows(0), speed_rpm=[1797.0] * 4)
    severity, speed = fit_scales(CARD.heads, CARD.check({}), training)
    assert severity.off == "no training recording says it"
    assert speed.off == "all training recordings that say it say 1797 rpm"
    off = fit_scales([SPEED], {"speed_weight": 0.0}, half_known())[0]
    assert off.off == "its error has the weight 0 in the loss"
    assert np.isnan(in_units((severity, speed), np.zeros((2, 2)))).all()
    assert np.isnan(on_scale((severity, speed), np.ones((2, 2)))).all()


def test_estimates_stay_where_the_quantity_can_lie():
    scales = (HeadScale("severity", 0.5, 0.3, 2), HeadScale("speed_rpm", 100.0, 500.0, 2))
    assert in_units(scales, np.array([[-9.0, -9.0], [9.0, 9.0]])).tolist() == [[0, 0], [1, 4600]]


def test_heads_off_leave_the_fault_head_as_it_is(tmp_path):
    plain = toy_windows(0)
    both = [
        train_network(config(parameters={**SMALL, **weights}), CLASSES, windows).fitted
        for windows, weights in (
            (plain, {}),
            (half_known(), {"severity_weight": 0.0, "speed_weight": 0.0}),
        )
    ]
    first, second = (answer_all(fitted, toy_windows(4, 2)) for fitted in both)
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    assert np.isnan(first.estimates).all()
    assert np.isnan(second.estimates).all()


def test_the_history_tells_the_error_of_each_head_on_both_sides():
    validation = knowing(toy_windows(4, 2), severity=[0.4, None])
    trained = train_network(config(), CLASSES, half_known(), validation)
    for record in trained.history:
        assert set(record.head_errors) == {"severity", "speed_rpm"}
        assert set(record.head_errors["severity"]) == {"train", "validation"}
        assert set(record.head_errors["speed_rpm"]) == {"train"}
    # Of the last epoch, from the same weights.
    last = trained.history[trained.best_epoch - 1].head_errors["severity"]["validation"]
    answer = answer_all(trained.fitted, validation)
    truth = validation.known(["severity"])[:, 0]
    expected = np.nanmean(np.abs(answer.estimates[:, 0] - truth))
    assert last == pytest.approx(expected, rel=1e-3)


def test_it_learns_a_speed_from_the_recordings_that_say_it():
    rates = [20.0, 30.0, 40.0, 50.0] * 4

    def tones(first):
        made = toy_windows(first, 16)
        rng = np.random.default_rng(first)
        samples = {
            one.recording_id: np.sin(
                2 * np.pi * rate * np.arange(one.sample_count) / 1000 + rng.uniform(0, 6)
            )
            + rng.normal(0, 0.1, one.sample_count)
            for one, rate in zip(made.recordings, rates, strict=True)
        }
        reader = lambda number, _channel, start, stop: samples[number][start:stop]  # noqa: E731
        # One in four does not say it.
        said = [rate * 60 if place % 4 else None for place, rate in enumerate(rates)]
        return replace(knowing(made, speed_rpm=said), reader=reader)

    training = tones(0)
    wanted = config(parameters={"width": 8, "blocks": 2, "kernel": 128}, epochs=12, patience=0)
    fitted = train_network(replace(wanted, learning_rate=1e-2), CLASSES, training).fitted
    tested = tones(100)
    answer, truth = answer_all(fitted, tested), tested.known(["speed_rpm"])[:, 0]
    error = np.nanmean(np.abs(answer.estimates[:, 1] - truth))
    of_mean = np.nanmean(np.abs(fitted.about.heads[1].mean - truth))
    assert error < 0.5 * of_mean
    assert np.isnan(answer.estimates[:, 0]).all()


def test_mixtures_say_a_quantity_only_where_both_windows_do():
    from diagnostics.training.augmentation import Augmentation

    mixed = config(augmentation=Augmentation(mixup=0.4))
    trained = train_network(mixed, CLASSES, half_known())
    assert all(np.isfinite(record.train_loss) for record in trained.history)
    assert set(trained.history[-1].head_errors) == {"severity", "speed_rpm"}


def test_an_interrupted_training_ends_as_one_that_was_not(tmp_path):
    class Stopped(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.message.startswith("epoch 3"):
            raise Stopped

    state, training = tmp_path / "state.pt", half_known()
    with pytest.raises(Stopped):
        train_network(config(), CLASSES, training, checkpoint=state, report=stop)
    resumed = train_network(config(), CLASSES, training, checkpoint=state)
    whole = train_network(config(), CLASSES, training)
    first, second = (answer_all(one.fitted, training) for one in (resumed, whole))
    np.testing.assert_array_equal(first.estimates, second.estimates)
    errors = [[record.head_errors for record in one.history] for one in (resumed, whole)]
    assert errors[0] == errors[1]


def test_the_file_keeps_the_scale_with_the_weights(tmp_path):
    fitted = train_network(config(), CLASSES, half_known()).fitted
    fitted.save(tmp_path / "model.pt")
    loaded = load_network(tmp_path / "model.pt")
    assert loaded.about == fitted.about
    given = np.ones((2, 1, 2000), dtype=np.float32)
    np.testing.assert_array_equal(loaded.answer(given).estimates, fitted.answer(given).estimates)


def test_the_card_names_its_heads_in_the_order_of_the_network():
    from diagnostics.networks.multitask import ESTIMATED

    assert ESTIMATED == CARD.heads == (SEVERITY, SPEED)
    network = build_network(CARD, SMALL, 2, 3, seed=0).eval()
    assert network.answer(torch.zeros(4, 2, 1024))[1].shape == (4, 2)
