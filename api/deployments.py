"""Exported models over HTTP: make variants, publish them, ask them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.deployments import (
    AliasIn,
    BundleQuery,
    PublishIn,
    SamplesIn,
    ServedAnswerOut,
    ServedModelList,
    ServedModelOut,
    ServedQuery,
    VariantIn,
    VariantList,
)
from api.schemas.jobs import JobOut
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.errors import Invalid, TooLarge
from services.job_service import JobService

blueprint = Blueprint("deployments", __name__)
LARGEST_BODY = 64 << 20
NPY, RAW = "application/x-npy", "application/octet-stream"


@blueprint.get("/experiments/<int:experiment_id>/variants")
@describes(answer=VariantList)
def variants(experiment_id: int) -> Response:
    """The exported variants of an experiment, with what was measured of them."""
    found = {
        "items": DeploymentService.list_variants(experiment_id),
        "recommended": DeploymentService.recommend(experiment_id),
    }
    return as_json(VariantList.model_validate(found))


@blueprint.post("/experiments/<int:experiment_id>/variants")
@describes(answer=JobOut, status=202, body=VariantIn)
def make(experiment_id: int) -> tuple[Response, int]:
    """Export, run and measure a variant by a job."""
    asked = VariantIn.model_validate(request.get_json())
    job_id = DeploymentService.request_variant(
        experiment_id, asked.kind, asked.amount, asked.epochs
    )
    return as_json(JobOut.model_validate(JobService.get_job(job_id))), 202


@blueprint.delete("/variants/<int:variant_id>")
@describes(status=204)
def delete_variant(variant_id: int) -> tuple[str, int]:
    """Delete a variant that nothing serves."""
    DeploymentService.delete_variant(variant_id)
    return "", 204


@blueprint.get("/models")
@describes(answer=ServedModelList)
def index() -> Response:
    """The models that answer, by name."""
    return as_json(ServedModelList.model_validate({"items": ModelServingService.list_models()}))


@blueprint.get("/models/<name>")
@describes(answer=ServedModelOut)
def read(name: str) -> Response:
    """One model with its versions and aliases."""
    return _model(name)


@blueprint.post("/models/<name>/versions")
@describes(answer=ServedModelOut, status=201, body=PublishIn)
def publish(name: str) -> tuple[Response, int]:
    """Make a variant the next version of a model; a new name makes the model."""
    asked = PublishIn.model_validate(request.get_json())
    ModelServingService.publish(name, asked.variant_id)
    return _model(name), 201


@blueprint.put("/models/<name>/aliases/<alias>")
@describes(answer=ServedModelOut, body=AliasIn)
def set_alias(name: str, alias: str) -> Response:
    """Let “production” or “staging” mean a version. Nobody's request is lost."""
    asked = AliasIn.model_validate(request.get_json())
    ModelServingService.set_alias(name, alias, asked.version)
    return _model(name)


@blueprint.post("/models/<name>/aliases/<alias>/roll-back")
@describes(answer=ServedModelOut)
def roll_back(name: str, alias: str) -> Response:
    """Let an alias mean what it meant before."""
    ModelServingService.roll_back(name, alias)
    return _model(name)


@blueprint.delete("/models/<name>")
@describes(status=204)
def delete(name: str) -> tuple[str, int]:
    """Delete a model and its versions; the variants stay."""
    ModelServingService.delete_model(name)
    return "", 204


@blueprint.post("/models/<name>/predict")
@describes(answer=ServedAnswerOut, query=ServedQuery, body=SamplesIn, reads=True)
def predict(name: str) -> Response:
    """What a model says of samples: JSON, a NPY file, or raw float32 (channel after channel)."""
    asked = ServedQuery.model_validate(request.args.to_dict())
    if (request.content_length or 0) > LARGEST_BODY:
        raise TooLarge(f"At most {LARGEST_BODY >> 20} MiB of samples are taken at a time.")
    samples, rate, unit = _samples(asked)
    found = ModelServingService.predict(name, samples, rate, unit, asked.version)
    return as_json(ServedAnswerOut.model_validate(found))


@blueprint.get("/models/<name>/bundle")
@describes(answers_bytes="application/zip", query=BundleQuery)
def bundle(name: str) -> Response:
    """A ZIP archive with model, manifest and a program that needs numpy and onnxruntime only."""
    asked = BundleQuery.model_validate(request.args.to_dict())
    file_name, content = ModelServingService.export_bundle(name, asked.version)
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(content, content_type="application/zip", headers=headers)


def _samples(asked: ServedQuery) -> tuple[Any, float | None, str | None]:
    if request.mimetype == NPY:
        return _npy(request.get_data()), asked.sample_rate_hz, asked.unit
    if request.mimetype == RAW:
        content = request.get_data()
        if len(content) % (4 * asked.channels):
            raise Invalid(
                f"{len(content):,} bytes are not {asked.channels} channels of whole float32"
                " numbers (4 bytes each, little endian)."
            )
        given = np.frombuffer(content, dtype="<f4").reshape(asked.channels, -1)
        return given, asked.sample_rate_hz, asked.unit
    body = SamplesIn.model_validate(request.get_json())
    return body.samples, body.sample_rate_hz or asked.sample_rate_hz, body.unit or asked.unit


def _npy(content: bytes) -> Any:
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:  # a head may claim any size
        raise Invalid("The body is no NPY file of numbers.") from error


def _model(name: str) -> Response:
    return as_json(ServedModelOut.model_validate(ModelServingService.get_model(name)))
