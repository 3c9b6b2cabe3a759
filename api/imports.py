"""Before an import over HTTP: previews, folders of the server, saved profiles."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.imports import (
    BrowseQuery,
    ImportFolderList,
    ImportFolderOut,
    ImportPreviewOut,
    ImportProfileChange,
    ImportProfileIn,
    ImportProfileList,
    ImportProfileOut,
    PreviewFileList,
    PreviewPaging,
)
from services.errors import NotFound
from services.import_folder_service import ImportFolderService
from services.import_profile_service import ImportProfileService, ProfileView
from services.import_service import ImportService

blueprint = Blueprint("imports", __name__)


@blueprint.get("/import-previews/<int:job_id>")
@describes(answer=ImportPreviewOut)
def preview(job_id: int) -> Response:
    """What a preview of your own came to."""
    found = ImportService.get_preview(job_id)
    if found is None:
        raise NotFound("The preview is not there yet. Ask for its job until that is done.")
    return as_json(ImportPreviewOut.model_validate(found))


@blueprint.get("/import-previews/<int:job_id>/files")
@describes(answer=PreviewFileList, query=PreviewPaging)
def preview_files(job_id: int) -> Response:
    """The files of a preview of your own, those with problems first."""
    page = PreviewPaging.model_validate(request.args.to_dict())
    items = ImportService.list_preview(job_id, page.limit, page.offset, page.only, page.search)
    total = ImportService.count_preview(job_id, page.only, page.search)
    return as_json(PreviewFileList.model_validate({"items": items, "total": total}))


@blueprint.get("/import-folders")
@describes(answer=ImportFolderList)
def folders() -> Response:
    """Folders of the server that files may be imported from."""
    return as_json(ImportFolderList(items=ImportFolderService.list_folders()))


@blueprint.get("/import-folders/<folder>")
@describes(answer=ImportFolderOut, query=BrowseQuery)
def folder(folder: str) -> Response:
    """What lies in a folder of the server, or in one below it."""
    asked = BrowseQuery.model_validate(request.args.to_dict())
    found = ImportFolderService.browse(folder, asked.path, asked.search, asked.limit, asked.offset)
    return as_json(ImportFolderOut.model_validate(found))


@blueprint.get("/import-profiles")
@describes(answer=ImportProfileList)
def profiles() -> Response:
    """Saved profiles by name."""
    return as_json(
        ImportProfileList.model_validate({"items": ImportProfileService.list_profiles()})
    )


@blueprint.post("/import-profiles")
@describes(answer=ImportProfileOut, status=201, body=ImportProfileIn)
def create_profile() -> tuple[Response, int]:
    """Save a profile."""
    asked = ImportProfileIn.model_validate(request.get_json())
    profile_id = ImportProfileService.create_profile(asked.name, asked.choices, asked.description)
    return _profile(ImportProfileService.get_profile(profile_id)), 201


@blueprint.get("/import-profiles/<int:profile_id>")
@describes(answer=ImportProfileOut)
def read_profile(profile_id: int) -> Response:
    """One saved profile."""
    return _profile(ImportProfileService.get_profile(profile_id))


@blueprint.patch("/import-profiles/<int:profile_id>")
@describes(answer=ImportProfileOut, body=ImportProfileChange)
def change_profile(profile_id: int) -> Response:
    """Change what is given of a saved profile."""
    asked = ImportProfileChange.model_validate(request.get_json())
    return _profile(
        ImportProfileService.update_profile(
            profile_id, asked.name, asked.choices, asked.description
        )
    )


@blueprint.delete("/import-profiles/<int:profile_id>")
@describes(status=204)
def delete_profile(profile_id: int) -> tuple[str, int]:
    """Forget a saved profile; what was imported with it stays."""
    ImportProfileService.delete_profile(profile_id)
    return "", 204


@blueprint.get("/import-profiles/<int:profile_id>/file")
@describes(answers_bytes="application/json")
def profile_file(profile_id: int) -> Response:
    """A saved profile as a file that can be loaded here or on another site."""
    document = ImportProfileService.export_profile(profile_id)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    answer = Response(text, content_type="application/json; charset=utf-8")
    name = f"import-profile-{profile_id}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _profile(found: ProfileView) -> Response:
    return as_json(ImportProfileOut.model_validate(found))
