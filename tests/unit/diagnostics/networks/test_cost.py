"""Counts against numbers worked out layer by layer."""

from __future__ import annotations

import torch

from diagnostics.networks.cost import network_cost, operations
from diagnostics.networks.network import build_network, parameter_count
from diagnostics.training.classifiers import classifier
from diagnostics.training.cost import CostQuestion


def count(name, samples, channels=1, classes=4, **parameters):
    network = build_network(classifier(name), parameters, channels, classes, seed=0).eval()
    return operations(network, torch.zeros(1, channels, samples))


def test_convolutions_are_counted_with_two_operations_for_each_weight_and_place():
    # 1024 samples: 129 places behind the first filter, 64 behind its pooling, then 32.
    expected = 2 * (16 * 129 * 4 * 2 + 4 * 8 * 3 * 64 + 8 * 16 * 3 * 32 + 16 * 4)
    assert count("cnn1d", 1024, channels=2, width=4, blocks=2, kernel=16) == expected


def test_attention_is_counted_for_every_pair_of_tokens():
    few, many = (count("signal_transformer", n, depth=1) - _stem(n) for n in (2048, 4096))
    width, tokens = 64, 32
    dense = 2 * tokens * width * (3 * width + width + 2 * 2 * width)
    pairs = 2 * 2 * tokens**2 * width
    head = 2 * width * 4
    assert few == dense + pairs + head
    assert many == 2 * dense + 4 * pairs + head


def _stem(samples, width=64):
    first = samples // 16
    return 2 * (65 * width * first + 9 * width**2 * (first // 4))


def test_a_recurrent_layer_is_counted_in_both_directions():
    convolutions = 2 * (64 * 129 * 4 + 4 * 8 * 3 * 64)
    hidden, inputs, steps = 8, 8, 64
    memory = 2 * 2 * steps * 4 * hidden * (inputs + hidden)
    head = 2 * 2 * hidden * 4
    found = count("cnn_lstm", 1024, width=4, blocks=1, hidden=hidden)
    assert found == convolutions + memory + head


def test_the_cost_of_a_network():
    threads = torch.get_num_threads()
    cost = network_cost(CostQuestion("cnn1d", {"width": 4}, 1024, 2, 3))
    network = build_network(classifier("cnn1d"), {"width": 4}, 2, 3, seed=0)
    assert cost.numbers == parameter_count(network)
    assert cost.latency.median_ms > 0
    assert cost.latency.machine
    assert "left out" in cost.counted
    assert torch.get_num_threads() == threads
