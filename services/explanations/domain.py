"""What an explanation says of a machine: is the network looking at a fault frequency?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.explain.rhythm import BandShare, band_share
from services.explanations.asking import TITLES
from services.signal_overlay_service import SignalOverlayService
from services.signals.overlays import LineView, OverlayView

YES, NO, UNKNOWN = "yes", "no", "unknown"
BANDS, BEST_BANDS = 24, 5
_CLEARLY = 1.25
"""So many times the share of random weights is more than the signal itself brings along."""
_CHANCE = 0.05
_OF_CLASS = (
    ("BPFI", r"inner|bpfi|\bir\d*\b"),
    ("BPFO", r"outer|bpfo|\bor\d*\b"),
    ("BSF", r"ball|roller|bsf|\bb\d+\b"),
    ("FTF", r"cage|ftf"),
    ("shaft", r"imbalance|unbalance|misalign|loose"),
)


class KindRow(TypedDict):
    """Shares of the rhythm of relevance, 0 to 1; ``signal`` is that of the signal itself.

    Where the class names none of the kinds, any of them could stand out by chance: each then has
    to be above so many more of the random combs that one in twenty holds for all together.
    """

    kind: str
    line: str
    frequency_hz: float
    share: float
    chance: float
    chance_95: float
    random_weights: float
    signal: float
    stands_out: bool


class BandRow(TypedDict):
    low_hz: float
    high_hz: float
    share: float


class DomainView(TypedDict):
    """``answer`` is yes, no or unknown; ``sentence`` says it with its number."""

    answer: str
    sentence: str
    kind: str | None
    kinds: list[KindRow]
    bands: list[BandRow]
    lines: list[LineView]
    finest_hz: float


def domain_view(kept: Mapping[str, Any], position: int) -> DomainView:
    """Shares in the bands of the recording's bearing at its speed, and the answer.

    ``position`` is that of the channel in the recording.
    """
    overlay = SignalOverlayService.overlay(kept["signal_id"], position, settings={"shaft": True})
    summary, arrays = kept["summary"], kept["arrays"]
    step_hz = 1 / summary["window_s"]
    finest_hz = kept["parameters"]["positions"] * step_hz / 2
    wanted = kind_of(kept["target_class"])
    kinds: list[KindRow] = []
    if "rhythm" in arrays:
        kinds = kind_rows(arrays, step_hz, finest_hz, overlay["lines"], wanted)
    answer, sentence = _answer(kept, overlay, kinds, wanted, finest_hz)
    return {
        "answer": answer,
        "sentence": sentence,
        "kind": wanted,
        "kinds": kinds,
        "bands": [] if "spectrum" not in arrays else best_bands(arrays["spectrum"], step_hz),
        "lines": overlay["lines"],
        "finest_hz": finest_hz,
    }


def kind_of(class_name: str) -> str | None:
    """The defect frequency that a class speaks of, by its name.

    Examples
    --------
    >>> kind_of("inner race"), kind_of("IR007"), kind_of("Outer"), kind_of("healthy")
    ('BPFI', 'BPFI', 'BPFO', None)
    """
    found = (kind for kind, words in _OF_CLASS if re.search(words, class_name.casefold()))
    return next(found, None)


def best_bands(spectrum: NDArray[np.float32], step_hz: float) -> list[BandRow]:
    """Where on the frequency axis most of the relevance lies, by its size."""
    size = np.abs(spectrum).astype(np.float64).sum(axis=0)
    cuts = np.linspace(0, len(size), min(BANDS, len(size)) + 1).astype(np.int64)
    shares = np.add.reduceat(size, cuts[:-1]) / max(float(size.sum()), 1e-30)
    return [
        {
            "low_hz": float(cuts[n] * step_hz),
            "high_hz": float(cuts[n + 1] * step_hz),
            "share": float(shares[n]),
        }
        for n in np.argsort(-shares)[:BEST_BANDS]
    ]


def kind_rows(
    arrays: Mapping[str, Any],
    step_hz: float,
    finest_hz: float,
    lines: Sequence[LineView],
    wanted: str | None,
) -> list[KindRow]:
    """What lies at each kind of line, and whether that is more than chance."""
    found: list[tuple[LineView, Sequence[BandShare | None]]] = []
    # Beyond what a method resolves there is nothing, which would flatter against chance.
    count = int(finest_hz / step_hz) + 1
    for kind in dict.fromkeys(line["kind"] for line in lines):
        mine = struck_lines(lines, kind)
        intervals = [(line["low_hz"], line["high_hz"]) for line in mine]
        inside = [pair for pair in intervals if pair[1] <= finest_hz]
        shares = [
            band_share(np.asarray(arrays[name][:count], dtype=np.float64), step_hz, inside)
            for name in ("rhythm", "random_rhythm", "signal_rhythm")
        ]
        if inside and shares[0] is not None:
            found.append((mine[0], shares))
    tried = len(found) if wanted is None else 1
    return [_row(line, shares, tried) for line, shares in found]


def struck_lines(lines: Sequence[LineView], kind: str) -> list[LineView]:
    """The lines at which a damage of a kind strikes: of a ball the even ones, twice in a spin."""
    mine = [line for line in lines if line["kind"] == kind and not line["sideband"]]
    return [line for line in mine if kind != "BSF" or line["harmonic"] % 2 == 0]


def _row(line: LineView, shares: Sequence[BandShare | None], tried: int) -> KindRow:
    own, untrained, signal = shares
    assert own is not None
    of_random = untrained.share if untrained else 0.0
    by_chance = own.share <= own.chance_95 or own.above * tried > _CHANCE
    return {
        "kind": line["kind"],
        "line": line["kind"] if line["harmonic"] == 1 else line["name"],
        "frequency_hz": line["frequency_hz"],
        "share": own.share,
        "chance": own.chance,
        "chance_95": own.chance_95,
        "random_weights": of_random,
        "signal": signal.share if signal else 0.0,
        "stands_out": not by_chance and own.share > _CLEARLY * of_random,
    }


def _answer(
    kept: Mapping[str, Any],
    overlay: OverlayView,
    kinds: Sequence[KindRow],
    wanted: str | None,
    finest_hz: float,
) -> tuple[str, str]:
    if not any(line["kind"] != "shaft" for line in overlay["lines"]) and wanted != "shaft":
        missing = overlay["speed_told"] if not overlay["speed_rpm"] else overlay["bearing_told"]
        return UNKNOWN, f"No fault frequency is known. {missing}"
    row = next((one for one in kinds if one["kind"] == wanted), None)
    if row is not None:
        return verdict(row)
    if wanted is None and kinds:
        return _of_no_fault(kept["target_class"], kinds)
    return UNKNOWN, _unresolved(kept, overlay, wanted, finest_hz)


def _unresolved(
    kept: Mapping[str, Any], overlay: OverlayView, wanted: str | None, finest_hz: float
) -> str:
    """Why the rhythm at a fault frequency cannot be judged."""
    length_s = kept["summary"]["window_s"]
    kinds = [wanted] if wanted else list(dict.fromkeys(line["kind"] for line in overlay["lines"]))
    of_kind = [line for kind in kinds for line in struck_lines(overlay["lines"], kind)]
    low_hz = min((line["frequency_hz"] for line in of_kind), default=0.0)
    named = f"{of_kind[0]['name'] if wanted and of_kind else 'the lowest'} ({low_hz:.1f} Hz)"
    if low_hz > finest_hz:
        return (
            f"{TITLES[kept['method']]} tells {kept['parameters']['positions']:,} stretches of a "
            f"window apart, so rhythms up to {finest_hz:.0f} Hz, and {named} lies beyond that. "
            "Integrated gradients look at every sample."
        )
    return (
        f"A window of {length_s:.3g} s tells rhythms {1 / length_s:.3g} Hz apart, which is too "
        f"coarse to hold {named} against chance. Train with longer windows."
    )


def verdict(row: KindRow) -> tuple[str, str]:
    """The answer, and the sentence with its numbers."""
    numbers = (
        f"{_percent(row['share'])} of the rhythm of relevance lies at {row['line']} "
        f"({row['frequency_hz']:.1f} Hz) and its harmonics; random combs of the same width hold "
        f"{_percent(row['chance'])} (95 % of them under {_percent(row['chance_95'])}), and the "
        f"same network with random weights puts {_percent(row['random_weights'])} there."
    )
    if row["stands_out"]:
        return YES, f"Yes, it is looking at the fault frequency: {numbers}"
    if row["share"] > row["chance_95"]:
        return NO, (
            f"Not shown: {numbers} The signal has this rhythm and random weights follow it as "
            "well, so it need not be what the network learnt."
        )
    return NO, f"No, it does not use the fault frequency: {numbers}"


def _of_no_fault(class_name: str, kinds: Sequence[KindRow]) -> tuple[str, str]:
    out = [row for row in kinds if row["stands_out"]]
    if out:
        best = max(out, key=lambda row: row["share"])
        return YES, f"“{class_name}” names no fault frequency. {verdict(best)[1]}"
    most = max(kinds, key=lambda row: row["share"] - row["chance_95"])
    return NO, (
        f"“{class_name}” names no fault frequency, and relevance stands out at none of the "
        f"{len(kinds)} that were tried: at most {_percent(most['share'])} of its rhythm at "
        f"{most['line']} ({most['frequency_hz']:.1f} Hz), where 95 % of random combs hold under "
        f"{_percent(most['chance_95'])}.{_of_many(most, len(kinds))}"
    )


def _of_many(most: KindRow, tried: int) -> str:
    if tried == 1 or most["share"] <= most["chance_95"]:
        return ""
    return f" Of {tried} that are tried one is above its 95 % by chance alone too often to count."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
