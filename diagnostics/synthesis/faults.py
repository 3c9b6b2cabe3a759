"""The classes that can be generated, and how severe a fault can be."""

from __future__ import annotations

import enum

from diagnostics.errors import SynthesisError


class Kind(enum.StrEnum):
    """What carries the shaft."""

    JOURNAL = "journal"
    ROLLING = "rolling"


class JournalFault(enum.StrEnum):
    """What can be wrong at a hydrodynamic bearing; the last three are two faults at once."""

    HEALTHY = "healthy"
    MISALIGNMENT = "misalignment"
    IMBALANCE = "imbalance"
    LOOSENESS = "looseness"
    LUBRICATION = "lubrication"
    CAVITATION = "cavitation"
    WEAR = "wear"
    OIL_WHIRL = "oil_whirl"
    MISALIGNMENT_IMBALANCE = "misalignment+imbalance"
    WEAR_LUBRICATION = "wear+lubrication"
    CAVITATION_LOOSENESS = "cavitation+looseness"

    @property
    def parts(self) -> tuple[JournalFault, ...]:
        """The single faults it consists of; none when healthy.

        Examples
        --------
        >>> [part.value for part in JournalFault("wear+lubrication").parts]
        ['wear', 'lubrication']
        >>> JournalFault.HEALTHY.parts
        ()
        """
        if self is JournalFault.HEALTHY:
            return ()
        return tuple(JournalFault(part) for part in self.value.split("+"))


class RollingFault(enum.StrEnum):
    """Where the damage of a rolling-element bearing sits."""

    HEALTHY = "healthy"
    OUTER_RACE = "outer race"
    INNER_RACE = "inner race"
    BALL = "ball"
    CAGE = "cage"


Fault = JournalFault | RollingFault
FAULTS: dict[Kind, type[JournalFault] | type[RollingFault]] = {
    Kind.JOURNAL: JournalFault,
    Kind.ROLLING: RollingFault,
}

SEVERITIES = {
    "incipient": (0.20, 0.45),
    "mild": (0.45, 0.70),
    "moderate": (0.70, 0.90),
    "severe": (0.90, 1.00),
}
NO_SEVERITY = "none"


def fault_named(kind: Kind, name: str) -> Fault:
    """The class of a kind of bearing by its name.

    Raises
    ------
    SynthesisError
        If the kind has no such class.

    Examples
    --------
    >>> fault_named(Kind.ROLLING, "cage")
    <RollingFault.CAGE: 'cage'>
    """
    known = FAULTS[kind]
    try:
        return known(name)
    except ValueError as error:
        names = ", ".join(fault.value for fault in known)
        raise SynthesisError(
            f"There is no class “{name}” of {kind} bearings. There are {names}."
        ) from error
