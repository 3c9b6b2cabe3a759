"""What a key may be allowed to do: one table for all of the API.

A route needs the scope of its resource and verb: what only looks needs ``<resource>:read``,
everything else ``<resource>:write``. The resource follows from the blueprint of the route.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.errors import Forbidden, Invalid

READ, WRITE = "read", "write"

# Resource: in words, and the blueprints whose routes belong to it.
RESOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "datasets": ("Data sets, versions, exports, machines", ("datasets", "versions", "exports")),
    "recordings": ("Recordings: samples, spectra, quality", ("recordings",)),
    "imports": ("Uploads, previews, profiles, generating", ("uploads", "imports", "generate")),
    "features": ("Feature sets and their analyses", ("features",)),
    "experiments": (
        "Experiments, trainings, votes, campaigns",
        ("experiments", "ensembles", "repeated", "comparison", "campaigns", "architectures"),
    ),
    "evaluations": ("Results, evaluations, leakage", ("results", "leakage")),
    "predictions": ("Classifiers and what they say of recordings", ("predictions",)),
    "models": (
        "Exported models, their versions and what they answer",
        ("deployments", "model_batches"),
    ),
    "explanations": ("Which parts of a recording spoke for a class", ("explanations",)),
    "tags": ("Tags of experiments", ("tags",)),
    "searches": ("Saved searches", ("saved_searches",)),
    "jobs": ("Jobs and their logs", ("jobs", "pulse")),
    "anomaly": (
        "Sources, anomalies in them, streams",
        ("sources", "anomalies", "anomaly_batches", "streaming"),
    ),
    "alarms": ("Alarms", ("alarms",)),
    "notifications": ("One's own notifications", ("notifications",)),
    "webhooks": ("One's own webhooks", ("webhooks",)),
    "keys": ("API keys", ("keys",)),
    "audit": ("The audit trail, for admins", ("audit",)),
}
# Not given unless somebody asks for them by name.
SENSITIVE = ("audit", "keys", "webhooks")

# Of these there is nothing to write: what changes a recording makes a version of its data set.
ONLY_READ = ("recordings", "audit")

ALL = tuple(
    f"{resource}:{verb}"
    for resource in RESOURCES
    for verb in ((READ,) if resource in ONLY_READ else (READ, WRITE))
)
DEFAULT = tuple(f"{resource}:{READ}" for resource in RESOURCES if resource not in SENSITIVE)
_RESOURCE_OF = {
    blueprint: resource
    for resource, (_, blueprints) in RESOURCES.items()
    for blueprint in blueprints
}


def needed(blueprint: str, *, reads: bool) -> str | None:
    """The scope that a route of a blueprint needs; None if keys cannot use it at all.

    Examples
    --------
    >>> needed("versions", reads=True), needed("versions", reads=False)
    ('datasets:read', 'datasets:write')
    """
    resource = _RESOURCE_OF.get(blueprint)
    return None if resource is None else f"{resource}:{READ if reads else WRITE}"


def checked(scopes: Iterable[str] | None) -> list[str]:
    """The scopes in the order of the table; without any, those of :data:`DEFAULT`.

    Raises
    ------
    Invalid
        If one is unknown, or none is left.
    """
    given = set(DEFAULT if scopes is None else scopes)
    unknown = sorted(given - set(ALL))
    if unknown:
        raise Invalid(f"There is no scope “{unknown[0]}”. There are: {', '.join(ALL)}.")
    if not given:
        raise Invalid("A key without any scope opens nothing. Choose at least one.")
    return [scope for scope in ALL if scope in given]


def require(scope: str | None, given: Iterable[str]) -> None:
    """Refuse a key that lacks a scope.

    Raises
    ------
    Forbidden
        With the scope that is missing.
    """
    if scope is None:
        raise Forbidden("This cannot be done with an API key. Sign in as a person.")
    if scope not in given:
        raise Forbidden(f"This key lacks the scope {scope}. Make one that has it.")
