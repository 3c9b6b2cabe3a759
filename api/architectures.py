"""Searches over networks over HTTP; they are followed and stopped as campaigns."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.architectures import (
    ArchitectureExportQuery,
    ArchitectureHashIn,
    ArchitectureHashOut,
    ArchitectureRetrainIn,
    ArchitectureRetrainOut,
    ArchitectureSampleIn,
    ArchitectureSampleOut,
    ArchitectureSearchIn,
    ArchitectureSearchOut,
    ArchitectureSpaceOut,
)
from api.schemas.campaigns import CampaignList
from api.schemas.paging import Paging
from services.errors import NotFound
from services.nas_service import NASService, SearchView

blueprint = Blueprint("architectures", __name__)

MEDIA = {"pytorch": "text/x-python", "json": "application/json"}


@blueprint.get("/architecture-searches")
@describes(answer=CampaignList, query=Paging)
def index() -> Response:
    """Searches over networks, newest first."""
    page = Paging.model_validate(request.args.to_dict())
    items = NASService.list_campaigns(page.limit, page.offset)
    answer = CampaignList.model_validate({"items": items, "total": NASService.count_campaigns()})
    return as_json(answer)


@blueprint.post("/architecture-searches")
@describes(answer=ArchitectureSearchOut, status=201, body=ArchitectureSearchIn)
def create() -> tuple[Response, int]:
    """Begin a search over networks."""
    asked = ArchitectureSearchIn.model_validate(request.get_json())
    made = NASService.create_nas_campaign(**asked.model_dump())
    if made is None:
        raise NotFound(f"There is no data set {asked.dataset_id} with such a version.")
    return _body(made), 201


@blueprint.get("/architecture-searches/search-space")
@describes(answer=ArchitectureSpaceOut)
def search_space() -> Response:
    """What is chosen from: to be narrowed and sent with a search."""
    found = {"search_space_config": NASService.get_default_search_space()}
    return as_json(ArchitectureSpaceOut.model_validate(found))


@blueprint.post("/architecture-searches/sample")
@describes(answer=ArchitectureSampleOut, body=ArchitectureSampleIn, reads=True)
def sample() -> Response:
    """A network of a space, drawn by chance; nothing is kept."""
    asked = ArchitectureSampleIn.model_validate(request.get_json())
    drawn = NASService.sample_architecture(asked.search_space_config, asked.seed)
    found = {"architecture": drawn, "hash": NASService.compute_architecture_hash(drawn)}
    return as_json(ArchitectureSampleOut.model_validate(found))


@blueprint.post("/architecture-searches/hash")
@describes(answer=ArchitectureHashOut, body=ArchitectureHashIn, reads=True)
def compute_hash() -> Response:
    """What tells a network from all others."""
    asked = ArchitectureHashIn.model_validate(request.get_json())
    found = {"hash": NASService.compute_architecture_hash(asked.architecture)}
    return as_json(ArchitectureHashOut.model_validate(found))


@blueprint.get("/architecture-searches/<int:campaign_id>")
@describes(answer=ArchitectureSearchOut)
def read(campaign_id: int) -> AnyResponse:
    """One search with its best network; poll it with its ETag."""
    found = NASService.get_campaign_details(campaign_id)
    if found is None:
        raise NotFound(f"There is no search over networks {campaign_id}.")
    answer = _body(found)
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.post("/architecture-searches/<int:campaign_id>/retrain")
@describes(answer=ArchitectureRetrainOut, status=202, body=ArchitectureRetrainIn)
def retrain(campaign_id: int) -> tuple[Response, int]:
    """Train the best network anew, once, and test it; the search is closed by that."""
    asked = ArchitectureRetrainIn.model_validate(request.get_json())
    found = {"experiment_id": NASService.retrain_best(campaign_id, asked.epochs)}
    return as_json(ArchitectureRetrainOut.model_validate(found)), 202


@blueprint.get("/architecture-searches/trials/<int:trial_id>/export")
@describes(query=ArchitectureExportQuery, answers_bytes=", ".join(MEDIA.values()))
def export(trial_id: int) -> Response:
    """The network of a trial: a Python file that needs nothing but torch, or JSON."""
    asked = ArchitectureExportQuery.model_validate(request.args.to_dict())
    text = NASService.export_architecture(trial_id, asked.format)
    if text is None:
        raise NotFound(f"There is no trial {trial_id} of a search over networks.")
    ending = {"pytorch": "py"}.get(asked.format, asked.format)
    answer = Response(text, mimetype=MEDIA[asked.format])
    answer.headers["Content-Disposition"] = f"attachment; filename=network-{trial_id}.{ending}"
    return answer


def _body(found: SearchView) -> Response:
    return as_json(ArchitectureSearchOut.model_validate(found))
