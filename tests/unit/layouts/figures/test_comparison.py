from layouts.figures.comparison import color_of, curves


def experiment(name, losses, *, validated=True):
    epochs = [
        {
            "epoch": number,
            "train_loss": loss / 2,
            "train_accuracy": 0.5,
            "validation_loss": loss if validated else None,
            "validation_accuracy": 0.4 if validated else None,
        }
        for number, loss in enumerate(losses, start=1)
    ]
    return {"name": name, "epochs": epochs}


def test_one_line_for_each_with_its_colour_and_one_epoch_is_no_curve():
    found = curves(
        [experiment("A", [2, 1]), experiment("F", [1]), experiment("B", [3, 2, 1])], "loss", "L"
    )
    assert [trace.name for trace in found.data] == ["A", "B"]
    assert list(found.data[1].y) == [3, 2, 1]
    assert [trace.line.color for trace in found.data] == [color_of(0), color_of(2)]
    assert found.layout.xaxis.title.text == "Epoch"


def test_training_stands_in_where_nothing_was_validated_and_says_so():
    found = curves([experiment("A", [2, 1], validated=False)], "accuracy", "Accuracy")
    assert found.data[0].name == "A, training"
    assert list(found.data[0].y) == [0.5, 0.5]
    assert tuple(found.layout.yaxis.range) == (0, 1.02)
