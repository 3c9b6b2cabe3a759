"""One's own webhooks over HTTP."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.paging import Paging
from api.schemas.webhooks import (
    AttemptList,
    DeliveryList,
    EventTypeList,
    Replayed,
    WebhookChange,
    WebhookIn,
    WebhookList,
    WebhookMade,
    WebhookOut,
    WebhookStatsOut,
    WebhookTested,
)
from services import actor
from services.errors import NotFound
from services.webhook_service import WebhookService
from services.webhooks.views import WebhookView

Found = TypeVar("Found")

blueprint = Blueprint("webhooks", __name__)


@blueprint.get("/webhooks")
@describes(answer=WebhookList)
def index() -> Response:
    """One's own webhooks, oldest first."""
    items = WebhookService.list_user_webhooks(actor.myself())
    return as_json(WebhookList.model_validate({"items": items, "total": len(items)}))


@blueprint.post("/webhooks")
@describes(answer=WebhookMade, status=201, body=WebhookIn)
def create() -> tuple[Response, int]:
    """Make a webhook; the secret that signs what is sent is told here and never again."""
    asked = WebhookIn.model_validate(request.get_json())
    made = WebhookService.create_webhook(actor.myself(), **asked.model_dump())
    return as_json(WebhookMade.model_validate(_there(made))), 201


@blueprint.get("/webhooks/event-types")
@describes(answer=EventTypeList)
def event_types() -> Response:
    """The events that a webhook can be sent."""
    items = [
        {"name": one.name, "title": one.title, "group": one.group}
        for one in WebhookService.list_event_types()
    ]
    return as_json(EventTypeList.model_validate({"items": items}))


@blueprint.get("/webhooks/<int:webhook_id>")
@describes(answer=WebhookOut)
def read(webhook_id: int) -> Response:
    """One webhook."""
    return as_json(WebhookOut.model_validate(_own(webhook_id)))


@blueprint.patch("/webhooks/<int:webhook_id>")
@describes(answer=WebhookOut, body=WebhookChange)
def change(webhook_id: int) -> Response:
    """Change a webhook; what is left out stays."""
    asked = WebhookChange.model_validate(request.get_json())
    given = asked.model_dump(exclude_unset=True, exclude_none=True)
    changed = WebhookService.update_webhook(webhook_id, actor.myself(), **given)
    return as_json(WebhookOut.model_validate(_there(changed)))


@blueprint.delete("/webhooks/<int:webhook_id>")
@describes(status=204)
def delete(webhook_id: int) -> tuple[str, int]:
    """Delete a webhook with its log; what waits is not sent."""
    if not WebhookService.delete_webhook(webhook_id, actor.myself()):
        raise NotFound(f"There is no webhook {webhook_id}.")
    return "", 204


@blueprint.post("/webhooks/<int:webhook_id>/test")
@describes(answer=WebhookTested)
def test(webhook_id: int) -> Response:
    """Really send a message, now, and tell what came back."""
    return as_json(
        WebhookTested.model_validate(WebhookService.test_webhook(webhook_id, actor.myself()))
    )


@blueprint.post("/webhooks/<int:webhook_id>/secret")
@describes(answer=WebhookMade)
def rotate(webhook_id: int) -> Response:
    """Make a new secret, told once; for 24 hours the one before signs too."""
    rotated = WebhookService.rotate_secret(webhook_id, actor.myself())
    return as_json(WebhookMade.model_validate(_there(rotated)))


@blueprint.get("/webhooks/<int:webhook_id>/stats")
@describes(answer=WebhookStatsOut)
def stats(webhook_id: int) -> Response:
    """How a webhook fares."""
    found = WebhookService.get_webhook_stats(webhook_id, actor.myself())
    return as_json(WebhookStatsOut.model_validate(found))


@blueprint.get("/webhooks/<int:webhook_id>/deliveries")
@describes(answer=DeliveryList, query=Paging)
def deliveries(webhook_id: int) -> Response:
    """What was sent to a webhook or waits for it, newest first."""
    page = Paging.model_validate(request.args.to_dict())
    own = _own(webhook_id)["id"]
    items = WebhookService.get_webhook_logs(own, actor.myself(), page.limit, page.offset)
    total = WebhookService.count_deliveries(own, actor.myself())
    return as_json(DeliveryList.model_validate({"items": items, "total": total}))


@blueprint.get("/webhooks/deliveries/<int:delivery_id>/attempts")
@describes(answer=AttemptList)
def attempts(delivery_id: int) -> Response:
    """Each request that was made for a delivery, oldest first."""
    items = WebhookService.list_attempts(delivery_id, actor.myself())
    return as_json(AttemptList.model_validate({"items": items}))


@blueprint.post("/webhooks/deliveries/<int:delivery_id>/replay")
@describes(answer=Replayed)
def replay(delivery_id: int) -> Response:
    """Send a delivery again, with the same id; false while it is sent or its webhook is off."""
    WebhookService.list_attempts(delivery_id, actor.myself())  # 404 where it is not one's own
    done = WebhookService.replay_delivery(delivery_id, actor.myself())
    return as_json(Replayed(replayed=done))


def _own(webhook_id: int) -> WebhookView:
    return _there(WebhookService.get_webhook(webhook_id, actor.myself()))


def _there(found: Found | None) -> Found:
    if found is None:
        raise NotFound("There is no such webhook.")
    return found
