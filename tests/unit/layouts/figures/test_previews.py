from __future__ import annotations

from layouts.figures.previews import preview_figure


def one(name="a", label="ball"):
    recording = {
        "name": name,
        "channel": "drive end",
        "unit": "g",
        "load": None,
        "speed_rpm": 1500.0,
        "duration_s": 1.0,
        "times_s": [0.0, 0.5],
        "minimum": [-1.0, -2.0],
        "maximum": [1.0, 2.0],
    }
    return {"label": label, "count": 1, "recordings": [recording]}


def test_names_of_files_and_classes_become_neither_markup_nor_fields_of_the_figure():
    drawn = preview_figure([one("<a href='x'>%{x} &lt;", "<i>outer</i> &amp;")], same_scale=True)
    wave = drawn.data[0]
    assert "href" not in wave.hovertemplate
    assert wave.hovertemplate.endswith("%{meta}<extra></extra>")
    assert wave.meta.startswith("&lt;a href='x'&gt;%{x} &amp;lt; · drive end")
    assert "<b>&lt;i&gt;outer&lt;/i&gt; &amp;amp;</b> (1)" in drawn.layout.annotations[0].text


def test_one_scale_for_all_pictures_of_a_unit():
    small, large = one(), one()
    large["recordings"][0]["maximum"] = [1.0, 20.0]
    drawn = preview_figure([small, large], same_scale=True)
    assert drawn.layout.yaxis.range == drawn.layout.yaxis2.range
    apart = preview_figure([small, large], same_scale=False)
    assert apart.layout.yaxis.range is None
