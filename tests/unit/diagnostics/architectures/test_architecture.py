"""What is one network in several writings, and what can be no network."""

from __future__ import annotations

import json
import random

import pytest

from diagnostics.architectures.architecture import Architecture, read_architecture
from diagnostics.architectures.drawing import sample
from diagnostics.architectures.space import SearchSpace
from diagnostics.errors import TrainingError

EVERYTHING = SearchSpace(depth=(3, 10), stem_strides=(2, 4, 8))
LINE = "stem k31 s8 w16 > conv3+conv7 w32 max > dilated5x2+skip w32 se > separable15 w64"


def rewritten(architecture: Architecture, rng: random.Random) -> dict:
    """The same network written otherwise: other orders, numbers with a point, defaults left out."""
    plain = architecture.to_dict()
    for stage in plain["stages"]:
        rng.shuffle(stage["branches"])
        stage["branches"] = [
            name.replace("conv", "dilated") + "x1" if name.startswith("conv") else name
            for name in stage["branches"]
        ]
        stage["width"] = float(stage["width"])
        if not stage["squeeze_excite"]:
            del stage["squeeze_excite"]
        if stage["pool"] == "none":
            del stage["pool"]
    if rng.random() < 0.5 and architecture.lowering < 128:
        plain["stages"][-1]["pool"] = "max"  # a mean over all times follows
    turned = [dict(reversed(stage.items())) for stage in plain["stages"]]
    return {"stages": turned, "stem": dict(reversed(plain["stem"].items()))}


@pytest.mark.parametrize("seed", range(40))
def test_equal_networks_have_one_hash(seed):
    drawn = sample(EVERYTHING, seed)
    other = read_architecture(json.loads(json.dumps(rewritten(drawn, random.Random(seed)))))
    assert other == drawn
    assert other.hash == drawn.hash
    assert read_architecture(drawn.text) == drawn
    assert read_architecture(drawn.to_dict()) == drawn


def test_different_networks_have_different_hashes():
    drawn = {sample(EVERYTHING, seed) for seed in range(300)}
    assert len({one.hash for one in drawn}) == len({one.text for one in drawn}) == len(drawn) > 290


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("k31", "k15"),
        ("s8", "s4"),
        ("conv3+conv7", "conv3"),
        ("conv3+conv7", "conv3+conv5"),
        ("+skip", ""),
        (" se", ""),
        (" max", " mean"),
        (" max", ""),
        ("x2", "x4"),
        ("w64", "w48"),
        (" > separable15 w64", " > separable15 w64 > separable15 w64"),
    ],
)
def test_one_change_gives_another_hash(old, new):
    assert old in LINE
    assert read_architecture(LINE.replace(old, new, 1)).hash != read_architecture(LINE).hash


def test_the_order_of_stages_counts():
    stem, first, second, third = LINE.split(" > ")
    turned = " > ".join([stem, second, first, third])
    assert read_architecture(turned).hash != read_architecture(LINE).hash


def test_the_hash_is_that_of_the_line():
    """Kept hashes must not change from version to version: duplicates are found by them."""
    assert read_architecture(LINE).text == LINE
    assert (
        read_architecture(LINE).hash
        == "dd3fbed62b820d1e1c2d91d3f8eb645dd3e30444e1ca12341eb8709185ed6e20"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("conv7 w32", "begins with its stem"),
        ("", "begins with its stem"),
        ("stem k31 s8 w16 > conv7 w32", "3 to 10 stages, got 1"),
        ("stem k31 s8 w16" + " > conv7 w32" * 11, "3 to 10 stages, got 11"),
        (LINE.replace("conv3", "conv4"), "kernel must be one of 3, 5, 7, 15, got 4"),
        (LINE.replace("conv3", "lstm3"), "There is no operation 'lstm3'"),
        (LINE.replace("x2", "x3"), "dilation must be one of 2, 4, got 3"),
        (LINE.replace("x2", ""), "There is no operation 'dilated5'"),
        (LINE.replace("conv3", "conv7"), "has conv7 twice"),
        (LINE.replace("conv3", "skip+skip"), "has skip twice"),
        (LINE.replace("dilated5x2+", ""), "1 to 2 operations that learn, got 0"),
        (LINE.replace("conv3", "conv3+conv5"), "1 to 2 operations that learn, got 3"),
        (LINE.replace("w64", "w65"), "width of a stage must be one of"),
        (LINE.replace("w64", ""), "one number behind “w”, got 0"),
        (LINE.replace("w64", "w64 w32"), "one number behind “w”, got 2"),
        (LINE.replace("w64", "w64 relu"), "has no “relu”"),
        (LINE.replace("max", "max mean"), "one pool at most"),
        ("stem k31 s8 w16" + " > conv7 w32 max" * 6 + " > conv3 w8", "one of 512 samples"),
        (7, "a line of text or a JSON object"),
        ({"stem": {}}, "“stem” and a list of “stages”"),
        ({"stem": {"kernel": 31, "stride": 8}, "stages": []}, "“width” must be a whole number"),
        ({"layers": []}, "has no “layers”"),
        (
            {"stem": {"kernel": 31, "stride": 8, "width": 16}, "stages": [{"width": 8}]},
            "a list of “branches”",
        ),
        (
            {
                "stem": {"kernel": 31, "stride": 8, "width": 16},
                "stages": [{"branches": ["conv3", 5], "width": 8}],
            },
            "There is no operation 5",
        ),
        (
            {
                "stem": {"kernel": 31, "stride": 8, "width": 16},
                "stages": [{"branches": ["conv3"], "width": float("inf")}],
            },
            "must be a whole number",
        ),
    ],
)
def test_what_is_no_network_is_refused_with_a_sentence(given, sentence):
    with pytest.raises(TrainingError, match=sentence):
        read_architecture(given)
