from __future__ import annotations

import pytest

from services.source_service import SourceService
from services.sources.making import SourceMakingService
from tests.anomalous import source, table_csv, uploaded


def test_a_source_is_made_read_changed_and_deleted(client, analyst):
    body = {"kind": "table", "config": {"upload_id": uploaded(table_csv())}, "name": "press"}
    made = client.post("/api/v1/sources?wait=0", json=body)
    assert (made.status_code, made.json["status"]) == (201, "pending")
    address = made.headers["Location"]
    assert client.get(f"{address}/profile").status_code == 409
    SourceMakingService.make_version(made.json["id"])
    found = client.get(address).json
    assert (found["row_count"], found["columns"][1]["name"]) == (300, "flow")
    assert len(client.get(f"{address}/profile").json["rows"]) == 50
    assert client.post(f"{address}/test").json["ok"] is True
    assert client.get(f"{address}/versions").json["total"] == 1
    assert client.patch(address, json={"name": "oven"}).json["name"] == "oven"
    assert client.patch(address, json={"colour": 1}).status_code == 422
    assert client.delete(address).status_code == 409  # its job has not ended


def test_sources_are_listed_and_types_told(client, analyst):
    made = [source(name=f"{n}.csv") for n in range(3)]
    page = client.get("/api/v1/sources?limit=1&offset=1").json
    assert [page["total"], page["offset"], page["limit"]] == [3, 1, 1]
    assert page["data"][0]["id"] == made[1]
    assert client.get("/api/v1/sources?limit=0").status_code == 422
    types = client.get("/api/v1/sources/types").json
    assert {one["name"] for one in types["types"]} == {
        "table",
        "feature_set",
        "dataset",
        "recording",
        "database_view",
    }
    assert client.delete(f"/api/v1/sources/{made[0]}").status_code == 204
    assert client.get(f"/api/v1/sources/{made[0]}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "view", "config": {}}, "kind"),
        ({"kind": "table", "config": {}}, "config"),
        ({"kind": "table", "config": {"upload_id": 1}, "size": 2}, "size"),
    ],
)
def test_a_wrong_body_names_the_field(client, body, field):
    answer = client.post("/api/v1/sources", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field
    assert SourceService.count_sources() == 0
