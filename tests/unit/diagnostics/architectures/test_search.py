"""Everything that a search can come to is a network, in its space, and follows from the seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from diagnostics.architectures.architecture import read_architecture
from diagnostics.architectures.drawing import draw, draw_accepted, mutate, sample
from diagnostics.architectures.evolution import Evolution, Tried, propose
from diagnostics.architectures.outline import outline, outline_dimensions
from diagnostics.architectures.sizes import parameter_count
from diagnostics.architectures.space import SearchSpace, decode, encode, put_together
from diagnostics.errors import TrainingError
from diagnostics.networks import network as networks
from diagnostics.search.space import Choices
from diagnostics.training.classifiers import classifier

SPACES = {
    "everything": SearchSpace(depth=(3, 10), stem_strides=(2, 4, 8), widths=(8, 16)),
    "usual": SearchSpace(),
    "narrow": SearchSpace(
        depth=(3, 3),
        operations=("conv",),
        kernels=(3, 5),
        widths=(8,),
        pools=(),
        skip=False,
        squeeze_excite=False,
        branches=1,
        stem_kernels=(7,),
        stem_strides=(8,),
        stem_widths=(8,),
    ),
}
EVERY = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def anything(_architecture):
    return True


def build(architecture, channels=1, classes=2):
    given = {"architecture": architecture.text}
    return networks.build_network(classifier("searched"), given, channels, classes, seed=0).eval()


@EVERY
@pytest.mark.parametrize("seed", range(4))
def test_what_is_drawn_or_mutated_is_built_and_runs(space, seed):
    """At several lengths and numbers of channels, with as many weights as were counted."""
    rng = np.random.default_rng(seed)
    architecture = draw(space, rng)
    for channels, samples in ((1, 1024), (3, 1537), (2, 4096)):
        network = build(architecture, channels, classes=4)
        with torch.inference_mode():
            scores = network(torch.randn(2, channels, samples))
        assert scores.shape == (2, 4)
        assert scores.isfinite().all()
        counted = parameter_count(architecture, channels, classes=4)
        assert networks.parameter_count(network) == counted
        architecture = mutate(space, architecture, rng)


@EVERY
def test_every_mutation_stays_in_the_space_and_changes_something(space):
    rng = np.random.default_rng(0)
    architecture = draw(space, rng)
    for _ in range(100):
        child = mutate(space, architecture, rng)
        assert space.allows(child)
        assert child.hash != architecture.hash
        architecture = child


def test_mutations_reach_every_kind_of_change():
    rng, parent = np.random.default_rng(0), sample(SPACES["everything"], 3)
    children = {mutate(SPACES["everything"], parent, rng) for _ in range(150)}
    assert {one.stem.stride for one in children} == {2, 4, 8}
    assert {len(one.stages) - len(parent.stages) for one in children} == {-1, 0, 1}
    assert len(children) > 60


@EVERY
def test_a_network_is_found_again_from_its_flat_answers(space):
    for seed in range(30):
        drawn = sample(space, seed)
        answers = encode(space, drawn)
        assert all(isinstance(value, str | int | bool) for value in answers.values())
        assert decode(space, answers) == drawn


def test_every_answer_leads_to_a_network():
    """Also those that ask for the same operation twice, or for more pools than there is room."""
    last = put_together(SPACES["everything"], lambda _name, options: options[-1])
    assert last.lowering == 128
    assert len(last.stages[0].operations) == 1
    assert SPACES["everything"].allows(last)


def test_answers_that_are_no_options_are_refused():
    space = SearchSpace()
    answers = encode(space, sample(space, 0))
    for wrong in (
        {**answers, "stem_width": 17},
        {k: v for k, v in answers.items() if k != "depth"},
    ):
        with pytest.raises(TrainingError, match="must be one of"):
            decode(space, wrong)
    with pytest.raises(TrainingError, match="not one of the search space"):
        encode(SPACES["narrow"], sample(space, 0))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "JSON object"),
        ({"layers": 3}, "has no “layers”"),
        ({"operations": []}, "“operations” is empty"),
        ({"operations": ["lstm"]}, "“operations” may hold conv, separable, dilated, got lstm"),
        ({"kernels": [3, 4]}, "“kernels” may hold 3, 5, 7, 15, got 4"),
        ({"kernels": 3}, "“kernels” must be a list"),
        ({"depth": [6, 4]}, "lowest depth of 6 is above the highest of 4"),
        ({"depth": [1, 4]}, "“depth” must be a whole number from 3 to 10, got 1"),
        ({"depth": 4}, "list of two numbers"),
        ({"skip": 1}, "“skip” must be true or false"),
        ({"branches": 3}, "“branches” must be a whole number from 1 to 2, got 3"),
        ({"dropout": 0.95}, "“dropout” must be a number from 0 to 0.9, got 0.95"),
        ({"max_parameters": 0}, "“max_parameters” must be a whole number from 1"),
        ({"max_latency_ms": -1}, "“max_latency_ms” must be a number from 0.001"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused_with_a_sentence(given, sentence):
    with pytest.raises(TrainingError, match=sentence):
        SearchSpace.from_dict(given)


def test_a_space_comes_back_from_plain_values():
    for space in SPACES.values():
        assert SearchSpace.from_dict(space.to_dict()) == space
    assert SearchSpace.from_dict({"kernels": [7, 3, 3]}).kernels == (3, 7)


def test_limits_are_kept_or_said_to_be_out_of_reach():
    assert parameter_count(sample(SearchSpace(max_parameters=6000), 0), 1, 2) <= 6000
    with pytest.raises(TrainingError, match="keeps to its limits"):
        sample(SearchSpace(max_parameters=10), 0)
    with pytest.raises(TrainingError, match="keeps to its limits"):
        draw_accepted(SearchSpace(), np.random.default_rng(0), lambda _one: False)


def score(architecture):
    """A made-up objective that evolution can climb: many dilated branches, few plain ones."""
    names = [name for stage in architecture.stages for name in stage.branches]
    return sum(n.startswith("dilated") for n in names) - sum(n.startswith("conv") for n in names)


def search(trials, evolution, seed=0, tried=()):
    tried = list(tried)
    for number in range(len(tried), trials):
        found = propose(
            SearchSpace(), tried, number=number, seed=seed, accept=anything, evolution=evolution
        )
        tried.append(Tried(found.architecture, score(found.architecture)))
    return tried


def test_evolution_goes_on_from_stored_trials_as_if_nothing_had_happened():
    evolution = Evolution(6, 3)
    whole = search(30, evolution)
    stored = [Tried(read_architecture(one.architecture.text), one.score) for one in whole[:17]]
    assert search(30, evolution, tried=stored) == whole
    assert search(30, evolution, seed=1) != whole


def test_evolution_climbs_where_chance_does_not():
    evolved = [max(one.score for one in search(60, Evolution(10, 5), seed)) for seed in range(3)]
    chance = [max(one.score for one in search(60, None, seed)) for seed in range(3)]
    assert np.mean(evolved) > np.mean(chance)


def test_no_network_is_tried_twice_while_there_are_others():
    hashes = [one.architecture.hash for one in search(60, Evolution(6, 3))]
    assert len(set(hashes)) == 60


def test_the_oldest_dies_even_if_it_is_the_best():
    architectures = [sample(SearchSpace(), seed) for seed in range(5)]
    tried = [Tried(architectures[0], 100.0), *(Tried(one, 1.0) for one in architectures[1:])]
    parents = {
        propose(
            SearchSpace(), tried, number=n, seed=0, accept=anything, evolution=Evolution(3, 1)
        ).parent
        for n in range(5, 40)
    }
    assert parents == {2, 3, 4}


def test_trials_without_a_score_have_no_children():
    architectures = [sample(SearchSpace(), seed) for seed in range(4)]
    tried = [Tried(one, None) for one in architectures[:3]]
    first = propose(
        SearchSpace(), tried, number=9, seed=0, accept=anything, evolution=Evolution(2, 2)
    )
    assert first.parent is None
    found = propose(
        SearchSpace(),
        [*tried, Tried(architectures[3], 0.2)],
        number=9,
        seed=0,
        accept=anything,
        evolution=Evolution(2, 2),
    )
    assert found.parent == 3


def test_a_child_keeps_to_the_limits():
    parent = read_architecture("stem k7 s8 w8 > conv3 w8 > conv5 w8 > conv7 w8 > conv15 w8")
    most = parameter_count(parent, 1, 2)
    for number in range(2, 12):
        child = propose(
            SearchSpace(),
            [Tried(parent, 1.0)],
            number=number,
            seed=0,
            accept=lambda one: parameter_count(one, 1, 2) <= most,
            evolution=Evolution(2, 1),
        ).architecture
        assert child != parent
        assert parameter_count(child, 1, 2) <= most


def test_sizes_of_a_population_are_checked():
    for population, of in ((1, 1), (4, 5), (4, 0)):
        with pytest.raises(TrainingError, match="population"):
            Evolution(population, of)


@EVERY
def test_the_outline_of_a_network_lies_in_its_dimensions(space):
    dimensions = outline_dimensions(space)
    for seed in range(40):
        numbers = outline(sample(space, seed))
        for name, dimension in dimensions.items():
            if isinstance(dimension, Choices):
                assert numbers[name] in dimension.choices
            else:
                assert dimension.low <= numbers[name] <= dimension.high
        fixed = {name: numbers[name] for name in numbers if name not in dimensions}
        assert fixed == {name: outline(sample(space, 0))[name] for name in fixed}
