"""More than one look at one recording: several side by side, all of a channel, and by ear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from models import Origin
from services import actor
from services.errors import Invalid
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.signal_export_service import CsvFile
from services.signals.audio import AudioFile, AudioView, heard, told_of, wav_of
from services.signals.bearings import find_bearing
from services.signals.comparison import ComparisonView, comparison_of
from services.signals.feature_trend import feature_trend_of
from services.signals.overview_tables import comparison_csv, trend_csv, waterfall_csv
from services.signals.settings import Overview, PlotSettings, Quantity
from services.signals.siblings import Siblings, siblings_of
from services.signals.trend import Orders, TrendView, trend_of
from services.signals.waterfall import WaterfallView, waterfall_of

Settings = Mapping[str, Any]


class SignalOverviewService:
    """Compare recordings, follow a channel over all of them, listen to one."""

    @staticmethod
    def compare(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Settings | None = None,
    ) -> ComparisonView:
        """The recording and up to five others (setting ``with``) by the same plot.

        All in the unit of the first one, at the same time of their own. One that has another
        channel or unit is converted or refused, and says so.

        Raises
        ------
        NotFound
            If one of the recordings does not exist.
        Invalid
            If a setting is wrong, or the first one cannot be shown so.
        """
        actor.reader()
        read = PlotSettings.from_mapping(settings)
        others = [one for one in read.compare.recordings if one != recording_id]
        asked = [recording_id, *others]
        return comparison_of(asked, channel, (start_s, stop_s), read)

    @staticmethod
    def waterfall(
        recording_id: int, channel: int, settings: Settings | None = None
    ) -> WaterfallView:
        """Spectra of at most 60 recordings that have the channel, in order.

        Raises
        ------
        NotFound
            If there is no such recording or channel.
        Invalid
            If a setting is wrong, or no recording can be shown so.
        """
        actor.reader()
        read = PlotSettings.from_mapping(settings)
        return waterfall_of(_siblings(recording_id, channel, read), read)

    @staticmethod
    def trend(recording_id: int, channel: int, settings: Settings | None = None) -> TrendView:
        """Statistics of all recordings that have the channel, in order.

        Stored ones and features that were extracted of all of them; velocity RMS or the lines
        of a bearing in the envelope of at most 120.

        Raises
        ------
        NotFound
            If there is no such recording or channel.
        Invalid
            If a setting is wrong, or no recording can be measured so.
        """
        actor.reader()
        read = PlotSettings.from_mapping(settings)
        every = _siblings(recording_id, channel, read)
        if read.overview.quantity is Quantity.FEATURE:
            return feature_trend_of(every, recording_id, read.overview)

        def orders() -> Orders:
            found = find_bearing(recording_id, read.overlay.bearing)
            if not found.orders:
                raise Invalid(found.told)
            return found.orders

        return trend_of(every, read, orders)

    @staticmethod
    def export_comparison(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
        settings: Settings | None = None,
    ) -> CsvFile:
        """The points of :meth:`compare` as CSV, with how they were made.

        Raises
        ------
        NotFound, Invalid
            As :meth:`compare`.
        """
        actor.reader()
        view = SignalOverviewService.compare(recording_id, channel, start_s, stop_s, settings)
        return _file(recording_id, "comparison", comparison_csv(view))

    @staticmethod
    def export_overview(
        recording_id: int, channel: int, settings: Settings | None = None
    ) -> CsvFile:
        """The trend or the waterfall that the settings ask for as CSV.

        Raises
        ------
        NotFound, Invalid
            As :meth:`trend` and :meth:`waterfall`.
        """
        actor.reader()
        asked = (recording_id, channel, settings)
        if PlotSettings.from_mapping(settings).overview.overview is Overview.WATERFALL:
            content = waterfall_csv(SignalOverviewService.waterfall(*asked))
            return _file(recording_id, "waterfall", content)
        return _file(recording_id, "trend", trend_csv(SignalOverviewService.trend(*asked)))

    @staticmethod
    def describe_audio(
        recording_id: int, start_s: float | None = None, stop_s: float | None = None
    ) -> AudioView:
        """What :meth:`get_audio` would play, without reading the samples.

        Raises
        ------
        NotFound
            If there is no such recording.
        Invalid
            If it cannot be heard.
        """
        actor.reader()
        return told_of(heard(recording_id, start_s, stop_s))

    @staticmethod
    def get_audio(
        recording_id: int,
        channel: int,
        start_s: float | None = None,
        stop_s: float | None = None,
    ) -> AudioFile:
        """At most 60 s of a channel as a WAV file: 16 bit, 8 to 48 kHz, as loud as can be.

        Raises
        ------
        NotFound
            If there is no such recording.
        Invalid
            If there is no such channel, or it cannot be heard.
        """
        actor.reader()
        known = RecordingService.get_recording(recording_id)
        return wav_of(heard(recording_id, start_s, stop_s), channel, known)


def _file(recording_id: int, what: str, content: str) -> CsvFile:
    known = RecordingService.get_recording(recording_id)
    marked = f"generated_{what}" if known["origin"] == Origin.GENERATED else what
    clean = re.sub(r"[^\w.@-]+", "_", known["name"]).strip("._") or "recording"
    return {"file_name": f"{clean}_{marked}.csv", "content": content}


def _siblings(recording_id: int, channel: int, settings: PlotSettings) -> Siblings:
    with unit_of_work(writing=False) as session:
        overview = settings.overview
        return siblings_of(session, recording_id, channel, overview.among, overview.sorting)
