"""Files as other programs write them, made on the spot by libraries that do not read them here."""

from __future__ import annotations

import gzip
import warnings
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyuff
import soundfile
from nptdms import ChannelObject, GroupObject, RootObject, TdmsWriter
from scipy.io import savemat

COUNT = 400
RATE_HZ = 1000


def waves(count: int = COUNT) -> dict[str, np.ndarray]:
    time = np.arange(count) / 1000
    return {"one": np.sin(300 * time), "two": 0.8 * np.cos(170 * time) + 0.1 * np.sin(7 * time)}


def write(path: Path, values: dict[str, np.ndarray]) -> Path:
    """The arrays in the format that the ending names; ``.73.mat`` is MATLAB v7.3."""
    if path.name.endswith(".gz"):
        plain = write(path.with_name(path.name.removesuffix(".gz")), values)
        path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
        plain.unlink()
    else:
        _writer(path.name)(path, values)
    return path


def _writer(name: str):
    return next(write for ending, write in _WRITERS.items() if name.endswith(ending))


def _text(path: Path, values: dict[str, np.ndarray]) -> None:
    separator = "\t" if path.suffix == ".tsv" else ","
    rows = np.stack(list(values.values()), axis=1)
    np.savetxt(path, rows, delimiter=separator, header=separator.join(values), comments="")


def _hdf5(path: Path, values: dict[str, np.ndarray]) -> None:
    with h5py.File(path, "w") as file:
        for name, numbers in values.items():
            chunks = None if np.size(numbers) < 2 else True
            file.create_dataset(name, data=numbers, chunks=chunks)


def matlab_73(path: Path, values: dict[str, np.ndarray]) -> None:
    """As MATLAB writes it: a user block of 512 bytes, shapes turned round, a class for each."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, numbers in values.items():
            wide = np.atleast_2d(numbers)
            item = file.create_dataset(name, data=wide.T, chunks=True, compression="gzip")
            item.attrs["MATLAB_class"] = np.bytes_("double")
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    with path.open("r+b") as file:
        file.write(head)


def _sound(path: Path, values: dict[str, np.ndarray]) -> None:
    rows = np.stack(list(values.values()), axis=1)
    subtype = "DOUBLE" if path.suffix == ".wav" else "PCM_24"
    soundfile.write(path, rows, RATE_HZ, subtype=subtype)


def _tdms(path: Path, values: dict[str, np.ndarray]) -> None:
    with TdmsWriter(path) as file:
        file.write_segment([ChannelObject("group", name, v) for name, v in values.items()])


def _uff(path: Path, values: dict[str, np.ndarray]) -> None:
    sets = [uff_record(numbers, node) for node, numbers in enumerate(values.values(), start=1)]
    path.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves files open
        # "overwrite" begins a binary file with one mark too many, which pyuff itself cannot read.
        pyuff.UFF(str(path)).write_sets(sets, "add")


def uff_record(numbers: np.ndarray, node: int, **changes) -> dict:
    """A time record without a unit, binary and of double precision."""
    return pyuff.prepare_58(
        binary=1,
        id1="pump",
        func_type=1,
        rsp_node=node,
        rsp_dir=3,
        ref_node=0,
        ref_dir=0,
        data=numbers,
        x=np.arange(len(numbers)) / RATE_HZ,
        abscissa_spacing=1,
        abscissa_min=0.0,
        abscissa_inc=1 / RATE_HZ,
        abscissa_spec_data_type=17,
        ordinate_spec_data_type=0,
        orddenom_spec_data_type=0,
        z_axis_spec_data_type=0,
        ord_data_type=4,
        **changes,
    )


def table_of(values: dict[str, np.ndarray]) -> list[list]:
    return [list(values), *np.stack(list(values.values()), axis=1).tolist()]


def xlsx(path: Path, sheets: dict[str, list[list]]) -> None:
    """The least that is a workbook; text as inline strings."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    names = list(sheets)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
                f'ContentType="{kinds}.worksheet+xml"/>'
                for i in range(len(names))
            )
            + "</Types>",
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{i + 1}" r:id="r{i}"/>'
            for i, name in enumerate(names)
        )
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        )
        targets = "".join(
            f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(len(names))
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{targets}</Relationships>',
        )
        for i, rows in enumerate(sheets.values()):
            body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
            file.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
            )


def _cell(value) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else "<c/>"
    return f"<c><v>{value!r}</v></c>"


def ods(path: Path, sheets: dict[str, list[list]]) -> None:
    """The least that is an OpenDocument table."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    names = "urn:oasis:names:tc:opendocument:xmlns"
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", kind, zipfile.ZIP_STORED)
        file.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        file.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}:office:1.0" '
            f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"><office:body>'
            f"<office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )


def _ods_cell(value) -> str:
    if isinstance(value, str):
        text = f"<text:p>{escape(value)}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'


_WRITERS = {
    ".73.mat": matlab_73,
    ".mat": lambda path, values: savemat(path, values, do_compression=True),
    ".npz": lambda path, values: np.savez_compressed(path, **values),
    ".npy": lambda path, values: np.save(path, np.stack(list(values.values()))),
    ".csv": _text,
    ".tsv": _text,
    ".txt": _text,
    ".h5": _hdf5,
    ".hdf5": _hdf5,
    ".hdf": _hdf5,
    ".parquet": lambda path, values: pq.write_table(pa.table(values), path),
    ".pq": lambda path, values: pq.write_table(pa.table(values), path),
    ".wav": _sound,
    ".flac": _sound,
    ".tdms": _tdms,
    ".uff": _uff,
    ".unv": _uff,
    ".xlsx": lambda path, values: xlsx(path, {"Sheet1": table_of(values)}),
    ".xlsm": lambda path, values: xlsx(path, {"Sheet1": table_of(values)}),
    ".ods": lambda path, values: ods(path, {"Sheet1": table_of(values)}),
}


def rich_hdf5(path: Path) -> Path:
    """Groups, attributes, texts, a matrix, and all ways of asking for other files."""
    values = waves()
    with h5py.File(path, "w") as file:
        file.attrs["fs"] = 2000.0
        file.attrs["machine"] = "pump 7"
        group = file.create_group("run/bearing")
        group.attrs["speed_rpm"] = np.array([1480.0])
        data = group.create_dataset("de", data=values["one"], compression="gzip")
        data.attrs.update({"unit": "m/s^2", "sampling_rate": 5000.0, "sensor": "352C33"})
        group.create_dataset("counts", data=np.arange(COUNT, dtype=np.int16)).attrs["units"] = "mV"
        file["label"] = "inner race"
        file["labels"] = np.array([b"ok", b"worn"])
        file["matrix"] = np.arange(600.0).reshape(20, 30)
        file["nothing"] = h5py.Empty("f8")
        file["complex"] = np.ones(20, dtype=complex)
        file["outside"] = h5py.ExternalLink("/etc/passwd", "/")
        file["soft"] = h5py.SoftLink("/run/bearing/de")
        file["run/circle"] = file["run"]
        file.create_dataset("stored", (4,), "u1", external=[("/etc/passwd", 0, 4)])
        layout = h5py.VirtualLayout((COUNT,), "f8")
        layout[:] = h5py.VirtualSource("/etc/other.h5", "x", (COUNT,))
        file.create_virtual_dataset("virtual", layout)
    return path


def rich_matlab_73(path: Path) -> Path:
    """A struct, a struct array, a cell array, texts and numbers, as MATLAB stores them."""
    values = waves()
    with h5py.File(path, "w", userblock_size=512) as file:
        refs = file.create_group("#refs#")

        def put(group, name, numbers, kind="double"):
            item = group.create_dataset(name, data=np.atleast_2d(numbers).T)
            item.attrs["MATLAB_class"] = np.bytes_(kind)
            return item

        def letters(text):
            return np.frombuffer(text.encode("utf-16-le"), dtype="<u2")

        bearing = file.create_group("bearing")
        bearing.attrs["MATLAB_class"] = np.bytes_("struct")
        put(bearing, "gs", values["one"][:, np.newaxis])
        put(bearing, "sr", 97656.0)
        put(bearing, "name", letters("Außenring"), "char")
        put(file, "matrix", np.arange(600.0).reshape(20, 30))
        put(file, "flag", np.uint8(1), "logical")
        parts = [put(refs, "a", values["two"]), put(refs, "b", letters("worn"), "char")]
        cells = np.array([[p.ref] for p in parts], dtype=h5py.ref_dtype)
        file.create_dataset("cells", data=cells).attrs["MATLAB_class"] = np.bytes_("cell")
        runs = file.create_group("runs")
        runs.attrs["MATLAB_class"] = np.bytes_("struct")
        speeds = [put(refs, f"s{rpm}", float(rpm)).ref for rpm in (900, 1500)]
        runs.create_dataset("rpm", data=np.array([speeds], dtype=h5py.ref_dtype).T)
        sparse = file.create_group("sparse")
        sparse.attrs.update({"MATLAB_class": np.bytes_("double"), "MATLAB_sparse": 3})
        empty = file.create_dataset("empty", data=np.zeros(2, dtype="u8"))
        empty.attrs.update({"MATLAB_class": np.bytes_("double"), "MATLAB_empty": 1})
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return path


def rich_parquet(path: Path) -> Path:
    """Metadata of columns and of the file, gaps, texts, lists; two row groups."""
    values = waves()
    speed = np.where(np.arange(COUNT) < 3, np.nan, 1500.0)
    fields = [
        pa.field("de", pa.float64(), metadata={"unit": "mm/s", "fs": "4000", "sensor": "x"}),
        pa.field("counts", pa.int32()),
        pa.field("speed", pa.float32()),
        pa.field("state", pa.string()),
        pa.field("rows", pa.list_(pa.float32(), 8)),
        pa.field("when", pa.timestamp("us")),
    ]
    counts = pa.array([None if i == 5 else i for i in range(COUNT)], pa.int32())
    table = pa.Table.from_arrays(
        [
            pa.array(values["one"]),
            counts,
            pa.array(speed, pa.float32(), from_pandas=True),
            pa.array(["ok"] * COUNT),
            pa.FixedSizeListArray.from_arrays(pa.array(np.arange(8.0 * COUNT), pa.float32()), 8),
            pa.array(np.arange(COUNT), pa.timestamp("us")),
        ],
        schema=pa.schema(fields, metadata={"machine": "pump 7", "rpm": "1480"}),
    )
    pq.write_table(table, path, row_group_size=150)
    return path


def rich_tdms(path: Path) -> Path:
    """Two groups of different rates and units, texts, two segments."""
    values = waves()
    fast = {"wf_increment": 1 / 25600, "unit_string": "m/s^2"}
    slow = {"wf_increment": 0.1, "unit_string": "mA"}
    with TdmsWriter(path) as file:
        for _ in range(2):
            file.write_segment(
                [
                    RootObject({"machine": "pump 7"}),
                    GroupObject("fast", {"rpm": 1480.0}),
                    ChannelObject("fast", "x", values["one"], fast),
                    ChannelObject("fast", "y", values["two"].astype(np.float32), fast),
                    ChannelObject("slow", "current", np.arange(40, dtype=np.int16), slow),
                    ChannelObject("slow", "state", ["ok"] * 40),
                ]
            )
    return path


def rich_uff(path: Path) -> Path:
    """A record with a unit, one as text, and a frequency response."""
    values = waves()
    records = [
        uff_record(values["one"], 1, ordinate_axis_units_lab="m/s^2"),
        {**uff_record(values["two"], 2, ordinate_axis_units_lab="psi"), "binary": 0},
        {**uff_record(values["one"], 3), "func_type": 4},
    ]
    path.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        pyuff.UFF(str(path)).write_sets(records, "add")
    return path


RICH = {
    ".h5": rich_hdf5,
    ".mat": rich_matlab_73,
    ".parquet": rich_parquet,
    ".tdms": rich_tdms,
    ".uff": rich_uff,
}
