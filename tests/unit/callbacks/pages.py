"""What a callback sees of the browser that called it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dash._callback_context import context_value
from dash._utils import AttributeDict


@contextmanager
def clicked(component: str | dict[str, Any], prop: str = "n_clicks") -> Iterator[None]:
    """Called because of this component."""
    name = component if isinstance(component, str) else json.dumps(component)
    given = {"triggered_inputs": [{"prop_id": f"{name}.{prop}", "value": 1}]}
    token = context_value.set(AttributeDict(given))
    try:
        yield
    finally:
        context_value.reset(token)
