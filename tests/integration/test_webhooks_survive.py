"""A sender that is killed loses nothing."""

from __future__ import annotations

from tests.webhook_crash import attempt


def test_each_of_500_deliveries_arrives_although_the_sender_is_killed(server, sent, settings):
    trial = attempt(server, settings.data_folder, 500, [150], skip_lease=True)
    assert (trial.lost, trial.unknown) == (set(), set())
    assert trial.delivered == len(set(trial.arrived)) == 500
    # At most what was under way when it was killed came twice, with the same id.
    assert trial.duplicates <= 2
