"""How far a campaign is: one mapping from what it was told and what its jobs do."""

from __future__ import annotations

import enum

from models import CampaignAim


class CampaignState(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


# While trials still train, and when none does any more.
_OF_AIM = {
    CampaignAim.RUN: (CampaignState.RUNNING, CampaignState.WAITING),
    CampaignAim.PAUSE: (CampaignState.PAUSING, CampaignState.PAUSED),
    CampaignAim.STOP: (CampaignState.STOPPING, CampaignState.STOPPED),
    CampaignAim.END: (CampaignState.RUNNING, CampaignState.FINISHED),
}


def state_of(aim: CampaignAim, training: int, scored: int) -> CampaignState:
    """The state by the number of trials that train at this moment and of those with a score.

    Examples
    --------
    >>> state_of(CampaignAim.PAUSE, 1, 3).value, state_of(CampaignAim.END, 0, 0).value
    ('pausing', 'failed')
    """
    at_work, at_rest = _OF_AIM[aim]
    if training:
        return at_work
    if at_rest is CampaignState.FINISHED and not scored:
        return CampaignState.FAILED
    return at_rest
