"""Deal groups out to folds, so that every group is tested once and never met before.

A score on one test part depends on which groups happened to be in it. With folds each group
is in the test of one training, and all scores together rest on all groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from diagnostics.errors import TrainingError

ClassCounts = dict[str, Counter[str]]
"""Recordings of each class, by group."""
_DIGITS = 9


def deal_groups(
    counts: Mapping[str, Counter[str]], folds: int, seed: int, group_title: str = "group"
) -> dict[str, int]:
    """The fold of every group, from 1; the same seed deals in the same way.

    Groups go one after the other, the largest first and equal ones in an order drawn by the
    seed, to the fold that lacks their classes most; where several lack them alike, to the one
    with the fewest recordings. So classes are spread over the folds as far as groups, which
    are never parted, allow.

    Parameters
    ----------
    counts : mapping of group to a Counter of classes
        Recordings.
    folds : int
    seed : int
    group_title : str
        What a group is, for the sentences.

    Returns
    -------
    dict of group to fold

    Raises
    ------
    TrainingError
        If there are fewer groups than folds, or a class would be tested in a fold whose other
        groups do not have it: nothing could have been learned of it.

    Examples
    --------
    >>> counts = {f"bearing {n}": Counter({"AB"[n % 2]: 4}) for n in range(8)}
    >>> dealt = deal_groups(counts, 4, seed=0)
    >>> sorted(dealt.values())
    [1, 1, 2, 2, 3, 3, 4, 4]
    >>> [sorted(c for g, f in dealt.items() if f == 1 for c in counts[g])]
    [['A', 'B']]
    """
    if len(counts) < folds:
        raise TrainingError(
            f"{folds} folds need {folds} groups or more; by {group_title} there are {len(counts)}."
        )
    _refuse_single_groups(counts, group_title)
    totals: Counter[str] = Counter()
    for of in counts.values():
        totals += of
    dealt: dict[int, Counter[str]] = {fold: Counter() for fold in range(1, folds + 1)}
    fold_of: dict[str, int] = {}
    for place, group in enumerate(_order(counts, seed)):
        empty = [fold for fold, of in dealt.items() if not of]
        left = len(counts) - place
        fold = _neediest(dealt, counts[group], totals, empty if left <= len(empty) else dealt)
        fold_of[group] = fold
        dealt[fold] += counts[group]
    _refuse_unlearned(dealt, totals)
    return fold_of


def scarce_classes(
    counts: Mapping[str, Counter[str]], folds: int, group_title: str = "group"
) -> list[str]:
    """Sentences about classes that have fewer groups than there are folds.

    Examples
    --------
    >>> counts = {"1": Counter("A"), "2": Counter("AB"), "3": Counter("AB")}
    >>> scarce_classes(counts, 3, "bearing")
    ['Class “B” has 2 groups (by bearing): at least 1 of the 3 folds tests none of it.']
    """
    found = []
    for name, number in sorted(_groups_of(counts).items()):
        if number < folds:
            found.append(
                f"Class “{name}” has {number} groups (by {group_title}): at least"
                f" {folds - number} of the {folds} folds tests none of it."
            )
    return found


def _order(counts: Mapping[str, Counter[str]], seed: int) -> Sequence[str]:
    drawn = np.random.default_rng(seed).permutation(sorted(counts)).tolist()
    return sorted(drawn, key=lambda group: -counts[group].total())


def _neediest(
    dealt: Mapping[int, Counter[str]],
    group: Counter[str],
    totals: Counter[str],
    among: Sequence[int] | Mapping[int, Counter[str]],
) -> int:
    def has(fold: int) -> tuple[float, int, int]:
        share = sum(dealt[fold][name] / totals[name] for name in group) / len(group)
        return round(share, _DIGITS), dealt[fold].total(), fold

    return min(among, key=has)


def _groups_of(counts: Mapping[str, Counter[str]]) -> Counter[str]:
    return Counter(name for of in counts.values() for name in of)


def _refuse_single_groups(counts: Mapping[str, Counter[str]], group_title: str) -> None:
    single = sorted(name for name, number in _groups_of(counts).items() if number < 2)
    if single:
        more = f" So have {len(single) - 1} other classes." if len(single) > 1 else ""
        raise TrainingError(
            f"Class “{single[0]}” has one {group_title} only: when it is tested, nothing of it"
            f" could have been learned.{more} Leave it out, or group by something else."
        )


def _refuse_unlearned(dealt: Mapping[int, Counter[str]], totals: Counter[str]) -> None:
    for fold, of in dealt.items():
        whole = sorted(name for name, number in of.items() if number == totals[name])
        if whole:
            raise TrainingError(
                f"All groups with “{whole[0]}” came into fold {fold}: nothing of it could have"
                " been learned. Choose another seed of the folds, or another number of folds."
            )
