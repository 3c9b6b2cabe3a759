from __future__ import annotations

import pytest
from dash import no_update

from callbacks import datasets
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.errors import Invalid

FIRST = {"startRow": 0, "endRow": 100}


@pytest.fixture
def three(analyst):
    for name in ("pumps", "fans", "gears"):
        DatasetService.create(name)
    return analyst


def test_the_list_is_given_block_by_block(three):
    assert datasets.show_empty("x") == (None, False)
    given, told = datasets.give_rows(FIRST, None, False)
    assert [row["name"] for row in given["rowData"]] == ["fans", "gears", "pumps"]
    assert (given["rowCount"], told) == (3, "3 data sets")
    assert datasets.give_rows(FIRST, "pum", False)[1] == "1 data set"
    assert datasets.give_rows(None, None, False) == (no_update, no_update)


def test_it_is_sorted_by_the_server(three):
    asked = {**FIRST, "sortModel": [{"colId": "name", "sort": "desc"}]}
    given, _ = datasets.give_rows(asked, None, False)
    assert [row["name"] for row in given["rowData"]] == ["pumps", "gears", "fans"]
    with pytest.raises(Invalid, match="sorted by"):
        datasets.give_rows({**FIRST, "sortModel": [{"colId": "odd"}]}, None, False)


def test_archived_ones_have_a_list_of_their_own(three):
    DatasetService.archive_dataset(DatasetService.list_datasets(search_query="fans")[0]["id"])
    given, _ = datasets.give_rows(FIRST, None, True)
    assert [(row["name"], row["archived"]) for row in given["rowData"]] == [("fans", True)]


def test_an_empty_site_says_how_to_begin(analyst, viewer):
    assert "Import recordings" in str(datasets.show_empty("x")[0])
    with acting_as(viewer):
        assert "Import recordings" not in str(datasets.show_empty("x")[0])
