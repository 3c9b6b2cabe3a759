"""How what is stored becomes what people are told: one line for each type of stored event."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Campaign, CampaignAim, CampaignTrial, Event, Experiment, Webhook
from services.jobs.notices import message_of_job
from services.notifications.messages import Message, addressed, admins, number_in
from services.notifications.milestones import milestone

Source = Callable[[Session, Event], Message | None]


def message_of(session: Session, event: Event) -> Message | None:
    """What an event says, or None when there is nobody to tell."""
    direct = addressed(event)
    if direct is not None:
        return direct
    source = SOURCES.get(event.type)
    return None if source is None else source(session, event)


def _plateau(session: Session, event: Event) -> Message | None:
    experiment = session.get(Experiment, number_in(event))
    if experiment is None:
        return None
    data = {"name": experiment.name, "sentence": event.payload.get("sentence")}
    link = f"/experiments/{experiment.id}"
    return Message("training.plateau", [experiment.owner_id], data, link)


def _campaign_begun(session: Session, event: Event) -> Message | None:
    campaign = session.get(Campaign, number_in(event))
    if campaign is None:
        return None
    type = f"{campaign.kind}.campaign_started"
    return Message(type, [campaign.owner_id], {"name": campaign.name}, _campaign_link(campaign))


def _campaign_ended(session: Session, event: Event) -> Message | None:
    """A campaign without any score has failed; one that a person stopped tells nobody."""
    campaign = session.get(Campaign, number_in(event))
    if campaign is None or campaign.aim is not CampaignAim.END:
        return None
    of_campaign = CampaignTrial.campaign_id == campaign.id
    count = session.scalar(select(func.count()).select_from(CampaignTrial).where(of_campaign))
    done, reason = event.payload["done"], event.payload["reason"]
    data = {"name": campaign.name, "done": done, "count": count, "reason": reason}
    data["error"] = reason
    type = f"{campaign.kind}.campaign_{'complete' if done else 'failed'}"
    return Message(type, [campaign.owner_id], data, _campaign_link(campaign))


def _trial(session: Session, event: Event) -> Message | None:
    """Of a trial that has a score; one that failed or was ended early stands on the page."""
    campaign = session.get(Campaign, number_in(event))
    if campaign is None:
        return None
    value, sentence = event.payload.get("value"), ""
    if value is not None:
        sentence = f"Its {SCORES.get(campaign.metrics[0], campaign.metrics[0])} is {value:.4g}."
    data = {"name": campaign.name, "trial": event.payload["trial"], "sentence": sentence}
    type = f"{campaign.kind}.trial_complete"
    return Message(type, [campaign.owner_id], data, _campaign_link(campaign))


SCORES = {"val_accuracy": "validation accuracy", "val_loss": "validation loss"}


def _campaign_link(campaign: Campaign) -> str:
    return f"/campaigns/{campaign.id}"


def _deployed(_session: Session, event: Event) -> Message:
    """An alias of a served model means another version now."""
    alias, version = event.payload["alias"], event.payload["version"]
    name = event.object.partition(":")[2]
    data = {"name": name, "sentence": f"Version {version} is in {alias} now."}
    return Message("model.deployed", [event.payload["owner_id"]], data, "/deployments")


def _detection(_session: Session, event: Event) -> Message:
    """The link leads to the page of what was detected, whose id has letters."""
    kind, _, own_id = event.object.partition(":")
    link = f"/anomalies/{own_id}" if kind == "detection" else f"/anomaly-batches/{own_id}"
    return Message("anomaly.detected", [event.payload["owner_id"]], event.payload, link)


def _account(type: str) -> Source:
    def source(_session: Session, event: Event) -> Message:
        return Message(type, [number_in(event)], event.payload, "/settings/security")

    return source


def _webhook(session: Session, event: Event) -> Message | None:
    webhook = session.get(Webhook, number_in(event))
    if webhook is None:
        return None
    data = {"name": webhook.name, "reason": event.payload.get("reason")}
    link = f"/settings/webhooks/{webhook.id}"
    return Message("webhook.disabled", [webhook.owner_id], data, link)


def _backup(session: Session, event: Event) -> Message:
    size = event.payload.get("bytes", 0) / 1e6
    data = {"rows": f"{event.payload.get('rows', 0):,}", "megabytes": f"{size:,.1f}"}
    return Message("system.backup_made", admins(session), data)


def _stream(_session: Session, event: Event) -> Message:
    session_id = event.object.partition(":")[2]
    owner_id = event.payload["owner_id"]
    return Message("stream.alert", [owner_id], event.payload, f"/streams?id={session_id}")


def _alarm(type: str) -> Source:
    def source(session: Session, event: Event) -> Message:
        """To whom it concerns, and to those who look after the installation."""
        owner_id = event.payload.get("owner_id")
        concerned = dict.fromkeys([*([owner_id] if owner_id else []), *admins(session)])
        level = LEVEL_OF_ALARM.get(event.payload.get("severity")) if type == ALARM else None
        link = f"/alarms?id={number_in(event)}"
        return Message(type, list(concerned), event.payload, link, level)

    return source


ALARM = "system.alarm"
# By severity; others have the level of their type.
LEVEL_OF_ALARM: Mapping[str | None, str] = {"critical": "error", "info": "info"}


def _second_step(sentence: str) -> Source:
    def source(_session: Session, event: Event) -> Message:
        data = {**event.payload, "sentence": sentence}
        link = "/settings/security"
        return Message("security.two_factor_changed", [number_in(event)], data, link)

    return source


def _key(sentence: str) -> Source:
    def source(_session: Session, event: Event) -> Message | None:
        owner_id = event.payload.get("user_id")
        if owner_id is None:
            return None
        data = {**event.payload, "sentence": sentence}
        return Message("security.key_changed", [owner_id], data, "/settings/keys")

    return source


SOURCES: Mapping[str, Source] = {
    "job.started": message_of_job,
    "job.done": message_of_job,
    "job.failed": message_of_job,
    "job.cancelled": message_of_job,
    "job.paused": message_of_job,
    "job.resume_requested": message_of_job,
    "experiment.plateau": _plateau,
    "experiment.finished": milestone,
    "hpo.campaign_begun": _campaign_begun,
    "hpo.campaign_ended": _campaign_ended,
    "nas.campaign_begun": _campaign_begun,
    "nas.campaign_ended": _campaign_ended,
    "campaign.trial_complete": _trial,
    "model.alias_moved": _deployed,
    "detection.found": _detection,
    "detection_batch.found": _detection,
    "user.password_changed": _account("security.password_changed"),
    "user.password_reset": _account("security.password_reset"),
    "user.role_changed": _account("security.role_changed"),
    "session.new_device": _account("security.new_sign_in"),
    "security.two_factor_enabled": _second_step("it was switched on."),
    "security.two_factor_disabled": _second_step("it was switched off."),
    "security.two_factor_reset": _second_step("an admin has taken it away."),
    "security.backup_codes_made": _second_step("new backup codes were made."),
    "security.backup_code_used": _second_step("a backup code was used to sign in."),
    "security.second_step_locked": _second_step("it is locked after too many wrong codes."),
    "api_key.created": _key("it was made."),
    "api_key.rotated": _key("it was replaced by a new one."),
    "api_key.revoked": _key("it was revoked."),
    "webhook.disabled": _webhook,
    "backup.made": _backup,
    "stream.alert": _stream,
    "alarm.raised": _alarm(ALARM),
    "alarm.cleared": _alarm("system.alarm_cleared"),
}
