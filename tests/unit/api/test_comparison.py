import csv
import io

import pytest

from tests.compared import answered, wide_version

URL = "/api/v1/comparison"


@pytest.fixture
def pair(client, analyst):
    version = wide_version()
    return [answered(version, "Sharp"), answered(version, "<b>Blunt</b>", ["worn 3"])]


def query(numbers, **others):
    return {"experiments": ",".join(str(n) for n in numbers), **others}


def test_a_comparison_is_read(client, pair):
    answer = client.get(URL, query_string=query(pair))
    assert answer.status_code == 200
    assert [one["experiment_id"] for one in answer.json["experiments"]] == pair
    assert answer.json["statistical_tests"]["mcnemar"][0]["only_first"] == 1
    assert answer.json["statistical_tests"]["mcnemar"][0]["windows"] is None
    assert "do not tell" in answer.json["key_differences"][0]
    with_windows = client.get(URL, query_string=query(pair, windows=1)).json
    assert with_windows["statistical_tests"]["mcnemar"][0]["windows"]["n"] == 36


def test_the_table_comes_as_csv(client, pair):
    answer = client.get(f"{URL}.csv", query_string=query(pair))
    assert answer.content_type == "text/csv; charset=utf-8"
    name = f'filename="comparison-{pair[0]}-{pair[1]}.csv"'
    assert name in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {"score over recordings", "pair", "confusion"} <= {row["part"] for row in rows}


def test_the_report_stands_alone_and_leads_back(client, pair):
    answer = client.get(f"{URL}.html", query_string=query(pair, windows=1))
    assert answer.content_type == "text/html; charset=utf-8"
    text = answer.text
    assert "&lt;b&gt;Blunt&lt;/b&gt;" in text
    assert "<b>Blunt" not in text
    assert f"http://localhost/compare?experiments={pair[0]},{pair[1]}&amp;windows=1" in text
    assert "McNemar’s test by window (not independent)" in text
    assert "<script" not in text


@pytest.mark.parametrize("experiments", ["", "x", "3;5", "3," * 80])
def test_what_is_no_list_of_numbers_is_refused(client, experiments):
    assert client.get(URL, query_string={"experiments": experiments}).status_code == 422


def test_refusals_are_problems_with_a_sentence(client, pair):
    one = client.get(URL, query_string=query(pair[:1]))
    assert (one.status_code, one.json["code"]) == (422, "invalid")
    assert one.json["detail"] == "Choose 2 to 6 experiments to compare, got 1."
    unknown = client.get(f"{URL}.csv", query_string=query([pair[0], 999]))
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("ending", ["", ".csv", ".html"])
def test_who_is_not_signed_in_gets_nothing(web, pair, ending):
    answer = web.test_client().get(f"{URL}{ending}", query_string=query(pair))
    assert answer.status_code == 401
