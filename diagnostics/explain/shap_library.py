"""The library shap, which takes seconds to load and warns about what it loads itself."""

from __future__ import annotations

import warnings
from types import ModuleType


def shap_library() -> ModuleType:
    """shap, loaded when it is first needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    module: ModuleType = shap
    return module
