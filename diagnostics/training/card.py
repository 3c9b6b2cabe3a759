"""What a classifier says about itself before it is loaded: name, parameters, where it lies.

Pages and checks read cards, so this file and the registries load neither torch nor
scikit-learn.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.training.heads import Head

Value = int | float
Setting = Value | str
# Larger numbers mean nothing here, and some cannot be written as a decimal fraction.
_GREATEST = 1e15


def is_number(value: object) -> bool:
    """Whether the value is a finite number of a sensible size, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _GREATEST


class Family(enum.StrEnum):
    """How a classifier learns: epoch by epoch from windows, or from features of windows.

    An ensemble learns nothing: it asks others.
    """

    NETWORK = "network"
    CLASSICAL = "classical"
    ENSEMBLE = "ensemble"


@dataclass(frozen=True)
class Parameter:
    """A number that a person may choose. An ``int`` default means whole numbers only."""

    name: str
    title: str
    default: Value
    minimum: Value
    maximum: Value
    help: str = ""

    @property
    def whole(self) -> bool:
        return isinstance(self.default, int)

    def check(self, value: object) -> Value:
        """The value, when it is a number within the bounds.

        Raises
        ------
        TrainingError
            If it is not.
        """
        if isinstance(value, int | float) and self._allows(value):
            return int(value) if self.whole else float(value)
        kind = "a whole number" if self.whole else "a number"
        raise TrainingError(
            f"“{self.title}” must be {kind} from {self.minimum:g} to {self.maximum:g},"
            f" got {value!r}."
        )

    def _allows(self, value: Value) -> bool:
        if not is_number(value) or not self.minimum <= value <= self.maximum:
            return False
        return not self.whole or float(value).is_integer()


@dataclass(frozen=True)
class Text:
    """A line of text that a person may write; ``read`` checks it and gives it a standard form.

    ``read`` raises a TrainingError for what cannot be read.
    """

    name: str
    title: str
    default: str
    read: Callable[[object], str]
    help: str = ""


@dataclass(frozen=True)
class Card:
    """One classifier that can be trained.

    ``module`` is imported by :meth:`load` only, in a worker. A network's module has
    ``build(parameters, channels, classes)``, a classical one's what
    :class:`diagnostics.classical.model.Model` says. ``source`` is where the method was
    published; an ensemble has no module. ``explained`` says which layer of a network Grad-CAM
    looks at; a classifier that it cannot explain leaves it empty. ``heads`` are the quantities
    that a network estimates beside the class. ``texts`` are parameters that are no numbers.
    """

    name: str
    title: str
    description: str
    family: Family
    module: str
    parameters: tuple[Parameter, ...]
    source: str = ""
    explained: str = ""
    heads: tuple[Head, ...] = ()
    texts: tuple[Text, ...] = ()

    def check(self, given: Mapping[str, Any]) -> dict[str, Setting]:
        """All parameters: the given ones checked, the others at their defaults.

        Raises
        ------
        TrainingError
            If one is unknown, of the wrong kind or out of bounds.

        Examples
        --------
        >>> trees = Parameter("trees", "Trees", 100, 10, 1000)
        >>> card = Card("forest", "Forest", "", Family.CLASSICAL, "none", (trees,))
        >>> card.check({}), card.check({"trees": 20})
        ({'trees': 100}, {'trees': 20})
        """
        known = [*(one.name for one in self.texts), *(one.name for one in self.parameters)]
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise TrainingError(
                f"{self.title} has no parameter “{unknown[0]}”."
                f" It has {', '.join(known) or 'none at all'}."
            )
        checked: dict[str, Setting] = {
            text.name: text.read(given.get(text.name, text.default)) for text in self.texts
        }
        for parameter in self.parameters:
            checked[parameter.name] = parameter.check(given.get(parameter.name, parameter.default))
        return checked

    def load(self) -> ModuleType:
        """The module with the code, and with it torch or scikit-learn."""
        return import_module(self.module)
