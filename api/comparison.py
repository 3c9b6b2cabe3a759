"""Comparisons of experiments over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.comparison import ComparisonOut, ComparisonQuery
from layouts.compare_tables import all_tables
from layouts.components.links import path_to
from services.comparison_service import ComparisonService

blueprint = Blueprint("comparison", __name__)


@blueprint.get("/comparison")
@describes(answer=ComparisonOut, query=ComparisonQuery)
def read() -> Response:
    """Experiments compared on the recordings that all of them were tested on."""
    asked = _asked()
    data = ComparisonService.get_comparison_data(asked.numbers, windows=asked.windows)
    sentences = ComparisonService.identify_key_differences(data)
    answer = ComparisonOut.model_validate({**data, "key_differences": sentences})
    return as_json(answer)


@blueprint.get("/comparison.csv")
@describes(query=ComparisonQuery, answers_bytes="text/csv")
def table() -> Response:
    """All numbers of a comparison as one long table."""
    asked = _asked()
    text = ComparisonService.export_comparison(asked.numbers, windows=asked.windows)
    # With the mark that tells spreadsheets that it is UTF-8.
    return _attached("\ufeff" + text, "text/csv; charset=utf-8", asked, "csv")


@blueprint.get("/comparison.html")
@describes(query=ComparisonQuery, answers_bytes="text/html")
def report() -> Response:
    """A comparison as a page of its own, to keep or to send."""
    asked = _asked()
    data = ComparisonService.get_comparison_data(asked.numbers, windows=asked.windows)
    text = render_template(
        "comparison/report.html",
        experiments=data["experiments"],
        notes=data["test_set"]["notes"],
        sentences=ComparisonService.identify_key_differences(data),
        tables=all_tables(data),
        address=_address(asked),
        made_at=datetime.now(UTC),
    )
    return _attached(text, "text/html; charset=utf-8", asked, "html")


def _asked() -> ComparisonQuery:
    return ComparisonQuery.model_validate(request.args.to_dict())


def _address(asked: ComparisonQuery) -> str:
    """Where the same comparison is shown."""
    numbers = ",".join(str(number) for number in asked.numbers)
    windows = "&windows=1" if asked.windows else ""
    return f"{request.host_url.rstrip('/')}{path_to('/compare')}?experiments={numbers}{windows}"


def _attached(text: str, content_type: str, asked: ComparisonQuery, ending: str) -> Response:
    numbers = "-".join(str(number) for number in asked.numbers)
    answer = Response(text, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="comparison-{numbers}.{ending}"'
    return answer
