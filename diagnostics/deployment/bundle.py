"""A model to take along: the file, its manifest, and a program that needs no more than
numpy and onnxruntime.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from diagnostics.deployment.manifest import Manifest

PROGRAM = Path(__file__).with_name("standalone.py")
REQUIREMENTS = "numpy\nonnxruntime\n"
# ZIP files hold a time; the same model makes the same archive.
_MOMENT = (2020, 1, 1, 0, 0, 0)


def bundle(content: bytes, manifest: Manifest, sha256: str) -> bytes:
    """A ZIP archive with ``model.onnx``, ``manifest.json``, ``predict.py`` and what that needs.

    Parameters
    ----------
    content : bytes
        Of the model.
    manifest : Manifest
    sha256 : str
        Of the content; the program looks whether it still fits.
    """
    about = {**manifest.to_dict(), "sha256": sha256}
    parts = {
        "model.onnx": content,
        "manifest.json": json.dumps(about, indent=1, ensure_ascii=False).encode(),
        "predict.py": PROGRAM.read_bytes(),
        "requirements.txt": REQUIREMENTS.encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
