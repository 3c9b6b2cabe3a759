"""Trained classifiers that a warm worker keeps in memory."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.training.fitted import FittedClassifier


@lru_cache(maxsize=4)
def loaded(checkpoint: Path) -> FittedClassifier:
    """The classifier in a stored file, which never changes: its name is its content."""
    from diagnostics.training.fitted import load_classifier

    return load_classifier(checkpoint)
