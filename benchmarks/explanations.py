"""What explanations cost beside the bare passes that they need, and beside shap and captum.

A window of 102 400 samples, 11 classes, one thread.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.measure import Benchmark, Figure, at_most, main, median
from diagnostics.explain.attribution import Question
from diagnostics.explain.gradcam import grad_cam
from diagnostics.explain.pace import BATCHES
from diagnostics.explain.registry import METHODS
from diagnostics.networks.network import Network, build_network
from diagnostics.training.classifiers import classifier

SAMPLES, CLASSES = 102_400, 11
REPEAT = 5
STEPS, SHAP_DRAWS, KERNEL_DRAWS = 50, 100, 1000
BARE_DRAWS, SWEEPS, WARM_DRAWS = 96, 4, 16
CAPTUM_BATCHES = (1, 4, 16)
RESNET_DRAWS = 4
TARGET = 3


def run() -> Benchmark:
    torch.set_num_threads(1)
    steps: tuple[Callable[[], list[Figure]], ...] = (
        *(lambda name=name: [_grad_cam(name)] for name in ("cnn1d", "resnet18")),
        _integrated,
        lambda: _gradient_shap("cnn1d", SHAP_DRAWS),
        lambda: _gradient_shap("resnet18", RESNET_DRAWS),
        _masks,
    )
    figures: list[Figure] = []
    for step in steps:
        figures += step()
        sys.stderr.write(f"{figures[-1].name}: {figures[-1].value:.3g}\n")
    return Benchmark(
        name="explanations",
        title="Explanations against their bare passes",
        method=(
            f"Networks with their default sizes and {CLASSES} classes, new weights, one window of "
            f"{SAMPLES:,} samples of noise, one thread. A bare pass is forward and back to the "
            "samples (Grad-CAM: to its layer), a window at a time. Memory is the growth of the "
            "peak of a process of its own, beyond the loaded libraries."
        ),
        figures=figures,
        command="python -m benchmarks.explanations",
    )


def _network(name: str) -> Network:
    return build_network(classifier(name), {}, 1, CLASSES, seed=0).eval()


def _window() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1, 1, SAMPLES)).astype(np.float32)


def _question(**numbers: Any) -> Question:
    return Question(TARGET, np.zeros((1, 1, SAMPLES), dtype=np.float32), **numbers)


def _grad_cam(name: str) -> Figure:
    network, window = _network(name), _window()
    given = torch.tensor(window)

    def bare() -> None:
        kept: list[torch.Tensor] = []
        hook = network.explained_layer.register_forward_hook(lambda _m, _i, o: kept.append(o))
        score = network(given)[0, TARGET]
        hook.remove()
        torch.autograd.grad(score, kept[0])

    ratios = _ratios(lambda: grad_cam(network, window, TARGET), bare)
    return at_most(f"Grad-CAM of {name}: of a bare pass", median(ratios), 1.2, "×", n=REPEAT)


def _integrated() -> list[Figure]:
    network, window = _network("cnn1d"), _window()
    explain = METHODS["integrated_gradients"].load()

    def bare() -> None:
        for _ in range(STEPS):
            _pass(network, torch.tensor(window))

    ratios = _ratios(lambda: explain(network, window, _question(steps=STEPS)), bare, 3)
    name = f"Integrated gradients, {STEPS} steps: of as many bare passes"
    return [at_most(name, median(ratios), 2.0, "×", n=3), _captum(network, window, bare)]


def _captum(network: Network, window: np.ndarray, bare: Callable[[], None]) -> Figure:
    """The same by captum, with the batch that suits it best."""
    from captum.attr import IntegratedGradients

    given, zeros = torch.tensor(window), torch.zeros(window.shape)
    captum = IntegratedGradients(network)

    def work(batch: int) -> None:
        captum.attribute(given, zeros, target=TARGET, n_steps=STEPS, internal_batch_size=batch)

    medians = {batch: median(_ratios(partial(work, batch), bare, 3)) for batch in CAPTUM_BATCHES}
    best = min(medians, key=medians.__getitem__)
    name = f"Integrated gradients by captum, {STEPS} steps: of as many bare passes"
    return Figure(name, medians[best], "×", 3, note=f"batch {best}, its best of {CAPTUM_BATCHES}")


def _gradient_shap(name: str, draws: int) -> list[Figure]:
    ours, theirs = (_alone(work, name, draws) for work in (_our_shap, _their_shap))
    note = f"{ours[0]:.3g} s against {theirs[0]:.3g} s, {draws} samples"
    memory = f"{ours[1]:.0f} MiB against {theirs[1]:.0f} MiB"
    label = f"Gradient SHAP of {name}"
    return [
        at_most(f"{label}: time of shap's", ours[0] / theirs[0], 1.0, "×", note=note),
        at_most(f"{label}: memory of shap's", ours[1] / theirs[1], 1.0, "×", note=memory),
    ]


def _alone(work: Callable[[str, int], float], name: str, draws: int) -> tuple[float, float]:
    """Seconds and MiB of work in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        found: tuple[float, float] = pool.apply(_measured, (work, name, draws))
    return found


def _measured(work: Callable[[str, int], float], name: str, draws: int) -> tuple[float, float]:
    torch.set_num_threads(1)
    _load_libraries()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = work(name, draws)
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def _load_libraries() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    return shap


def _our_shap(name: str, draws: int) -> float:
    network, window = _network(name), _window()
    explain = METHODS["gradient_shap"].load()
    begin = time.perf_counter()
    explain(network, window, _question(num_samples=draws))
    return time.perf_counter() - begin


def _their_shap(name: str, draws: int) -> float:
    network, window = _network(name), torch.tensor(_window())
    begin = time.perf_counter()
    explainer = _load_libraries().GradientExplainer(network, torch.zeros_like(window))
    explainer.shap_values(window, nsamples=draws)
    return time.perf_counter() - begin


def _masks() -> list[Figure]:
    """Kernel SHAP and LIME against the best batch of bare forward passes, in turns."""
    network, window = _network("cnn1d"), _window()
    given = torch.tensor(window)
    _bare_passes(network, given, 1, WARM_DRAWS)
    # The batches take turns, or a disturbance of the machine would choose for them.
    sweeps = [
        {batch: _bare_passes(network, given, batch, BARE_DRAWS) for batch in BATCHES}
        for _ in range(SWEEPS)
    ]
    best = min(BATCHES, key=lambda batch: min(sweep[batch] for sweep in sweeps))
    figures = []
    for name in ("kernel_shap", "lime"):
        explain = METHODS[name].load()
        explain(network, window[..., :2048], _short())  # loads the libraries
        batches: list[int] = []

        def work(explain: Any = explain, batches: list[int] = batches) -> None:
            found = explain(network, window, _question(num_samples=KERNEL_DRAWS))
            batches.append(found.details["batch"])

        ratios = _ratios(work, lambda: _bare_passes(network, given, best, KERNEL_DRAWS), 3)
        note = f"best batch {best}, found {', '.join(map(str, batches[1:]))}"
        label = f"{METHODS[name].title}, {KERNEL_DRAWS} samples: of the best batch"
        figures.append(at_most(label, median(ratios), 1.1, "×", n=len(ratios), note=note))
    return figures


def _short() -> Question:
    return Question(TARGET, np.zeros((1, 1, 2048), dtype=np.float32), num_samples=100)


def _bare_passes(network: nn.Module, given: torch.Tensor, batch: int, draws: int) -> float:
    """Seconds of so many forward passes in batches, from masks as the methods make them."""
    rows = given.reshape(1, -1).repeat(20, 1)
    masks = torch.ones(batch, 20)
    begin = time.perf_counter()
    with torch.no_grad():
        for _ in range(-(-draws // batch)):
            network((masks @ rows).reshape(batch, 1, -1))
    return time.perf_counter() - begin


def _pass(network: nn.Module, given: torch.Tensor) -> None:
    asked = given.requires_grad_(True)
    torch.autograd.grad(network(asked)[0, TARGET], asked)


def _ratios(
    work: Callable[[], object], bare: Callable[[], object], repeat: int = REPEAT
) -> list[float]:
    """They take turns; the first round only warms up."""
    found = []
    for _ in range(repeat + 1):
        begin = time.perf_counter()
        bare()
        middle = time.perf_counter()
        work()
        found.append((time.perf_counter() - middle) / (middle - begin))
    return found[1:]


if __name__ == "__main__":
    main(run)
