"""The API as programs meet it: a real server, asked by its own description and by our example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from scripts.api_contract import command, points_taken, running_site

ROOT = Path(__file__).parents[2]
EXAMPLES = 2
EXAMPLES_OF_STREAMS = 8


@pytest.fixture(scope="module")
def site():
    with running_site() as site:
        yield site


def test_the_example_of_the_guide_runs(site, tmp_path):
    guide = (ROOT / "docs" / "how-to" / "use-the-api.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    program = tmp_path / "example.py"
    program.write_text(example)
    done = subprocess.run(
        [sys.executable, str(program), site.url],
        env={**os.environ, "ROTORSCOPE_KEY": site.key},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Saved the spectrum" in done.stdout, done.stderr
    assert "Hz" in (tmp_path / "spectrum.csv").read_text()


def test_every_operation_asks_for_a_key(site):
    described = httpx.get(
        f"{site.url}/api/v1/openapi.json", headers={"X-API-Key": site.key}, timeout=60
    ).json()
    open_to_all = []
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=60) as nobody:
        for path, verbs in described["paths"].items():
            for verb in verbs:
                answer = nobody.request(verb, re.sub(r"{\w+}", "1", path))
                if answer.status_code != 401:
                    open_to_all.append((verb, path, answer.status_code))
    assert open_to_all == []


def tried(site, folder, *choice):
    """How many operations were tried; all answers were as described."""
    report = folder / "report.xml"
    arguments = command(site, choice[0], report, *choice[1:])
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-10_000:]
    return len(list(ElementTree.parse(report).getroot().iter("testcase")))


def test_sessions_that_run_answer_as_they_are_described(site, tmp_path):
    assert tried(site, tmp_path, EXAMPLES_OF_STREAMS, "/streaming/") > 10
    assert points_taken(site) > 0


def test_answers_are_as_they_are_described(site, tmp_path):
    assert tried(site, tmp_path, EXAMPLES) > 100
