from __future__ import annotations

import time

import pytest

from diagnostics.importers.patterns import PatternError, parse_pattern


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("{label}.mat", "a/b/ball.MAT", {"label": "ball"}),
        ("{label}_{load}hp.mat", "inner race_3HP.mat", {"label": "inner race", "load": "3"}),
        ("{label}/*", "set/ball/1.mat", {"label": "ball"}),
        ("*/{label}/{load}_*.mat", "set/ball/3_x.mat", {"label": "ball", "load": "3"}),
        ("*/{label}/*", "ball/3.mat", None),
        ("{label:letters}{size:digits}@{clock}_{load_hp}", "OR007@6_2",
         {"label": "OR", "size": "007", "clock": "6", "load_hp": "2"}),
        ("{label:letters}{size:digits}_*", "B_1", None),
        ("{label}_x", "_x", None),
        ("x{label}", "y1", None),
        ("{label}.csv", "a.mat", None),
        ("{label}*.mat", "a.mat", None),
        ("(a+)+{label}", "aaaaaaaa", None),
    ],
)  # fmt: skip
def test_takes_values_out_of_names(pattern, path, found):
    if pattern == "{label}*.mat":
        with pytest.raises(PatternError):
            parse_pattern(pattern)
    else:
        assert parse_pattern(pattern).match(path) == found


@pytest.mark.parametrize(
    "pattern",
    ["", "*.mat", "{label}{load}", "{label}_{label}", "{Label}", "{label", "{label:regex}",
     "{" + "a" * 40 + "}", "{label}" + "x" * 200, "{a:digits}{b:digits}"],
)  # fmt: skip
def test_refuses_patterns_that_cannot_work(pattern):
    with pytest.raises(PatternError):
        parse_pattern(pattern)


def test_no_pattern_keeps_the_program_busy():
    pattern = parse_pattern("*a".join(f"{{p{i}}}" for i in range(9)).replace("}*", "}a*") + "b")
    started = time.perf_counter()
    assert pattern.match("a" * 20_000) is None
    assert time.perf_counter() - started < 10  # one that goes back would take years
