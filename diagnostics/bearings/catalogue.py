"""Bearings whose inner geometry is published, to begin with; own ones are entered beside them.

Makers choose the balls: a 6205 of one maker has other orders than that of another, by some
tenths of a per cent and at times by a whole ball. Take the entry of your make, or measure.
Only what somebody has published stands here; nothing is guessed from boundary dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.bearings.geometry import Bearing

INCH_MM = 25.4
CWRU = "Case Western Reserve University Bearing Data Center, bearing information."
TIMKEN = (
    "Timken, Ball Bearing Housed Unit Catalog, Table A-9: the published orders belong to "
    "this number of balls of this size in inches on the middle between bore and outer diameter."
)


@dataclass(frozen=True)
class CatalogueEntry:
    """A bearing by its designation, and who says what is inside."""

    designation: str
    maker: str
    bearing: Bearing
    source: str

    @property
    def title(self) -> str:
        """Maker and designation.

        Examples
        --------
        >>> CATALOGUE[0].title
        'SKF 6205-2RS JEM'
        """
        return f"{self.maker} {self.designation}"


def _timken(
    designation: str, balls: int, inches: float, bore_mm: int, outer_mm: int
) -> CatalogueEntry:
    pitch_mm = (bore_mm + outer_mm) / 2
    return CatalogueEntry(designation, "Timken", Bearing(balls, inches * INCH_MM, pitch_mm), TIMKEN)


CATALOGUE: tuple[CatalogueEntry, ...] = (
    CatalogueEntry("6205-2RS JEM", "SKF", Bearing(9, 0.3126 * INCH_MM, 1.537 * INCH_MM), CWRU),
    CatalogueEntry("6203-2RS JEM", "SKF", Bearing(8, 0.2656 * INCH_MM, 1.122 * INCH_MM), CWRU),
    CatalogueEntry(
        "6203ZZ",
        "NSK",
        Bearing(8, 6.77, 28.5),
        "M. Sehri et al., University of Ottawa rolling-element bearing data set, Data in Brief, "
        "2023, Table 2.",
    ),
    CatalogueEntry(
        "6804DD",
        "NSK",
        Bearing(13, 3.5, 25.6),
        "IEEE PHM 2012 Prognostic Challenge, outline (PRONOSTIA), Appendix A.1.",
    ),
    CatalogueEntry(
        "UER204",
        "LDK",
        Bearing(8, 7.92, 34.55),
        "XJTU-SY bearing data sets, parameters of the tested bearings as given by the authors.",
    ),
    CatalogueEntry(
        "ER-16K",
        "MB",
        Bearing(9, 7.94, 38.52),
        "H. Huang and N. Baddour, bearing vibration data under time-varying speed, Data in Brief, "
        "2018.",
    ),
    CatalogueEntry(
        "ER-10K",
        "MB",
        Bearing(8, 0.3125 * INCH_MM, 1.319 * INCH_MM),
        "PHM Society 2009 data challenge (gearbox), description of the apparatus.",
    ),
    CatalogueEntry(
        "ZA-2115 (double row)",
        "Rexnord",
        Bearing(16, 0.331 * INCH_MM, 2.815 * INCH_MM, 15.17),
        "H. Qiu, J. Lee, J. Lin and G. Yu, Journal of Sound and Vibration 289, 1066-1090, 2006 "
        "(IMS data).",
    ),
    CatalogueEntry(
        "MFPT test bearing",
        "NICE",
        Bearing(8, 0.235 * INCH_MM, 1.245 * INCH_MM),
        "Society for Machinery Failure Prevention Technology, bearing fault data sets.",
    ),
    _timken("204K", 8, 5 / 16, 20, 47),
    _timken("205K", 9, 5 / 16, 25, 52),
    _timken("206K", 9, 3 / 8, 30, 62),
    _timken("207K", 9, 7 / 16, 35, 72),
    _timken("208K", 9, 1 / 2, 40, 80),
    _timken("209K", 9, 1 / 2, 45, 85),
    _timken("210K", 10, 1 / 2, 50, 90),
    _timken("211K", 10, 9 / 16, 55, 100),
    _timken("212K", 10, 5 / 8, 60, 110),
    _timken("308K", 8, 5 / 8, 40, 90),
    _timken("310K", 8, 3 / 4, 50, 110),
    _timken("312K", 8, 7 / 8, 60, 130),
)


def look_up(text: str) -> list[CatalogueEntry]:
    """Entries whose maker or designation holds what somebody typed, in the table's order.

    Examples
    --------
    >>> [entry.title for entry in look_up("skf 6205")]
    ['SKF 6205-2RS JEM']
    """
    words = text.casefold().split()
    return [entry for entry in CATALOGUE if all(word in entry.title.casefold() for word in words)]
