import numpy as np
import pytest
from scipy import stats

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.ranks import (
    block_accuracies,
    critical_difference,
    friedman,
    rank_order,
    refusal,
)

# Ranks of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf on 14 data sets: J. Demšar, "Statistical
# comparisons of classifiers over multiple data sets", JMLR 7 (2006), Table 6.
DEMSAR = np.array(
    [
        [4, 3, 2, 1],
        [1, 2, 3, 4],
        [4, 1, 2, 3],
        [4, 1, 3, 2],
        [4, 2, 3, 1],
        [1, 2.5, 4, 2.5],
        [3, 2, 4, 1],
        [2.5, 2.5, 4, 1],
        [4, 3, 2, 1],
        [2.5, 2.5, 2.5, 2.5],
        [4, 2.5, 1, 2.5],
        [3, 2, 4, 1],
        [4, 1, 2, 3],
        [3, 1, 4, 2],
    ]
).T


def test_friedman_agrees_with_the_published_table():
    found = friedman(-DEMSAR)
    assert found.average_ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    # The paper's 9.28 is not corrected for its ties: 3 pairs and one of four, 78 in all.
    assert found.statistic * (1 - 78 / 840) == pytest.approx(9.28, abs=5e-3)
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    assert found.blocks == 14
    assert rank_order(found.average_ranks) == [3, 1, 2, 0]


@pytest.mark.parametrize(
    ("classifiers", "quantile"), [(3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (10, 3.164)]
)
def test_critical_differences_have_the_published_quantiles(classifiers, quantile):
    """Demšar (2006), Table 5a, for 5 %."""
    deviation = np.sqrt(classifiers * (classifiers + 1) / (6 * 12))
    assert critical_difference(classifiers, 12) / deviation == pytest.approx(quantile, abs=1e-3)


def test_nemenyi_is_significant_from_the_critical_difference_on():
    found = friedman(-DEMSAR)
    for pair in found.pairs:
        beyond = abs(pair.rank_difference) >= found.critical_difference
        assert (pair.nemenyi < 0.05) == beyond
    # None of them in the paper: 3.143 − 1.964 = 1.18 < 1.25.
    assert min(pair.nemenyi for pair in found.pairs) > 0.05


def test_statistic_w_and_signed_ranks_agree_with_scipy():
    scores = np.random.default_rng(4).random((3, 9))
    found = friedman(scores)
    reference = stats.friedmanchisquare(*scores)
    assert (found.statistic, found.p_value) == pytest.approx(tuple(reference))
    ranks = stats.rankdata(scores, axis=0).sum(axis=1)
    spread = ((ranks - ranks.mean()) ** 2).sum()
    assert found.kendalls_w == pytest.approx(12 * spread / (9**2 * (27 - 3)))
    for pair in found.pairs:
        expected = stats.wilcoxon(scores[pair.first], scores[pair.second]).pvalue
        assert pair.signed_rank == pytest.approx(expected)
        assert pair.signed_rank <= pair.holm
        assert pair.smallest == 2**-8


def test_the_smallest_p_value_of_signed_ranks_is_reached_when_all_point_one_way():
    good = np.linspace(0.5, 0.9, 7)
    found = friedman(np.stack([good, good - 0.1 * np.arange(1, 8) / 10, good - 0.3]))
    assert found.kendalls_w == pytest.approx(1.0)
    assert found.pairs[0].signed_rank == pytest.approx(found.pairs[0].smallest)
    assert found.smallest == pytest.approx(6.0**-6)


def test_blocks_that_are_all_alike_show_nothing():
    found = friedman(np.full((3, 8), 0.7))
    assert (found.statistic, found.p_value, found.kendalls_w) == (0.0, 1.0, 0.0)
    assert {pair.signed_rank for pair in found.pairs} == {1.0}


def test_too_few_blocks_or_classifiers_are_refused():
    with pytest.raises(EvaluationError, match="6 groups or more"):
        friedman(np.ones((3, 5)))
    assert "three experiments" in refusal(2, 10)
    assert refusal(3, 6) is None


def test_accuracies_by_block():
    right = np.array([[True, True, False, True], [False, True, False, False]])
    found = block_accuracies(right, np.array([1, 1, 0, 0]))
    assert found.tolist() == [[0.5, 1.0], [0.0, 0.5]]
