from __future__ import annotations

from collections import Counter

from diagnostics.synthesis.demo import demo_config
from diagnostics.synthesis.faults import SEVERITIES
from diagnostics.synthesis.recordings import generate, plan


def test_every_class_has_several_bearings_and_each_bearing_one_damage():
    config = demo_config(1)
    planned = list(plan(config))
    assert len({one.name for one in planned}) == len(planned) == 72
    assert Counter(one.fault.value for one in planned) == dict.fromkeys(config.classes, 18)
    assert Counter(one.bearing_name for one in planned).most_common(1)[0][1] == 3


def test_loads_and_severities_go_round():
    config = demo_config(1)
    made = [generate(config, one) for one in list(plan(config))[18:36:3]]
    levels = [one.facts["severity_level"] for one in made]
    assert levels == [*SEVERITIES, "incipient", "mild"]
    assert config.loads == [0.25, 0.6, 0.95]


def test_the_same_seed_is_the_same_demo():
    planned = next(plan(demo_config(3)))
    first, again, other = (
        generate(demo_config(seed), planned).signal.samples.tobytes() for seed in (3, 3, 4)
    )
    assert first == again != other
