"""A served model tried on the beginning of a recording, while somebody waits."""

from __future__ import annotations

import math

from diagnostics.deployment.manifest import Manifest
from diagnostics.deployment.recordings import ask
from diagnostics.errors import DeploymentError
from diagnostics.training.split import Candidate
from diagnostics.training.windows import reading
from models import Experiment, ModelVariant, Recording
from services import actor
from services.deployment import loaded
from services.deployment.batch_service import sides_of
from services.deployment.serving_service import PRODUCTION, answer_of, find_version_asked
from services.deployment.views import TriedView
from services.errors import Invalid, NotFound
from services.runtime import artefacts, unit_of_work

MOST_WINDOWS = 32
"""More of a recording is the work of a batch."""


class TryRecordingService:
    """Ask a version of a model about one recording at once."""

    @staticmethod
    def ask_recording(name: str, recording_id: int, version: str = PRODUCTION) -> TriedView:
        """What the first windows of a recording vote for, at most ``MOST_WINDOWS`` of them.

        The model looks at the channels that its experiment learned from.

        Raises
        ------
        NotFound
            If there is no such model, version or recording.
        Invalid
            If the recording does not fit the model: channel, unit, rate, length or samples.
        Conflict
            If the file of the version cannot be used.
        Unavailable
            If too much is asked at the same time.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            chosen = find_version_asked(session, name, version)
            variant = session.get_one(ModelVariant, chosen.variant_id)
            experiment = session.get_one(Experiment, variant.experiment_id)
            recording = session.get(Recording, recording_id)
            if recording is None:
                raise NotFound(f"There is no recording {recording_id}.")
            units = [one.unit for one in sorted(recording.channels, key=lambda one: one.position)]
            channels = [int(one) for one in experiment.config["channels"]]
            side = sides_of(session, experiment, [recording.content_hash])
            named, key = recording.name, recording.artefact_key
            content_hash, rate = recording.content_hash, recording.sample_rate_hz
            count = recording.sample_count
        with loaded.admitted():
            model = loaded.opened(chosen.key, chosen.sha256)
            taken = min(count, _beginning(model.manifest, rate))
            beginning = Candidate(recording_id, named, "", "", taken, rate)
            try:
                with (
                    reading({recording_id: artefacts().local_path(key)}) as reader,
                    loaded.computing(),
                ):
                    said = ask(model, beginning, units, channels, reader)
            except DeploymentError as error:
                raise Invalid(str(error)) from error
        return {
            "answer": answer_of(name, chosen, model.manifest, said),
            "recording_id": recording_id,
            "recording": named,
            "seconds": said.windows * model.manifest.window / model.manifest.sample_rate_hz,
            "whole": taken == count,
            "side": side.get(content_hash),
        }


def _beginning(manifest: Manifest, rate: float) -> int:
    """How many samples the most windows take, in a recording of that rate."""
    return math.ceil(MOST_WINDOWS * manifest.window * rate / manifest.sample_rate_hz)
