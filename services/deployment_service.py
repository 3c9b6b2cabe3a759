"""Make trained networks smaller and faster, prove them equal, and keep what came of it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.deployment.variants import KINDS, Kind, kind_of
from diagnostics.errors import DeploymentError
from diagnostics.progress import Report, silent
from diagnostics.training.classifiers import CLASSIFIERS
from models import Experiment, JobKind, ModelVariant, ServedVersion
from services import actor, events
from services.deployment.fitting import kinds_for, refuse_unfit
from services.deployment.views import NetworkChoice, VariantView, title_of, variant_view
from services.errors import Conflict, Invalid, NotFound
from services.evaluation.kept import find_experiment
from services.experiments.views import untrained
from services.files.kept_files import delete_unnamed
from services.job_service import JobService, JobView
from services.paging import paged
from services.runtime import artefacts, unit_of_work

if TYPE_CHECKING:
    from torch import Tensor, nn

DEFAULT_ONNX_INPUT_SHAPE = (1, 1, 102_400)
DEFAULT_ONNX_OPSET_VERSION = 18
DEFAULT_PRUNING_AMOUNT = 0.3
BENCHMARK_RUNS = 100
MEGABYTE = 1_000_000
# Of fine-tuning: see diagnostics/deployment/fine_tuning.py, which needs torch.
MOST_EPOCHS = 100


class DeploymentService:
    """Export, quantise, prune and time networks. Paths are keys inside the store."""

    @staticmethod
    def get_model_path(experiment_id: int) -> Path | None:
        """Where the weights of an experiment are kept; None without an experiment or weights."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = session.get(Experiment, experiment_id)
            return Path(row.checkpoint_key) if row and row.checkpoint_key else None

    @staticmethod
    def load_model(experiment_id: int) -> nn.Module | None:
        """The trained network, in evaluation mode, behind its normalisation; it takes windows as
        they were measured. None without an experiment or weights, or for no network.
        """
        actor.reader()
        path = DeploymentService.get_model_path(experiment_id)
        if path is None or path.suffix != ".pt":
            return None
        from diagnostics.deployment.export import Measured
        from diagnostics.networks.fitted import load_network

        fitted = load_network(artefacts().local_path(str(path)))
        return Measured(fitted.network, fitted.about.normaliser).eval()

    @staticmethod
    def get_model_size(model_path: Path) -> float:
        """Size of a stored file in MB (1 000 000 bytes).

        Raises
        ------
        NotFound
            If nothing is kept there.
        """
        actor.reader()
        key = str(model_path)
        if not artefacts().exists(key):
            raise NotFound("There is no such model.")
        return artefacts().size(key) / MEGABYTE

    @staticmethod
    def save_model(model: nn.Module, save_path: Path, metadata: Mapping[str, Any]) -> None:
        """Keep the weights of a module with plain values beside them.

        Raises
        ------
        Conflict
            If something is kept there already: stored files never change.
        """
        actor.writer()
        import torch

        buffer = io.BytesIO()
        torch.save({"weights": model.state_dict(), "metadata": dict(metadata)}, buffer)
        _store(save_path, buffer.getvalue())

    @staticmethod
    def quantize_model_dynamic(model: nn.Module) -> nn.Module:
        """Weights of linear and recurrent layers in eight bits; convolutions stay as they are."""
        actor.reader()
        from diagnostics.deployment.modules import dynamic_int8

        return dynamic_int8(model)

    @staticmethod
    def quantize_model_static(model: nn.Module, calibration_data: Iterable[Tensor]) -> nn.Module:
        """Weights and activations in eight bits (PT2E), calibrated on batches of windows.

        Raises
        ------
        Invalid
            If there are no windows.
        """
        actor.reader()
        from diagnostics.deployment.modules import static_int8

        try:
            return static_int8(model, calibration_data)
        except DeploymentError as error:
            raise Invalid(str(error)) from error

    @staticmethod
    def convert_to_fp16(model: nn.Module) -> nn.Module:
        """A copy in half precision, which takes windows in half precision."""
        actor.reader()
        from diagnostics.deployment.modules import half

        return half(model)

    @staticmethod
    def export_to_onnx(
        model: nn.Module,
        save_path: Path,
        input_shape: tuple[int, ...] = DEFAULT_ONNX_INPUT_SHAPE,
        opset_version: int = DEFAULT_ONNX_OPSET_VERSION,
        optimize: bool = True,
        dynamic_axes: bool = True,
    ) -> bool:
        """Whether a module could be written as ONNX, for just this version of its operators. It has
        no manifest, so it cannot be served: for that, ask for a variant of an experiment.

        Raises
        ------
        Conflict
            If something is kept there already.
        """
        actor.writer()
        from diagnostics.deployment.export import to_onnx

        try:
            content = to_onnx(
                model.eval(),
                input_shape,
                opset=opset_version,
                optimise=optimize,
                dynamic=dynamic_axes,
            )
        except DeploymentError:
            return False
        _store(save_path, content)
        return True

    @staticmethod
    def prune_model(
        model: nn.Module, amount: float = DEFAULT_PRUNING_AMOUNT, method: str = "l1_unstructured"
    ) -> nn.Module:
        """A pruned copy; ``structured`` really removes channels.

        Raises
        ------
        Invalid
            If amount or method do not exist, or nothing could be removed.
        """
        actor.reader()
        from diagnostics.deployment.pruning import prune_network

        try:
            return prune_network(model, amount, method)
        except DeploymentError as error:
            raise Invalid(str(error)) from error

    @staticmethod
    def benchmark_model(
        model: nn.Module,
        input_shape: tuple[int, ...] = DEFAULT_ONNX_INPUT_SHAPE,
        num_runs: int = BENCHMARK_RUNS,
    ) -> dict[str, Any]:
        """Times in ms and windows in a second, after 10 runs that are not counted.

        Raises
        ------
        Invalid
            If there are no runs, or the network takes no input of this shape.
        """
        actor.reader()
        from diagnostics.deployment.modules import benchmark

        try:
            found = benchmark(model.eval(), input_shape, num_runs).to_dict()
        except DeploymentError as error:
            raise Invalid(str(error)) from error
        return {**found, "median_ms": found["p50_ms"]}

    @staticmethod
    def request_variant(
        experiment_id: int, kind: str, amount: float | None = None, epochs: int = 0
    ) -> int:
        """The id of the job that makes a variant; one that runs already is not doubled.

        ``epochs``: for how long a pruned network learns on.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If there is no such kind, the share or the epochs are out of range, or the experiment
            is not trained or cannot be exported so.
        """
        actor.user_id()
        wanted = _kind(kind)
        if not 0 <= epochs <= MOST_EPOCHS:
            raise Invalid(f"A pruned network learns on for 0 to {MOST_EPOCHS} epochs.")
        with unit_of_work(writing=False) as session:
            row = find_experiment(session, experiment_id)
            refuse_unfit(session, row, wanted)
            if row.checkpoint_key is None:
                raise untrained(row)
            name = row.name
        if not wanted.prunes:
            amount, epochs = None, 0
        elif amount is None:
            amount = DEFAULT_PRUNING_AMOUNT
        elif not 0 < amount < 1:
            raise Invalid(f"The share to prune is between 0 and 1, got {amount:g}.")
        return JobService.submit_once(
            JobKind.MAKE_VARIANT,
            {"experiment_id": experiment_id, "kind": kind, "amount": amount, "epochs": epochs},
            title=f"{title_of(kind, amount)} of “{name}”",
            subject=f"variants:{experiment_id}",
            of_anybody=True,
        )

    @staticmethod
    def make_variant(
        experiment_id: int,
        kind: str,
        amount: float | None = None,
        report: Report = silent,
        epochs: int = 0,
    ) -> dict[str, Any]:
        """Make, run, measure and keep a variant; what a job does.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If the experiment cannot have this kind, or the export is refused, since it says
            something else than the original.
        """
        actor.writer()
        wanted = _kind(kind)
        with unit_of_work(writing=False) as session:
            row = find_experiment(session, experiment_id)
            refuse_unfit(session, row, wanted)
            if row.checkpoint_key is None:
                raise untrained(row)
        from services.deployment.building import build

        try:
            return build(experiment_id, kind, amount, report, epochs)
        except DeploymentError as error:
            raise Invalid(str(error)) from error

    @staticmethod
    def list_kinds(experiment_id: int | None = None) -> list[dict[str, Any]]:
        """What can be made: name, title, what it is, whether it takes a share.

        With an experiment, what can be made of it; nothing, if there is none.
        """
        actor.reader()
        kinds = KINDS
        if experiment_id is not None:
            with unit_of_work(writing=False) as session:
                kinds = kinds_for(session.get(Experiment, experiment_id))
        return [
            {"name": one.name, "title": one.title, "about": one.about, "prunes": one.prunes}
            for one in kinds
        ]

    @staticmethod
    def list_networks(limit: int = 500, also: int | None = None) -> list[NetworkChoice]:
        """Trained networks and classical classifiers whose variants can be made, newest first.

        ``also`` names one to be listed however old it is, if it is trained.
        """
        actor.reader()
        known = select(Experiment.id, Experiment.name).where(
            Experiment.checkpoint_key.is_not(None),
            Experiment.classifier.in_([card.name for card in CLASSIFIERS]),
        )
        newest = known.where(Experiment.archived_at.is_(None)).order_by(Experiment.id.desc())
        with unit_of_work(writing=False) as session:
            rows = list(session.execute(paged(newest, limit)))
            if also is not None and also not in {row.id for row in rows}:
                rows += session.execute(known.where(Experiment.id == also))
            return [{"experiment_id": row.id, "name": row.name} for row in rows]

    @staticmethod
    def list_variants(experiment_id: int) -> list[VariantView]:
        """The variants of an experiment, in the order in which they were made."""
        actor.reader()
        found = (
            select(ModelVariant)
            .where(ModelVariant.experiment_id == experiment_id)
            .order_by(ModelVariant.id)
        )
        with unit_of_work(writing=False) as session:
            row = session.get(Experiment, experiment_id)
            weights = None if row is None else row.checkpoint_hash
            return [variant_view(one, weights) for one in session.scalars(found)]

    @staticmethod
    def recommend(experiment_id: int) -> int | None:
        """The variant that was measured faster than full precision on this machine, with one
        window and one thread, and is non-inferior or right about the same recordings; None if
        there is none.
        """
        actor.reader()
        from diagnostics.deployment.judging import Option, recommend

        options = {
            one["id"]: (
                one["kind"],
                Option(
                    one["id"],
                    one["size_bytes"],
                    one["measured"]["timings"][0]["p50_ms"],
                    one["measured"]["judged"]["verdict"],
                ),
            )
            for one in DeploymentService.list_variants(experiment_id)
            if not one["outdated"]
        }
        full = [option for kind, option in options.values() if kind == "fp32"]
        others = [option for kind, option in options.values() if kind != "fp32"]
        return recommend(full[-1], others) if full else None

    @staticmethod
    def find_jobs(experiment_id: int) -> list[JobView]:
        """The newest job that makes a variant, if there is any."""
        actor.reader()
        found = JobService.find_latest(f"variants:{experiment_id}", JobKind.MAKE_VARIANT)
        return [] if found is None else [found]

    @staticmethod
    def request_timing(variant_id: int) -> int:
        """The id of the job that times a variant on this machine, here and now.

        Raises
        ------
        NotFound
            If there is no such variant.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            row = _variant(session, variant_id)
            title = f"Times of {title_of(row.kind, row.amount)} (no. {row.id})"
        return JobService.submit_once(
            JobKind.TIME_VARIANT,
            {"variant_id": variant_id},
            title=title,
            subject=_timing(variant_id),
            of_anybody=True,
        )

    @staticmethod
    def time_variant(variant_id: int, report: Report = silent) -> dict[str, Any]:
        """Times of a variant at batch 1, 8 and 32, with one and all threads; what a job does.

        Raises
        ------
        NotFound
            If there is no such variant.
        Conflict
            If its file cannot be used.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            row = _variant(session, variant_id)
            key, sha256 = row.artefact_key, row.sha256
        from services.deployment.building import time_stored

        return {"variant_id": variant_id, **time_stored(key, sha256, report)}

    @staticmethod
    def find_timing(variant_id: int) -> JobView | None:
        """The newest job that timed a variant, or that does it now; its result holds ``timings``
        and ``machine``.
        """
        actor.reader()
        return JobService.find_latest(_timing(variant_id), JobKind.TIME_VARIANT)

    @staticmethod
    def delete_variant(variant_id: int) -> None:
        """Forget a variant and its file.

        Raises
        ------
        NotFound
            If there is none.
        Conflict
            If a served model has it.
        """
        actor.reader()
        with unit_of_work() as session:
            row = _variant(session, variant_id)
            actor.owner_or_admin(row.owner_id)
            used = select(ServedVersion.id).where(ServedVersion.variant_id == variant_id)
            if session.scalars(used).first() is not None:
                raise Conflict("A served model has this variant. Delete the model first.")
            key = row.artefact_key
            events.record(session, "variant.deleted", f"variant:{variant_id}", kind=row.kind)
            session.delete(row)
        delete_unnamed([key])


def _variant(session: Session, variant_id: int) -> ModelVariant:
    found = session.get(ModelVariant, variant_id)
    if found is None:
        raise NotFound(f"There is no variant {variant_id}.")
    return found


def _timing(variant_id: int) -> str:
    return f"timing:{variant_id}"


def _kind(name: str) -> Kind:
    try:
        return kind_of(name)
    except DeploymentError as error:
        raise Invalid(str(error)) from error


def _store(path: Path, content: bytes) -> None:
    key = str(path)
    if artefacts().exists(key):
        raise Conflict("Something is kept there already, and stored files never change.")
    artefacts().keep(key, io.BytesIO(content))
