import pytest

from services.comparison.sentences import key_differences


def experiment(number, name, accuracy, balanced=0.5):
    scores = {"accuracy": accuracy, "balanced_accuracy": balanced, "macro_f1": balanced}
    metrics = {"recordings": {name_: {"value": value} for name_, value in scores.items()}}
    return {"experiment_id": number, "name": name, "metrics": metrics}


def difference(value, low=None, high=None, *, supported=False):
    ends = {"low": low, "high": high, "adjusted_low": low, "adjusted_high": high}
    return {"value": value, **ends, "supported": supported}


def pair(first, second, found, *, n=40, alone=(8, 0), by="recordings", **others):
    return {
        "first_id": first,
        "second_id": second,
        "n": n,
        "only_first": alone[0],
        "only_second": alone[1],
        "holm_p": 0.0039,
        "smallest_mid_p": 0.5 ** sum(alone),
        "decided_by": by,
        "group_test": {"groups": 9, "differing": 4, "holm_p": 0.125, "smallest_p": 0.125},
        "differences": {"accuracy": found, **others},
    }


def data(pairs, experiments=None, cochran=None, friedman=None):
    experiments = experiments or [experiment(1, "Sharp", 0.95), experiment(2, "Blunt", 0.75)]
    tests = {"mcnemar": pairs, "cochran_q": cochran, "friedman": friedman}
    return {"experiments": experiments, "statistical_tests": tests}


def test_a_supported_difference_is_told_with_counts_interval_and_p():
    (said,) = key_differences(data([pair(1, 2, difference(0.2, 0.08, 0.33, supported=True))]))
    assert said == (
        "“Sharp” names more recordings rightly than “Blunt”: 38 against 30 of 40, +20 percentage "
        "points, 95 % interval +8 to +33 (McNemar mid-p = 0.004 over 40 recordings)."
    )


def test_an_interval_without_spread_is_not_told():
    (said,) = key_differences(data([pair(1, 2, difference(0.2, 0.2, 0.2, supported=True))]))
    assert "interval" not in said


def test_the_better_one_comes_first_whatever_the_order():
    turned = [experiment(2, "Blunt", 0.75), experiment(1, "Sharp", 0.95)]
    found = difference(-0.2, -0.33, -0.08, supported=True)
    (said,) = key_differences(data([pair(2, 1, found)], turned))
    assert said.startswith("“Sharp” names more recordings rightly than “Blunt”: 38 against 30")
    assert "interval +8 to +33" in said


def test_what_is_not_supported_is_said_to_be_so_with_n_and_the_smallest_p():
    (said,) = key_differences(data([pair(1, 2, difference(0.05), alone=(3, 1))]))
    assert "The data do not tell the accuracy of “Sharp” and “Blunt” apart: of 40 rec" in said
    assert "3 are named rightly only by the first and 1 only by the second" in said
    assert "the smallest that they could give is 0.062" in said
    assert "more recordings rightly than" not in said


def test_of_several_pairs_the_smallest_p_is_that_before_holm():
    three = [experiment(n, name, 0.8) for n, name in ((1, "A"), (2, "B"), (3, "C"))]
    pairs = [pair(*ids, difference(0.05), alone=(1, 0)) for ids in ((1, 2), (1, 3), (2, 3))]
    for said in key_differences(data(pairs, three)):
        assert (
            "after Holm over 40 recordings; the smallest that they could give is 0.50 before"
            in said
        )


def test_the_interval_of_what_is_not_supported_is_told():
    found = difference(0.05, -0.04, 0.15)
    (said,) = key_differences(data([pair(1, 2, found, by="groups")]))
    assert "p = 0.12 over 9 groups" in said
    assert "lies between −4 and +15 percentage points (95 %)" in said


def test_those_that_agree_everywhere_are_told_apart_by_nothing():
    (said,) = key_differences(data([pair(1, 2, difference(0.0), alone=(0, 0))]))
    assert "right and wrong about the same of 40 recordings" in said


def test_many_pairs_that_cannot_be_told_apart_share_a_sentence():
    four = [experiment(n, f"E{n}", 0.9) for n in range(1, 5)]
    numbers = [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)]
    said = key_differences(data([pair(*one, difference(0.0)) for one in numbers], four))
    assert len(said) == 1
    assert "“E3” and “E4”" in said[0]
    assert "40 recordings" in said[0]


def test_another_score_is_told_where_accuracy_says_nothing():
    experiments = [experiment(1, "Sharp", 0.9, 0.8), experiment(2, "Blunt", 0.9, 0.6)]
    ends = difference(0.2, 0.1, 0.3, supported=True)
    others = {"balanced_accuracy": ends, "macro_f1": ends}
    first, second = key_differences(data([pair(1, 2, difference(0.0), **others)], experiments))
    assert "“Sharp” has the higher balanced accuracy (0.80 against 0.60) and macro F1 (" in first
    assert "do not tell the accuracy" in second


@pytest.mark.parametrize(("p_value", "told"), [(0.01, True), (0.2, False)])
def test_q_and_ranks_are_told_only_below_five_per_cent(p_value, told):
    three = [experiment(n, f"E{n}", 0.9) for n in (1, 2, 3)]
    cochran = {"items": 40, "p_value": 0.5, "exact": p_value}
    ranked = [{"first_id": 1, "second_id": 3, "nemenyi": p_value}]
    friedman = {"p_value": p_value, "blocks": 9, "average_ranks": [2.6, 2.0, 1.4], "pairs": ranked}
    said = key_differences(data([pair(1, 2, difference(0.0))], three, cochran, friedman))
    assert any("At least one of the 3 experiments differs" in one for one in said) == told
    assert any("“E3” ranks before “E1”: average rank 1.40" in one for one in said) == told
