from __future__ import annotations

from dash import dcc

from layouts.figures.template import figure, graph_config


def test_no_button_sends_measurements_away():
    graph = dcc.Graph(config=graph_config("waveform"))
    assert graph.config["showSendToCloud"] is False
    assert graph.config["plotlyServerURL"] == ""


def test_axes_say_what_they_show():
    drawn = figure(x_title="Time [s]", y_title="Amplitude [g]")
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == (
        "Time [s]",
        "Amplitude [g]",
    )
