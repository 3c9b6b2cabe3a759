import math

import numpy as np
import pytest
from scipy import stats

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.paired import cochran_q, holm, mcnemar, sign_flips


def answers(both_right, only_first, only_second, both_wrong):
    counts = [both_right, only_first, only_second, both_wrong]
    first = np.repeat([True, True, False, False], counts)
    return first, np.repeat([True, False, True, False], counts)


def kuncheva():
    """Three classifiers on 100 items: L. Kuncheva, "Combining Pattern Classifiers" (2004), ch. 1.

    The user guide of mlxtend works through it: Q = 7.5294, p = 0.023.
    """
    rows = ["111", "110", "101", "100", "011", "010", "001", "000"]
    counts = [80, 2, 0, 2, 9, 1, 3, 3]
    return np.repeat([[sign == "1" for sign in row] for row in rows], counts, axis=0).T


def test_mcnemar_agrees_with_the_airway_example():
    """Bentur et al. in Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13:91 (2013)."""
    found = mcnemar(*answers(1, 1, 7, 12))
    assert (found.items, found.only_first, found.only_second) == (21, 1, 7)
    assert found.exact == pytest.approx(0.0703, abs=5e-5)
    assert found.mid == pytest.approx(0.0391, abs=5e-5)
    assert found.difference == pytest.approx(-6 / 21)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (5, 0), (3, 3), (6, 16), (150, 86), (900, 700)])
def test_mcnemar_is_the_binomial_test_of_the_disagreements(one, other):
    found = mcnemar(*answers(4, one, other, 2))
    total = one + other
    exact = stats.binomtest(one, total).pvalue if total else 1.0
    assert found.exact == pytest.approx(exact)
    point = stats.binom.pmf(min(one, other), total, 0.5)
    expected = 1 - point / 2 if one == other else exact - point
    assert found.mid == pytest.approx(expected)


def test_the_smallest_p_values_are_those_of_one_sided_disagreement():
    found = mcnemar(*answers(10, 2, 3, 0))
    extreme = mcnemar(*answers(10, 5, 0, 0))
    assert found.smallest_exact == pytest.approx(extreme.exact) == pytest.approx(2 / 32)
    assert found.smallest_mid == pytest.approx(extreme.mid) == pytest.approx(1 / 32)
    agreed = mcnemar(*answers(10, 0, 0, 3))
    assert (agreed.exact, agreed.smallest_exact, agreed.odds_ratio) == (1.0, 1.0, None)


@pytest.mark.parametrize(("one", "other"), [(5, 2), (150, 86), (0, 4), (7, 0)])
def test_the_odds_have_the_exact_interval_of_the_share(one, other):
    found = mcnemar(*answers(4, one, other, 2))
    share = stats.binomtest(one, one + other).proportion_ci(0.95, method="exact")
    assert found.odds_low == pytest.approx(share.low / (1 - share.low))
    if other:
        assert found.odds_ratio == pytest.approx(one / other)
        assert found.odds_high == pytest.approx(share.high / (1 - share.high))
    else:
        assert (found.odds_ratio, found.odds_high) == (None, None)


def test_what_cannot_be_paired_is_refused():
    with pytest.raises(EvaluationError, match="same items"):
        mcnemar(np.ones(3, bool), np.ones(4, bool))
    with pytest.raises(EvaluationError, match="no items"):
        mcnemar(np.ones(0, bool), np.ones(0, bool))
    with pytest.raises(EvaluationError, match="three classifiers"):
        cochran_q(np.ones((2, 5), bool))


def test_sign_flips_agree_with_the_permutation_test_of_scipy():
    differences = np.array([3, -1, 2, 0, 4, -2, 1, 1])
    reference = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=np.inf
    )
    found = sign_flips(differences)
    assert found.p_value == pytest.approx(reference.pvalue)
    assert (found.groups, found.differing, found.smallest) == (8, 7, 2**-6)


def test_sign_flips_of_single_recordings_are_the_exact_test_of_mcnemar():
    first, second = answers(5, 7, 2, 3)
    net = first.astype(int) - second.astype(int)
    assert sign_flips(net).p_value == pytest.approx(mcnemar(first, second).exact)
    assert sign_flips([0, 0, 0]).p_value == 1.0
    assert sign_flips([2, -2]).p_value == 1.0


def test_sign_flips_of_many_groups_are_normal():
    rng = np.random.default_rng(3)
    net = rng.integers(-2, 3, 700) + (rng.random(700) < 0.1)
    reached = abs(net.sum()) / math.sqrt((net**2).sum())
    assert sign_flips(net).p_value == pytest.approx(2 * stats.norm.sf(reached))
    few = net[:400]
    close = math.erfc(abs(few.sum()) / math.sqrt(2 * (few**2).sum()))
    assert sign_flips(few).p_value == pytest.approx(close, abs=0.02)


def test_cochran_q_agrees_with_the_published_example():
    found = cochran_q(kuncheva())
    assert found.statistic == pytest.approx(7.5294, abs=5e-5)
    assert found.p_value == pytest.approx(0.0232, abs=5e-5)
    assert (found.items, found.deciding, found.freedom) == (100, 17, 2)


def test_cochran_q_is_friedman_of_the_right_answers():
    right = np.random.default_rng(1).random((4, 60)) < np.array([[0.5], [0.6], [0.7], [0.8]])
    reference = stats.friedmanchisquare(*right.astype(float))
    found = cochran_q(right)
    assert found.statistic == pytest.approx(reference.statistic)
    assert found.p_value == pytest.approx(reference.pvalue)


def test_the_exact_p_value_of_q_counts_all_ways_to_deal_the_right_answers():
    right = np.array([[1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [0, 0, 1, 1, 1]], dtype=bool)

    def statistic(*rows):
        return (np.stack(rows).sum(axis=1) ** 2).sum()

    dealt = [np.array(list(set(_orders(column)))) for column in right.T]
    sums = [
        (np.array(chosen).sum(axis=0) ** 2).sum()
        for chosen in np.array(np.meshgrid(*[range(len(d)) for d in dealt])).reshape(5, -1).T
        for chosen in [[dealt[n][k] for n, k in enumerate(chosen)]]
    ]
    found = cochran_q(right)
    assert found.exact == pytest.approx(np.mean(np.array(sums) >= statistic(*right)))
    assert found.smallest == pytest.approx(np.mean(np.array(sums) == max(sums)))


def _orders(column):
    from itertools import permutations

    return permutations(column.tolist())


def test_q_without_disagreement_or_with_too_many_cases():
    same = cochran_q(np.ones((3, 8), bool))
    assert (same.deciding, same.p_value, same.exact) == (0, 1.0, 1.0)
    many = cochran_q(np.random.default_rng(0).random((6, 200)) < 0.5)
    assert (many.exact, many.smallest) == (None, None)


def test_holm_agrees_with_the_worked_example():
    """Demšar, JMLR 7 (2006), section 3.2.2: of 0.016, 0.019 and 0.607 two are rejected at 5 %."""
    assert holm([0.607, 0.016, 0.019]) == pytest.approx([0.607, 0.048, 0.048])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []
