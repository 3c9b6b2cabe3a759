from __future__ import annotations

import hashlib

import numpy as np
import pytest

from diagnostics.deployment.session import open_model
from diagnostics.errors import DeploymentError
from tests.exported import MANIFEST, tiny_model


def test_a_model_carries_its_manifest():
    content = tiny_model()
    model = open_model(content, hashlib.sha256(content).hexdigest())
    assert model.manifest == MANIFEST
    windows = np.ones((40, 1, 8), dtype=np.float32)
    assert model.probabilities(windows).shape == (40, 2)
    with pytest.raises(DeploymentError, match="cannot take windows"):
        model.scores(np.ones((1, 3), dtype=np.float32))


def test_temperature_softens_what_is_said():
    from dataclasses import replace

    windows = np.full((1, 1, 8), 0.1, dtype=np.float32)
    sharp = open_model(tiny_model()).probabilities(windows)[0, 0]
    soft = open_model(tiny_model(replace(MANIFEST, temperature=2.0))).probabilities(windows)[0, 0]
    assert sharp == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert soft == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_other_files_are_refused():
    import onnx

    content = tiny_model()
    with pytest.raises(DeploymentError, match="has changed"):
        open_model(content, "0" * 64)
    for broken in (b"", b"no model", content[: len(content) // 2]):
        with pytest.raises(DeploymentError):
            open_model(broken)
    foreign = onnx.load_from_string(content)
    del foreign.metadata_props[:]
    with pytest.raises(DeploymentError, match="no model that this application exported"):
        open_model(foreign.SerializeToString())
    for text in ("[]", "{", '{"format": "rotorscope-model", "version": 99}'):
        onnx.helper.set_model_props(foreign, {"rotorscope": text})
        with pytest.raises(DeploymentError):
            open_model(foreign.SerializeToString())
