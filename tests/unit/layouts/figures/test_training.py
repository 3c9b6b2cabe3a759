from __future__ import annotations

import pytest

from layouts.figures.training import accuracy_figure, kept_epoch, loss_figure, rate_figure


def epochs(losses, *, validated=True):
    return [
        {
            "epoch": number,
            "train_loss": loss / 2,
            "train_accuracy": 0.5,
            "validation_loss": loss if validated else None,
            "validation_accuracy": 0.4 if validated else None,
            "learning_rate": 1e-3 / number,
            "head_errors": {},
        }
        for number, loss in enumerate(losses, start=1)
    ]


def test_both_parts_are_drawn_and_the_kept_epoch_is_marked():
    drawn = loss_figure(epochs([0.9, 0.4, 0.6]))
    assert [trace.name for trace in drawn.data] == ["training", "validation"]
    assert list(drawn.data[1].y) == [0.9, 0.4, 0.6]
    assert drawn.layout.shapes[0].x0 == 2
    assert drawn.layout.xaxis.title.text == "Epoch"


@pytest.mark.parametrize("figure", [loss_figure, accuracy_figure])
def test_without_validation_there_is_one_curve_and_no_mark(figure):
    drawn = figure(epochs([0.9, 0.4], validated=False))
    assert [trace.name for trace in drawn.data] == ["training"]
    assert drawn.layout.shapes == ()


@pytest.mark.parametrize("figure", [loss_figure, accuracy_figure, rate_figure])
def test_zoom_survives_the_next_epoch(figure):
    first, second = figure(epochs([0.9])), figure(epochs([0.9, 0.4]))
    assert first.layout.uirevision == second.layout.uirevision is not None


def test_the_first_of_equal_losses_is_kept():
    assert kept_epoch(epochs([0.9, 0.4, 0.4])) == 2
    assert kept_epoch(epochs([0.9], validated=False)) is None
    assert kept_epoch([]) is None
