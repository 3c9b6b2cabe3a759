"""The methods against exact answers, and against shap and captum."""

import copy

import numpy as np
import pytest
import torch
from captum.attr import DeepLiftShap, GradientShap, IntegratedGradients, Occlusion
from torch import nn

from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.pace import Climb
from diagnostics.explain.parts import masked_scores, parts_of
from diagnostics.explain.registry import METHODS
from diagnostics.explain.shap_library import shap_library
from tests.unit.diagnostics.explain.nets import Curved, Linear, question, shapley, windows

EXACT = ("integrated_gradients", "gradient_shap", "deep_shap")


def run(name, network, given, **changes):
    return METHODS[name].load()(network, given, question(given, **changes))


@pytest.mark.parametrize("name", EXACT)
def test_a_linear_score_is_taken_apart_exactly(name):
    network, given = Linear().eval(), windows(3, 2)
    baseline = windows(4, 2)[1:]
    found = run(name, network, given, baselines=baseline, target=0)
    expected = np.mean([network.exact(given, one, 0) for one in baseline], axis=0)
    assert found.values == pytest.approx(expected, abs=1e-5)
    assert found.completeness.max() < 1e-4
    assert found.spectrum.sum(axis=-1) == pytest.approx(expected.sum(axis=-1), abs=1e-4)
    assert found.frames.sum(axis=(-1, -2)) == pytest.approx(expected.sum(axis=-1), abs=1e-4)


@pytest.mark.parametrize("name", ["kernel_shap", "lime", "occlusion"])
@pytest.mark.parametrize("domain", ["time", "frequency"])
def test_parts_of_a_linear_score_get_what_they_add(name, domain):
    network, given = Linear(1).eval(), windows(1)
    found = run(name, network, given, domain=domain, num_segments=8, num_samples=400)
    parts = parts_of(given[0], np.zeros_like(given[0]), 8, domain)
    slopes = network.sum.weight[1].detach().numpy()
    expected = parts.rows.reshape(8, -1) @ slopes
    content = found.values if domain == "time" else found.spectrum
    got = [content[0, c, a:b].sum() for c, a, b in parts.where]
    assert got == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("name", ["kernel_shap", "lime", "occlusion"])
@pytest.mark.parametrize("domain", ["time", "frequency"])
def test_parts_are_held_against_every_baseline_and_not_the_first_alone(name, domain):
    network, given = Linear(1).eval(), windows(1)
    rest = windows(4)[1:]
    asked = {"domain": domain, "num_segments": 8, "num_samples": 900}
    told = []
    question_ = question(given, baselines=rest, **asked)
    found = METHODS[name].load()(network, given, question_, told.append)
    alone = [run(name, network, given, baselines=one[None], **asked).values for one in rest]
    assert found.values == pytest.approx(np.mean(alone, axis=0), abs=0.02)
    assert np.abs(found.values - alone[0]).max() > 0.1 * np.abs(found.values).max()
    assert found.details["baselines"] == 3
    fractions = [one.fraction for one in told]
    assert 0.9 < max(fractions) <= 1.0


def test_kernel_shap_over_several_baselines_is_the_mean_of_the_shapley_values():
    network, given, rest = Curved().eval(), windows(1), windows(4)[1:]
    found = run("kernel_shap", network, given, baselines=rest, num_segments=5, num_samples=200)
    climb = Climb(network, given[0])
    against = [parts_of(given[0], one, 5, "time") for one in rest]

    def mean_score(masks):
        each = [masked_scores(network, parts, masks, 1, climb) for parts in against]
        return np.mean(each, axis=0)

    got = [found.values[0, 0, a:b].sum() for _, a, b in against[0].where]
    assert got == pytest.approx(shapley(mean_score, 5), abs=1e-5)
    assert found.completeness.max() < 1e-5


def test_the_passes_count_every_baseline():
    asked = {"num_samples": 1000, "num_segments": 20, "steps": 50}
    passes = {name: [m.passes(asked, 1, n) for n in (1, 8)] for name, m in METHODS.items()}
    assert passes["occlusion"] == [21, 168]
    assert passes["kernel_shap"] == [1000, 1000]  # 125 for each
    assert passes["lime"] == [1000, 1600]  # ten for every part at least
    assert passes["integrated_gradients"] == [150, 1200]
    assert passes["deep_shap"] == [3, 24]


def test_kernel_shap_is_the_shapley_value_counted_out():
    network, given = Curved().eval(), windows(1)
    found = run("kernel_shap", network, given, num_segments=6, num_samples=200)
    parts = parts_of(given[0], np.zeros_like(given[0]), 6, "time")
    climb = Climb(network, given[0])
    exact = shapley(lambda masks: masked_scores(network, parts, masks, 1, climb), 6)
    got = [found.values[0, 0, a:b].sum() for _, a, b in parts.where]
    assert got == pytest.approx(exact, abs=1e-5)
    assert found.completeness.max() < 1e-5


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_the_answers_are_those_of_captum_and_shap():
    shap = shap_library()
    network, given = Curved().eval(), windows(2)
    rest = windows(5)[2:]
    tensors = torch.tensor(given), torch.tensor(rest)
    zeros = torch.zeros(1, 1, given.shape[2])
    theirs = IntegratedGradients(network).attribute(tensors[0], zeros, target=1, n_steps=50)
    ours = run("integrated_gradients", network, given).values
    assert ours == pytest.approx(theirs.numpy(), abs=1e-5)
    network = nn.Sequential(nn.Conv1d(1, 3, 5), nn.ReLU(), nn.Flatten(), nn.Linear(180, 3)).eval()
    theirs = DeepLiftShap(network).attribute(tensors[0], tensors[1], target=1)
    ours = run("deep_shap", network, given, baselines=rest).values
    assert ours == pytest.approx(theirs.detach().numpy(), abs=1e-5)
    theirs = shap.DeepExplainer(network, tensors[1]).shap_values(tensors[0])[..., 1]
    assert ours == pytest.approx(theirs, abs=1e-4)
    torch.manual_seed(0)
    theirs = GradientShap(network).attribute(tensors[0], tensors[1], n_samples=3000, target=1)
    ours = run("gradient_shap", network, given, baselines=rest, num_samples=900).values
    assert np.corrcoef(ours.ravel(), theirs.detach().numpy().ravel())[0, 1] > 0.99
    theirs = shap.GradientExplainer(network, tensors[1]).shap_values(tensors[0], nsamples=1000)
    assert np.corrcoef(ours.ravel(), theirs[..., 1].ravel())[0, 1] > 0.97
    theirs = Occlusion(network).attribute(tensors[0], (1, 8), strides=(1, 8), target=1)
    ours = run("occlusion", network, given, num_segments=8).values * 8
    assert ours == pytest.approx(theirs.numpy(), abs=1e-4)


@pytest.mark.parametrize("name", METHODS)
def test_nothing_of_the_caller_is_changed(name):
    network = nn.Sequential(
        nn.Conv1d(1, 3, 5),
        nn.BatchNorm1d(3),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(180, 2),
    ).train()
    given = windows(1)
    asked = question(given, num_samples=30, num_segments=4)
    before, weights = given.copy(), copy.deepcopy(network.state_dict())
    drawn = np.random.get_state()[1].copy()  # noqa: NPY002
    first = METHODS[name].load()(network, given, asked)
    assert np.array_equal(given, before)
    assert all(torch.equal(weights[key], value) for key, value in network.state_dict().items())
    assert not network.training
    assert all(weight.grad is None for weight in network.parameters())
    for module in network.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
    assert np.array_equal(drawn, np.random.get_state()[1])  # noqa: NPY002
    again = METHODS[name].load()(network, given, asked)
    # The batch is measured, and sums round differently in another.
    assert first.values == pytest.approx(again.values, abs=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_bad_questions_get_a_sentence(name):
    network = nn.Sequential(nn.Conv1d(1, 3, 5), nn.ReLU(), nn.Flatten(), nn.Linear(180, 2))
    given = windows(1)
    holes = given.copy()
    holes[0, 0, 5] = np.nan
    for bad, changes, told in (
        (given, {"target": 2}, "class from 0 to 1"),
        (holes, {}, "not finite"),
        (windows(1, 2), {}, "does not take windows of 2 channels"),
        (windows(1, 1, 70), {}, "does not take windows of 1 channels and 70"),
        (given[0], {}, "Expected windows"),
        (given, {"steps": 1}, "number of steps"),
        (given, {"domain": "quefrency"}, "time or frequency"),
        (given, {"baselines": windows(1, 1, 8)}, "Expected baselines"),
        (given, {"baselines": given[:0]}, "At least one baseline"),
    ):
        with pytest.raises(ExplanationError, match=told):
            run(name, network, bad, **changes)


def test_deep_shap_refuses_what_it_has_no_rule_for():
    class Memory(nn.Module):
        def __init__(self):
            super().__init__()
            self.memory = nn.LSTM(1, 4, batch_first=True)
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.memory(x.transpose(1, 2))[0][:, -1])

    class Squares(nn.Module):
        def forward(self, x):
            return torch.cat([x.square().mean(dim=-1), -x.square().mean(dim=-1)], dim=1)

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.act = nn.Conv1d(1, 2, 3), nn.Conv1d(2, 2, 3), nn.ReLU()

        def forward(self, x):
            return self.act(self.second(self.act(self.first(x)))).mean(dim=-1)

    for network, told in (
        (Memory(), "recurrent"),
        (Squares(), "miss the change"),
        (Twice(), "2 times"),
    ):
        with pytest.raises(ExplanationError, match=told):
            run("deep_shap", network, windows(1))


@pytest.mark.parametrize("name", METHODS)
def test_long_work_can_be_cancelled_and_leaves_no_hook(name):
    class Cancelled(Exception):
        pass

    def refuse(_progress):
        raise Cancelled

    network = nn.Sequential(nn.Conv1d(1, 3, 5), nn.ReLU(), nn.Flatten(), nn.Linear(180, 2))
    with pytest.raises(Cancelled):
        METHODS[name].load()(
            network, windows(1), question(windows(1), num_samples=40, num_segments=6), refuse
        )
    assert not any(module._forward_hooks for module in network.modules())
