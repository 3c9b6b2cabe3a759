import pytest

from layouts.evaluation_split import listed, split_sentences


def side(name, groups, recordings=4):
    return {"side": name, "groups": groups, "recordings": recordings, "classes": {"ball": 4}}


def split(
    group_by, test=("3",), shared=None, tested=None, unknown=0, validation=("2",), untraced=0
):
    return {
        "group_by": group_by,
        "sides": [
            side("train", ["0", "1"]),
            side("validation", list(validation)),
            side("test", list(test)),
        ],
        "test_bearings": tested,
        "shared_bearings": shared,
        "unknown_bearings": unknown,
        "unknown_trained": untraced,
        "warnings": [],
    }


def test_an_attribute_that_leaves_every_bearing_on_both_sides_is_called_out():
    first, second = split_sentences(split("load_hp", shared=["A", "B"], tested=2))
    assert first == (
        "Tested on recordings with load_hp 3; trained with load_hp 0, 1, validated with 2."
    )
    assert second.startswith("Every tested bearing was also seen in training")
    assert "expect far less" in second


def test_held_out_bearings_are_new_to_the_network():
    first, second = split_sentences(
        split("bearing", test=("IR021", "OR021"), shared=[], tested=2, validation=())
    )
    assert first == (
        "Tested on 2 bearings kept out of training: IR021, OR021. 2 were used for training."
    )
    assert second.startswith("No tested bearing was seen in training")


def test_some_bearings_on_both_sides_are_counted():
    second = split_sentences(split("size_mil", shared=["A"], tested=3))[1]
    assert second.startswith("1 of 3 tested bearings were also seen")


def test_tested_recordings_without_a_known_bearing_are_counted():
    second = split_sentences(split("bearing", shared=[], tested=3, unknown=2))[1]
    assert second.endswith("The bearing of 2 tested recordings is not known.")


def test_training_on_unknown_bearings_leaves_it_open_whether_they_were_tested():
    second = split_sentences(split("load_hp", shared=[], tested=3, untraced=2))[1]
    assert second.startswith("The bearing of 2 of the training recordings is not known")
    assert "No tested bearing" not in second


def test_bearings_that_are_not_known_are_said_to_be_unknown():
    assert "not known which bearings" in split_sentences(split("recording"))[1]
    assert "No machine is on two sides" in split_sentences(split("machine"))[1]


@pytest.mark.parametrize(("count", "text"), [(2, "0, 1"), (8, "0, 1, 2, 3, 4, 5 and 2 more")])
def test_long_lists_are_cut(count, text):
    assert listed([str(n) for n in range(count)]) == text
