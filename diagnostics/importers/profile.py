"""What a profile is: knowledge about how one source names and files its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from diagnostics.importers.contents import Contents
from diagnostics.importers.preview import ProposedRecording


@dataclass(frozen=True)
class Source:
    """An opened file and what lies around it.

    Attributes
    ----------
    file_name
        With the folders it was chosen from, ``/`` between them.
    companions
        Rows of tables that came with the file, by their file name.
    one_array_each
        Arrays of the file are separate recordings, not channels of one.
    """

    file_name: str
    contents: Contents
    companions: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    one_array_each: bool = False

    @property
    def stem(self) -> str:
        """The name of the file without folders and ending.

        Examples
        --------
        >>> Source("a/h30hz0.csv.gz", Contents((), {}, {})).stem
        'h30hz0'
        >>> Source("1st_test/2003.10.22.12.06.24", Contents((), {}, {})).stem
        '2003.10.22.12.06.24'
        """
        name = PurePosixPath(self.file_name).name
        if name.lower().endswith(".gz"):
            name = name[:-3]
        path = PurePosixPath(name)
        return name if path.suffix[1:].isdigit() else path.stem


@dataclass(frozen=True)
class Profile:
    """``fits`` says whether a file is of this source; ``propose`` reads its names."""

    name: str
    title: str
    fits: Callable[[Source], bool]
    propose: Callable[[Source], list[ProposedRecording]]
