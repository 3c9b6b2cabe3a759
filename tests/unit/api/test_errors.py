from __future__ import annotations

import pytest

from api import errors

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def broken(web):
    """A page and a route that break, in an application that has not answered anything yet."""

    def breaks():
        raise ZeroDivisionError("secret")

    web.add_url_rule("/assets/broken", "assets_broken", breaks)
    return web.test_client()


def test_what_breaks_is_told_without_its_inside_and_can_be_found_in_the_log(broken, caplog):
    answer = broken.get("/assets/broken")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "secret" not in answer.text
    number = answer.headers["X-Request-ID"]
    assert number in answer.text
    assert number in caplog.text
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("path", "kind"), [("/_full", "application/problem+json"), ("/full", "text/html")]
)
def test_a_full_disk_is_told_as_what_it_is(web, path, kind):
    with web.test_request_context(path):
        answer = errors._unforeseen_anywhere(OSError(28, "No space left on device"))
    assert (answer.status_code, answer.mimetype) == (503, kind)
    assert "The disk ran full." in answer.get_data(as_text=True)


def test_stale_form_is_answered_with_a_page(web):
    answer = web.test_client().post("/sign-in", data={"name": "anna"}, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "Back to the start" in answer.text


def test_programs_get_problem_details(client):
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_wrong_method_is_a_page_for_people(client):
    answer = client.put("/sign-in", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (405, "text/html")


def test_missing_asset_is_not_found(client):
    assert client.get("/assets/none.css").status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"name": "a",', "line 1, column 14"),
        (b'{"name"\n: nan}', "line 2, column 3"),
        (b"", "The body is empty."),
        (b'"\xff"', "no UTF-8 text from byte 1 on"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_that_is_no_json_is_told_where(client, body, said):
    answer = client.post("/api/v1/datasets", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert said in answer.json["detail"]
    assert answer.json["code"] == "bad_request"


def test_a_body_that_is_not_called_json_is_told_so(client):
    answer = client.post("/api/v1/datasets", data=b"{}", content_type="text/plain")
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
    assert "Content-Type: application/json" in answer.json["detail"]


def test_what_breaks_in_the_browser_has_a_way_on(broken):
    answer = broken.get("/assets/broken", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    for said in ("Nothing that was saved is lost", "Try again", answer.headers["X-Request-ID"]):
        assert said in answer.text


NUMBER = "9" * 30


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/jobs/{NUMBER}", 404),
        (f"/datasets/{NUMBER}/recordings", 404),
        (f"/datasets?offset={NUMBER}", 422),
        (f"/datasets/1/statistics?version={NUMBER}", 422),
    ],
)
def test_numbers_that_no_database_takes_are_answered(client, path, status):
    assert client.get(f"/api/v1{path}").status_code == status
