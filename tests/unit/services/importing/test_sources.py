from __future__ import annotations

import os
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from diagnostics.errors import DiagnosticsError
from services.importing.sources import SourceFile, Sources
from tests.unit.diagnostics.importers.files import waves, write

ENDINGS = (".h5", ".73.mat", ".mat", ".parquet", ".wav", ".flac", ".tdms", ".uff", ".xlsx",
           ".csv", ".npz", ".csv.gz", ".h5.gz", "")  # fmt: skip
OTHER = {"one": np.full(400, 0.25), "two": np.linspace(0.0, 0.5, 400)}


@pytest.fixture
def root(server, tmp_path):
    root = tmp_path / "rig"
    (root / "day").mkdir(parents=True)
    (tmp_path / "secrets").mkdir()
    return root


def source(root: Path, name: str) -> SourceFile:
    return SourceFile(name, f"rig/{name}", root / name, root=root)


def put(root: Path, ending: str) -> tuple[str, Path]:
    """A file of the folder, and one of another place that has the same size and name."""
    name = f"a{ending or '.csv'}"
    inside, outside = write(root / "day" / name, waves()), root.parent / "secrets" / name
    write(outside, OTHER)
    if not ending:  # one whose content tells the format
        inside, outside = (one.rename(one.with_name("a.001")) for one in (inside, outside))
    return f"day/{inside.name}", outside


def rows(contents) -> np.ndarray:
    return np.concatenate([contents.rows(name) for name in contents.arrays])


def replace(place: Path, target: Path) -> None:
    """In one step, as whoever wants to win the race would do it."""
    link = place.with_name(f".{place.name}")
    link.symlink_to(target)
    link.replace(place)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_swapped_after_it_was_opened_is_still_read_itself(root, ending):
    name, secret = put(root, ending)
    with Sources([source(root, name)]) as sources:
        with sources.open(sources.files[0], "") as opened:
            before = rows(opened.contents)
            replace(root / name, secret)
            np.testing.assert_array_equal(rows(opened.contents), before)
        with (
            pytest.raises(DiagnosticsError, match="link to another place"),
            sources.open(sources.files[0], ""),
        ):
            pass


@pytest.mark.parametrize("swapped", ["file", "folder"])
def test_whoever_swaps_all_the_time_never_has_another_file_read(root, swapped):
    name, secret = put(root, ".h5")
    mine = np.stack(list(waves().values()))
    spare = root / ".spare"
    os.link(root / name, spare)
    place = root / "day"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            if swapped == "file":
                replace(root / name, secret)
                os.link(spare, root / ".again")
                (root / ".again").replace(root / name)
            else:
                place.rename(root / "moved")
                place.symlink_to(secret.parent)
                place.unlink()
                (root / "moved").rename(place)

    swapping = threading.Thread(target=swap)
    swapping.start()
    read = refused = 0
    until = time.monotonic() + 60
    try:
        with Sources([source(root, name)]) as sources:
            while (min(read, refused) == 0 or read < 20) and time.monotonic() < until:
                try:
                    with sources.open(sources.files[0], "") as opened:
                        np.testing.assert_array_equal(rows(opened.contents), mine)
                        read += 1
                except DiagnosticsError:
                    refused += 1
    finally:
        stop.set()
        swapping.join()
    assert read
    assert refused


def test_an_archive_swapped_while_it_is_read_stays_the_one_that_was_opened(root):
    for place, text in ((root, "1"), (root.parent / "secrets", "2")):
        with zipfile.ZipFile(place / "set.zip", "w") as packed:
            for name in ("a.csv", "b.csv"):
                packed.writestr(name, f"{text}\n" * 60 + "3\n")
    with Sources([source(root, "set.zip")]) as sources:
        for file in sources.files:
            with sources.open(file, "") as opened:
                assert rows(opened.contents)[0, 0] == 1.0
            if not (root / "set.zip").is_symlink():
                replace(root / "set.zip", root.parent / "secrets" / "set.zip")


def test_companions_are_found_and_no_link_among_them_is_followed(root):
    np.savez(root / "x.npz", IR007_0=np.random.default_rng(0).normal(size=500))
    table = "record,fs,rpm_measured\nIR007_0,12000,1796\n"
    (root / "x.csv").write_text(table)
    (root.parent / "secrets" / "x.csv").write_text(table.replace("1796", "1234"))
    files = [source(root, "x.npz"), source(root, "x.csv")]
    with Sources(files) as sources, sources.open(sources.files[0], "") as opened:
        assert opened.preview.recordings[0].facts["speed_rpm"].value == 1796.0
    replace(root / "x.csv", root.parent / "secrets" / "x.csv")
    with (
        Sources(files) as sources,
        pytest.raises(DiagnosticsError, match="link to another place"),
        sources.open(sources.files[0], ""),
    ):
        pass


def test_numbers_are_not_asked_of_a_file_that_took_the_place_of_the_opened_one(root):
    name, secret = put(root, ".h5")
    with Sources([source(root, name)]) as sources, sources.open(sources.files[0], "") as opened:
        contents = opened.contents
    # The number of the descriptor is free again, and the next file gets it.
    descriptor = os.open(secret, os.O_RDONLY)
    try:
        with pytest.raises(DiagnosticsError, match="not there any more"):
            rows(contents)
    finally:
        os.close(descriptor)


def test_no_descriptor_is_left_open(root):
    name, _ = put(root, ".csv")
    open_before = len(os.listdir("/proc/self/fd"))
    with Sources([source(root, name)]) as sources, sources.open(sources.files[0], ""):
        pass
    assert len(os.listdir("/proc/self/fd")) == open_before
