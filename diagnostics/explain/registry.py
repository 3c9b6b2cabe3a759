"""The methods for networks, in the order in which pages offer them.

Light: the module of a method is imported by what computes.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.explain.attribution import Attribution

GRADCAM = "gradcam"
FEATURE_METHODS = {"tree_shap": "TreeSHAP", "permutation": "Permutation SHAP"}
"""For classifiers on features."""


@dataclass(frozen=True)
class Method:
    """How a method is called, where it is, and what one window costs.

    Parameters
    ----------
    name, title : str
    told : str
        One sentence for the page.
    module, function : str
    most_windows : int
        Of a recording, evenly spread.
    card_windows : int
        Of those, how many the score card looks at.
    on_parts : bool
        Whether it leaves out parts, so that their number limits what can be told apart.
    """

    name: str
    title: str
    told: str
    module: str
    function: str
    most_windows: int
    card_windows: int
    on_parts: bool = False

    def load(self) -> Callable[..., Attribution]:
        """The function, with all that it imports."""
        found: Callable[..., Attribution] = getattr(
            importlib.import_module(self.module), self.function
        )
        return found

    def passes(self, parameters: dict[str, Any], channels: int = 1, baselines: int = 1) -> float:
        """Forward passes that one window takes; a pass back counts as two."""
        steps, parts = parameters.get("steps", 50), parameters.get("num_segments", 20) * channels
        drawn = parameters.get("num_samples")
        known: dict[str, float] = {
            "gradcam": 4.0,
            "integrated_gradients": 3.0 * steps * baselines,
            "gradient_shap": 3.0 * (drawn or 100),
            "deep_shap": 3.0 * baselines,
            "occlusion": (1.0 + parts) * baselines,
        }
        if self.name in known:
            return known[self.name]
        asked = drawn or 1000
        fewest = parts * (4 if self.name == "kernel_shap" else 10)
        return float(baselines * min(asked, max(fewest, asked // baselines)))


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            GRADCAM,
            "Grad-CAM",
            "Where the last convolution found what speaks for the class: quick and coarse.",
            "diagnostics.explain.gradcam",
            "explain",
            *(500, 8),
        ),
        Method(
            "integrated_gradients",
            "Integrated gradients",
            "Every sample's share of the score, added up on the way from the baseline.",
            "diagnostics.explain.integrated_gradients",
            "integrated_gradients",
            *(24, 8),
        ),
        Method(
            "gradient_shap",
            "Gradient SHAP",
            "The same averaged over several baselines, by chance.",
            "diagnostics.explain.gradient_shap",
            "gradient_shap",
            *(24, 8),
        ),
        Method(
            "deep_shap",
            "DeepLIFT-SHAP",
            "Contributions handed back layer by layer; only for networks whose parts add up.",
            "diagnostics.explain.deep",
            "deep_shap",
            *(24, 8),
        ),
        Method(
            "kernel_shap",
            "Kernel SHAP",
            "What stretches or bands add to the score, over all orders of putting them in.",
            "diagnostics.explain.kernel_shap",
            "kernel_shap",
            *(4, 2),
            on_parts=True,
        ),
        Method(
            "lime",
            "LIME",
            "A straight line through the scores with random stretches or bands left out.",
            "diagnostics.explain.lime_parts",
            "lime",
            *(4, 2),
            on_parts=True,
        ),
        Method(
            "occlusion",
            "Occlusion",
            "How far the score falls without each stretch or band.",
            "diagnostics.explain.occlusion",
            "occlusion",
            *(24, 8),
            on_parts=True,
        ),
    )
}
