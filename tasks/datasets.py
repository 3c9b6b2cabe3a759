"""Find what is not yet known of the samples of a data set."""

from __future__ import annotations

from diagnostics.progress import Progress, Report
from services.waveform_service import WaveformService


def measure_recordings(report: Report, dataset_id: int) -> dict[str, int]:
    """Measure one recording after the other; each is kept at once, so a second run goes on."""
    missing = WaveformService.list_unmeasured(dataset_id)
    for done, recording_id in enumerate(missing):
        report(Progress("measure", done, len(missing)))
        WaveformService.measure(recording_id)
    WaveformService.forget_statistics(dataset_id)
    report(Progress("measure", len(missing), len(missing)))
    return {"dataset_id": dataset_id, "recordings": len(missing)}
