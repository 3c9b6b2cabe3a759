"""Where a result comes from: data, classifier, seed, versions, time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.training.classifiers import VOTING_ENSEMBLE
from layouts.components.links import page_link
from layouts.components.moments import duration, moment
from layouts.experiment_settings import channels_text

_DIGITS = 12
_NORMALISATION = {
    "window": "each window by its own mean and deviation",
    "training": "by mean and deviation of the training part",
}


def provenance(origin: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Names and values for a list of details."""
    config = origin["config"]
    if config["classifier"] == VOTING_ENSEMBLE.name:
        return [
            ("Data", _data(origin)),
            ("Classifier", _classifier(origin)),
            ("Counted", [moment(origin["finished_at"]), f" by {origin['owner']}"]),
            ("Versions", _versions(origin["environment"])),
        ]
    return [
        ("Data", _data(origin)),
        ("Classifier", _classifier(origin)),
        ("Windows", _windows(config)),
        ("Seed", str(config["seed"])),
        ("Trained", [moment(origin["finished_at"]), f" by {origin['owner']}"]),
        ("Wall time", duration(origin["wall_time_s"])),
        ("Versions", _versions(origin["environment"])),
        ("Weights", _short(origin["checkpoint_hash"])),
    ]


def _data(origin: Mapping[str, Any]) -> list[Any]:
    link = page_link(origin["dataset"], f"/datasets/{origin['dataset_id']}")
    return [link, f", version {origin['version']} ({_short(origin['content_hash'])})"]


def _classifier(origin: Mapping[str, Any]) -> str:
    parts = [origin["classifier"]]
    if origin["parameter_count"] is not None:
        parts.append(f"{origin['parameter_count']:,} weights")
    if origin["best_epoch"] is not None:
        parts.append(f"epoch {origin['best_epoch']} was kept")
    return ", ".join(parts)


def _windows(config: Mapping[str, Any]) -> str:
    scaled = _NORMALISATION[config["normalisation"]]
    return (
        f"{config['window']:,} samples every {config['hop']:,}, channel "
        f"{channels_text(config)}, scaled {scaled}"
    )


def _versions(environment: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in environment.items()) or "–"


def _short(digest: str | None) -> str:
    return "–" if digest is None else f"SHA-256 {digest[:_DIGITS]}…"
