from __future__ import annotations

from datetime import UTC, datetime

from diagnostics.synthesis.preview import Mark
from diagnostics.synthesis.self_test import Check
from layouts import generate_parts


def check(passed, sound=None):
    made = Check("oil_whirl", "order of the whirl", "×", 0.45, 0.01, 0.5, sound, passed)
    return made.as_json()


def test_what_failed_comes_first_and_is_open():
    shown = str(generate_parts.checks([check(True), check(False, 0.1)]))
    assert "1 of 2 numbers" in shown
    assert shown.index("not seen") < shown.index("as expected")
    assert "open=True" in shown
    assert "open=False" in str(generate_parts.checks([check(True)]))


def test_places_are_told_with_one_unit():
    assert generate_parts._place(Mark("2 ×", 120.0, 120.0)) == "120 Hz"
    assert generate_parts._place(Mark("whirl", 24.1, 27.6)) == "24.1 to 27.6 Hz"
    assert generate_parts._place(Mark("band", 900.0, 2_500.0)) == "900 Hz to 2.5 kHz"


def test_a_finished_generation_leads_to_its_data():
    job = {
        "id": 3,
        "status": "done",
        "title": "Generate “<b>x</b>”",
        "result": {"dataset_id": 7, "recordings": 198},
        "finished_at": datetime(2026, 11, 22, tzinfo=UTC),
    }
    shown = str(generate_parts.job(job))
    assert "/datasets/7" in shown
    assert "198 recordings" in shown
