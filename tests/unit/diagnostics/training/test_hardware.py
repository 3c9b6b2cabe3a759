"""Mixed precision, tried on the processor, which has bfloat16 too; on a GPU where there is one."""

from __future__ import annotations

import pytest
import torch

from diagnostics.networks.network import build_network
from diagnostics.training.config import Precision
from diagnostics.training.fitted import predict
from diagnostics.training.hardware import PROCESSOR, Hardware, present
from tests.unit.diagnostics.training.test_engine import CONFIG, Stop, numbers, stop_after, train
from tests.unit.diagnostics.training.toy import toy_windows

MIXED = Hardware(torch.device("cpu"), mixed=True)


def test_most_of_a_network_computes_in_bfloat16_and_answers_in_single_precision():
    network = build_network(CONFIG.card, CONFIG.parameters, 1, 2, seed=0).eval()
    seen = []
    next(network.blocks.children()).register_forward_hook(
        lambda _module, _given, made: seen.append(made.dtype)
    )
    windows = torch.randn(4, 1, 1024, generator=torch.Generator().manual_seed(0))
    full, mixed = (one.answer(network, windows)[0] for one in (PROCESSOR, MIXED))
    assert seen[0] is torch.float32
    assert full.dtype is mixed.dtype is torch.float32
    assert torch.allclose(full, mixed, atol=0.05)
    assert not torch.equal(full, mixed)


def test_a_mixed_training_learns_and_keeps_weights_in_single_precision(tmp_path):
    undisturbed = train(hardware=MIXED)
    kinds = {weights.dtype for weights in undisturbed.fitted.network.parameters()}
    assert kinds == {torch.float32}
    right = predict(undisturbed.fitted, toy_windows(6)).argmax(axis=1) == toy_windows(6).targets
    assert right.mean() > 0.85
    assert numbers(undisturbed.history) != numbers(train().history)
    with pytest.raises(Stop):
        train(hardware=MIXED, checkpoint=tmp_path / "c.pt", report=stop_after(5))
    resumed = train(hardware=MIXED, checkpoint=tmp_path / "c.pt")
    assert numbers(resumed.history) == numbers(undisturbed.history)


@pytest.mark.parametrize(
    ("has_gpu", "has_bfloat16", "precision", "expected"),
    [
        (False, False, Precision.MIXED, PROCESSOR),
        (True, True, Precision.MIXED, Hardware(torch.device("cuda"), mixed=True)),
        (True, True, Precision.FULL, Hardware(torch.device("cuda"))),
        (True, False, Precision.MIXED, Hardware(torch.device("cuda"))),
    ],
)
def test_a_gpu_is_used_where_there_is_one(monkeypatch, has_gpu, has_bfloat16, precision, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: has_bfloat16)
    assert present(precision) == expected


def test_the_processor_is_named():
    assert str(PROCESSOR) == "the processor, single precision"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU on this machine")
def test_a_training_on_the_gpu_learns_and_is_taken_up_alike(tmp_path):
    hardware = present(Precision.MIXED)
    undisturbed = train(hardware=hardware)
    right = predict(undisturbed.fitted, toy_windows(6)).argmax(axis=1) == toy_windows(6).targets
    assert right.mean() > 0.85
    with pytest.raises(Stop):
        train(hardware=hardware, checkpoint=tmp_path / "c.pt", report=stop_after(5))
    resumed = train(hardware=hardware, checkpoint=tmp_path / "c.pt")
    assert numbers(resumed.history) == numbers(undisturbed.history)
