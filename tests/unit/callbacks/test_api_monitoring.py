from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import api_monitoring
from services.actor import acting_as
from services.api_key_service import APIKeyService
from services.api_requests.log import Noted, RequestLog
from services.errors import Forbidden


def shown(period="24") -> str:
    drawn = api_monitoring.show(None, period)
    return json.dumps(drawn, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_without_requests_the_page_says_what_to_do(admin):
    assert "make one under Settings" in shown()


@pytest.mark.parametrize("period", ["1", "24", "168", "nonsense"])
def test_everything_is_shown_for_each_period(admin, period):
    key = APIKeyService.generate_key(admin.user_id, "press line")["api_key_id"]
    log = RequestLog(most=3)
    for status in (200, 404, 500, 200):
        told = "No such job." if status == 404 else None
        log.note(Noted("/jobs", "GET", status, 4_000, api_key_id=key, error_message=told))
    log.write()
    text = shown(period)
    for words in ("GET /jobs", "press line", "No such job.", "1 requests were answered", "4 ms"):
        assert words in text, words


def test_it_is_for_admins(admin, analyst):
    with acting_as(analyst), pytest.raises(Forbidden):
        shown()
