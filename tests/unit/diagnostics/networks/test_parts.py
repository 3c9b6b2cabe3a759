"""The parts of networks against torch's own, scipy, and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import ShortTimeFFT
from torch import nn

from diagnostics.architectures.layers import SqueezeExcitation
from diagnostics.networks.attention import EncoderLayer, SelfAttention, positions
from diagnostics.networks.attention_cnn import AttentionPool
from diagnostics.networks.network import build_network, parameter_count
from diagnostics.networks.spectrogram_cnn import LogSpectrogram
from diagnostics.training.classifiers import classifier


def build(name, channels=1, classes=2, **parameters):
    return build_network(classifier(name), parameters, channels, classes, seed=0)


def test_the_spectrogram_is_that_of_scipy():
    rng = np.random.default_rng(0)
    samples = rng.normal(size=4096)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
    reference = ShortTimeFFT(window / np.sqrt(np.sum(window**2)), hop=64, fs=1.0, mfft=256)
    expected = np.abs(reference.stft(samples, p0=0, p1=65)) ** 2
    found = LogSpectrogram(64)(torch.tensor(samples, dtype=torch.float32).reshape(1, 1, -1))
    np.testing.assert_allclose(found[0, 0].exp() - 1e-4, expected, rtol=1e-3, atol=1e-4)


def test_white_noise_has_a_power_of_1_in_every_bin_and_silence_is_finite():
    noise = torch.randn(20, 2, 20_480, generator=torch.Generator().manual_seed(0))
    power = LogSpectrogram(16)(noise).exp()[..., 4:-4].mean(dim=(0, 1, 3))
    # The ends of the range are real and have the square of one normal number, not of two.
    np.testing.assert_allclose(power, 1, atol=0.05)
    assert LogSpectrogram(16)(torch.zeros(1, 1, 1024)).isfinite().all()


def test_the_waves_are_no_part_of_the_kept_weights():
    assert not [key for key in build("spectrogram_cnn").state_dict() if "waves" in key]


def test_self_attention_is_that_of_torch():
    own = SelfAttention(12, 3, bias=True).eval()
    reference = nn.MultiheadAttention(12, 3, batch_first=True).eval()
    with torch.no_grad():
        reference.in_proj_weight.copy_(own.ask.weight)
        reference.in_proj_bias.zero_()
        reference.out_proj.weight.copy_(own.answer.weight)
        reference.out_proj.bias.copy_(own.answer.bias)
        tokens = torch.randn(2, 7, 12)
        expected, _ = reference(tokens, tokens, tokens)
        torch.testing.assert_close(own(tokens), expected)


@pytest.mark.parametrize("norm_first", [True, False])
def test_without_a_place_the_order_of_tokens_does_not_matter(norm_first):
    layer = EncoderLayer(8, 2, 0.0, norm_first=norm_first).eval()
    tokens = torch.randn(2, 5, 8)
    turned = layer(tokens.flip(1)).flip(1)
    torch.testing.assert_close(turned, layer(tokens), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("width", [8, 7])
def test_no_two_places_are_alike(width):
    places = positions(2000, width)
    assert places.shape == (2000, width)
    assert len(np.unique(places.numpy().round(4), axis=0)) == 2000
    np.testing.assert_allclose(places[3, 0], np.sin(3), rtol=1e-6)


def test_attention_over_time_is_a_weighted_mean():
    pool = AttentionPool(6, 2)
    maps = torch.ones(3, 6, 10) * torch.arange(6.0).reshape(1, 6, 1)
    torch.testing.assert_close(pool(maps), torch.arange(6.0).repeat(3, 2))


def test_squeezing_weighs_features_and_not_moments():
    maps = torch.rand(2, 16, 50) + 1
    ratio = SqueezeExcitation(16, 4)(maps) / maps
    torch.testing.assert_close(ratio, ratio[..., :1].expand_as(ratio))
    assert ratio.min() > 0
    assert ratio.max() < 1


@pytest.mark.parametrize(
    ("name", "blocks"), [("resnet18", (2, 2, 2, 2)), ("resnet34", (3, 4, 6, 3))]
)
def test_the_weights_of_a_residual_network_are_those_of_its_layout(name, blocks):
    width, classes = 8, 5
    expected, inputs = 7 * width + 2 * width, width
    for stage, depth in enumerate(blocks):
        outputs = width * 2**stage
        for block in range(depth):
            expected += 3 * inputs * outputs + 3 * outputs**2 + 4 * outputs
            if block == 0 and inputs != outputs:
                expected += inputs * outputs + 2 * outputs
            inputs = outputs
    expected += inputs * classes + classes
    assert parameter_count(build(name, classes=classes, width=width)) == expected


def test_inception_as_in_the_paper_keeps_the_rate_and_has_a_shortcut_around_every_three():
    network = build("inception_time", filters=32, depth=6, kernel=40, step=1).eval()
    maps = network.groups(network.stem(torch.zeros(1, 1, 1024)))
    assert maps.shape == (1, 128, 1024)
    assert [len(group.body) for group in network.groups] == [3, 3]
    filters = 41 + 21 + 11
    first = 32 * filters + 32 + 2 * 128
    other = 128 * 32 + 32 * 32 * filters + 128 * 32 + 2 * 128
    shortcuts = 128 + 2 * 128 + 128 * 128 + 2 * 128
    assert parameter_count(network) == first + 5 * other + shortcuts + 128 * 2 + 2


def test_patchtst_reads_channels_by_themselves():
    network = build("patchtst", channels=2).eval()
    seen = []
    network.maps.register_forward_hook(lambda _m, _i, output: seen.append(output))
    windows = torch.randn(1, 2, 2048)
    changed = windows.clone()
    changed[:, 1] = torch.randn(2048)
    network(windows), network(changed)
    width = seen[0].shape[1] // 2
    torch.testing.assert_close(seen[0][:, :width], seen[1][:, :width])
    assert not torch.allclose(seen[0][:, width:], seen[1][:, width:])


def test_patches_reach_to_the_last_sample():
    network = build("patchtst").eval()
    windows = torch.zeros(1, 1, 1500)
    before = network(windows)
    windows[..., -1] = 50.0
    assert not torch.allclose(network(windows), before)


@pytest.mark.parametrize("name", ["patchtst", "signal_transformer"])
def test_a_long_window_has_few_tokens(name):
    network = build(name).eval()
    seen = []
    network.maps.register_forward_hook(lambda _m, _i, output: seen.append(output))
    network(torch.zeros(1, 1, 20_480))
    assert seen[0].shape[2] == 320
