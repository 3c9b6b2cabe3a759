"""A sampler of settings chooses networks, and a memory compares those that it did not choose."""

from __future__ import annotations

import pytest
from optuna.storages import InMemoryStorage

from diagnostics.architectures.choices import dimensions
from diagnostics.architectures.drawing import sample
from diagnostics.architectures.space import SearchSpace, decode, encode
from diagnostics.errors import TrainingError
from diagnostics.search.study import Method, Pruner, Rules, SearchStudy

SPACES = (SearchSpace(depth=(3, 10)), SearchSpace(depth=(4, 4), pools=(), branches=1))


def study(space, method=Method.BAYESIAN, pruner=Pruner.NONE):
    rules = Rules(dimensions(space), method, pruner, (True,), 1, 9)
    return SearchStudy(InMemoryStorage(), "one", rules)


@pytest.mark.parametrize("space", SPACES, ids=["all depths", "one depth"])
def test_whatever_the_sampler_chooses_is_a_network(space):
    search = study(space)
    for number in range(1, 15):
        point = search.ask(number)
        found = decode(space, point.params)
        assert space.allows(found)
        search.tell(point.study_number, [float(len(found.stages))])


@pytest.mark.parametrize("space", SPACES, ids=["all depths", "one depth"])
def test_every_network_is_a_point_of_the_dimensions(space):
    known = {one.name: one for one in dimensions(space).dimensions}
    for seed in range(20):
        answers = encode(space, sample(space, seed))
        points = {name: value for name, value in answers.items() if name in known}
        for name, value in points.items():
            assert value in known[name].choices
            assert known[name].exists(points)
        missing = [name for name, one in known.items() if one.exists(points) and name not in points]
        assert missing == []


def test_a_network_that_was_chosen_elsewhere_ends_early_when_others_were_better():
    space = SearchSpace()
    search = study(space, Method.RANDOM, Pruner.MEDIAN)
    ended = []
    for number in range(8):
        own = search.take(encode(space, sample(space, number)))
        assert own == number
        score = 0.1 if number == 7 else 0.5 + number / 100
        ended.append(any(search.report(own, epoch, score) for epoch in (1, 2, 3)))
        (search.tell_pruned if ended[-1] else lambda n: search.tell(n, [0.5]))(own)
    assert ended[-1]
    assert not any(ended[:5])
    assert search.running() == []


def test_a_trial_that_had_all_epochs_has_not_ended_early():
    search = study(SearchSpace(), Method.RANDOM, Pruner.MEDIAN)
    for number in range(8):
        own = search.take({})
        # The others gain with the last epoch, and the last one does not.
        gain = 0.4 if number < 7 else 0.0
        ended = [search.report(own, epoch, 0.5 + gain * (epoch == 9)) for epoch in range(1, 10)]
        assert not any(ended)
        search.tell(own, [0.5])


def test_one_network_alone_leaves_nothing_to_choose():
    alone = SearchSpace(
        depth=(3, 3),
        operations=("conv",),
        kernels=(3,),
        widths=(8,),
        pools=(),
        skip=False,
        squeeze_excite=False,
        branches=1,
        stem_kernels=(7,),
        stem_strides=(8,),
        stem_widths=(8,),
    )
    with pytest.raises(TrainingError, match="one network only"):
        dimensions(alone)
