"""The tables of a comparison as text: the same on the page and in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.evaluation.ranks import rank_order
from diagnostics.evaluation.wording import p_text, points_text
from diagnostics.training.classifiers import NAMED
from layouts.components.leak import leak_word
from layouts.components.titles import setting_title
from layouts.evaluation_numbers import interval_text, score_text

Data = Mapping[str, Any]
HIGHER, LOWER = "▲", "▼"
SCORES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
}
_CLASSIFIER_TITLES = {card.name: card.title for card in NAMED}
_LONGEST_VALUE = 120


@dataclass(frozen=True)
class TextTable:
    """``numbers`` are the columns set right; ``notes`` stand below."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def all_tables(data: Data) -> list[TextTable]:
    """Every table there is, in the order of the page."""
    tests = data["statistical_tests"]
    found = [scores(data), pairs(data), group_tests(data), windows(data), overall(data)]
    found += [ranks(data), rank_pairs(data)] if tests["friedman"] else []
    found += [*confusion_differences(data), *only_right(data), settings(data)]
    return [one for one in found if one is not None and one.rows]


def scores(data: Data) -> TextTable:
    """Scores of each experiment; the marks compare with the first."""
    experiments = data["experiments"]
    n = data["test_set"]["common"]
    against = _against_first(data)
    rows = [
        (f"{title}, recordings", *(_score_cell(one, name, n, against) for one in experiments))
        for name, title in SCORES.items()
    ]
    rows += [
        (f"{title}, windows", *(_window_cell(one, name) for one in experiments))
        for name, title in SCORES.items()
    ]
    head = ("Score", *(f"{one['name']}{leak_word(one['leak'])}" for one in experiments))
    return TextTable(
        f"Scores on {_counted(n)}", head, tuple(rows), tuple(range(1, len(head))), _marks(data)
    )


def pairs(data: Data) -> TextTable:
    """McNemar's test of each pair over recordings."""
    found = data["statistical_tests"]["mcnemar"]
    several = len(found) > 1
    head = (
        *("Pair", "Recordings", "Only first right", "Only second right"),
        *("Difference in points", "95 % interval", "Exact p", "Mid-p"),
        *(["Mid-p after Holm"] if several else []),
        *("Smallest mid-p possible", "Odds ratio (95 %)"),
    )
    rows = tuple(_pair_row(pair, data, several=several) for pair in found)
    return TextTable(
        "McNemar’s test by recording", head, rows, tuple(range(1, len(head))), _pair_notes(data)
    )


def _pair_notes(data: Data) -> tuple[str, ...]:
    tests = data["statistical_tests"]
    count = len(tests["mcnemar"])
    notes = [
        "McNemar’s test looks at the recordings on which the two disagree. The smallest mid-p "
        "possible is what it would be had the same one been right on all of these: where it is "
        "above 0.05, the test could not have found anything.",
    ]
    if count > 1:
        notes.append(
            f"The column “after Holm” allows for {count} pairs being tested. The intervals are "
            "for each pair alone; what is said to differ also holds for all pairs at once."
        )
    if tests["no_interval"] is not None:
        notes.append(tests["no_interval"])
    else:
        notes.append(
            "The intervals come from drawing whole groups for both at once: they say how the "
            "difference would vary with other groups of this kind, not with another training. “No "
            "spread” is no proof: the difference was the same in all groups that there are."
        )
    return tuple(notes)


def group_tests(data: Data) -> TextTable | None:
    """The exact test over groups, where groups are not just recordings."""
    test_set = data["test_set"]
    if not 1 < test_set["groups"] < test_set["common"]:
        return None
    rows = []
    for pair in data["statistical_tests"]["mcnemar"]:
        found = pair["group_test"]
        p_values = (found["p"], found["holm_p"], found["smallest_p"])
        counts = (f"{found['groups']:,}", f"{found['differing']:,}")
        rows.append((_pair_name(pair, data), *counts, *(p_text(p) for p in p_values)))
    decides = data["statistical_tests"]["mcnemar"][0]["decided_by"] == "groups"
    note = (
        "Groups, and not recordings, are the independent units here: the test counts all ways to "
        "swap the two experiments within groups. "
    )
    note += (
        "It decides what is said to differ."
        if decides
        else "With fewer than 6 groups it could hardly find anything, so recordings decide."
    )
    head = ("Pair", "Groups", "that differ", "p", "p after Holm", "Smallest p possible")
    return TextTable("Test by group", head, tuple(rows), tuple(range(1, 6)), (note,))


def windows(data: Data) -> TextTable | None:
    """McNemar's test over windows, where it was asked for."""
    found = [p for p in data["statistical_tests"]["mcnemar"] if p["windows"] is not None]
    rows = []
    for pair in found:
        one = pair["windows"]
        counts = (one["n"], one["only_first"], one["only_second"])
        p_values = (p_text(one["exact_p"]), p_text(one["mid_p"]))
        rows.append((_pair_name(pair, data), *(f"{count:,}" for count in counts), *p_values))
    if not rows:
        return None
    note = (
        "Not independent: windows of one recording resemble each other, so these p-values are far "
        "too small. They decide nothing here."
    )
    head = ("Pair", "Windows", "Only first right", "Only second right", "Exact p", "Mid-p")
    title = "McNemar’s test by window (not independent)"
    return TextTable(title, head, tuple(rows), tuple(range(1, 6)), (note,))


def overall(data: Data) -> TextTable | None:
    """Tests of all experiments at once, or why there are none."""
    tests = data["statistical_tests"]
    cochran, friedman = tests["cochran_q"], tests["friedman"]
    rows = []
    if cochran is not None:
        exact = cochran["exact"] is not None
        p_value = cochran["exact"] if exact else cochran["p_value"]
        rows.append(
            (
                "Cochran’s Q, exact" if exact else "Cochran’s Q, by chi-squared",
                f"{cochran['items']:,} recordings, {cochran['deciding']:,} decide",
                f"Q = {cochran['statistic']:.2f}",
                p_text(p_value),
                p_text(cochran["smallest"]) if exact else "–",
                "",
            )
        )
    if friedman is not None:
        rows.append(
            (
                "Friedman, by chi-squared",
                f"{friedman['blocks']:,} groups",
                f"χ² = {friedman['statistic']:.2f}",
                p_text(friedman["p_value"]),
                p_text(friedman["smallest"]),
                f"Kendall’s W {friedman['kendalls_w']:.2f}",
            )
        )
    if not rows:
        return None
    notes = [] if tests["no_friedman"] is None else [tests["no_friedman"]]
    if friedman is not None and friedman["blocks"] == data["test_set"]["common"]:
        notes.append(
            "Each group is one recording here, so Friedman’s statistic is Cochran’s Q once more."
        )
    head = ("Test", "Over", "Statistic", "p", "Smallest p possible", "Effect")
    return TextTable("All at once", head, tuple(rows), (3, 4), tuple(notes))


def ranks(data: Data) -> TextTable:
    """Average ranks over the groups, the best first."""
    friedman = data["statistical_tests"]["friedman"]
    experiments = data["experiments"]
    rows = tuple(
        (experiments[number]["name"], f"{friedman['average_ranks'][number]:.2f}")
        for number in rank_order(friedman["average_ranks"])
    )
    note = (
        f"1 is the best. Nemenyi’s test tells two apart when their ranks differ by "
        f"{friedman['critical_difference']:.2f} or more (5 %). Each group counts the same, "
        "whatever its number of recordings."
    )
    title = f"Average ranks over {friedman['blocks']:,} groups"
    return TextTable(title, ("Experiment", "Average rank"), rows, (1,), (note,))


def rank_pairs(data: Data) -> TextTable:
    """Tests of pairs after Friedman's."""
    friedman = data["statistical_tests"]["friedman"]
    rows = tuple(
        (
            _pair_name(pair, data),
            f"{abs(pair['rank_difference']):.2f}",
            *(p_text(pair[name]) for name in ("nemenyi", "signed_rank", "holm", "smallest")),
        )
        for pair in friedman["pairs"]
    )
    head = (
        *("Pair", "Difference of ranks", "Nemenyi p", "Signed-rank p", "Signed-rank p after Holm"),
        "Smallest signed-rank p possible",
    )
    return TextTable("Pairs by rank over groups", head, rows, tuple(range(1, 6)))


def confusion_differences(data: Data) -> list[TextTable]:
    """Counts of each experiment less those of the first."""
    first, *others = data["experiments"]
    found = []
    for other in others:
        rows = tuple(
            (name, *(_signed(b - a) for a, b in zip(one, two, strict=True)))
            for name, one, two in zip(
                first["class_names"],
                first["confusion_matrix"],
                other["confusion_matrix"],
                strict=True,
            )
        )
        head = ("true ↓ named →", *first["class_names"])
        title = f"Confusion: {other['name']} less {first['name']}"
        found.append(TextTable(title, head, rows, tuple(range(1, len(head)))))
    return found


def only_right(data: Data) -> list[TextTable]:
    """Recordings that one experiment alone named rightly."""
    return [only_right_of(data, only) for only in data["only_right"]]


def only_right_of(data: Data, only: Data) -> TextTable:
    names = _names(data)
    others = [number for number in names if number != only["experiment_id"]]
    rows = tuple(
        (
            recording["name"],
            recording["true_class"],
            recording["group"],
            *(recording["named"][number] for number in others),
        )
        for recording in only["recordings"]
    )
    head = ("Recording", "True class", "Group", *(f"Named by {names[one]}" for one in others))
    hidden = only["count"] - len(rows)
    notes = (f"{hidden:,} more are not listed.",) if hidden else ()
    title = f"Only {names[only['experiment_id']]} is right: {_counted(only['count'])}"
    return TextTable(title, head, rows, (), notes)


def settings(data: Data) -> TextTable:
    """Settings in which the experiments differ."""
    rows = tuple(
        (setting_title(row["name"]), *(_setting_value(row["name"], v) for v in row["values"]))
        for row in data["config_differences"]
    )
    head = ("Setting", *(one["name"] for one in data["experiments"]))
    return TextTable("Settings that differ", head, rows)


def _against_first(data: Data) -> dict[tuple[int, str], str]:
    """A mark for each experiment and score that differs from the first beyond chance."""
    first = data["experiments"][0]["experiment_id"]
    marks = {}
    for pair in data["statistical_tests"]["mcnemar"]:
        if pair["first_id"] != first:
            continue
        for name, found in pair["differences"].items():
            if found["supported"]:
                marks[pair["second_id"], name] = LOWER if found["value"] > 0 else HIGHER
    return marks


def _marks(data: Data) -> tuple[str, ...]:
    first = data["experiments"][0]["name"]
    tests = data["statistical_tests"]
    unit = "groups" if tests["mcnemar"][0]["decided_by"] == "groups" else "recordings"
    adjusted = ", adjusted for all pairs" if len(tests["mcnemar"]) > 1 else ""
    mark = (
        f"{HIGHER} higher, {LOWER} lower than “{first}”, the first one, beyond chance: accuracy by "
        f"the test over {unit} at 5 %{adjusted}"
    )
    if tests["no_interval"] is not None:
        return (f"{mark}. Other scores have no mark, since no interval can be given.",)
    return (
        f"{mark}, and by the interval of the difference; other scores by the interval. No mark: "
        "the data do not tell them apart.",
    )


def _score_cell(experiment: Data, name: str, n: int, marks: Mapping[tuple[int, str], str]) -> str:
    score = experiment["metrics"]["recordings"][name]
    text = score_text(score["value"], n)
    if score["low"] is not None:
        text += f" ({interval_text(score['low'], score['high'], n)})"
    mark = marks.get((experiment["experiment_id"], name))
    return f"{text} {mark}" if mark else text


def _window_cell(experiment: Data, name: str) -> str:
    return score_text(experiment["metrics"]["windows"][name]["value"], experiment["windows"])


def _pair_row(pair: Data, data: Data, *, several: bool) -> tuple[str, ...]:
    n = pair["n"]
    found = pair["differences"]["accuracy"]
    names = ("exact_p", "mid_p", *(["holm_p"] if several else []), "smallest_mid_p")
    return (
        _pair_name(pair, data),
        *(f"{pair[name]:,}" for name in ("n", "only_first", "only_second")),
        points_text(found["value"], n),
        _interval(found, n),
        *(p_text(pair[name]) for name in names),
        _odds(pair),
    )


def _interval(found: Data, items: int) -> str:
    if found["low"] is None:
        return "–"
    if found["low"] == found["high"]:
        return "no spread"
    return f"{points_text(found['low'], items)} to {points_text(found['high'], items)}"


def _odds(pair: Data) -> str:
    """``5.0 (0.6–236)``; ∞ where only the first was ever right alone."""
    if not pair["only_first"] and not pair["only_second"]:
        return "–"
    low, high = _ratio(pair["odds_low"]), _ratio(pair["odds_high"])
    return f"{_ratio(pair['odds_ratio'])} ({low}–{high})"


def _ratio(value: float | None) -> str:
    if value is None:
        return "∞"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _pair_name(pair: Data, data: Data) -> str:
    names = _names(data)
    return f"{names[pair['first_id']]} – {names[pair['second_id']]}"


def _names(data: Data) -> dict[int, str]:
    return {one["experiment_id"]: one["name"] for one in data["experiments"]}


def _signed(count: int) -> str:
    return f"{count:+,}".replace("-", "−") if count else "0"


def _counted(count: int) -> str:
    return f"{count:,} {'recording' if count == 1 else 'recordings'}"


def _setting_value(name: str, value: Any) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        text = ", ".join(str(one) for one in value)
        return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
    return _CLASSIFIER_TITLES.get(value, str(value)) if name == "classifier" else str(value)
