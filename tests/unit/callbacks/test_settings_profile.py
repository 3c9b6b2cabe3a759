from __future__ import annotations

import json

from plotly.utils import PlotlyJSONEncoder

from callbacks import settings_profile as page


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_profile_is_saved_and_shown_again(analyst):
    answer, shown, email = page.save(1, " Anna  Berg ", "Anna@Example.ORG", "Europe/Berlin")
    assert "Saved" in text(answer)
    assert shown == {"zone": "Europe/Berlin", "name": "Anna Berg"}
    assert email == "Anna@example.org"
    who, name, kept, zones, zone = page.show("")
    assert (who, name) == (f"{analyst.name}, role analyst", "Anna Berg")
    assert (kept, zone) == ("Anna@example.org", "Europe/Berlin")
    assert "America/New_York" in zones


def test_shell_knows_the_name_and_the_zone(client):
    assert client.get("/").status_code == 200
    page.save(1, "Anna Berg", "", "Asia/Tokyo")
    answer = client.get("/_dash-layout")
    assert answer.json["props"]["data-time-zone"] == "Asia/Tokyo"
    assert "Anna Berg" in answer.text


def test_what_is_wrong_is_told(analyst):
    answer, *kept = page.save(1, "", "not an address", "UTC")
    assert "no e-mail address" in text(answer)
    assert kept == [page.no_update] * 2
    assert page.save(None, "", "", "") == (page.no_update,) * 3
