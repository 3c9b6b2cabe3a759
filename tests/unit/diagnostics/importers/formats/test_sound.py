from __future__ import annotations

import numpy as np
import pytest
import soundfile

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.sound import open_sound

STEPS = np.array([0, 1, -1, 16384, -32768, 32767] * 10, dtype=np.int16)


def test_whole_numbers_are_parts_of_full_scale(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, STEPS, 48_000, subtype="PCM_16")
    contents = open_sound(path, Limits())
    rows = contents.rows("signal")
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[0] * 32768, STEPS)
    assert contents.declared["signal"].sample_rate_hz == 48_000
    assert contents.declared["signal"].unit is None
    assert "parts of full scale" in contents.notes[0]


@pytest.mark.parametrize(("subtype", "dtype"), [("FLOAT", "float32"), ("DOUBLE", "float64")])
def test_floating_point_numbers_stay_as_they_are(tmp_path, subtype, dtype):
    path = tmp_path / "a.wav"
    values = np.array([0.0, 250.5, -3.25] * 20)
    soundfile.write(path, values, 8000, subtype=subtype)
    contents = open_sound(path, Limits())
    assert contents.rows("signal").dtype == dtype
    np.testing.assert_array_equal(contents.rows("signal")[0], values)
    assert "as they stand" in contents.notes[0]


def test_wide_whole_numbers_keep_all_digits(tmp_path):
    path = tmp_path / "a.flac"
    values = np.arange(60, dtype=np.int32) << 8
    soundfile.write(path, values, 8000, subtype="PCM_24")
    rows = open_sound(path, Limits()).rows("signal")
    np.testing.assert_array_equal(rows[0] * 2.0**31, values)


def test_a_wave_file_that_was_cut_off_says_so(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, STEPS, 8000)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileFormatError, match=r"says that it has 156 bytes but has 136"):
        open_sound(path, Limits())


def test_a_stream_of_unknown_length_is_read(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, STEPS, 8000)
    content = bytearray(path.read_bytes())
    content[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert open_sound(path, Limits()).rows("signal").shape == (1, 60)


def test_other_sound_formats_are_named(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, STEPS, 8000, format="AIFF")
    with pytest.raises(FileFormatError, match="AIFF, expected WAV or FLAC"):
        open_sound(path, Limits())
