from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from services.api_requests.log import Noted, request_log

HEADERS = {"Authorization": "Bearer watch me"}


def test_without_a_token_there_are_no_metrics(web):
    assert web.test_client().get("/metrics", headers=HEADERS).status_code == 404


def test_the_token_is_needed(web):
    web.config["METRICS_TOKEN"] = "watch me"
    for headers in ({}, {"Authorization": "Bearer watch"}, {"Authorization": "Bearer wätch me"}):
        assert web.test_client().get("/metrics", headers=headers).status_code == 401


def test_prometheus_reads_what_the_sums_say(web):
    web.config["METRICS_TOKEN"] = "watch me"
    with web.app_context():
        for status, duration_us in ((200, 400), (404, 900), (500, 10**9)):
            request_log().note(Noted("/jobs", "GET", status, duration_us))
        request_log().write()
    answer = web.test_client().get("/metrics", headers=HEADERS)
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}
    samples = families["rotorscope_api_request_duration_seconds"].samples
    buckets = {one.labels["le"]: one.value for one in samples if one.name.endswith("_bucket")}
    assert (buckets["0.0005"], buckets["0.001"], buckets["60"], buckets["+Inf"]) == (1, 2, 2, 3)
    assert list(buckets.values()) == sorted(buckets.values())
    (total,) = (one.value for one in samples if one.name.endswith("_sum"))
    assert total == 1000.0013
    errors = families["rotorscope_api_errors"].samples
    assert {one.labels["class"]: one.value for one in errors} == {"4xx": 1, "5xx": 1}
    parts = families["rotorscope_check"].samples
    assert {one.labels["part"]: one.value for one in parts}["database"] == 1
