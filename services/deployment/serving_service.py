"""Names under which exported networks answer: versions, aliases, predictions, downloads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.deployment.cutting import windows_from
from diagnostics.deployment.manifest import Manifest
from diagnostics.deployment.recordings import Said
from diagnostics.errors import DeploymentError
from models import Experiment, ModelVariant, ServedAlias, ServedModel, ServedVersion, User
from models.base import now
from services import actor, events, locks
from services.deployment import loaded
from services.deployment.resolved import Chosen, changed, resolve
from services.deployment.views import ServedAnswer, ServedModelView, VersionView, title_of
from services.errors import Conflict, Invalid, NotFound
from services.runtime import artefacts, unit_of_work

PRODUCTION, STAGING = "production", "staging"
ALIASES = (PRODUCTION, STAGING)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class ModelServingService:
    """Publish variants, move aliases, and answer."""

    @staticmethod
    def publish(name: str, variant_id: int) -> int:
        """Make a variant the next version of a model, which is made if it is new; the number.

        Nothing answers with it until an alias is moved to it, but for who asks for the version.

        Raises
        ------
        Invalid
            If the name has other characters than a to z, 0 to 9 and hyphens.
        NotFound
            If there is no such variant.
        Forbidden
            If the model is somebody else's.
        """
        actor.writer()
        if not _NAME.fullmatch(name):
            raise Invalid(
                "A model's name has 1 to 60 of a to z, 0 to 9 and hyphens, and begins with none"
                " of the hyphens: it stands in an address."
            )
        with unit_of_work() as session:
            locks.alone(session, "served models")
            if session.get(ModelVariant, variant_id) is None:
                raise NotFound(f"There is no variant {variant_id}.")
            model = session.scalars(select(ServedModel).where(ServedModel.name == name)).first()
            if model is None:
                model = ServedModel(name=name, owner_id=actor.user_id())
                session.add(model)
                session.flush()
            actor.owner_or_admin(model.owner_id)
            last = select(func.max(ServedVersion.number)).where(ServedVersion.model_id == model.id)
            number = (session.scalar(last) or 0) + 1
            session.add(
                ServedVersion(
                    model_id=model.id,
                    number=number,
                    variant_id=variant_id,
                    created_by=actor.user_id(),
                )
            )
            events.record(session, "model.published", f"model:{name}", version=number)
            changed(session)
            return number

    @staticmethod
    def set_alias(name: str, alias: str, number: int) -> None:
        """Let an alias mean a version; who asks from now on gets it, who waits is answered.

        Raises
        ------
        NotFound
            If there is no such model or version.
        Invalid
            If the alias is none of ``production`` and ``staging``.
        Conflict
            If the file of the version cannot be used: the alias stays where it is.
        """
        actor.reader()
        if alias not in ALIASES:
            raise Invalid(f"There is no alias “{alias}”. There are: {', '.join(ALIASES)}.")
        _open_for_owner(name, str(number))
        with unit_of_work() as session:
            model = _find(session, name)
            actor.owner_or_admin(model.owner_id)
            _version(session, model, number)
            _move(session, model, alias, number)

    @staticmethod
    def roll_back(name: str, alias: str = PRODUCTION) -> int:
        """Let an alias mean what it meant before; that version's number.

        Raises
        ------
        NotFound
            If there is no such model.
        Conflict
            If the alias meant nothing before, or the file of that version cannot be used.
        """
        actor.reader()
        with unit_of_work() as session:
            model = _find(session, name)
            actor.owner_or_admin(model.owner_id)
            row = session.get(ServedAlias, (model.id, alias))
            if row is None or row.previous is None:
                raise Conflict(f"“{alias}” of {name} meant no other version before.")
            number = row.previous
            # It answered before, so that it is open already, or is opened in a moment.
            chosen = _version(session, model, number)
            loaded.opened(chosen.key, chosen.sha256)
            _move(session, model, alias, number)
            return number

    @staticmethod
    def delete_model(name: str) -> None:
        """Forget a name and its versions; the variants stay.

        Raises
        ------
        NotFound
            If there is no such model.
        """
        actor.reader()
        with unit_of_work() as session:
            model = _find(session, name)
            actor.owner_or_admin(model.owner_id)
            events.record(session, "model.deleted", f"model:{name}")
            session.delete(model)
            changed(session)

    @staticmethod
    def list_models() -> list[ServedModelView]:
        """All served models by name."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            rows = session.scalars(select(ServedModel).order_by(ServedModel.name)).all()
            return _views(session, rows)

    @staticmethod
    def get_model(name: str) -> ServedModelView:
        """One served model.

        Raises
        ------
        NotFound
            If there is none of that name.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return _views(session, [_find(session, name)])[0]

    @staticmethod
    def get_manifest(name: str, version: str = PRODUCTION) -> dict[str, Any]:
        """What a version takes: rate, unit, window, channels, classes, and where it is from.

        Raises
        ------
        NotFound
            If there is no such model or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return _asked(session, _find(session, name), version).manifest

    @staticmethod
    def predict(
        name: str,
        samples: Any,
        sample_rate_hz: float | None = None,
        unit: str | None = None,
        version: str = PRODUCTION,
    ) -> ServedAnswer:
        """What a model says of samples: of any number, cut into windows that vote.

        ``samples`` has the shape (samples,) or (channels, samples); ``version`` is an alias or a
        number.

        Raises
        ------
        NotFound
            If there is no such model or version.
        Invalid
            If samples, rate or unit are others than the model takes.
        Conflict
            If the file of the version cannot be used.
        Unavailable
            If too much is asked at the same time.
        """
        actor.reader()
        with loaded.admitted():
            chosen = resolve(name, version, lambda: _look(name, version))
            model = loaded.opened(chosen.key, chosen.sha256)
            try:
                windows = windows_from(model.manifest, samples, sample_rate_hz, unit)
                with loaded.computing():
                    probabilities, estimates = model.answer(windows)
            except DeploymentError as error:
                raise Invalid(str(error)) from error
        shares = probabilities.mean(axis=0)
        agreement = (probabilities.argmax(axis=1) == shares.argmax()).mean()
        said = Said(tuple(shares), len(windows), agreement, tuple(estimates.mean(axis=0)))
        return answer_of(name, chosen, model.manifest, said)

    @staticmethod
    def export_bundle(name: str, version: str = PRODUCTION) -> tuple[str, bytes]:
        """A file name, and a ZIP archive with model, manifest and a program that runs them.

        Raises
        ------
        NotFound
            If there is no such model or version.
        Conflict
            If its file cannot be used.
        """
        actor.reader()
        from diagnostics.deployment.bundle import bundle

        with unit_of_work(writing=False) as session:
            chosen = _asked(session, _find(session, name), version)
        loaded.opened(chosen.key, chosen.sha256)
        manifest = Manifest.from_dict(chosen.manifest)
        content = bundle(artefacts().read(chosen.key), manifest, chosen.sha256)
        return f"{name}-{chosen.number}.zip", content


def find_version_asked(session: Session, name: str, version: str) -> Chosen:
    """What a number or an alias of a model means now.

    Raises
    ------
    NotFound
        If there is no such model or version.
    """
    return _asked(session, _find(session, name), version)


def answer_of(name: str, chosen: Chosen, manifest: Manifest, said: Said) -> ServedAnswer:
    """What the windows of a question vote for, in words."""
    return {
        "model": name,
        "version": chosen.number,
        "variant": chosen.kind,
        "predicted": manifest.class_names[said.winner],
        "classes": [
            {"name": one, "probability": float(share)}
            for one, share in zip(manifest.class_names, said.shares, strict=True)
        ],
        "windows": said.windows,
        "agreement": float(said.agreement),
        "calibrated": manifest.temperature != 1.0,
        "estimates": [
            {"name": head.name, "unit": head.unit, "value": float(value)}
            for head, value in zip(manifest.heads, said.estimates, strict=True)
        ],
    }


def _open_for_owner(name: str, version: str) -> None:
    """Look whether a version can answer, before other writers have to wait for it."""
    with unit_of_work(writing=False) as session:
        model = _find(session, name)
        actor.owner_or_admin(model.owner_id)
        chosen = _asked(session, model, version)
    loaded.opened(chosen.key, chosen.sha256)


def _look(name: str, version: str) -> Chosen:
    with unit_of_work(writing=False) as session:
        return _asked(session, _find(session, name), version)


def _find(session: Session, name: str) -> ServedModel:
    found = session.scalars(select(ServedModel).where(ServedModel.name == name)).first()
    if found is None:
        raise NotFound("There is no model of that name.")
    return found


def _asked(session: Session, model: ServedModel, version: str) -> Chosen:
    if version.isascii() and version.isdecimal() and len(version) < 10:
        return _version(session, model, int(version))
    row = session.get(ServedAlias, (model.id, version)) if version in ALIASES else None
    if row is None:
        raise NotFound(
            f"{model.name} has no version “{version[:40]}”. Ask for a number, or move an alias."
        )
    return _version(session, model, row.number)


def _version(session: Session, model: ServedModel, number: int) -> Chosen:
    found = session.execute(
        select(ModelVariant)
        .join(ServedVersion, ServedVersion.variant_id == ModelVariant.id)
        .where(ServedVersion.model_id == model.id, ServedVersion.number == number)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"{model.name} has no version {number}.")
    return Chosen(
        number, found.kind, found.artefact_key, found.sha256, dict(found.manifest), found.id
    )


def _move(session: Session, model: ServedModel, alias: str, number: int) -> None:
    row = session.get(ServedAlias, (model.id, alias))
    if row is None:
        row = ServedAlias(model_id=model.id, alias=alias, number=number, changed_by=actor.user_id())
        session.add(row)
    elif row.number != number:
        row.previous, row.number = row.number, number
        row.changed_by, row.changed_at = actor.user_id(), now()
    else:
        return
    events.record(
        session,
        "model.alias_moved",
        f"model:{model.name}",
        alias=alias,
        version=number,
        owner_id=model.owner_id,
    )
    changed(session)


def _views(session: Session, models: Sequence[ServedModel]) -> list[ServedModelView]:
    """Models with their versions, newest first; the statements are as many for each number."""
    ids = [model.id for model in models]
    aliases: dict[int, dict[str, int]] = {key: {} for key in ids}
    moved = select(ServedAlias).where(ServedAlias.model_id.in_(ids))
    for row in session.scalars(moved):
        aliases[row.model_id][row.alias] = row.number
    versions = _versions(session, ids, aliases)
    owners = select(User).where(User.id.in_({model.owner_id for model in models}))
    names = {one.id: one.shown_name or one.name for one in session.scalars(owners)}
    return [
        {
            "name": model.name,
            "owner_id": model.owner_id,
            "owner_name": names.get(model.owner_id),
            "created_at": model.created_at,
            "versions": versions[model.id],
            "aliases": aliases[model.id],
        }
        for model in models
    ]


def _versions(
    session: Session, ids: Sequence[int], aliases: Mapping[int, Mapping[str, int]]
) -> dict[int, list[VersionView]]:
    found: dict[int, list[VersionView]] = {key: [] for key in ids}
    rows = session.execute(
        select(
            ServedVersion,
            ModelVariant.experiment_id,
            Experiment.name,
            ModelVariant.kind,
            ModelVariant.amount,
            ModelVariant.sha256,
        )
        .join(ModelVariant, ModelVariant.id == ServedVersion.variant_id)
        .join(Experiment, Experiment.id == ModelVariant.experiment_id)
        .where(ServedVersion.model_id.in_(ids))
        .order_by(ServedVersion.model_id, ServedVersion.number.desc())
    )
    for version, experiment_id, experiment, kind, amount, sha256 in rows:
        meant = aliases[version.model_id]
        found[version.model_id].append(
            {
                "number": version.number,
                "variant_id": version.variant_id,
                "experiment_id": experiment_id,
                "experiment": experiment,
                "kind": kind,
                "title": title_of(kind, amount),
                "sha256": sha256,
                "created_at": version.created_at,
                "aliases": sorted(a for a, number in meant.items() if number == version.number),
            }
        )
    return found
