"""What to do about an error that ended a job."""

from __future__ import annotations

import re

# The first that fits.
_SUGGESTIONS = (
    (
        r"disk (ran|is|was)|no space|room",
        "Delete exports, data sets or experiments that are not needed, then try again.",
    ),
    (
        r"out of memory|memory",
        "Try a smaller batch or window, or a worker with more memory.",
    ),
    (
        r"worker was lost",
        "The worker may have run out of memory. Try a smaller batch; its log says more.",
    ),
    (
        r"\bnan\b|diverge|not finite|infinite",
        "Try a lower learning rate, and look for recordings with missing values.",
    ),
    (r"account .* disabled", "Ask an admin to enable the account."),
    (
        r"missing|not found|there is no|does not exist",
        "Something that it needs has been deleted or moved. Choose it again, then try again.",
    ),
    (r"broke on our side", "Try again. If it fails again, give its number to an admin."),
)
_OTHERWISE = "The log of the job says more. When the cause is gone, try again."


def get_error_suggestion(error_message: str) -> str:
    """A sentence about what to do; empty for no error.

    Examples
    --------
    >>> get_error_suggestion("CUDA out of memory.")
    'Try a smaller batch or window, or a worker with more memory.'
    """
    if not error_message:
        return ""
    told = error_message.lower()
    found = (advice for pattern, advice in _SUGGESTIONS if re.search(pattern, told))
    return next(found, _OTHERWISE)
