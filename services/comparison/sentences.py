"""What a comparison comes to, in plain sentences; nothing that its numbers do not support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.evaluation.wording import FEW, p_equals, p_text, points_text

ALPHA = 0.05
# More pairs than this that cannot be told apart are named together.
MOST_ALONE = 3
_MOST_DIGITS = 6
TITLES = {"balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1"}

Data = Mapping[str, Any]


def key_differences(data: Data) -> list[str]:
    """Sentences about all, then about each pair that differs, then about those that do not."""
    by_id = {one["experiment_id"]: one for one in data["experiments"]}
    tests = data["statistical_tests"]
    said = [*_leaks(data["experiments"]), *_overall(tests, len(by_id))]
    open_pairs = []
    for pair in tests["mcnemar"]:
        first, second = by_id[pair["first_id"]], by_id[pair["second_id"]]
        differences = pair["differences"]
        if differences["accuracy"]["supported"]:
            said.append(_differs(pair, first, second, len(tests["mcnemar"])))
        else:
            open_pairs.append((pair, first, second))
        said += _other_scores(differences, first, second)
    said += _ranked(tests["friedman"], by_id)
    return said + _not_apart(open_pairs, len(tests["mcnemar"]))


def _leaks(experiments: Sequence[Data]) -> list[str]:
    """Before anything else: differences to a test that leaks are none between methods."""
    known = [f"“{one['name']}”" for one in experiments if one.get("leak") == "known"]
    if not known:
        return []
    return [
        f"Known leak in {' and '.join(known)}: the test asks for what was learned, so a higher"
        " score there says nothing about the method."
    ]


def _overall(tests: Data, count: int) -> list[str]:
    found = tests["cochran_q"]
    if found is None:
        return []
    p_value = found["p_value"] if found["exact"] is None else found["exact"]
    if p_value >= ALPHA:
        return []
    return [
        f"At least one of the {count} experiments differs from the others (Cochran’s Q over "
        f"{found['items']:,} recordings, {p_equals(p_value)})."
    ]


def _differs(pair: Data, first: Data, second: Data, pair_count: int) -> str:
    found = pair["differences"]["accuracy"]
    better, worse = (first, second) if found["value"] > 0 else (second, first)
    return (
        f"“{better['name']}” names more recordings rightly than “{worse['name']}”: "
        f"{_right(better, pair['n'])} against {_right(worse, pair['n'])} of {pair['n']:,}, "
        f"{points_text(abs(found['value']), pair['n'])} percentage points{_interval(pair)} "
        f"({_decided(pair, pair_count)})."
    )


def _right(experiment: Data, items: int) -> str:
    return f"{round(experiment['metrics']['recordings']['accuracy']['value'] * items):,}"


def _interval(pair: Data) -> str:
    """Turned so that the difference is positive, as the sentence tells it."""
    found = pair["differences"]["accuracy"]
    if found["low"] is None or found["low"] == found["high"]:
        return ""
    ends = sorted((found["low"], found["high"]))
    if found["value"] < 0:
        ends = [-ends[1], -ends[0]]
    low, high = (points_text(end, pair["n"]) for end in ends)
    return f", 95 % interval {low} to {high}"


def _decided(pair: Data, pair_count: int) -> str:
    holm = "" if pair_count == 1 else " after Holm"
    if pair["decided_by"] == "groups":
        found = pair["group_test"]
        return f"{p_equals(found['holm_p'])}{holm} over {found['groups']:,} groups"
    return (
        f"McNemar mid-{p_equals(pair['holm_p'])}{holm} over {pair['n']:,} {_recordings(pair['n'])}"
    )


def _other_scores(differences: Data, first: Data, second: Data) -> list[str]:
    """Only what accuracy does not say already; one sentence for each that is the better one."""
    if differences["accuracy"]["supported"]:
        return []
    said = []
    for better, worse, sign in ((first, second, 1), (second, first, -1)):
        told = [
            f"{title} ({_apart(_score(better, name), _score(worse, name))})"
            for name, title in TITLES.items()
            if _favours(differences.get(name), sign)
        ]
        if told:
            said.append(
                f"“{better['name']}” has the higher {' and '.join(told)} than “{worse['name']}”: "
                "the interval of the difference over groups leaves out 0."
            )
    return said


def _apart(higher: float, lower: float) -> str:
    """Two scores with two digits, or as many more as tell them apart.

    Examples
    --------
    >>> _apart(0.9, 0.85), _apart(0.9912, 0.9893)
    ('0.90 against 0.85', '0.991 against 0.989')
    """
    digits = 2
    while digits < _MOST_DIGITS and f"{higher:.{digits}f}" == f"{lower:.{digits}f}":
        digits += 1
    return f"{higher:.{digits}f} against {lower:.{digits}f}"


def _favours(difference: Data | None, sign: int) -> bool:
    return difference is not None and difference["supported"] and difference["value"] * sign > 0


def _score(experiment: Data, name: str) -> float:
    value: float = experiment["metrics"]["recordings"][name]["value"]
    return value


def _ranked(friedman: Data | None, by_id: Mapping[int, Data]) -> list[str]:
    if friedman is None or friedman["p_value"] >= ALPHA:
        return []
    ranks = dict(zip(by_id, friedman["average_ranks"], strict=True))
    said = []
    for pair in friedman["pairs"]:
        if pair["nemenyi"] >= ALPHA:
            continue
        better, worse = sorted((pair["first_id"], pair["second_id"]), key=lambda n: ranks[n])
        said.append(
            f"Over {friedman['blocks']} groups “{by_id[better]['name']}” ranks before "
            f"“{by_id[worse]['name']}”: average rank {ranks[better]:.2f} against "
            f"{ranks[worse]:.2f} (Nemenyi {p_equals(pair['nemenyi'])})."
        )
    return said


def _not_apart(pairs: Sequence[tuple[Data, Data, Data]], pair_count: int) -> list[str]:
    if len(pairs) > MOST_ALONE:
        named = "; ".join(f"“{one['name']}” and “{other['name']}”" for _, one, other in pairs)
        n = pairs[0][0]["n"]
        return [f"The data do not tell the accuracy apart ({n:,} recordings) of: {named}."]
    return [_alone(*pair, pair_count) for pair in pairs]


def _alone(pair: Data, first: Data, second: Data, pair_count: int) -> str:
    n = pair["n"]
    disagree = pair["only_first"] + pair["only_second"]
    if disagree == 0:
        return (
            f"“{first['name']}” and “{second['name']}” are right and wrong about the same of "
            f"{n:,} {_recordings(n)}: the data do not tell their accuracy apart."
        )
    said = (
        f"The data do not tell the accuracy of “{first['name']}” and “{second['name']}” apart: "
        f"of {n:,} {_recordings(n)}, {_number(pair['only_first'])} "
        f"{'is' if pair['only_first'] == 1 else 'are'} named rightly only by the first and "
        f"{_number(pair['only_second'])} only by the second "
        f"({_decided(pair, pair_count)}{_smallest(pair, pair_count)})"
    )
    found = pair["differences"]["accuracy"]
    if found["adjusted_low"] is None:
        return f"{said}."
    low, high = (points_text(found[f"adjusted_{end}"], n) for end in ("low", "high"))
    all_pairs = "" if pair_count == 1 else f" for all {pair_count} pairs at once"
    return (
        f"{said}; the difference lies between {low} and {high} percentage points (95 %{all_pairs})."
    )


def _recordings(count: int) -> str:
    return "recording" if count == 1 else "recordings"


def _number(count: int) -> str:
    return f"{count:,}" if count else "none"


def _smallest(pair: Data, pair_count: int) -> str:
    """Where so few decide that hardly anything could have been found.

    Before Holm's adjustment, which for one pair depends on what the others give.
    """
    by_groups = pair["decided_by"] == "groups"
    found = pair["group_test"]
    deciding = found["differing"] if by_groups else pair["only_first"] + pair["only_second"]
    if deciding >= FEW:
        return ""
    smallest = found["smallest_p"] if by_groups else pair["smallest_mid_p"]
    holm = "" if pair_count == 1 else " before Holm"
    return f"; the smallest that they could give is {p_text(smallest)}{holm}"
