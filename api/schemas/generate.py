"""What is generated, as the API takes it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class GenerateIn(BaseModel):
    """``config`` is what the page saves as JSON; what it does not name is as usual."""

    model_config = ConfigDict(extra="forbid")

    name: str
    config: dict[str, Any] = {}


class EstimateOut(BaseModel):
    """``seconds`` on one core; ``config`` with all its entries."""

    recordings: int
    samples: int
    bytes: int
    seconds: float
    config: dict[str, Any]
