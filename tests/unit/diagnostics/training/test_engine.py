"""Learning, watching, stopping and taking up again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diagnostics.errors import TrainingError
from diagnostics.progress import Progress
from diagnostics.training.augmentation import Augmentation
from diagnostics.training.batches import balanced_order, balanced_weights
from diagnostics.training.checkpoint import load_checkpoint, save_checkpoint
from diagnostics.training.config import (
    ClassWeights,
    Draw,
    GroupFractions,
    Loss,
    Normalisation,
    Optimiser,
    Schedule,
    TrainingConfig,
)
from diagnostics.training.engine import train_network
from diagnostics.training.fitted import predict
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows

CONFIG = TrainingConfig(
    GroupFractions(),
    parameters={"width": 4, "blocks": 2, "kernel": 32, "dropout": 0.3},
    window=1024,
    hop=512,
    epochs=6,
    batch_size=16,
    learning_rate=1e-2,
    patience=6,
)


class Stop(Exception):
    """Somebody asked for a stop."""


def train(config=CONFIG, **given):
    return train_network(config, CLASSES, toy_windows(0), toy_windows(4, 2), **given)


def numbers(history):
    """What a training is compared by: everything but the clock."""
    return [replace(record, seconds=0.0, windows_per_s=0.0) for record in history]


def stop_after(batches: int):
    calls = iter(range(batches))

    def report(_progress: Progress) -> None:
        if next(calls, None) is None:
            raise Stop

    return report


def test_it_learns_the_toy_problem():
    trained = train()
    accuracy = predict(trained.fitted, toy_windows(6)).argmax(axis=1) == toy_windows(6).targets
    assert accuracy.mean() > 0.9
    assert trained.history[-1].train_loss < trained.history[0].train_loss


def test_the_epoch_with_the_lowest_validation_loss_is_kept():
    trained = train()
    losses = [record.validation_loss for record in trained.history]
    assert trained.best_epoch == int(np.argmin(losses)) + 1
    kept = predict(trained.fitted, toy_windows(4, 2))
    targets = toy_windows(4, 2).targets
    loss = -np.log(kept[np.arange(len(targets)), targets]).mean()
    assert loss == pytest.approx(min(losses), rel=1e-5)


def test_without_validation_the_last_epoch_is_kept():
    config = replace(CONFIG, patience=0, epochs=2)
    trained = train_network(config, CLASSES, toy_windows(0))
    assert trained.best_epoch == 2
    assert trained.history[0].validation_loss is None


@pytest.mark.parametrize("schedule", list(Schedule))
@pytest.mark.parametrize("optimiser", list(Optimiser))
def test_interrupted_and_resumed_equals_undisturbed(schedule, optimiser, tmp_path):
    config = replace(CONFIG, schedule=schedule, optimiser=optimiser, epochs=4)
    undisturbed = train(config)
    for batches in (4, 4):  # within the second epoch, then within the third
        with pytest.raises(Stop):
            train(config, checkpoint=tmp_path / "c.pt", report=stop_after(batches))
    seen = []
    resumed = train(config, checkpoint=tmp_path / "c.pt", on_epoch=seen.append)
    assert numbers(resumed.history) == numbers(undisturbed.history) == numbers(seen)
    np.testing.assert_array_equal(
        predict(resumed.fitted, toy_windows(6)), predict(undisturbed.fitted, toy_windows(6))
    )


LIVELY = replace(
    CONFIG,
    epochs=4,
    normalisation=Normalisation.TRAINING,
    draw=Draw.ONE_EACH,
    class_weights=ClassWeights.SAMPLED,
    loss=Loss.FOCAL,
    label_smoothing=0.1,
    schedule=Schedule.STEP,
    warmup_epochs=1,
    batch_size=2,
    augmentation=Augmentation((10.0, 30.0), 3.0, 0.2, 0.5, 0.1, 0.2),
)


def test_all_that_is_drawn_is_drawn_alike_after_a_break(tmp_path):
    undisturbed = train(LIVELY)
    for batches in (3, 3):
        with pytest.raises(Stop):
            train(LIVELY, checkpoint=tmp_path / "c.pt", report=stop_after(batches))
    resumed = train(LIVELY, checkpoint=tmp_path / "c.pt")
    assert numbers(resumed.history) == numbers(undisturbed.history)
    assert numbers(undisturbed.history) != numbers(train(replace(LIVELY, seed=1)).history)


def test_a_checkpoint_of_an_older_version_is_taken_up(tmp_path):
    with pytest.raises(Stop):
        train(checkpoint=tmp_path / "c.pt", report=stop_after(5))
    kept = load_checkpoint(tmp_path / "c.pt")
    later = ("loss", "focal_gamma", "label_smoothing", "draw", "augmentation", "precision")
    for name in ("warmup_epochs", *later):
        del kept["config"][name]
    save_checkpoint(kept, tmp_path / "c.pt")
    assert numbers(train(checkpoint=tmp_path / "c.pt").history) == numbers(train().history)


@pytest.mark.parametrize(
    "changes",
    [
        {"augmentation": Augmentation(noise_snr_db=(5.0, 20.0), shift=0.2, polarity=0.5)},
        {"augmentation": Augmentation(mixup=0.2)},
        {"loss": Loss.FOCAL, "label_smoothing": 0.1},
        {"draw": Draw.ONE_EACH, "epochs": 40, "patience": 40, "batch_size": 2},
        {"class_weights": ClassWeights.SAMPLED},
    ],
)
def test_it_learns_the_toy_problem_otherwise_too(changes):
    trained = train(replace(CONFIG, epochs=changes.pop("epochs", 12), **changes))
    accuracy = predict(trained.fitted, toy_windows(6)).argmax(axis=1) == toy_windows(6).targets
    assert accuracy.mean() > 0.85


def test_in_each_epoch_another_window_of_each_recording_is_drawn(monkeypatch):
    seen: list[np.ndarray] = []
    whole = toy_windows(0)

    def read(recording_id, channel, start, stop):
        seen.append((recording_id, start))
        return whole.reader(recording_id, channel, start, stop)

    config = replace(CONFIG, draw=Draw.ONE_EACH, epochs=3, patience=0)
    train_network(config, CLASSES, replace(whole, reader=read))
    drawn = [{place for number, place in seen if number == one} for one in range(4)]
    assert [number for number, _ in seen].count(2) == 3
    assert all(len(places) > 1 for places in drawn)


def test_rare_classes_are_drawn_as_often_as_others():
    targets = np.array([0] * 4 + [2] * 60 + [1] * 8)
    rng = np.random.default_rng(0)
    drawn = np.concatenate([targets[balanced_order(targets, rng)] for _ in range(100)])
    assert np.bincount(drawn) / len(drawn) == pytest.approx(1 / 3, abs=0.02)


def test_weights_that_are_the_best_are_written_once(tmp_path):
    path = tmp_path / "checkpoint.pt"
    train(replace(CONFIG, epochs=1), checkpoint=path)
    kept = load_checkpoint(path)
    parts = (kept["weights"], kept["best_weights"])
    now, best = ({name: weights.data_ptr() for name, weights in part.items()} for part in parts)
    assert now == best


def test_a_finished_training_is_only_read_again(tmp_path):
    first = train(checkpoint=tmp_path / "c.pt")
    again = train(checkpoint=tmp_path / "c.pt", report=stop_after(0))
    assert again.history == first.history


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    with pytest.raises(Stop):
        train(checkpoint=tmp_path / "c.pt", report=stop_after(5))
    with pytest.raises(TrainingError, match="belongs to another training"):
        train(replace(CONFIG, seed=5), checkpoint=tmp_path / "c.pt")


def test_windows_beyond_the_memory_limit_give_the_same_numbers():
    config = replace(CONFIG, epochs=2)
    assert numbers(train(config, memory_limit=0).history) == numbers(train(config).history)


def test_it_stops_early_when_validation_gets_no_better():
    # Steps of a size that learns nothing: the first epoch stays the best or nearly so.
    config = replace(CONFIG, learning_rate=1e-8, patience=2, epochs=50)
    trained = train(config)
    assert len(trained.history) == trained.best_epoch + 2 < 50


def test_progress_counts_batches_of_all_epochs():
    seen: list[Progress] = []
    train(replace(CONFIG, epochs=2), report=seen.append)
    assert [p.done for p in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].fraction == 1.0
    assert seen[-1].message == "epoch 2 of 2"


def test_a_loss_that_is_not_a_number_ends_it_with_a_sentence():
    config = replace(CONFIG, learning_rate=10.0, optimiser=Optimiser.SGD, gradient_clip=0.0)
    config = replace(config, normalisation=Normalisation.TRAINING, weight_decay=1.0)
    with pytest.raises(TrainingError, match="not a number any more in epoch"):
        train(replace(config, epochs=200, patience=200))


def test_the_gradients_are_clipped():
    # One step of plain size: the weights move by at most rate times clip (times 1.9: Nesterov).
    config = replace(
        CONFIG,
        optimiser=Optimiser.SGD,
        schedule=Schedule.NONE,
        weight_decay=0.0,
        learning_rate=1.0,
        gradient_clip=1e-3,
        epochs=1,
        batch_size=4096,
    )
    moved = train(config).fitted.network
    still = train(replace(config, learning_rate=1e-8)).fitted.network
    square = sum(
        float(((a - b).detach() ** 2).sum())
        for a, b in zip(moved.parameters(), still.parameters(), strict=True)
    )
    assert 0 < square**0.5 < 2e-3


def test_learning_rates_follow_the_schedule():
    def rates(schedule):
        config = replace(CONFIG, schedule=schedule, epochs=4, learning_rate=1e-3)
        return [record.learning_rate for record in train(config).history]

    cosine = 1e-3 * (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(rates(Schedule.COSINE), cosine)
    assert rates(Schedule.NONE) == [1e-3] * 4
    assert rates(Schedule.STEP) == pytest.approx([1e-3, 1e-3, 1e-4, 1e-5])
    warm = replace(CONFIG, schedule=Schedule.COSINE, epochs=4, warmup_epochs=2, learning_rate=1e-3)
    found = [record.learning_rate for record in train(warm).history]
    assert found == pytest.approx([1e-4, 5.5e-4, 1e-3, 5e-4])
    one_cycle = rates(Schedule.ONE_CYCLE)
    assert one_cycle[0] == pytest.approx(1e-3 / 25)
    assert max(one_cycle) > 5e-4


def test_balanced_weights_equal_those_of_scikit_learn():
    from sklearn.utils.class_weight import compute_class_weight

    targets = np.array([0, 0, 0, 1, 2, 2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=targets)
    np.testing.assert_allclose(balanced_weights(targets, 3), expected, rtol=1e-6)
    assert balanced_weights(targets, 4)[3] == 1


def test_a_class_that_only_validation_has_is_counted_there():
    only_low = toy_windows(0, 1)
    trained = train_network(replace(CONFIG, epochs=1), CLASSES, only_low, toy_windows(5, 1))
    assert trained.history[0].validation_loss > 0


def test_class_weights_can_be_left_out():
    config = replace(CONFIG, epochs=1)
    uneven = toy_windows(0, 3)
    with_weights = train_network(config, CLASSES, uneven, toy_windows(4, 2))
    without = train_network(
        replace(config, class_weights=ClassWeights.NONE), CLASSES, uneven, toy_windows(4, 2)
    )
    assert with_weights.history[0].train_loss != without.history[0].train_loss


def test_the_random_numbers_and_threads_of_the_caller_stay():
    torch.manual_seed(7)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    train(replace(CONFIG, epochs=1))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_a_checkpoint_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "c.pt"
    save_checkpoint({"epoch": 1}, path)
    with pytest.raises(TypeError):
        save_checkpoint({"epoch": (number for number in range(2))}, path)
    assert load_checkpoint(path) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_runs_nothing(tmp_path):
    class Trap:
        def __reduce__(self):
            return print, ("run",)

    torch.save({"weights": Trap()}, tmp_path / "c.pt")
    with pytest.raises(TrainingError, match="more than weights"):
        load_checkpoint(tmp_path / "c.pt")
