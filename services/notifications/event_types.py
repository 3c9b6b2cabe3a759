"""What people can be told of: one line for each type of event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from models import MailChoice

OFF, AT_ONCE, DAILY = MailChoice.OFF, MailChoice.IMMEDIATE, MailChoice.DAILY
LONGEST_SENTENCE = 1000


@dataclass(frozen=True)
class EventType:
    """``sentence`` takes its parts from the data of the event; ``level`` is that of its toast.

    ``template`` is that of its mail. The channels hold for who has chosen nothing.
    ``for_admins``: it is told to admins only.
    """

    name: str
    title: str
    sentence: str
    level: str = "info"
    toast: bool = False
    in_app: bool = True
    email: MailChoice = OFF
    # A webhook lists the events that it wants; this only mutes.
    webhooks: bool = True
    template: str = "event"
    for_admins: bool = False

    @property
    def group(self) -> str:
        return GROUPS[self.name.partition(".")[0]]

    def text(self, data: Mapping[str, Any]) -> str:
        """The sentence about one event; a part that its data do not have is left out.

        Examples
        --------
        >>> EVENT_TYPES["training.failed"].text({"title": "Train “fan”", "error": None})
        'Train “fan” failed.'
        """
        said = _Said().vformat(self.sentence, (), data)
        return " ".join(said.split())[:LONGEST_SENTENCE] or self.title


# In the order in which pages show them.
GROUPS = {
    "training": "Trainings",
    "accuracy": "Results",
    "hpo": "Parameter searches",
    "nas": "Architecture searches",
    "job": "Other jobs",
    "model": "Deployments",
    "anomaly": "Anomalies",
    "stream": "Streams",
    "security": "Your account",
    "webhook": "Webhooks",
    "system": "The installation",
}

_TYPES = (
    EventType("training.started", "A training has begun", "{title} has begun.", in_app=False),
    EventType("training.complete", "A training is done", "{title} is done.", "success", toast=True),
    EventType(
        "training.failed",
        "A training failed",
        "{title} failed. {error}",
        "error",
        toast=True,
        email=DAILY,
        template="failed",
    ),
    EventType("training.paused", "A training is paused", "{title} is paused."),
    EventType(
        "training.resumed",
        "A paused training goes on",
        "{title} goes on as soon as a worker is free.",
        in_app=False,
    ),
    EventType("training.plateau", "A training gets nowhere", "“{name}”: {sentence}", "warning"),
    EventType(
        "training.runs_complete",
        "All runs of a repeated experiment have ended",
        "“{name}”: {done} of {count} runs are done.",
        "success",
        toast=True,
    ),
    EventType(
        "accuracy.milestone",
        "A training is the best on its test recordings",
        "“{name}” is right on {percent} % of the recordings of its test. The best before it, on "
        "the same recordings, was {percent_before} %.",
        "success",
        toast=True,
    ),
    EventType("hpo.campaign_started", "A search has begun", "“{name}” has begun.", in_app=False),
    EventType(
        "hpo.trial_complete",
        "A trial of a search is done",
        "“{name}”: trial {trial} is done. {sentence}",
        in_app=False,
    ),
    EventType(
        "hpo.campaign_complete",
        "A search is done",
        "“{name}” is done: {done} of {count} trials have a score. {reason}",
        "success",
        toast=True,
    ),
    EventType(
        "hpo.campaign_failed",
        "A search failed",
        "“{name}” failed. {error}",
        "error",
        toast=True,
        email=DAILY,
        template="failed",
    ),
    EventType("nas.campaign_started", "A search has begun", "“{name}” has begun.", in_app=False),
    EventType(
        "nas.trial_complete",
        "A trial of a search is done",
        "“{name}”: trial {trial} is done. {sentence}",
        in_app=False,
    ),
    EventType(
        "nas.campaign_complete",
        "A search is done",
        "“{name}” is done: {done} of {count} networks have a score. {reason}",
        "success",
        toast=True,
    ),
    EventType(
        "nas.campaign_failed",
        "A search failed",
        "“{name}” failed. {error}",
        "error",
        toast=True,
        email=DAILY,
        template="failed",
    ),
    EventType("job.done", "Another job is done", "{title} is done.", "success"),
    EventType(
        "job.failed",
        "Another job failed",
        "{title} failed. {error}",
        "error",
        toast=True,
        email=DAILY,
        template="failed",
    ),
    EventType("job.cancelled", "A job was cancelled", "{title} was cancelled.", "warning"),
    EventType(
        "model.deployed",
        "A model was deployed",
        "“{name}” was deployed. {sentence}",
        "success",
        toast=True,
    ),
    EventType(
        "anomaly.detected",
        "An anomaly was found",
        "“{name}”: an anomaly was found. {sentence}",
        "warning",
        toast=True,
        email=DAILY,
    ),
    EventType(
        "stream.alert",
        "A stream gives an alert",
        "“{name}” gives an alert. {sentence}",
        "warning",
        toast=True,
        email=AT_ONCE,
    ),
    EventType(
        "security.new_sign_in",
        "Somebody signed in with a new device",
        "Your account was used to sign in with a device that is new: {device}, from {address}.",
        "warning",
        template="security",
        email=AT_ONCE,
    ),
    EventType(
        "security.password_changed",
        "Your password was changed",
        "Your password was changed.",
        "warning",
        template="security",
        email=AT_ONCE,
    ),
    EventType(
        "security.password_reset",
        "An admin took your password away",
        "An admin has taken your password away. Ask for the link to choose another.",
        "warning",
        template="security",
        email=AT_ONCE,
    ),
    EventType(
        "security.role_changed",
        "Your role was changed",
        "Your role was changed from {before} to {after}.",
        "warning",
        template="security",
    ),
    EventType(
        "security.two_factor_changed",
        "Two-factor sign-in was changed",
        "Two-factor sign-in: {sentence}",
        "warning",
        template="security",
        email=AT_ONCE,
    ),
    EventType(
        "security.key_changed",
        "An API key was made, renewed or revoked",
        "API key “{name}”: {sentence}",
        "warning",
        template="security",
        email=AT_ONCE,
    ),
    EventType(
        "webhook.disabled",
        "A webhook was switched off",
        "The webhook “{name}” was switched off. {reason} Mend the receiver, switch it on again, "
        "and replay what it missed.",
        "error",
        email=AT_ONCE,
    ),
    EventType(
        "system.alarm",
        "An alarm was raised",
        "{message}",
        "warning",
        toast=True,
        email=AT_ONCE,
    ),
    EventType("system.alarm_cleared", "An alarm is over", "{message} This is over."),
    EventType(
        "system.backup_made",
        "A backup was made",
        "A backup was made: {rows} rows, {megabytes} MB.",
        "success",
        in_app=False,
        for_admins=True,
    ),
)

EVENT_TYPES: Mapping[str, EventType] = {one.name: one for one in _TYPES}


def offered(*, to_admins: bool) -> list[EventType]:
    """The types that a person can choose channels for."""
    return [one for one in _TYPES if to_admins or not one.for_admins]


def title_of(name: str) -> str:
    """What a type is called; its name for one that is known no more."""
    about = EVENT_TYPES.get(name)
    return name if about is None else about.title


class _Said(Formatter):
    """What is missing or unknown says nothing."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(key) if isinstance(key, str) else None
        return "" if value is None else str(value)
