from layouts import compare
from layouts.components.links import numbers_in


def test_the_address_is_read_and_nonsense_is_left_out():
    assert numbers_in("3,5,8") == [3, 5, 8]
    assert numbers_in("3, 5,,x,-1,3,99999999999") == [3, 5]
    assert numbers_in("") == []
    stores = [
        c for c in compare.build("3,5", "1")._traverse() if getattr(c, "id", "") == "compare-view"
    ]
    assert stores[0].data == {"experiments": [3, 5], "windows": True}


def test_experiments_of_one_name_are_told_apart():
    found = compare.options([{"experiment_id": n, "name": "CNN"} for n in (4, 5)])
    assert [one["label"] for one in found] == ["CNN (experiment 4)", "CNN (experiment 5)"]


def test_an_empty_page_offers_what_fills_it():
    assert "New experiment" in str(compare.nothing_chosen(1))
    assert "New experiment" not in str(compare.nothing_chosen(2))
