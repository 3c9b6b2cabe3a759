"""From measured samples to the windows that a model takes, or a sentence why not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.manifest import Manifest
from diagnostics.errors import DeploymentError

# A rate on a name plate is rounded; another one shifts every frequency that was learned.
_RATE_TOLERANCE = 1e-3


def windows_from(
    manifest: Manifest, samples: Any, sample_rate_hz: float | None, unit: str | None
) -> NDArray[np.float32]:
    """Windows side by side from samples of any number; what is left at the end is not looked at.

    Parameters
    ----------
    manifest : Manifest
    samples : array of shape (samples,) or (channels, samples)
    sample_rate_hz : float or None
        None where the sender does not say: the rate of the model is taken then.
    unit : str or None
        None where the sender does not say.

    Returns
    -------
    array of shape (windows, channels, manifest.window)

    Raises
    ------
    DeploymentError
        If shape, rate or unit are others, there are fewer samples than a window has, or one is
        not finite.

    Examples
    --------
    >>> one = Manifest("fp32", "cnn1d", ("a", "b"), ("g",), 1, 4, 100.0, "window", 1.0, 1, "", "",
    ...     18)
    >>> windows_from(one, np.arange(10.0), 100.0, "g").shape
    (2, 1, 4)
    """
    if sample_rate_hz is not None:
        expected = manifest.sample_rate_hz
        if not abs(sample_rate_hz - expected) <= _RATE_TOLERANCE * expected:
            raise DeploymentError(
                f"The model takes samples at {expected:g} Hz, got {sample_rate_hz:g} Hz. Resample"
                " them first."
            )
    if unit is not None and manifest.units and unit not in manifest.units:
        raise DeploymentError(
            f"The model takes samples in {' and '.join(dict.fromkeys(manifest.units))}, got"
            f" “{unit}”. Convert them first."
        )
    given = _numbers(samples)
    if given.ndim == 1 and manifest.channels == 1:
        given = given[None]
    if given.ndim != 2 or given.shape[0] != manifest.channels:
        raise DeploymentError(
            f"The model takes {manifest.channels} channels of samples, as an array of the shape"
            f" ({manifest.channels}, samples); got the shape {given.shape}."
        )
    count = given.shape[1] // manifest.window
    if count == 0:
        raise DeploymentError(
            f"The model takes windows of {manifest.window:,} samples, got {given.shape[1]:,}. Send"
            " at least one window."
        )
    used = given[:, : count * manifest.window]
    if not np.isfinite(used).all():
        channel, place = (int(n) for n in np.argwhere(~np.isfinite(used))[0])
        raise DeploymentError(
            f"Sample {place:,} of channel {channel} (counted from 0) is not a finite number."
        )
    cut = used.reshape(manifest.channels, count, manifest.window).swapaxes(0, 1)
    return np.ascontiguousarray(cut)


def _numbers(samples: Any) -> NDArray[np.float32]:
    try:
        given = np.asarray(samples)
        if given.dtype.kind not in "fiu":
            raise ValueError
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            return given.astype(np.float32)
    except (ValueError, TypeError, OverflowError) as error:
        raise DeploymentError("The samples are not an array of numbers.") from error
