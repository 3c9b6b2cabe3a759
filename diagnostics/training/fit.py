"""Train whatever classifier the config names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.progress import Report, silent
from diagnostics.training.card import Family
from diagnostics.training.config import TrainingConfig
from diagnostics.training.fitted import FittedClassifier
from diagnostics.training.history import OnEpoch, not_kept
from diagnostics.training.windows import WindowSet

if TYPE_CHECKING:
    from diagnostics.classical.columns import StoredColumns


@dataclass(frozen=True)
class Fit:
    """A trained classifier. The last two are None for a classical one."""

    fitted: FittedClassifier
    best_epoch: int | None
    parameter_count: int | None


def fit_classifier(
    config: TrainingConfig,
    class_names: tuple[str, ...],
    training: WindowSet,
    validation: WindowSet | None,
    *,
    checkpoint: Path,
    stored: StoredColumns | None = None,
    report: Report = silent,
    on_epoch: OnEpoch = not_kept,
) -> Fit:
    """Train the classifier of the config; a network goes on from its checkpoint.

    Parameters
    ----------
    config : TrainingConfig
    class_names : tuple of str
        Of the targets in the window sets, in their order.
    training, validation : WindowSet
    checkpoint : Path
        Where a network keeps its state after each epoch. A classical classifier is fitted
        anew: it takes seconds, and the same seed gives the same classifier.
    stored : StoredColumns, optional
        The numbers of the feature set that the config names.
    report, on_epoch : function

    Returns
    -------
    Fit

    Raises
    ------
    TrainingError
        If the training cannot go on; the sentence says why.
    """
    if config.card.family is Family.CLASSICAL:
        from diagnostics.classical.fit import fit

        fitted: FittedClassifier = fit(
            config,
            class_names,
            training,
            validation,
            stored=stored,
            report=report,
            on_epoch=on_epoch,
        )
        return Fit(fitted, None, None)
    from diagnostics.networks.network import parameter_count
    from diagnostics.training.engine import train_network

    trained = train_network(
        config,
        class_names,
        training,
        validation,
        checkpoint=checkpoint,
        report=report,
        on_epoch=on_epoch,
    )
    count = parameter_count(trained.fitted.network)
    return Fit(trained.fitted, trained.best_epoch, count)
