from __future__ import annotations

import pytest


def test_a_picture_is_for_those_who_are_signed_in(client, web):
    with client.get("/guide/images/home-light-desk.png") as found:
        assert (found.status_code, found.mimetype) == (200, "image/png")
    assert web.test_client().get("/guide/images/home-light-desk.png").status_code == 302


@pytest.mark.parametrize("name", ["home.svg", "none.png", "..", "home-light-desk.png%00"])
def test_another_name_is_no_picture(client, name):
    with client.get(f"/guide/images/{name}") as answer:
        assert answer.mimetype != "image/png"
