"""Score cards of four networks by five methods on real recordings, and what an inner race shows.

Trained on loads 0 to 2 hp of CWRU, explained on held-out inner-race recordings of 3 hp: does the
relevance come back as often as balls meet the damage, and more so than with random weights?
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from scipy.stats import binomtest, t

from benchmarks.cwru_protocols import LOAD, RATE_HZ, SEED, Recordings
from benchmarks.measure import DATA, Benchmark, Figure, main, need_real_data
from diagnostics.bearings.frequencies import fault_lines
from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.recording import Asked, ExplainedRecording, explain_recording
from diagnostics.explain.registry import METHODS
from diagnostics.explain.rhythm import BandShare, band_share, rhythm_spectrum
from diagnostics.explain.score_card import with_random_weights
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.training.config import Draw, HeldOutGroups, TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.fitted import windows_for
from diagnostics.training.split import Candidate, Side, split_recordings
from diagnostics.training.windows import windows_of

EPOCHS, WINDOW = 40, 4096
NETWORKS = ("cnn1d", "multi_scale_cnn", "cnn_lstm", "signal_transformer")
ASKED: dict[str, dict[str, int]] = {
    "gradcam": {},
    "integrated_gradients": {"steps": 32},
    "gradient_shap": {"num_samples": 32},
    "lime": {"num_samples": 200},
    "occlusion": {"num_segments": 64},
}
TEST_LOAD, FAULT = "3", "IR"
SEEDS = (0, 1, 2, 3, 4)


def run() -> Benchmark:
    need_real_data()
    torch.set_num_threads(1)
    recordings = Recordings()
    figures = [figure for name in NETWORKS for figure in _network(name, recordings)]
    return Benchmark(
        name="explained_cwru",
        title="Explanations of real recordings",
        method=(
            f"CWRU, drive end, 12 kHz: trained on loads 0 to 2 hp for {EPOCHS} epochs (windows of "
            f"{WINDOW} samples, seed {SEED}), explained on the inner-race recordings of "
            f"{TEST_LOAD} hp for class {FAULT}, baseline zeros. Score cards are of the first of "
            "them. Accuracy is that of the vote over all recordings of the load that was kept "
            "away, with Wilson's 95 % interval; their bearings were trained with at other loads. "
            "Rhythm: share of the rhythm of relevance within 2 % of 1 to 3 × BPFI, less "
            f"the mean share of the same network with {len(SEEDS)} draws of random weights, mean "
            "over the recordings (each of another damaged bearing) with Student's 95 % interval. "
            "It stands out where that interval lies above 0 and the share above 95 % of random "
            "combs."
        ),
        figures=figures,
        command="python -m benchmarks.explained_cwru",
    )


def _network(name: str, recordings: Recordings) -> Iterator[Figure]:
    fitted, test = _trained(name, recordings)
    inner = [one for one in test if one.target == FAULT]
    yield _accuracy(name, fitted, test, recordings)
    for method, numbers in ASKED.items():
        label = f"{name}, {METHODS[method].title}"
        chosen = inner if method == "integrated_gradients" else inner[:1]
        try:
            found = [_explained(fitted, recordings, one, method, numbers) for one in chosen]
        except ExplanationError as error:
            yield Figure(f"{label}: refused", float("nan"), "", note=str(error))
            continue
        yield _card(label, found[0])
        if method == "integrated_gradients":
            yield _rhythm(label, fitted, list(zip(chosen, found, strict=True)), recordings)
        sys.stderr.write(f"{label}\n")


def _trained(name: str, recordings: Recordings) -> tuple[FittedNetwork, list[Candidate]]:
    config = TrainingConfig(
        HeldOutGroups(test=(TEST_LOAD,)),
        classifier=name,
        group_by=LOAD,
        window=WINDOW,
        hop=WINDOW,
        epochs=EPOCHS,
        batch_size=16,
        draw=Draw.ONE_EACH,
        patience=0,
        seed=SEED,
    )
    split = split_recordings(recordings.candidates(LOAD), config.split, LOAD)
    windows = windows_of(
        split.sides[Side.TRAIN],
        split.class_names,
        recordings.read,
        channels=config.channels,
        window=WINDOW,
        hop=WINDOW,
        sample_rate_hz=RATE_HZ,
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "state.pt"
        trained = fit_classifier(config, split.class_names, windows, None, checkpoint=place)
    fitted = trained.fitted
    assert isinstance(fitted, FittedNetwork)
    return fitted, list(split.sides[Side.TEST])


def _explained(
    fitted: FittedNetwork,
    recordings: Recordings,
    one: Candidate,
    method: str,
    numbers: dict[str, int],
) -> ExplainedRecording:
    windows = windows_for(fitted.about, one, recordings.read)
    target = fitted.about.class_names.index(FAULT)
    return explain_recording(fitted, windows, Asked(method, target, numbers))


def _card(label: str, found: ExplainedRecording) -> Figure:
    card = found.card
    # Only some methods promise that their parts add up.
    promised = math.isfinite(card.completeness)
    complete = f"completeness error {card.completeness:.2g}, " if promised else ""
    note = (
        f"by chance {card.random_deletion.mean():.2f}; insertion {card.insertion.mean():.2f} "
        f"(by chance {card.random_insertion.mean():.2f}), "
        f"{complete}like random weights {card.random_weights:.2f}, stable under "
        f"noise {card.stability:.2f}, deletion begins at {card.deletion[0]:.2f}"
    )
    return Figure(
        f"{label}: deletion", float(card.deletion.mean()), "", len(found.examined), note=note
    )


def _accuracy(
    name: str, fitted: FittedNetwork, test: list[Candidate], recordings: Recordings
) -> Figure:
    right = 0
    for one in test:
        windows = windows_for(fitted.about, one, recordings.read)
        vote = fitted.probabilities(windows.read_all()).mean(axis=0)
        right += fitted.about.class_names[int(vote.argmax())] == one.target
    interval = binomtest(right, len(test)).proportion_ci(method="wilson")
    note = f"{right} recordings right, 95 % interval {interval.low:.2f} to {interval.high:.2f}"
    return Figure(f"{name}: accuracy held out", right / len(test), "", len(test), note=note)


def _rhythm(
    label: str,
    fitted: FittedNetwork,
    explained: list[tuple[Candidate, ExplainedRecording]],
    recordings: Recordings,
) -> Figure:
    orders = json.loads((DATA / "cwru" / "defect_frequencies.json").read_text())
    own, limit, untrained = [], [], []
    for one, found in explained:
        row = recordings.rows[one.recording_id]
        intervals = _bpfi(orders, float(row["rpm_measured"] or row["rpm_nominal"]) / 60)
        step = 1 / found.window_s
        share = _share(found.rhythm, step, intervals)
        own.append(share.share)
        limit.append(share.chance_95)
        drawn = _random_rhythms(fitted, one, found, recordings)
        untrained.append(np.mean([_share(rhythm, step, intervals).share for rhythm in drawn]))
    more = np.array(own) - np.array(untrained)
    half = float(t.ppf(0.975, len(more) - 1)) * more.std(ddof=1) / np.sqrt(len(more))
    low, high = more.mean() - half, more.mean() + half
    out = low > 0 and np.mean(own) > np.mean(limit)
    note = (
        f"{'stands out' if out else 'does not stand out'} against random weights: 95 % interval "
        f"{low:+.3f} to {high:+.3f}; share {np.mean(own):.3f}, random weights "
        f"{np.mean(untrained):.3f}, 95 % of random combs under {np.mean(limit):.3f}"
    )
    name = f"{label}: rhythm at BPFI beyond random weights"
    return Figure(name, float(more.mean()), "", len(more), note=note)


def _share(rhythm: np.ndarray, step_hz: float, intervals: list[tuple[float, float]]) -> BandShare:
    found = band_share(rhythm, step_hz, intervals)
    assert found is not None, "a window of 4096 samples resolves BPFI"
    return found


def _random_rhythms(
    fitted: FittedNetwork, one: Candidate, found: ExplainedRecording, recordings: Recordings
) -> Iterator[np.ndarray]:
    """Of the same windows, by the same method and network, with several draws of weights."""
    windows = windows_for(fitted.about, one, recordings.read)
    starts = found.starts_s[found.examined] * windows.sample_rate_hz
    places = np.searchsorted(windows.start, np.round(starts))
    prepared = fitted.prepare(windows.read(places)).numpy()
    target = fitted.about.class_names.index(FAULT)
    asked = Asked("integrated_gradients", target, ASKED["integrated_gradients"])
    question, explain = asked.question(prepared), METHODS[asked.method].load()
    for seed in SEEDS:
        network = with_random_weights(fitted.network, prepared, seed)
        yield rhythm_spectrum(explain(network, prepared, question).values)


def _bpfi(orders: dict[str, object], shaft_hz: float) -> list[tuple[float, float]]:
    order = float(_found(orders))
    lines = fault_lines({"BPFI": order}, shaft_hz)
    return [(line.low_hz, line.high_hz) for line in lines if not line.sideband]


def _found(orders: dict[str, object]) -> float:
    """BPFI of the drive end's bearing, in orders of the shaft."""
    bearing = next(value for key, value in orders.items() if "6205" in key)
    assert isinstance(bearing, dict)
    return float(bearing["BPFI"])


if __name__ == "__main__":
    main(run)
