from __future__ import annotations

from models import JobKind
from services.job_service import JobService


def test_nothing_is_sent_until_something_changes(client, analyst):
    first = client.get("/api/v1/pulse")
    same = {"If-None-Match": first.headers["ETag"]}
    assert len(first.json["troubles"]) == 2  # the tests have no Valkey
    expected = {"jobs": [], "unread": 0, "user_id": analyst.user_id}
    assert {name: first.json[name] for name in expected} == expected
    assert client.get("/api/v1/pulse", headers=same).status_code == 304
    job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")
    (job,) = client.get("/api/v1/pulse", headers=same).json["jobs"]
    assert (job["id"], job["title"], job["status"]) == (job_id, "Clean up", "waiting")
    assert "result" not in job
