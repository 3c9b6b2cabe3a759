"""What happens where somebody asks for a detection, a comparison or a batch."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from diagnostics.detectors.registry import ALGORITHMS
from layouts import shell
from layouts.components.frame import icon
from layouts.components.links import path_to
from layouts.new_detection import Ids, algorithm_cards, no_sources, parameter_forms, told
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomaly_service import AnomalyService
from services.errors import Invalid, NotFound
from services.source_service import SourceService

MOST_SOURCES = 1000
THIS = "*"


def begin(copied: dict[str, str]) -> tuple[Any, ...]:
    """What the address names: only a source, or a question that was asked before."""
    try:
        given = _copied(copied)
    except NotFound:
        given = None
    if given is None:
        source = copied["source"]
        return [source] if source else [], None, None, None, None, None, "auto", None
    fit_on, policy = given["fit_on"] or {}, given["threshold_policy"] or {}
    first, end = fit_on.get("rows") or (None, None)
    return (
        [given["source_id"]],
        given,
        given["sample_size"],
        given["alarm_from"],
        first,
        end,
        policy.get("kind", "auto"),
        policy.get("value"),
    )


def _copied(copied: dict[str, str]) -> dict[str, Any] | None:
    """What a detection was asked, or a comparison one of its algorithms."""
    if copied["copy"]:
        one: Any = AnomalyService.get_detection(copied["copy"])
        configs = {one["algorithm"]: one["config"]}
        policy = one["threshold_policy"] if _is_at_default(one) else None
        more = {"alarm_from": one["alarm_from"], "threshold_policy": policy}
    elif copied["comparison"]:
        one = AnomalyComparisonService.get_comparison(copied["comparison"])
        only = copied["algorithm"]
        configs = {only: one["config"][only]} if only in one["config"] else one["config"]
        more = {"alarm_from": None, "threshold_policy": None}
    else:
        return None
    kept = {name: one[name] for name in ("source_id", "sample_size", "fit_on", "columns_asked")}
    return {**kept, **more, "configs": configs}


def _is_at_default(one: Any) -> bool:
    """Whether the config draws no line of its own, beside which a policy would be refused."""
    about = ALGORITHMS[one["algorithm"]]
    own = {parameter.name: parameter.default for parameter in about.parameters}
    return bool(one["config"].get(about.flags_by) == own[about.flags_by])


def offer_sources(asked: list[str] | None, given: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """The sources that have rows, and the one that the address names."""
    ready = [one for one in SourceService.list_sources(MOST_SOURCES) if one["version"]]
    options = [
        {"label": f"{one['name']} ({one['row_count']:,} rows)", "value": one["id"]} for one in ready
    ]
    there = {one["id"] for one in ready}
    kept = [one for one in asked or [] if one in there]
    if not kept and len(ready) == 1:
        kept = [ready[0]["id"]]
    others = [{"label": "the same rows", "value": THIS}]
    others += [{"label": one["name"], "value": one["id"]} for one in ready]
    learnt = ((given or {}).get("fit_on") or {}).get("source_id")
    learnt = learnt if learnt in there else THIS
    return options, kept, others, learnt, [] if ready else no_sources(), not ready


def offer_columns(
    sources: list[str] | None, given: dict[str, Any] | None = None
) -> tuple[list[dict[str, str]], list[str], bool, bool]:
    """The columns of the only source; of several, each is judged by all its numbers."""
    if not sources or len(sources) != 1:
        return [], [], bool(sources), not sources
    try:
        source = SourceService.get_source(sources[0])
    except NotFound:
        return [], [], False, True
    options = [
        {"label": f"{one['name']} ({one['type']})", "value": one["name"]}
        for one in source["columns"]
        if not one["empty"]
    ]
    there = {one["value"] for one in options}
    asked = (given or {}).get("columns_asked") or []
    again = given is not None and given["source_id"] == sources[0]
    columns = [name for name in asked if name in there] if again else []
    return options, columns, False, True


def show_forms(
    ticked: list[Any],
    sources: list[str] | None,
    values: list[Any],
    ids: list[Any],
    cards: list[Any],
    given: dict[str, Any] | None = None,
) -> tuple[Any, ...]:
    """Forms of the chosen algorithms, and what the button will do."""
    chosen = _chosen(ticked, cards)
    before = given["configs"].items() if given is not None else ()
    known = {(name, key): value for name, one in before for key, value in one.items()}
    known |= {(one["of"], one["name"]): value for one, value in zip(ids, values, strict=True)}
    text, button, is_off = told(len(sources or []), len(chosen))
    return parameter_forms(chosen, known), text, [icon("search"), f" {button}"], is_off


def start(
    clicks: int | None,
    sources: list[str] | None,
    ticked: list[Any],
    cards: list[Any],
    values: list[Any],
    ids: list[Any],
    columns: list[str] | None,
    sample: float | None,
    policy: str,
    value: float | None,
    fit_source: str | None,
    fit_first: float | None,
    fit_end: float | None,
    alarm_from: float | None,
    name: str | None,
) -> Any:
    """Ask for it, and go to the page that shows it."""
    if not clicks or ctx.triggered_id != Ids.start:
        return no_update, no_update
    chosen, asked = _chosen(ticked, cards), list(sources or [])
    if not asked or not chosen:
        raise Invalid("Choose a source and an algorithm.")
    configs = {algorithm: _config(algorithm, ids, values) for algorithm in chosen}
    size = None if sample is None else int(sample)
    alarm = None if alarm_from is None else int(alarm_from)
    if len(asked) > 1:
        made = AnomalyBatchService.create_batch(
            asked, name or "", chosen[0], configs[chosen[0]], size, alarm_from=alarm
        )
        return path_to(f"/anomaly-batches/{made}"), ""
    fit_on, threshold = _fit_on(fit_source, fit_first, fit_end), _policy(policy, value)
    if len(chosen) > 1:
        if threshold is not None or alarm is not None:
            raise Invalid(
                "A comparison has a threshold of each algorithm and raises no alarm. Clear these"
                " fields, or choose one algorithm."
            )
        made = AnomalyComparisonService.create_comparison(
            asked[0], chosen, columns or None, configs, size, fit_on
        )
        return path_to(f"/anomaly-comparisons/{made}"), ""
    made = AnomalyService.detect(
        asked[0],
        chosen[0],
        columns or None,
        configs[chosen[0]],
        size,
        threshold_policy=threshold,
        fit_on=fit_on,
        alarm_from=alarm,
    )
    return path_to(f"/anomalies/{made}"), ""


def show_cards(given: dict[str, Any] | None, _asked: list[str]) -> Any:
    return algorithm_cards(list(given["configs"]) if given is not None else ())


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.asked, "data"),
        Output(Ids.given, "data"),
        Output(Ids.sample, "value"),
        Output(Ids.alarm_from, "value"),
        Output(Ids.fit_first, "value"),
        Output(Ids.fit_end, "value"),
        Output(Ids.policy, "value"),
        Output(Ids.value, "value"),
        Input(Ids.copied, "data"),
    )(begin)
    app.callback(Output(Ids.cards, "children"), Input(Ids.given, "data"), Input(Ids.asked, "data"))(
        show_cards
    )
    app.callback(
        Output(Ids.sources, "options"),
        Output(Ids.sources, "value"),
        Output(Ids.fit_source, "options"),
        Output(Ids.fit_source, "value"),
        Output(Ids.none, "children"),
        Output(Ids.form, "hidden"),
        Input(Ids.asked, "data"),
        State(Ids.given, "data"),
    )(offer_sources)
    app.callback(
        Output(Ids.columns, "options"),
        Output(Ids.columns, "value"),
        Output(Ids.one_only, "hidden"),
        Output(Ids.of_batch, "hidden"),
        Input(Ids.sources, "value"),
        State(Ids.given, "data"),
    )(offer_columns)
    parameter = {"type": Ids.parameter, "of": ALL, "name": ALL}
    card = {"type": Ids.card, "name": ALL}
    app.callback(
        Output(Ids.parameters, "children"),
        Output(Ids.told, "children"),
        Output(Ids.start, "children"),
        Output(Ids.start, "disabled"),
        Input(card, "value"),
        Input(Ids.sources, "value"),
        State(parameter, "value"),
        State(parameter, "id"),
        State(card, "id"),
        State(Ids.given, "data"),
    )(show_forms)
    app.callback(
        Output(shell.Ids.location, "pathname", allow_duplicate=True),
        Output(shell.Ids.location, "search", allow_duplicate=True),
        Input(Ids.start, "n_clicks"),
        State(Ids.sources, "value"),
        State(card, "value"),
        State(card, "id"),
        State(parameter, "value"),
        State(parameter, "id"),
        State(Ids.columns, "value"),
        State(Ids.sample, "value"),
        State(Ids.policy, "value"),
        State(Ids.value, "value"),
        State(Ids.fit_source, "value"),
        State(Ids.fit_first, "value"),
        State(Ids.fit_end, "value"),
        State(Ids.alarm_from, "value"),
        State(Ids.name, "value"),
        prevent_initial_call=True,
    )(start)


def _chosen(ticked: list[Any], cards: list[Any]) -> list[str]:
    return [card["name"] for card, on in zip(cards, ticked, strict=True) if on]


def _config(algorithm: str, ids: list[Any], values: list[Any]) -> dict[str, Any]:
    """What was typed, as numbers where it is one; an empty field stands at its default."""
    config = {}
    for one, value in zip(ids, values, strict=True):
        if one["of"] == algorithm and value not in (None, ""):
            config[one["name"]] = _number(algorithm, one["name"], value)
    return config


def _number(algorithm: str, name: str, value: Any) -> Any:
    known = {one.name: one for one in ALGORITHMS[algorithm].parameters}
    if not isinstance(value, str) or value.strip() in known[name].options:
        return value.strip() if isinstance(value, str) else value
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return value


def _policy(kind: str, value: float | None) -> dict[str, Any] | None:
    if kind == "auto" and value is None:
        return None
    return {"kind": kind, "value": value}


def _fit_on(source: str | None, first: float | None, end: float | None) -> dict[str, Any] | None:
    other = None if source in (None, "", THIS) else source
    if (first is None) != (end is None):
        raise Invalid("Name the first row to learn from and the one behind the last.")
    rows = None if first is None or end is None else [int(first), int(end)]
    return None if other is None and rows is None else {"source_id": other, "rows": rows}
