"""Campaigns over HTTP: create, list, follow, pause, stop, export."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.campaigns import (
    CampaignExportQuery,
    CampaignImportanceOut,
    CampaignIn,
    CampaignJobOut,
    CampaignLimitsIn,
    CampaignList,
    CampaignOut,
    CampaignQuery,
    CampaignSpaceOut,
    CampaignSpaceQuery,
    CampaignStopIn,
    CampaignTrialQuery,
    TrialList,
)
from services.campaigns.campaign_service import CampaignService
from services.campaigns.views import CampaignView
from services.errors import NotFound
from services.hpo_service import HPOService

blueprint = Blueprint("campaigns", __name__)

MEDIA = {
    "json": "application/json",
    "yaml": "application/yaml",
    "csv": "text/csv",
    "python": "text/x-python",
    "zip": "application/zip",
}


@blueprint.get("/campaigns")
@describes(answer=CampaignList, query=CampaignQuery)
def index() -> Response:
    """Campaigns of both kinds, newest first."""
    asked = CampaignQuery.model_validate(request.args.to_dict())
    items = CampaignService.list_campaigns(asked.limit, asked.offset, asked.kind)
    total = CampaignService.count_campaigns(asked.kind)
    answer = CampaignList.model_validate({"items": items, "total": total})
    return as_json(answer)


@blueprint.post("/campaigns")
@describes(answer=CampaignOut, status=201, body=CampaignIn)
def create() -> tuple[Response, int]:
    """Begin a search over settings."""
    asked = CampaignIn.model_validate(request.get_json())
    made = HPOService.create_campaign(**asked.model_dump())
    if made is None:
        raise NotFound(f"There is no data set {asked.dataset_id} with such a version.")
    return _body(made), 201


@blueprint.get("/campaigns/search-space")
@describes(answer=CampaignSpaceOut, query=CampaignSpaceQuery)
def search_space() -> Response:
    """What is searched first of a classifier: to be changed and sent with a campaign."""
    asked = CampaignSpaceQuery.model_validate(request.args.to_dict())
    found = HPOService.get_default_search_space(asked.classifier)
    answer = CampaignSpaceOut.model_validate({"search_space": found})
    return as_json(answer)


@blueprint.get("/campaigns/<int:campaign_id>")
@describes(answer=CampaignOut)
def read(campaign_id: int) -> AnyResponse:
    """One campaign with its best trial; poll it with its ETag."""
    answer = _body(CampaignService.get_campaign(campaign_id))
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.get("/campaigns/<int:campaign_id>/trials")
@describes(answer=TrialList, query=CampaignTrialQuery)
def trials(campaign_id: int) -> Response:
    """Trials of a campaign, page by page."""
    asked = CampaignTrialQuery.model_validate(request.args.to_dict())
    states = () if asked.state is None else (asked.state.value,)
    items = CampaignService.list_trials(
        campaign_id,
        asked.limit,
        asked.offset,
        states,
        asked.sort,
        descending=asked.descending,
    )
    total = CampaignService.count_trials(campaign_id, states)
    answer = TrialList.model_validate({"items": items, "total": total})
    return as_json(answer)


@blueprint.get("/campaigns/<int:campaign_id>/export")
@describes(query=CampaignExportQuery, answers_bytes=", ".join(MEDIA.values()))
def export(campaign_id: int) -> Response:
    """What was asked and came out; as Python, a script that trains the best trial again.

    The CSV has a row for each trial, and the zip holds all of these.
    """
    asked = CampaignExportQuery.model_validate(request.args.to_dict())
    content: str | bytes | None
    if asked.format == "zip":
        content = HPOService.pack_results(campaign_id)
    else:
        content = HPOService.export_results(campaign_id, asked.format)
    if content is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    ending = {"python": "py"}.get(asked.format, asked.format)
    answer = Response(content, mimetype=MEDIA[asked.format])
    answer.headers["Content-Disposition"] = f"attachment; filename=campaign-{campaign_id}.{ending}"
    return answer


@blueprint.get("/campaigns/<int:campaign_id>/importance")
@describes(answer=CampaignImportanceOut)
def importance(campaign_id: int) -> Response:
    """How much each setting decides, as it was measured last; empty until it was."""
    found = CampaignImportanceOut.model_validate(CampaignService.get_importance(campaign_id))
    return as_json(found)


@blueprint.post("/campaigns/<int:campaign_id>/importance")
@describes(answer=CampaignJobOut, status=202)
def measure_importance(campaign_id: int) -> tuple[Response, int]:
    """Have it measured by the trials so far how much each setting decides."""
    found = {"job_id": CampaignService.request_importance(campaign_id)}
    return as_json(CampaignJobOut.model_validate(found)), 202


@blueprint.post("/campaigns/<int:campaign_id>/pause")
@describes(answer=CampaignOut)
def pause(campaign_id: int) -> Response:
    """Begin no more trials, and let those that train rest."""
    return _body(CampaignService.pause_campaign(campaign_id))


@blueprint.post("/campaigns/<int:campaign_id>/resume")
@describes(answer=CampaignOut)
def resume(campaign_id: int) -> Response:
    """Go on with a campaign that rests or was stopped."""
    return _body(CampaignService.resume_campaign(campaign_id))


@blueprint.post("/campaigns/<int:campaign_id>/stop")
@describes(answer=CampaignOut, body=CampaignStopIn)
def stop(campaign_id: int) -> Response:
    """Begin no more trials; those that train come to their end, or are cancelled at once."""
    asked = CampaignStopIn.model_validate(request.get_json())
    return _body(CampaignService.stop_campaign(campaign_id, at_once=asked.at_once))


@blueprint.put("/campaigns/<int:campaign_id>/limits")
@describes(answer=CampaignOut, body=CampaignLimitsIn)
def limits(campaign_id: int) -> Response:
    """Change how far a campaign may go."""
    asked = CampaignLimitsIn.model_validate(request.get_json())
    return _body(CampaignService.change_limits(campaign_id, **asked.model_dump()))


@blueprint.post("/campaigns/<int:campaign_id>/final-evaluation")
@describes(answer=CampaignOut, status=202)
def evaluate(campaign_id: int) -> tuple[Response, int]:
    """Have the best trial looked at on the test part, once."""
    return _body(CampaignService.evaluate_best(campaign_id)), 202


@blueprint.delete("/campaigns/<int:campaign_id>")
@describes(status=204)
def delete(campaign_id: int) -> tuple[str, int]:
    """Delete a campaign with its trials and their experiments."""
    CampaignService.delete_campaign(campaign_id)
    return "", 204


def _body(campaign: CampaignView) -> Response:
    return as_json(CampaignOut.model_validate(campaign))
